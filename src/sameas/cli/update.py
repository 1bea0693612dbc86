"""``sameas update``: a new table into a store that has records already."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, TableOptions, common_options, table_options
from sameas.cli._stores import linker_option, store_option

__all__ = ["command"]


@click.command("update", cls=Command, short_help="Link new tables against a store and into it.")
@click.argument("tables", nargs=-1, required=True)
@linker_option
@store_option
@table_options
@common_options
def command(tables: tuple[str, ...], linker: Path | None, store: str, given: TableOptions) -> None:
    """Link TABLES against what a store holds, and into it.

    Says how many records are new, how many entities were made, joined, merged and split. The
    linker is the one that the store was loaded with, unless another place of it is given.

        sameas update new.parquet --store places.db
    """
    from sameas.cli._logs import say
    from sameas.cli._stores import fill, report_lines

    report = fill(tables, linker, store, given)
    for line in report_lines(report, store):
        say(line)
