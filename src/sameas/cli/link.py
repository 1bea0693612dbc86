"""``sameas link``: the same things in several tables."""

from __future__ import annotations

import click

from sameas.cli._errors import resumable
from sameas.cli._options import (
    Command,
    LinkerChoice,
    RunChoice,
    TableOptions,
    common_options,
    linker_options,
    mode_option,
    run_options,
    table_options,
)
from sameas.cli._spark import EngineChoice, engine_options, run_on_spark

__all__ = ["command"]


@click.command("link", cls=Command, short_help="Find the same things in several tables.")
@click.argument("tables", nargs=-1, required=True)
@mode_option()
@linker_options()
@table_options
@run_options
@engine_options
@common_options
def command(
    tables: tuple[str, ...],
    choice: LinkerChoice,
    given: TableOptions,
    on: EngineChoice,
    wanted: RunChoice,
    mode: str | None,
) -> None:
    """Find which records of two or more TABLES mean the same thing.

    Without a linker one is planned from the tables themselves. A linker that is not fitted is
    fitted first: on --labels, on the silver field of the recipe, or else from the pairs alone.
    With two tables, left_id of the labels belongs to the first table and right_id to the
    second; with more, the labels need left_source and right_source.

        sameas link a.csv b.parquet --out run/
        sameas link left.parquet right.csv --recipe places --map left.name=title --out run/
        sameas link a.csv b.csv c.csv --linker model/ --mode one-to-one --out run/
    """
    from sameas.cli._linkers import run_linker
    from sameas.cli._logs import say
    from sameas.cli._show import run_lines
    from sameas.cli._sources import find_tables

    if len(tables) < 2:
        raise click.UsageError(
            "link needs at least two tables; the duplicates inside one are found by "
            "`sameas dedupe`."
        )
    if on.engine == "spark":
        run_on_spark(choice, tables, given, on, mode=mode, wanted=wanted)
        return
    with resumable(wanted.out):
        named = find_tables(tables, given.source)
        result = run_linker(choice, named, given, wanted, mode=mode)
    for line in run_lines(result.report, wanted.out):
        say(line)
