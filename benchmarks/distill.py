"""A language model, its students, and what they cost: labels before and after calibration.

    python benchmarks/distill.py --data FOLDER --keep FOLDER --llm URL --model NAME [--examples N]
        [--sets ...] [--ask N] [--server PID] [--curves]

`llm_pairs.py` draws the pairs and asks; this script reads its folder and asks nothing that is
there. With ``--ask`` it asks up to N more. A set with fewer than 40 answers has no figures.
With ``--server`` the CPU time of that process is the teacher's inference time, on the same pairs
that the student then scores, in the same run. ``--curves`` teaches students by true labels.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_json, write_section
from llm_pairs import (
    MINERALS,
    SETS,
    draw,
    examples_of,
    question_of,
    records_of,
    spec_of,
    tables_of,
    truth_of,
)
from sameas.labeling import LabelledPairs, LLMLabeler, PairSelection, agreement, calibrate
from sameas.labeling.calibrate import answer_log_odds
from sameas.linker import open_pool
from sameas.linker.curves import learning_curve
from sameas.linker.inputs import name_tables, pair_ends
from sameas.linker.student import Classroom, Lesson, population_weights, teach
from sameas.models.client import Budget, Client, Endpoint

FEWEST = 40
SIZES = (75, 150, 300)


def answers_of(arguments: argparse.Namespace, name: str) -> tuple[pa.Table, Any, float]:
    """Return the drawn pairs that have an answer, the answers, and CPU seconds a new answer."""
    size = arguments.pairs * (2 if name == MINERALS else 1)
    drawn = draw(arguments.data, arguments.keep, name, size)
    left, right = (records_of(arguments.data, name, drawn[f"{side}_id"].to_pylist())
                   for side in ("left", "right"))  # fmt: skip
    shown = examples_of(arguments.data, arguments.keep, name, arguments.examples)
    labeler = LLMLabeler(question_of(name), examples=shown)
    endpoint = Endpoint(arguments.llm, arguments.model, concurrency=1, timeout=900)
    begin = cpu_of(arguments.server)
    with Client(endpoint, budget=Budget(requests=arguments.ask),
                store=arguments.keep / "answers.db") as client:  # fmt: skip
        # Slices of the order in which `llm_pairs.py` asks.
        order = np.random.default_rng(0).permutation(drawn.num_rows)
        found = labeler.ask([left[row] for row in order], [right[row] for row in order], client)
        paid = client.cost.requests
    spent = (cpu_of(arguments.server) - begin) / paid if paid else float("nan")
    return drawn.take(pa.array(order)), found, spent


def cpu_of(process: int | None) -> float:
    """Return the CPU seconds of a process so far."""
    if process is None:
        return float("nan")
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def auc(truth: np.ndarray, score: np.ndarray) -> float:
    """Return how often a match scores above a non-match."""
    above = score[truth][:, None] - score[~truth][None]
    return float((above > 0).mean() + (above == 0).mean() / 2) if above.size else float("nan")


def said(found: Any) -> str:
    """Write macro-F1 with its interval."""
    one = found.intervals["macro_f1"]
    return f"{100 * found.macro_f1:.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def measure(arguments: argparse.Namespace, name: str) -> dict[str, Any]:
    """Return the row of one set."""
    drawn, found, spent = answers_of(arguments, name)
    rows = np.flatnonzero(found.answered)
    row: dict[str, Any] = {"set": name, "answers": len(rows), "teacher_cpu": spent}
    pool = open_pool(spec_of(name), name_tables([tables_of(arguments.data, name)]))
    row["student_us"] = student_time(pool)
    if len(rows) < FEWEST:
        return row
    drawn, truth = drawn.take(pa.array(rows)), drawn["truth"].to_numpy(False)[rows]
    odds = answer_log_odds(found.said[rows], found.log_odds[rows])
    score = drawn["score"].to_numpy()
    line = calibrate(odds, prior=score)
    chance = {
        "alone": line.probability(odds),
        "beside the score": line.probability(odds, prior=score),
    }
    row |= {
        "matches": int(truth.sum()), "auc": auc(truth, odds), "cheap_auc": auc(truth, score),
        "written": said(agreement(found.said[rows] == 1, truth)),
        "calibrated": said(agreement(chance["alone"] >= 0.5, truth)),
        "combined": said(agreement(chance["beside the score"] >= 0.5, truth)),
        "cheap": said(agreement(score >= 0.5, truth)),
    }  # fmt: skip
    ids = {one: place for place, one in enumerate(pool.job.records.table["id"].to_pylist())}
    ends = [np.array([ids[one] for one in drawn[f"{side}_id"].to_pylist()], np.int32)
            for side in ("left", "right")]  # fmt: skip
    left, right = np.minimum(*ends), np.maximum(*ends)
    key = pool.left.astype(np.int64) << 32 | pool.right
    place = np.searchsorted(key, left.astype(np.int64) << 32 | right).clip(0, len(key) - 1)
    room = Classroom.open(pool.job, pool.cheap)
    for kind, value in chance.items():
        lesson = Lesson(left, right, value >= 0.5, population_weights(pool.score, place))
        row[f"student, {kind}"] = said(agreement(teach(room, lesson).decision, truth))
    return row


def student_time(pool: Any) -> float:
    """Return CPU microseconds a pair of a forest of the student's size, comparisons included."""
    room = Classroom.open(pool.job, pool.cheap)
    order = np.argsort(-pool.score, kind="stable")
    ends = np.r_[order[:75], order[-75:]]
    lesson = Lesson(pool.left[ends], pool.right[ends], np.arange(150) < 75, np.ones(150))
    student = teach(room, lesson, folds=2)
    rows = np.arange(min(len(pool.left), 5000))
    student.matcher.score(room.features(pool.left[rows], pool.right[rows]))
    begin = time.process_time()
    student.matcher.score(room.features(pool.left[rows], pool.right[rows]))
    return 1e6 * (time.process_time() - begin) / len(rows)


def curves_of(arguments: argparse.Namespace, name: str) -> list[list[Any]]:
    """Return learning curves by true labels: as `distill` draws, and by plain chance."""
    pool = open_pool(spec_of(name), name_tables([tables_of(arguments.data, name)]))
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
        split = np.where(np.array(pairs["split"].to_pylist())[first] == "test", 2, 0)
        split = split.astype(np.int8)
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
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", type=int, default=150)
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--ask", type=int, default=0)
    parser.add_argument("--server", type=int)
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
            "judged pairs. Judged on the test rows; minerals: on all other candidates within 35 "
            "km, matches are 7.5 %.\n\n"
            + table(["set", "drawn", *(f"{size} labels" for size in SIZES)], rows)
        )
        write_section("learning-curves", "How many labels a student needs", text, facts)
        write_json({"facts": facts, "rows": rows})
        return
    rows = [measure(arguments, name) for name in arguments.sets]
    students = ("student, alone", "student, beside the score")
    names = ["answers", "matches", "auc", "cheap_auc", "cheap", "written", "calibrated",
             "combined", *students, "teacher_cpu", "student_us"]  # fmt: skip
    body = [[row["set"], *(row.get(name, "") for name in names)] for row in rows]
    for line, row in zip(body, rows, strict=True):
        line.append(f"{1e6 * row['teacher_cpu'] / row['student_us']:,.0f}"
                    if row["teacher_cpu"] == row["teacher_cpu"] else "")  # fmt: skip
    text = (
        f"Model {arguments.model}, {arguments.examples} examples, {arguments.pairs} pairs a set "
        "(minerals twice that) drawn where labels teach most, so harder than the average "
        f"candidate. Macro-F1 in per cent against the truth; with fewer than {FEWEST} answers "
        "none. The student is cross-fitted and judged on the pairs of its teacher. Teacher: CPU "
        f"seconds of the server for each of the at most {arguments.ask} answers that were new in "
        "this run; student: CPU microseconds a pair, comparisons included, preparation and "
        f"candidates not; ratio: of the two. {arguments.note}\n\n"
        + table(["set", *names, "ratio"], body)
    )
    write_section("distill", "A language model and its students", text, facts)
    write_json({"facts": facts, "rows": rows})


if __name__ == "__main__":
    main()
