"""``sameas adapt``: a saved linker for tables in which matches are rarer, or commoner."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, TableOptions, common_options, mode_option, table_options

__all__ = ["command"]


@click.command(
    "adapt", cls=Command, short_help="Bring a saved linker to tables with fewer matches."
)
@click.argument("tables", nargs=-1, required=True)
@click.option("--linker", "saved", required=True, metavar="FOLDER",
              help="A saved linker that was fitted on labelled pairs.")  # fmt: skip
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              required=True, help="Where the adapted linker goes.")  # fmt: skip
@mode_option()
@table_options
@common_options
def command(
    tables: tuple[str, ...], saved: str, save: Path, mode: str | None, given: TableOptions
) -> None:
    """Estimate how common matches are among TABLES, without labels, and shift the probabilities.

    For a linker that was fitted in one region and is to link tables in which matches are much
    rarer or commoner. What is learned stays; the prior moves. The labelled pairs should have been
    taken as they come, not picked because they look alike.

        sameas adapt montana.parquet --linker nevada/ --save montana/
    """
    from sameas.cli._linkers import check_save, options_for
    from sameas.cli._logs import say
    from sameas.cli._sources import find_tables
    from sameas.linker import Linker, adapt

    if mode is not None and len(tables) == 1:
        raise click.UsageError("--mode is for several tables.")
    check_save(save)
    named = find_tables(tables, given.source)
    linker = Linker.load(saved)
    options = options_for(linker, named, given)
    found = adapt(linker, dict(named), mode=mode, options=options)
    told = found._fitted().report["adapted"]
    say(
        f"matches among the candidates: {told['share_at_fit']:.2%} where it learned, "
        f"{told['share_here']:.2%} here (an estimate); log-odds moved by {told['shift']:+.2f}"
    )
    say(f"version: {found.version}")
    found.save(save)
    say(f"linker saved in {save}")
