"""``sameas label``: a language model labels pairs of the tables."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._llm import LLMChoice, llm_options
from sameas.cli._options import (
    Command,
    LinkerChoice,
    TableOptions,
    common_options,
    linker_options,
    mode_option,
    table_options,
    writable,
)
from sameas.cli._types import Number

__all__ = ["command"]


@click.command("label", cls=Command, short_help="Have a language model label pairs.")
@click.argument("tables", nargs=-1, required=True)
@llm_options
@click.option("--swapped", type=Number(0, 0.5, max_open=True), default=0.1,
              show_default=True, metavar="SHARE",
              help="Share of the budget that asks pairs again, the records in the other order: "
                   "audit shows whether the answers stay.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              required=True, callback=writable, help="Where the labels go.")  # fmt: skip
@mode_option()
@linker_options()
@table_options
@common_options
def command(
    tables: tuple[str, ...],
    asking: LLMChoice,
    swapped: float,
    out: Path,
    mode: str | None,
    choice: LinkerChoice,
    given: TableOptions,
) -> None:
    """Ask a language model about pairs of TABLES, and write its labels.

    The pairs are drawn from the candidates of the linker: a share at random within strata of a
    cheap matcher's score, the rest where a label teaches most. An interrupted call resumes, and a
    repeated one asks nothing again.

        sameas label a.csv b.csv --recipe places --llm http://localhost:8080/v1 --model qwen
        --budget 1000-pairs --out labels.parquet
    """
    from sameas.cli._llm import asked_lines, open_client, open_job
    from sameas.cli._logs import say
    from sameas.linker.asking import label_pairs
    from sameas.records.write import write_table

    pool, labeler, human = open_job(tables, choice, given, asking, mode)
    with open_client(asking, out.with_suffix(".answers.db")) as client:
        run = label_pairs(
            pool, labeler, client, pairs=asking.budget.pairs, human=human,
            examples=asking.examples, swapped=swapped,
        )  # fmt: skip
    write_table(run.table, out)
    for line in asked_lines(run):
        say(line)
    say(f"written: {out}")
