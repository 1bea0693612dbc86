"""The group of commands, each imported when it is called, and what ends a call."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

import click

import sameas
from sameas.cli._errors import exit_code
from sameas.cli._memory import keep_freed_memory
from sameas.cli._threads import rest_idle_threads
from sameas.core.errors import choices_hint

__all__ = ["COMMANDS", "main", "root", "run"]

#: Every command, in the order of the help; the module of the same name holds it.
COMMANDS = (
    "plan",
    "dedupe",
    "link",
    "estimate",
    "fit",
    "label",
    "audit",
    "distill",
    "adapt",
    "score",
    "evaluate",
    "explain",
    "report",
    "compare",
    "load",
    "update",
    "check-store",
    "serve",
    "keys",
    "generate",
)


#: New objects after which garbage is looked for; Python's own number is 700, and imports alone
#: make 200 thousand.
_SELDOM = 500_000


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands in the order of a job."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; an unknown one is refused with the nearest."""
        if cmd_name not in COMMANDS:
            ctx.fail(
                f"There is no command {cmd_name!r}.{choices_hint(cmd_name, COMMANDS)} "
                f"There are: {', '.join(COMMANDS)}."
            )
        command: click.Command = import_module(f"sameas.cli.{cmd_name.replace('-', '_')}").command
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 the job cannot be done, 2 wrong usage, 130 interrupted.",
)
@click.version_option(sameas.__version__, prog_name="sameas")
def root() -> None:
    """Find which records mean the same thing.

    Records of one table (dedupe) or of several (link) become entities. Tables may be Parquet,
    CSV, JSON lines, Excel, Arrow, or FILE.duckdb::TABLE and FILE.sqlite::TABLE.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.
    """
    with exit_code() as ended:
        given = None if arguments is None else list(arguments)
        answer = root.main(given, prog_name="sameas", standalone_mode=False)
        ended.code = answer if isinstance(answer, int) else 0
    return ended.code


def main() -> None:
    """Run the command line of this process.

    What is alive at the end is not looked through for garbage: it goes with the process (0.3 s
    of a job of ten). Until then it is looked through seldom, for a command makes arrays, and
    hardly any garbage that goes in circles.
    """
    gc.set_threshold(_SELDOM)
    keep_freed_memory()
    rest_idle_threads()
    code = run()
    gc.freeze()
    sys.exit(code)
