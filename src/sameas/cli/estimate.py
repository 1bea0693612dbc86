"""``sameas estimate``: how much work it would be."""

from __future__ import annotations

import click

from sameas.cli._options import (
    Command,
    LinkerChoice,
    TableOptions,
    common_options,
    linker_options,
    mode_option,
    table_options,
)
from sameas.cli._spark import EngineChoice, engine_options, estimate_on

__all__ = ["command"]


@click.command("estimate", cls=Command, short_help="Say how much work it would be, before it runs.")
@click.argument("tables", nargs=-1, required=True)
@mode_option()
@linker_options()
@table_options
@engine_options
@common_options
def command(
    tables: tuple[str, ...],
    mode: str | None,
    choice: LinkerChoice,
    given: TableOptions,
    on: EngineChoice,
) -> None:
    """Say how much work dedupe (one of TABLES) or link (several) would be.

    Keys and block sizes are counted exactly; candidates, time and memory are extrapolated from
    a sample of pairs.

        sameas estimate places.parquet --recipe places
    """
    from sameas.cli._linkers import check_choice, make_linker, options_for
    from sameas.cli._plans import plan_for
    from sameas.cli._sources import find_tables

    if mode is not None and len(tables) == 1:
        raise click.UsageError("--mode is for several tables.")
    if on.engine == "spark":
        click.echo(estimate_on(choice, tables, given, on, mode=mode).to_text())
        return
    named = find_tables(tables, given.source)
    check_choice(choice, labelled=False)
    plan = plan_for(choice, named, given)
    linker = make_linker(choice, plan=plan)
    options = options_for(linker, named, given, plan)
    found = linker.estimate(dict(named), mode=mode, options=options)
    click.echo(found.to_text())
