"""``sameas generate``: tables with known truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from sameas.cli._options import Command, common_options, writable
from sameas.cli._types import NearestChoice, WholeNumber

if TYPE_CHECKING:
    import pyarrow as pa

    from sameas.datasets.check import Check

__all__ = ["command"]


@click.command("generate", cls=Command, short_help="Generate a table with known truth.")
@click.argument("what", type=NearestChoice(["persons", "places"]), metavar="persons|places")
@click.option("--records", type=WholeNumber(1, 100_000_000), required=True, metavar="N",
              help="Number of rows, such as 1_000_000; at most 28_000_000 places.")  # fmt: skip
@click.option("--seed", type=WholeNumber(min=0), default=1, show_default=True,
              help="The same seed gives the same table.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              required=True, callback=writable, help="Where the table goes.")  # fmt: skip
@click.option("--check", is_flag=True,
              help="Compare the table with what is known of real places, or with the stated noise "
                   "of persons (meant for 100_000 rows and more); exit code 1 if a figure is out "
                   "of its range.")  # fmt: skip
@common_options
def command(what: str, records: int, seed: int, out: Path, check: bool) -> None:
    """Generate places or persons with the noise of real sources and known truth.

    The truth is the column entity_id: rows that mean the same thing have the same one. No
    linker reads it. A smaller table is the beginning of a larger one of the same seed.

        sameas generate places --records 1_000_000 --seed 1 --out places.parquet
        sameas generate persons --records 200_000 --seed 1 --out persons.parquet
    """
    from sameas.cli._logs import say
    from sameas.records.write import write_table

    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".parquet":
        part = out.with_name(f".{out.name}.{uuid4().hex[:8]}.part")
        try:
            _write(what, part, records, seed)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    else:
        write_table(_generate(what, records, seed), out)
    say(f"{records:,} {what}, seed {seed}: {out} ({out.stat().st_size / 1e6:,.1f} MB)")
    if check:
        _check(what, records, seed, out)


def _write(what: str, path: Path, records: int, seed: int) -> None:
    from sameas.datasets.persons import write_persons
    from sameas.datasets.places import write_places

    write = write_persons if what == "persons" else write_places
    write(path, records, seed=seed)


def _generate(what: str, records: int, seed: int) -> pa.Table:
    from sameas.datasets.persons import generate_persons
    from sameas.datasets.places import generate_places

    generate = generate_persons if what == "persons" else generate_places
    return generate(records, seed=seed)


def _check(what: str, records: int, seed: int, out: Path) -> None:
    from sameas.records.read import read_table

    parquet = out.suffix.lower() == ".parquet"
    table = read_table(out).table if parquet else _generate(what, records, seed)
    checks = _checks(what, table)
    for item in checks:
        click.echo(str(item))
    failed = sum(not item.passed for item in checks)
    click.echo(f"{len(checks) - failed} of {len(checks)} checks passed")
    if failed:
        raise click.exceptions.Exit(1)


def _checks(what: str, table: pa.Table) -> list[Check]:
    if what == "persons":
        from sameas.datasets.persons.checks import check_persons

        return check_persons(table)
    from sameas.datasets.places.checks import check_places

    return check_places(table)
