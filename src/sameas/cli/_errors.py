"""How a call ends: errors as one paragraph, exit codes, Ctrl-C."""

from __future__ import annotations

import errno
import re
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from sameas.cli._logs import is_verbose
from sameas.core.errors import SameasError

__all__ = ["Ended", "InterruptedRunError", "exit_code", "in_words_of_the_command_line", "resumable"]

#: What messages call an argument of the Python API, and what it is called here.
WORDING = (
    (r"with id_column=\.\.\. or map 'id' to it", "with --id COLUMN or --map id=COLUMN"),
    (r"id_column=None", "--id none"),
    (r"\(mapping=\{'(\w+)': 'your column'\}\)", r"(--map \1=COLUMN)"),
    (r"\(mapping=\)", "(--map FIELD=COLUMN)"),
    (r"labels=,", "--labels FILE,"),
    (r"or load a saved linker", "or use a saved linker (--linker FOLDER)"),
    (r"name a silver field that", "name a silver field (--silver FIELD) that"),
    (r"\(silver=None\)", "(--silver none)"),
    (
        r"take matcher=FellegiSunter\(\) or matcher=SelfTraining\(\), which learn without labels",
        "fit with --matcher fellegi-sunter, which learns without labels",
    ),
    (r"unique_sources: there is", "--unique-source: there is"),
    (r"unique_sources is for", "--unique-source is for"),
    (r"conflicts='drop'", "--conflicts drop"),
    (r"\(A mapping goes from the field to your column\.\)", "(It is --map FIELD=COLUMN.)"),
    (r"Map ('\w+') to one", r"Map \1 to one (--map FIELD=COLUMN)"),
    (r"or set blocking yourself", "or set the blocking in Python"),
    (r"threads must be", "--threads must be"),
)


class InterruptedRunError(Exception):
    """Ctrl-C in a run whose finished stages are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        stages = folder / "stages"
        kept = stages.is_dir() and any(stages.glob("*.parquet"))
        self.message = (
            f"Interrupted. Finished stages are kept in {stages}; run the same command again to "
            "go on."
            if kept
            else "Interrupted. No stage was finished yet; run the same command to start again."
        )


@dataclass
class Ended:
    """How a call ended."""

    code: int = 0


@contextmanager
def exit_code() -> Iterator[Ended]:
    """Turn whatever is raised inside into a message on standard error and an exit code."""
    ended = Ended()
    try:
        yield ended
    except click.ClickException as error:
        error.show()
        ended.code = error.exit_code
    except InterruptedRunError as error:
        click.echo(error.message, err=True)
        ended.code = 130
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        ended.code = 130
    except SameasError as error:
        ended.code = _fail(in_words_of_the_command_line(str(error)))
    except MemoryError:
        ended.code = _fail(
            "There is not enough memory. `sameas estimate` says how much a job needs; a tighter "
            "blocking needs less."
        )
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        ended.code = _fail(f"The disk is full: {error}." if full else f"{error}.")


def in_words_of_the_command_line(message: str) -> str:
    """Name options where a message names arguments of the Python API.

    Examples
    --------
    >>> in_words_of_the_command_line("or number the rows with id_column=None.")
    'or number the rows with --id none.'
    """
    for pattern, words in WORDING:
        message = re.sub(pattern, words, message)
    return message


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Say on Ctrl-C that the run can be taken up again."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise InterruptedRunError(folder) from error


def _fail(message: str) -> int:
    if is_verbose():
        click.echo(traceback.format_exc(), err=True)
    click.echo(textwrap.fill(f"Error: {message}", 100, break_long_words=False,
                             break_on_hyphens=False), err=True)  # fmt: skip
    return 1
