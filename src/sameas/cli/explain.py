"""``sameas explain``: why pairs are matches, or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from sameas.cli._options import Command, TableOptions, common_options, table_options
from sameas.cli._types import Number

__all__ = ["command"]


@click.command("explain", cls=Command, short_help="Say why a pair is a match, or none.")
@click.argument("run_or_tables", nargs=-1, required=True)
@click.option("--linker", type=click.Path(path_type=Path), metavar="FOLDER",
              help="A linker that was saved by fit --save, or by a run with --save. "
                   "[default: that of the run]")  # fmt: skip
@click.option("--pair", "pair", nargs=2, multiple=True, metavar="LEFT_ID RIGHT_ID",
              help="The ids of the two records. Repeatable.")  # fmt: skip
@click.option("--pairs", metavar="FILE",
              help="Many pairs: left_id and right_id (and left_source, right_source).")  # fmt: skip
@click.option("--threshold", type=Number(0, 1), metavar="X",
              help="The score from which a pair is a match. [default: that of the run, else of "
                   "the linker]")  # fmt: skip
@click.option("--html", "html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Also draw the waterfalls there: one page that works offline.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Also write everything there as JSON.")  # fmt: skip
@table_options
@common_options
def command(
    run_or_tables: tuple[str, ...],
    linker: Path | None,
    given: TableOptions,
    **settings: Any,
) -> None:
    """Say why pairs of a run, or of TABLES, have their scores.

    Both records side by side, what each field adds to the score, and the smallest change that
    would have turned the verdict round. A run folder knows its tables; otherwise give them
    whole, in the order of the fit, and the linker.

        sameas explain run/ --pair a17 b4
        sameas explain a.csv b.csv --linker model/ --pairs pairs.csv --html why.html
    """
    from sameas.cli._logs import say

    pairs, html, json_file = (settings[name] for name in ("pairs", "html", "json_file"))
    if (pairs is None) == (not settings["pair"]):
        raise click.UsageError("Say which pairs: --pair LEFT_ID RIGHT_ID, or --pairs FILE.")
    found = _explain(run_or_tables, linker, given, settings)
    click.echo("\n\n".join(pair.to_text() for pair in found))
    if html is not None:
        from sameas.reporting.page import explanations_page

        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(explanations_page(found), encoding="utf-8")
        say(f"written: {html}")
    if json_file is not None:
        text = json.dumps([pair.to_dict() for pair in found], indent=2, ensure_ascii=False,
                          default=str)  # fmt: skip
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text + "\n", encoding="utf-8")
        say(f"written: {json_file}")


def _explain(
    run_or_tables: tuple[str, ...],
    linker: Path | None,
    given: TableOptions,
    settings: dict[str, Any],
) -> Any:
    """Explain the pairs that were asked for."""
    from sameas.cli._linkers import options_for
    from sameas.cli._sources import check_exists, find_tables
    from sameas.linker import Linker
    from sameas.linker.inputs import run_inputs
    from sameas.linker.runs import LINKER

    pairs: Any = list(settings["pair"])
    if settings["pairs"] is not None:
        check_exists(settings["pairs"])
        pairs = settings["pairs"]
    folder = Path(run_or_tables[0])
    of_run = len(run_or_tables) == 1 and (folder / "run.json").exists()
    for path in () if of_run else run_or_tables:
        check_exists(path)
    if linker is None and not of_run:
        raise click.UsageError(
            "Tables are explained by a saved linker: --linker FOLDER. A run folder holds its own."
        )
    fitted = Linker.load(linker or folder / LINKER)
    if not of_run:
        named = find_tables(run_or_tables, given.source)
        options = options_for(fitted, named, given)
        return fitted.explain(
            dict(named), pairs=pairs, threshold=settings["threshold"], options=options
        )
    tables, options, threshold = run_inputs(folder, fitted.version, threads=given.threads)
    for path in tables.values():
        check_exists(path)
    if settings["threshold"] is not None:
        threshold = settings["threshold"]
    return fitted.explain(tables, pairs=pairs, run=folder, threshold=threshold, options=options)
