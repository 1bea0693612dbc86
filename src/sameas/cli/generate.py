"""``sameas generate``: tables with known truth."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import click

from sameas.cli._options import Command, NearestChoice, common_options, writable

__all__ = ["command"]


@click.command("generate", cls=Command, short_help="Generate a table with known truth.")
@click.argument("what", type=NearestChoice(["places"]), metavar="places")
@click.option("--records", type=click.IntRange(1, 28_000_000), required=True, metavar="N",
              help="Number of rows, such as 1_000_000.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
              help="The same seed gives the same table.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              required=True, callback=writable, help="Where the table goes.")  # fmt: skip
@click.option("--check", is_flag=True,
              help="Compare the table with what is known of real places (meant for 100_000 rows "
                   "and more); exit code 1 if a figure is out of its range.")  # fmt: skip
@common_options
def command(what: str, records: int, seed: int, out: Path, check: bool) -> None:
    """Generate places with the noise of real sources and known truth.

    The truth is the column entity_id: rows that mean the same place have the same one. No
    linker reads it. A smaller table is the beginning of a larger one of the same seed.

        sameas generate places --records 1_000_000 --seed 1 --out places.parquet
    """
    from sameas.cli._logs import say
    from sameas.datasets.places import generate_places, write_places
    from sameas.records.write import write_table

    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".parquet":
        part = out.with_name(f".{out.name}.{uuid4().hex[:8]}.part")
        try:
            write_places(part, records, seed=seed)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    else:
        write_table(generate_places(records, seed=seed), out)
    say(f"{records:,} {what}, seed {seed}: {out} ({out.stat().st_size / 1e6:,.1f} MB)")
    if check:
        _check(records, seed, out)


def _check(records: int, seed: int, out: Path) -> None:
    from sameas.datasets.places import generate_places
    from sameas.datasets.places.checks import check_places
    from sameas.records.read import read_table

    parquet = out.suffix.lower() == ".parquet"
    table = read_table(out).table if parquet else generate_places(records, seed=seed)
    checks = check_places(table)
    for item in checks:
        click.echo(str(item))
    failed = sum(not item.passed for item in checks)
    click.echo(f"{len(checks) - failed} of {len(checks)} checks passed")
    if failed:
        raise click.exceptions.Exit(1)
