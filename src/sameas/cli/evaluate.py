"""``sameas evaluate``: scores against labels."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sameas.cli._options import Command, common_options
from sameas.cli._types import NearestChoice, Number, WholeNumber

__all__ = ["command"]


@click.command("evaluate", cls=Command, short_help="Measure scores against labels.")
@click.argument("scores")
@click.option("--labels", metavar="FILE", required=True,
              help="Labelled pairs: left_id, right_id, label, and perhaps split.")  # fmt: skip
@click.option("--split", type=NearestChoice(["train", "valid", "test"]),
              help="Only labels of this part. [default: all]")  # fmt: skip
@click.option("--threshold", type=Number(0, 1), metavar="X",
              help="The score from which a pair is a match. [default: that of the scores' "
                   "file]")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Also write the figures there.")  # fmt: skip
@click.option("--curves", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Also write precision_recall.csv, roc.csv and thresholds.csv "
                   "there.")  # fmt: skip
@click.option("--replicates", type=WholeNumber(min=0), default=1000, show_default=True,
              metavar="N", help="Bootstrap replicates for the intervals; 0: no "
                                "intervals.")  # fmt: skip
@click.option("--seed", type=WholeNumber(min=0), default=0, show_default=True,
              help="Seed of the bootstrap.")  # fmt: skip
@common_options
def command(
    scores: str,
    labels: str,
    split: str | None,
    threshold: float | None,
    json_file: Path | None,
    curves: Path | None,
    replicates: int,
    seed: int,
) -> None:
    """Measure SCORES (written by score) against labels.

    Every figure is given twice: for all labelled pairs, and end to end, where a pair that
    blocking misses counts as a non-match. Labels are found by left_id and right_id; every
    label needs a score, scores without a label do not matter.

        sameas evaluate scores.parquet --labels pairs.parquet --split test
    """
    from sameas.cli._aligned import align, write_curves
    from sameas.cli._logs import say
    from sameas.cli._sources import check_exists
    from sameas.evaluation import evaluate_scores

    for path in (scores, labels):
        check_exists(path)
    found = align(scores, labels, split=split, threshold=threshold)
    evaluation = evaluate_scores(
        found.label, found.score, found.candidate, threshold=found.threshold,
        replicates=replicates, seed=seed,
    )  # fmt: skip
    part = "" if split is None else f", split {split}"
    click.echo(f"{scores} against {labels}{part}; linker version {found.version or 'unknown'}")
    for note in found.notes:
        click.echo(f"note: {note}")
    click.echo(evaluation.to_text())
    if json_file is not None:
        about = {"scores": scores, "labels": labels, "split": split,
                 "linker_version": found.version, "notes": list(found.notes)}  # fmt: skip
        text = json.dumps({**about, **evaluation.to_dict()}, indent=2, allow_nan=False)
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text + "\n", encoding="utf-8")
        say(f"written: {json_file}")
    if curves is not None:
        names = write_curves(found, curves)
        say(f"written: {', '.join(names)} in {curves}")
