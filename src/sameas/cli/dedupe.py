"""``sameas dedupe``: the duplicates inside one table."""

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
    run_options,
    table_options,
)
from sameas.cli._spark import EngineChoice, engine_options, run_on_spark

__all__ = ["command"]


@click.command("dedupe", cls=Command, short_help="Find the duplicates inside one table.")
@click.argument("table")
@click.argument("more", nargs=-1, metavar="")
@linker_options()
@table_options
@run_options
@engine_options
@common_options
def command(
    table: str,
    more: tuple[str, ...],
    choice: LinkerChoice,
    given: TableOptions,
    on: EngineChoice,
    wanted: RunChoice,
) -> None:
    """Find the records of TABLE that mean the same thing.

    Without a linker one is planned from the table itself. A linker that is not fitted is fitted
    first: on --labels, on the silver field of the recipe, or else from the pairs alone.

        sameas dedupe people.csv --out run/
        sameas dedupe places.parquet --recipe places --out run/
        sameas dedupe shops.csv --field name=name --labels pairs.csv --out run/
    """
    from sameas.cli._linkers import run_linker
    from sameas.cli._logs import say
    from sameas.cli._show import run_lines
    from sameas.cli._sources import find_tables

    if more:
        raise click.UsageError(
            "dedupe takes one table; several are for `sameas link`, with --mode also-within if "
            "there are duplicates inside them too."
        )
    if on.engine == "spark":
        run_on_spark(choice, [table], given, on, mode="dedupe", wanted=wanted)
        return
    with resumable(wanted.out):
        named = find_tables([table], given.source)
        result = run_linker(choice, named, given, wanted)
    for line in run_lines(result.report, wanted.out):
        say(line)
