"""``sameas distill``: a language model labels a few pairs, and a small matcher learns them."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._llm import LLMChoice, llm_options
from sameas.cli._network import ReaderChoice, reader_options
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
from sameas.cli._types import NearestChoice, WholeNumber

__all__ = ["command"]


@click.command("distill", cls=Command, short_help="Labels of a language model become a linker.")
@click.argument("tables", nargs=-1, required=True)
@llm_options
@click.option("--matcher", type=NearestChoice(["forest", "boosting", "pair-classifier"]),
              default="forest", show_default=True,
              help="What learns the labels; pair-classifier: a forest, and a transformer that "
                   "reads the pairs where the forest is in doubt.")  # fmt: skip
@reader_options
@click.option("--rounds", type=WholeNumber(min=1), default=4, show_default=True, metavar="N",
              help="Rounds of asking; after each, students say where they are in doubt. Asking "
                   "ends early once their decisions stay.")  # fmt: skip
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              required=True, help="Where the linker goes.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              callback=lambda ctx, param, value: value and writable(ctx, param, value),
              help="Also write the labels there.")  # fmt: skip
@mode_option()
@linker_options()
@table_options
@common_options
def command(
    tables: tuple[str, ...],
    asking: LLMChoice,
    matcher: str,
    reader: ReaderChoice,
    rounds: int,
    save: Path,
    out: Path | None,
    mode: str | None,
    choice: LinkerChoice,
    given: TableOptions,
) -> None:
    """Teach a small linker with the labels of a language model, and save it.

    The estimate is made on pairs drawn at random, by students that had not seen them, and weighted
    to stand for all candidates. It says against whom: the model's own labels, or a person's.

        sameas distill a.parquet b.parquet --recipe places --llm http://localhost:8080/v1
        --model qwen --budget 1000-pairs --save model/
    """
    from sameas.cli._linkers import check_save
    from sameas.cli._llm import asked_lines, open_client, open_job
    from sameas.cli._logs import say
    from sameas.linker import Stop, distill, with_examples
    from sameas.matching import Boosting
    from sameas.records.write import write_table

    network = reader.network(matcher)
    check_save(save)
    pool, labeler, human = open_job(tables, choice, given, asking, mode)
    labeler, human = with_examples(pool, labeler, human, asking.examples)
    store = save.with_name(f"{save.name}.answers.db")
    with open_client(asking, store) as client:
        found = distill(
            pool, labeler, client, pairs=asking.budget.pairs, human=human,
            stop=Stop(rounds=rounds),
            matcher=Boosting(iterations=100, leaves=8, min_leaf=5) if matcher == "boosting"
            else None,
            network=network,
        )  # fmt: skip
    found.linker.save(save)
    if out is not None:
        write_table(found.labels.table, out)
    for line in [*asked_lines(found.labels), *found.lines()]:
        say(line)
    say(f"linker saved in {save}")
