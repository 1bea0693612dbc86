"""``sameas score``: the scores of given pairs."""

from __future__ import annotations

from pathlib import Path

import click

from sameas.cli._options import Command, TableOptions, common_options, table_options, writable
from sameas.cli._spark import EngineChoice, engine_options, score_on

__all__ = ["command"]


@click.command("score", cls=Command, short_help="Score given pairs with a saved linker.")
@click.argument("tables", nargs=-1, required=True)
@click.option("--pairs", metavar="FILE", required=True,
              help="The pairs: left_id and right_id (and left_source, right_source).")  # fmt: skip
@click.option("--linker", type=click.Path(path_type=Path), metavar="FOLDER", required=True,
              help="A linker that was saved by fit --save.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              required=True, callback=writable,
              help="Where the scores go. Parquet and Arrow files also keep threshold and version, "
                   "which evaluate reads.")  # fmt: skip
@table_options
@engine_options
@common_options
def command(
    tables: tuple[str, ...],
    pairs: str,
    linker: Path,
    out: Path,
    given: TableOptions,
    on: EngineChoice,
) -> None:
    """Score given pairs of TABLES, whatever blocking says of them.

    The tables are given whole, in the order of the fit. Every pair comes back in its place:
    left_id, right_id, score, decision, candidate (would blocking have met it).

        sameas score a.csv b.csv --pairs pairs.csv --linker model/ --out scores.parquet
    """
    import pyarrow.compute as pc

    from sameas.cli._linkers import options_for
    from sameas.cli._logs import say
    from sameas.cli._sources import check_exists, find_tables
    from sameas.linker import Linker
    from sameas.records.write import write_table

    check_exists(pairs)
    if on.engine == "spark":
        fitted, scores = score_on(linker, tables, given, on, pairs)
    else:
        named = find_tables(tables, given.source)
        fitted = Linker.load(linker)
        scores = fitted.score(dict(named), pairs=pairs, options=options_for(fitted, named, given))
    write_table(scores, out)
    matches, met = (pc.sum(scores[name]).as_py() or 0 for name in ("decision", "candidate"))
    say(f"pairs: {scores.num_rows:,}; {met:,} of them are candidates of the blocking")
    say(f"matches: {matches:,} at threshold {fitted.threshold:.6g}")
    say(f"version: {fitted.version}")
    say(f"written: {out}")
    if out.suffix.lower() not in (".parquet", ".arrow", ".feather"):
        say(f"A {out.suffix} file cannot hold the threshold: give evaluate --threshold "
            f"{fitted.threshold!r}")  # fmt: skip
