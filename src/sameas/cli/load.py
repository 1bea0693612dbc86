"""``sameas load``: tables into a store."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, TableOptions, common_options, table_options
from sameas.cli._stores import linker_option, store_option

__all__ = ["command"]


@click.command("load", cls=Command, short_help="Load tables into a store of entities.")
@click.argument("tables", nargs=-1)
@linker_option
@store_option
@click.option("--run", type=click.Path(file_okay=False, exists=True, path_type=Path),
              metavar="FOLDER", help="A finished run of this linker: its tables are loaded, with "
                                     "the scores that it has found.")  # fmt: skip
@click.option("--rebuild", is_flag=True,
              help="Prepare, score and decide all records of the store anew, for a newer linker. "
                   "Entity ids stay.")  # fmt: skip
@click.option(
    "--memory",
    metavar="SIZE",
    help="A first load piece by piece that stays near this memory, such as 4GB.",
)
@table_options
@common_options
def command(
    tables: tuple[str, ...],
    linker: Path | None,
    store: str,
    run: Path | None,
    rebuild: bool,
    memory: str | None,
    given: TableOptions,
) -> None:
    """Load TABLES into a store of entities, or what a finished run has found.

    The store is a file (SQLite) or postgresql://user@host/database. All or nothing: a load that
    is interrupted leaves the store as it was. Records that are there already are updated.

        sameas load places.parquet --linker model/ --store places.db
        sameas load places.parquet --linker model/ --store places.db --memory 4GB
        sameas load --run run/ --linker model/ --store places.db
        sameas load --rebuild --linker newer/ --store places.db
    """
    from sameas.cli._logs import say
    from sameas.cli._stores import fill, report_lines

    if sum(map(bool, (tables, run, rebuild))) != 1:
        raise click.UsageError("Give TABLES, or --run FOLDER, or --rebuild.")
    if memory is not None and not tables:
        raise click.UsageError("--memory is for a first load of TABLES.")
    report = fill(tables, linker, store, given, run=run, rebuild=rebuild, memory=memory)
    for line in report_lines(report, store):
        say(line)
