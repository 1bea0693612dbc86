"""``sameas fit``: labelled pairs become a saved linker."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._network import NetworkChoice, check_network, network_options, with_network
from sameas.cli._options import (
    Command,
    LinkerChoice,
    TableOptions,
    common_options,
    linker_options,
    mode_option,
    table_options,
)
from sameas.cli._spark import EngineChoice, engine_options, fit_on
from sameas.cli._types import NearestChoice

__all__ = ["command"]


@click.command("fit", cls=Command, short_help="Learn, with labels or without, and save the linker.")
@click.argument("tables", nargs=-1, required=True)
@click.option("--labels", metavar="FILE",
              help="Labelled pairs: left_id, right_id, label, and perhaps split (train, valid, "
                   "test; test is never read). Without it the silver field of a "
                   "recipe labels pairs, or the pairs alone teach.")  # fmt: skip
@click.option("--conflicts", type=NearestChoice(["drop", "error", "resolve"]), default="drop",
              show_default=True, help="What to do with pairs that bear both verdicts; resolve: by "
                                      "labeler and confidence.")  # fmt: skip
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              required=True, help="Where the linker goes.")  # fmt: skip
@mode_option()
@network_options
@linker_options(saved=False)
@table_options
@engine_options
@common_options
def command(
    tables: tuple[str, ...],
    labels: str | None,
    conflicts: str,
    save: Path,
    mode: str | None,
    network: NetworkChoice,
    choice: LinkerChoice,
    given: TableOptions,
    on: EngineChoice,
) -> None:
    """Learn a matcher and a threshold from labelled pairs of TABLES, or from the tables alone.

    The tables are given whole. Training reads the train rows of the labels, the threshold is
    chosen on the valid rows, and test rows are never read; without a split column the pairs are
    split by group of connected records.

        sameas fit left.parquet right.parquet --labels pairs.parquet --recipe places --save model/
    """
    from sameas.cli._linkers import check_choice, check_save, fit_aloud, make_linker, options_for
    from sameas.cli._logs import say
    from sameas.cli._plans import plan_for
    from sameas.cli._sources import check_exists, find_tables

    if mode is not None and len(tables) == 1:
        raise click.UsageError("--mode is for several tables.")
    check_network(network)
    if on.engine == "spark" and network.matcher != "recipe":
        raise click.UsageError(
            f"--matcher {network.matcher} learns on one machine: fit without --engine spark, and "
            "link on Spark with the saved linker."
        )
    check_save(save)
    if labels is not None:
        check_exists(labels)
    if on.engine == "spark":
        check_choice(choice, labelled=labels is not None)
        fit_on(choice, tables, given, on, labels=labels, conflicts=conflicts, mode=mode, save=save)
        return
    named = find_tables(tables, given.source)
    check_choice(choice, labelled=labels is not None)
    plan = plan_for(choice, named, given, labels=labels)
    linker = make_linker(choice, labelled=labels is not None, plan=plan)
    linker = with_network(linker, network)
    options = options_for(linker, named, given, plan)
    fit_aloud(linker, named, options, labels=labels, conflicts=conflicts, mode=mode)
    linker.save(save)
    say(f"linker saved in {save}")
