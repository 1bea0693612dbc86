"""``sameas plan``: what the columns mean and how to block, guessed from the tables."""

from __future__ import annotations

import click

from sameas.cli._imports import import_alone
from sameas.cli._options import Command, common_options
from sameas.cli._types import Number, WholeNumber

__all__ = ["command"]


@click.command("plan", cls=Command, short_help="Guess what columns mean and how to block them.")
@click.argument("tables", nargs=-1, required=True)
@click.option("--labels", metavar="FILE",
              help="Labelled pairs: blocking is chosen by the matches among them, rows of the "
                   "test split aside. Without them by an estimate.")  # fmt: skip
@click.option("--pairs-a-record", type=Number(min=0, min_open=True), metavar="X",
              default=20.0, show_default=True,
              help="Budget of candidate pairs for each record.")  # fmt: skip
@click.option("--by-keys", is_flag=True,
              help="Block by keys, shared words and distance alone, as a store and --memory need "
                   "it, not by the nearest in the wording.")  # fmt: skip
@click.option("--id", "id_column", metavar="COLUMN|none",
              help="The column of the ids; none: the row number, from 0. [default: the one that "
                   "looks like it]")  # fmt: skip
@click.option("--source", multiple=True, metavar="NAME",
              help="A name for each table, in their order. Repeatable. [default: the names of the "
                   "files, if they differ]")  # fmt: skip
@click.option("--threads", type=WholeNumber(min=1), metavar="N",
              help="Threads. [default: all cores]")  # fmt: skip
@common_options
def command(
    tables: tuple[str, ...],
    labels: str | None,
    pairs_a_record: float,
    by_keys: bool,
    id_column: str | None,
    source: tuple[str, ...],
    threads: int | None,
) -> None:
    """Guess what the columns of TABLES mean and which rules should block them.

    The plan is printed as JSON, to be edited and used with --plan; what was guessed and why goes
    to standard error. "kind": "ignore" leaves a column out.

        sameas plan left.csv right.parquet --labels pairs.csv > plan.json
        sameas plan people.csv > plan.json
        sameas dedupe people.csv --plan plan.json --out run/
    """
    import_alone()
    from sameas.cli._logs import is_quiet
    from sameas.cli._sources import check_exists, find_tables
    from sameas.linker.planning import plan_lines, plan_tables

    if labels is not None:
        check_exists(labels)
    named = find_tables(tables, source)
    plan = plan_tables(
        dict(named), labels=labels, pairs_a_record=pairs_a_record, threads=threads,
        id_column=id_column, by_keys=by_keys,
    )  # fmt: skip
    if not is_quiet():
        for line in plan_lines(plan):
            click.echo(line, err=True)
    click.echo(plan.to_json(), nl=False)
