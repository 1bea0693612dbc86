"""Options that several commands share, gathered into one argument each."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sameas.cli._goals import checked_goal
from sameas.cli._logs import set_up
from sameas.cli._types import NearestChoice, Number, WholeNumber
from sameas.core.dataclass import dataclass
from sameas.core.errors import choices_hint

__all__ = [
    "WRITABLE",
    "Command",
    "LinkerChoice",
    "RunChoice",
    "TableOptions",
    "common_options",
    "gathered",
    "linker_options",
    "mode_option",
    "run_options",
    "table_options",
    "writable",
]

#: Suffixes that a table can be written with.
WRITABLE = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson", ".arrow", ".feather")

Function = TypeVar("Function", bound=Callable[..., Any])


class Command(click.Command):
    """A command whose help keeps indented paragraphs (examples) as they are."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.help = re.sub(r"\n\n(?=    )", "\n\n\b\n", inspect.cleandoc(self.help or ""))


@dataclass(frozen=True, slots=True)
class LinkerChoice:
    """Which linker: a recipe, a saved one, a plan, or fields; none: a plan of its own."""

    recipe: str | None = None
    preset: str | None = None
    linker: Path | None = None
    plan: Path | None = None
    field: tuple[tuple[str, str], ...] = ()
    silver: str | None = None
    goal: str | None = None
    seed: int | None = None
    rivals: bool = True
    by_keys: bool = False


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How the tables are named and read."""

    map: tuple[tuple[str, str], ...] = ()
    id: str | None = None
    source: tuple[str, ...] = ()
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class RunChoice:
    """How a run is made: what is learned first, what must hold, where the result goes."""

    out: Path
    labels: str | None = None
    conflicts: str = "drop"
    save: Path | None = None
    threshold: float | None = None
    unique_source: tuple[str, ...] = ()
    constraints: str | None = None
    memory: str | None = None
    report: bool = True
    entities: bool = True
    stages: bool = True


def _pairs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Cut ``name=value`` at the first equals sign."""
    found = []
    for value in values:
        name, sign, rest = value.partition("=")
        if not (name and sign and rest):
            raise click.BadParameter(f"expected {param.make_metavar(ctx)}, got {value!r}.")
        found.append((name, rest))
    return tuple(found)


def writable(_: click.Context, __: click.Parameter, value: Path) -> Path:
    """Refuse a file with a suffix that no table can be written with."""
    if value.suffix.lower() not in WRITABLE:
        hint = choices_hint(value.suffix, WRITABLE)
        raise click.BadParameter(
            f"{value} has a suffix that cannot be written.{hint} Known: {', '.join(WRITABLE)}."
        )
    return value


_RECIPE = (
    click.option("--recipe", metavar="NAME[:PRESET]",
                 help="A ready linker for a domain, such as places or places:paper."),
    click.option("--preset", metavar="NAME", help="A preset of the recipe."),
    click.option("--plan", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                 help="A plan, as `sameas plan` writes it. [default: one is made from the "
                      "tables]"),
    click.option("--field", multiple=True, metavar="NAME=KIND", callback=_pairs,
                 help="Without a recipe: a field and its kind, such as title=text, price=number. "
                      "Repeatable."),
    click.option("--silver", metavar="FIELD|none",
                 help="The field that labels pairs when there are no labels: equal values are a "
                      "match. It is kept out of the evidence. [default for places: phone without "
                      "labels, none with labels]"),
    click.option("--goal", metavar="GOAL", callback=checked_goal,
                 help="What the threshold is chosen for: f1, f0.5, f2, ...; precision=0.95 (the "
                      "best recall at that precision), precision=0.95@0.9 (its lower bound, at "
                      "the level 0.9); cost=5:1 or cost=5:1:0.2 (of a false match, a missed "
                      "one, a look by hand). one-to-one, before it: for the pairs that are "
                      "assigned; review=0.99:0.01 after it: a band to look at, between that "
                      "precision and that loss. Join parts by a comma. [default: f1]"),
    click.option("--seed", type=WholeNumber(min=0), help="Seed of training. [default: 0]"),
    click.option("--no-rivals", "rivals", is_flag=True, default=True, flag_value=False,
                 help="Without labels: score each pair by itself, as a store needs it. Pairs that "
                      "share a record do not compete then, which costs a little where a record has "
                      "one partner only; the fit says how much it expects."),
    click.option("--by-keys", is_flag=True,
                 help="Where a plan is made from the tables: block by keys, shared words and "
                      "distance alone, as a store and --memory need it, not by the nearest in the "
                      "wording."),
)  # fmt: skip
_SAVED = click.option(
    "--linker", type=click.Path(path_type=Path), metavar="FOLDER",
    help="A linker that was saved by fit --save.",
)  # fmt: skip
_TABLES = (
    click.option("--map", multiple=True, metavar="[SOURCE.]FIELD=COLUMN", callback=_pairs,
                 help="The column that holds a field, in all tables or in one: name=title, "
                      "left.name=title, id=code. Of two tables, left and right are the first and "
                      "the second. Repeatable."),
    click.option("--id", metavar="COLUMN|none",
                 help="The column of the ids; none: the row number, from 0. [default: id]"),
    click.option("--source", multiple=True, metavar="NAME",
                 help="A name for each table, in their order. Repeatable. [default: the names of "
                      "the files, if they differ]"),
    click.option("--threads", type=WholeNumber(min=1), metavar="N",
                 help="Threads. [default: all cores]"),
)  # fmt: skip
_RUN = (
    click.option("--labels", metavar="FILE",
                 help="Fit on these labelled pairs first: left_id, right_id, label, and perhaps "
                      "split."),
    click.option("--conflicts", type=NearestChoice(["drop", "error", "resolve"]), default="drop",
                 show_default=True, help="What to do with pairs that bear both verdicts; resolve: "
                                         "by labeler and confidence."),
    click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
                 help="Keep the linker that was fitted."),
    click.option("--threshold", type=Number(0, 1), metavar="X",
                 help="The score from which a pair is a match, instead of the fitted one."),
    click.option("--unique-source", multiple=True, metavar="NAME",
                 help="A source without duplicates: an entity holds at most one record of it. "
                      "Repeatable."),
    click.option("--constraints", metavar="FILE",
                 help="Pairs that must be in one entity or cannot be: left_id, right_id, "
                      "constraint (must or cannot); or a store (FILE.db, postgresql://...), whose "
                      "corrections they are."),
    click.option("--memory", metavar="SIZE",
                 help="Link piece by piece and stay below this memory, such as 10GB: for tables "
                      "that do not fit. Needs a fitted linker; writes no report.html."),
    click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
                 required=True,
                 help="Where links, clusters, entities, quarantine, run.json and report.html go. A "
                      "repeated call resumes there."),
    click.option("--no-report", "report", is_flag=True, default=True, flag_value=False,
                 help="Write no report.html."),
    click.option("--no-entities", "entities", is_flag=True, default=True, flag_value=False,
                 help="Make no golden records: no entities.parquet."),
    click.option("--no-stages", "stages", is_flag=True, default=True, flag_value=False,
                 help="Keep no candidates and scores: a repeated call begins anew."),
)  # fmt: skip
_MODES = ("many", "one-to-one", "one-to-many", "many-to-one", "also-within")
_COMMON = (
    click.option("--quiet", is_flag=True, help="No summary, no warnings, no bars."),
    click.option("--verbose", is_flag=True,
                 help="Say what is being done, and show tracebacks of errors."),
)  # fmt: skip


def mode_option() -> Callable[[Function], Function]:
    """Add ``--mode``."""
    return click.option(
        "--mode", type=NearestChoice(_MODES),
        help="many: any number of partners; one-to-one: at most one in each other table; "
             "one-to-many: any number for records of the first table, for others at most one "
             "there; many-to-one: the same with the last table; also-within: duplicates "
             "inside the tables too. [default: as fitted, else many]",
    )  # fmt: skip


def linker_options(*, saved: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options that choose a linker; the command gets them as ``choice``."""
    options = (*_RECIPE[:4], _SAVED, *_RECIPE[4:]) if saved else _RECIPE
    return gathered("choice", LinkerChoice, options)


def table_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of reading tables; the command gets them as ``given``."""
    return gathered("given", TableOptions, _TABLES)(function)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a run; the command gets them as ``wanted``."""
    return gathered("wanted", RunChoice, _RUN)(function)


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--quiet`` and ``--verbose``."""

    @wraps(function)
    def call(*arguments: Any, quiet: bool, verbose: bool, **options: Any) -> Any:
        if quiet and verbose:
            raise click.UsageError("--quiet and --verbose exclude each other.")
        set_up(quiet=quiet, verbose=verbose)
        return function(*arguments, **options)

    for option in reversed(_COMMON):
        call = option(call)
    return call


def gathered(
    name: str, kind: type, options: tuple[Callable[[Any], Any], ...]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add options and hand them to the command as one dataclass."""
    known = [item.name for item in fields(kind)]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any, **given: Any) -> Any:
            mine = {key: given.pop(key) for key in known if key in given}
            return function(*arguments, **{name: kind(**mine)}, **given)

        for option in reversed(options):
            call = option(call)
        return call

    return decorate
