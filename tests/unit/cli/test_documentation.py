"""Every command and option is documented, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sameas.cli._group import COMMANDS, root
from sameas.cli._options import WRITABLE
from sameas.records import write

DOCS = Path(__file__).parents[3] / "docs" / "command-line.md"
EVERYWHERE = {"--quiet", "--verbose"}


def command_of(name: str) -> click.Command:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    return command


def options_of(name: str) -> list[click.Option]:
    return [item for item in command_of(name).params if isinstance(item, click.Option)]


def section(name: str) -> str:
    text = DOCS.read_text("utf-8")
    found = re.search(rf"^## sameas {name}\b.*?(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/command-line.md has no section 'sameas {name}'"
    return found[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    given = {option for item in options_of(name) for option in item.opts}
    named = set(re.findall(r"--[a-z][a-z-]*", section(name)))
    assert given - EVERYWHERE - named == set(), "options that the docs do not name"
    assert named - given == set(), "options that the command does not have"


def test_options_of_every_command_are_documented() -> None:
    text = DOCS.read_text("utf-8")
    for name in COMMANDS:
        assert {option for item in options_of(name) for option in item.opts} >= EVERYWHERE
    assert all(f"`{option}`" in text for option in EVERYWHERE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    assert [item.name for item in options_of(name) if not item.help] == []
    assert command_of(name).help


@pytest.mark.parametrize("name", COMMANDS)
def test_help_keeps_the_examples(name: str, sameas) -> None:
    ended = sameas(name, "--help")
    assert ended.code == 0
    assert re.search(rf"^      sameas {name} .*--", ended.out, re.MULTILINE)


def test_writable_suffixes_are_those_of_the_records() -> None:
    assert write._SUFFIXES == WRITABLE


def written_commands() -> list[str]:
    """List every command line of the pages, without its comment and redirection."""
    pages = [DOCS.parents[1] / "README.md", *sorted(DOCS.parent.glob("*.md"))]
    found = []
    for page in pages:
        text = page.read_text("utf-8").replace("\\\n", " ")
        found += re.findall(r"^\s*\$? ?sameas ([a-z][^\n`]*)", text, re.MULTILINE)
    return sorted({re.split(r"\s+#|\s>", line)[0].strip() for line in found})


@pytest.mark.parametrize("line", written_commands())
def test_commands_of_the_pages_are_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options exist, take what they are given, and none that is required is left out."""
    name, *arguments = line.split()
    arguments = [text for text in arguments if text != "..."]
    command = command_of(name)
    if isinstance(command, click.Group):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    for item in command.params:  # no file is there
        if isinstance(item.type, click.Path):
            monkeypatch.setattr(item, "type", click.Path(path_type=item.type.type))
    command.make_context(name, arguments)
