"""A language model, its students, and what they cost: labels before and after calibration.

    python benchmarks/distill.py --data FOLDER --model NAME [--examples N] [--sets ...] [--curves]

It reads the answers in `benchmarks/answers`, which `llm_pairs.py` asked for, and asks nothing.
``--curves`` teaches students by true labels. Networks are in `distill_networks.py`.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pyarrow.parquet as pq

from common import about, table, write_json, write_section
from kept_answers import DIGITS, read_kept
from llm_pairs import MINERALS, SETS, keys_of, labeler_of, open_set, truth_of
from sameas.labeling import LabelledPairs, PairSelection, agreement, calibrate
from sameas.labeling.calibration import answer_log_odds
from sameas.linker.curves import learning_curve
from sameas.linker.inputs import pair_ends
from sameas.linker.student import Classroom, Lesson, population_weights, teach
from sameas.models.client import Endpoint

SIZES = (75, 150, 300)
SHOWN = ("written", "calibrated", "beside the score", "score alone", "student",
         "student, beside the score", "student, other pairs")  # fmt: skip


def auc(truth: np.ndarray, score: np.ndarray) -> str:
    """Return how often a match scores above a non-match, with a bootstrap interval."""
    random, found = np.random.default_rng(0), []
    for number in range(501):
        rows = np.arange(len(truth)) if number == 0 else random.integers(0, len(truth), len(truth))
        some, label = score[rows], truth[rows]
        if label.any() and not label.all():
            above = some[label][:, None] - some[~label][None]
            found.append(float((above > 0).mean() + (above == 0).mean() / 2))
    low, high = np.quantile(found[1:], [0.025, 0.975])
    return f"{found[0]:.3f} ({low:.3f} to {high:.3f})"


def said(found: Any) -> str:
    """Write macro-F1 with its interval."""
    one = found.intervals["macro_f1"]
    return f"{100 * found.macro_f1:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def calibrated(
    arguments: argparse.Namespace, name: str
) -> tuple[Any, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Return a set, the rows with answers, the chances of a match that they give, and the truth."""
    one = open_set(arguments.data, name)
    labeler, _ = labeler_of(one, arguments.examples)
    keys = keys_of(one, labeler, Endpoint("http://127.0.0.1:1/v1", arguments.model))
    kept = read_kept(arguments.model)
    rows = np.array([row for row, key in enumerate(keys) if key[:DIGITS] in kept], np.int64)
    answers = [kept[keys[at][:DIGITS]] for at in rows]
    written = np.array([answer[0] for answer in answers], np.int8)
    odds = answer_log_odds(written, np.array([yes - no for _, yes, no in answers]))
    line = calibrate(odds, prior=one.score[rows])
    chance = {
        "written": (written == 1).astype(float), "odds": odds,
        "student": line.probability(odds),
        "student, beside the score": line.probability(odds, prior=one.score[rows]),
    }  # fmt: skip
    return one, rows, chance, one.label[rows]


def measure(arguments: argparse.Namespace, name: str) -> dict[str, Any]:
    """Return the row of one set: teacher and students against the truth."""
    one, rows, chance, truth = calibrated(arguments, name)
    odds, score = chance.pop("odds"), one.score[rows]
    written = chance.pop("written") == 1
    row: dict[str, Any] = {"set": name, "answers": len(rows)}
    row |= {
        "matches": int(truth.sum()), "AUC": auc(truth, odds), "AUC of the score": auc(truth, score),
        "written": said(agreement(written, truth)),
        "calibrated": said(agreement(chance["student"] >= 0.5, truth)),
        "beside the score": said(agreement(chance["student, beside the score"] >= 0.5, truth)),
        "score alone": said(agreement(score >= 0.5, truth)),
    }  # fmt: skip
    room = Classroom.open(one.pool.job, one.pool.cheap)
    weight = population_weights(one.score, rows)
    rest = np.setdiff1d(np.arange(len(one.left)), rows)
    seen = room.features(one.left[rest], one.right[rest])
    for kind, value in chance.items():
        lesson = Lesson(one.left[rows], one.right[rows], value >= 0.5, weight)
        student = teach(room, lesson)
        row[kind] = said(agreement(student.decision, truth))
        taught = student.matcher.score(seen) >= student.threshold
        row["student, other pairs"] = said(agreement(taught, one.label[rest]))
    return row


def curves_of(arguments: argparse.Namespace, name: str) -> list[list[Any]]:
    """Return learning curves by true labels: as `distill` draws, and by plain chance."""
    pool = open_set(arguments.data, name).pool
    if name == MINERALS:
        left, right, label = truth_of(arguments.data, name, pool.job)
        split = None
    else:
        pairs = pq.read_table(arguments.data / name / "pairs.parquet")
        ends = [pair_ends(pairs, pool.job.records, side, ("left", "right"))
                for side in ("left", "right")]  # fmt: skip
        key, first = np.unique(np.minimum(*ends).astype(np.int64) << 32 | np.maximum(*ends),
                               return_index=True)  # fmt: skip
        left, right = (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32)
        label = pairs["label"].to_numpy()[first].astype(bool)
        # The valid rows judge; the test rows are for other figures.
        parts = np.array(pairs["split"].to_pylist())[first]
        left, right, label, parts = (one[parts != "test"] for one in (left, right, label, parts))
        split = np.where(parts == "valid", 2, 0).astype(np.int8)
    given = LabelledPairs(left, right, label.astype(np.int8), split)
    rows = []
    chance = PairSelection(1.0, 0.0, 0.0, 0.0, strata=1)
    for how, selection in (("as distill draws", None), ("plain chance", chance)):
        curve = learning_curve(pool, given, SIZES, selection=selection, replicates=3)
        rows.append([name, how, *(
            f"{100 * one['macro_f1']:.1f} ({100 * one['low']:.1f} to {100 * one['high']:.1f})"
            for one in curve.to_pylist()
        )])  # fmt: skip
    return rows


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--examples", type=int, default=4)
    parser.add_argument("--note", default="", help="What to know of this run.")
    parser.add_argument("--curves", action="store_true")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_args()
    facts = about("sameas", "scikit-learn", "numpy")
    if arguments.curves:
        rows = [row for name in arguments.sets for row in curves_of(arguments, name)]
        text = (
            "Macro-F1 in per cent of a forest that sees the opinion of the linker without labels, "
            "taught by true labels; mean of three draws, and the widest interval over draws and "
            "judged pairs. Judged on the valid rows; minerals: on all other candidates within 35 "
            "km, matches are 7.5 %.\n\n"
            + table(["set", "drawn", *(f"{size} labels" for size in SIZES)], rows)
        )
        write_section("learning-curves", "How many labels a student needs", text, facts)
    else:
        rows = [measure(arguments, name) for name in arguments.sets]
        names = ["answers", "matches", "AUC", "AUC of the score", *SHOWN]
        text = (
            f"Model {arguments.model}, {arguments.examples} examples. Pairs at random within "
            "strata of the score of a linker without labels (train and valid rows; minerals: "
            "candidates within 35 km), so more of them are doubtful than of all candidates. "
            "Macro-F1 in per cent against the truth, with its interval. Calibrated: without any "
            "label; beside the score: that score counts too. Students: forests taught by the two, "
            "cross-fitted and judged on the pairs of their teacher; other pairs: the second "
            f"student on all pairs of the set that nobody asked about. {arguments.note}\n\n"
            + table(["set", *names], [[row["set"], *(row.get(n, "") for n in names)]
                                      for row in rows])
        )  # fmt: skip
        write_section("distill", "A language model and its students", text, facts)
    write_json({"facts": facts, "rows": rows})


if __name__ == "__main__":
    main()
