"""The paper's own system: PRF and WRH on generated places, and reduced on labelled places.

    python benchmarks/paper.py --data FOLDER [--records 200_000]

Generated places have all fields; pairs are labelled by the phone, as in the paper, and measured
against these labels and against the hidden truth. The labelled sets have no phone, homepage,
labels or parent: there the presets are reduced to what is left.
"""

from __future__ import annotations

import argparse
import os
import resource
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import about, whole, write_json, write_section
from paper_text import (
    BOTH_NAMES,
    FEATURES,
    PRF,
    WRH,
    generated_text,
    importance_text,
    labelled_text,
)
from sameas import Linker
from sameas.core.prepared import Need
from sameas.datasets.places import generate_places
from sameas.engines.duckdb import DuckDBEngine
from sameas.evaluation import (
    FBeta,
    FixedThreshold,
    bootstrap,
    choose_threshold,
    evaluate_scores,
    pair_metrics,
    permutation_importance,
    precision_recall_curve,
)
from sameas.labeling import silver_labels, stratified_split
from sameas.linker.found import Budget
from sameas.linker.job import Job
from sameas.recipes.places import places_spec
from sameas.records import collect, prepare

ALPHA = 0.95
SETS = [f"osm_{source}_{city}" for source in ("fsq", "yelp")
        for city in ("pit", "edi", "tor", "sin")]  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Candidate pairs of generated places: record numbers, silver verdict, part, truth."""

    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    silver: npt.NDArray[np.int8]
    part: npt.NDArray[np.int8]
    truth: npt.NDArray[np.bool_]
    labels: pa.Table
    pairs: pa.Table
    facts: dict[str, Any]


def cut_by(goal_labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    """Return the threshold of the best F1, as the default of the linker chooses it."""
    return choose_threshold(goal_labels, scores, FBeta(replicates=100)).threshold


def generated_problem(places: pa.Table) -> Problem:
    """Find the paper's candidates, label them by the phone, split 70/30 by class."""
    spec = places_spec(PRF)
    hidden = places.drop_columns(["entity_id"])
    records = collect({"table": hidden}, spec.fields)
    job = Job(spec, records, {}, "dedupe", DuckDBEngine(), Budget())
    left, right = job.candidates.left, job.candidates.right
    need = Need("codes", ("phone",), (("form", "digits"),))
    codes = prepare(records.table, [need], {})[need].value
    silver = silver_labels(codes, left, right, field="phone")
    part = stratified_split(silver.label, seed=0, pairs=(left, right)).part
    ids = records.table["id"].combine_chunks()
    entity = places["entity_id"].take(pc.index_in(ids, value_set=places["id"]))
    entity = pc.rank(entity.combine_chunks(), tiebreaker="dense").to_numpy().astype(np.int64)
    truth = entity[left] == entity[right]
    every = np.bincount(np.bincount(entity))
    true_pairs = int(sum(count * size * (size - 1) // 2 for size, count in enumerate(every)))
    pairs = pa.table({"left_id": ids.take(pa.array(left)), "right_id": ids.take(pa.array(right))})
    rows = np.flatnonzero(silver.label >= 0)
    labels = pairs.take(pa.array(rows))
    labels = labels.append_column("label", pa.array(silver.label[rows] == 1))
    # "valid" is the paper's test part: with a fixed threshold nothing is chosen on it.
    names = pa.array(np.where(part[rows] == 0, "train", "valid"))
    labels = labels.append_column("split", names)
    decided, match = silver.label >= 0, silver.label == 1
    facts = {
        "records": len(records),
        "candidate_pairs": len(left),
        "decided_by_phone": int(decided.sum()),
        "silver_matches": int(match.sum()),
        "class_ratio": float((decided & ~match).sum() / match.sum()),
        "true_ratio_of_candidates": float((~truth).sum() / truth.sum()),
        "true_pairs": true_pairs,
        "true_pairs_met": int(truth.sum()),
        "share_with_phone": 1 - hidden["phone"].null_count / len(hidden),
        "silver_matches_true": float(truth[match].mean()),
        "silver_non_matches_true": float(truth[decided & ~match].mean()),
        "pairs_of_part": {"train": int((part == 0).sum()), "test": int((part == 1).sum())},
    }
    return Problem(left, right, silver.label, part, truth, labels, pairs, facts)


def fitted(preset: str, *tables: Any, labels: Any) -> Linker:
    """Fit a preset at the paper's threshold; rules score 0 or 1."""
    spec = places_spec(preset)
    goal = FixedThreshold(ALPHA if preset == PRF else 0.5)
    return Linker(replace(spec, goal=goal)).fit(*tables, labels=labels)


def figures(
    labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], threshold: float
) -> dict[str, Any]:
    """Return the figures at a threshold, with intervals of the two that are compared."""
    found = pair_metrics(labels, scores, threshold=threshold).to_dict()
    names = ("f0.5", "f1", "gini")
    drawn = bootstrap(labels, scores, threshold=threshold, metrics=names, replicates=200)
    return found | {"intervals": {name: drawn[name].to_dict() for name in names}}


def precision_at(
    labels: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], recall: float
) -> dict[str, float]:
    """Return the best precision among thresholds whose recall is at least this."""
    curve = precision_recall_curve(labels, scores)
    enough = np.flatnonzero(curve["recall"].to_numpy() >= recall)
    best = enough[np.nanargmax(curve["precision"].to_numpy()[enough])]
    return {name: float(curve[name][int(best)].as_py())
            for name in ("threshold", "precision", "recall")}  # fmt: skip


def on_generated(records: int) -> dict[str, Any]:
    """Fit both presets on the silver training part; measure on silver and on the truth."""
    places = generate_places(records, seed=1)
    hidden = places.drop_columns(["entity_id"])
    problem = generated_problem(places)
    test, unseen = problem.part == 1, problem.part != 0
    silver, truth = problem.silver == 1, problem.truth
    missed = problem.facts["true_pairs"] - problem.facts["true_pairs_met"]
    report: dict[str, Any] = {"pairs": problem.facts}
    # What somebody who knew the truth would reach on the silver labels: their noise.
    oracle = truth[test].astype(np.float64)
    report["oracle_on_silver"] = pair_metrics(silver[test], oracle, threshold=0.5).to_dict()
    scores = {}
    for preset in (WRH, PRF):
        linker = fitted(preset, hidden, labels=problem.labels)
        scored = linker.score(hidden, pairs=problem.pairs)["score"].to_numpy()
        scores[preset] = scored
        cut = linker.threshold
        # A true pair that blocking misses has no score: it is a match that was not found.
        end_labels = np.append(truth[unseen], np.ones(missed, bool))
        end_scores = np.append(scored[unseen], np.full(missed, np.nan))
        report[preset] = {
            "threshold": cut,
            "matcher": linker.fitted_.matcher.describe(),
            "silver_test": figures(silver[test], scored[test], cut),
            "true_test": figures(truth[test], scored[test], cut),
            "true_unseen": figures(truth[unseen], scored[unseen], cut),
            "end_to_end": pair_metrics(end_labels, end_scores, threshold=cut).to_dict(),
        }
        report[preset]["true_test_at_24_to_1"] = at_ratio(report[preset]["true_test"])
        if preset == PRF:
            report[preset]["silver_test_at_half"] = figures(silver[test], scored[test], 0.5)
            ends = problem.left[test], problem.right[test]
            report["importance"] = {
                name: importance(linker, {"table": hidden}, ends, labels[test])
                for name, labels in (("silver", silver), ("truth", truth))
            }
    for name, labels in (("silver_test", silver), ("true_test", truth)):
        recall = report[WRH][name]["recall"]
        report[PRF][name]["at_recall_of_rules"] = precision_at(
            labels[test], scores[PRF][test], recall
        )
    return report


def importance(
    linker: Linker,
    tables: dict[str, Any],
    pairs: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] | pa.Table,
    labels: npt.NDArray[np.bool_],
) -> dict[str, float]:
    """Shuffle the columns of each feature together: loss of average precision."""
    saved = linker.fitted_
    records = collect(tables, saved.spec.fields, required=("name",))
    job = Job(saved.spec, records, dict(saved.statistics), saved.mode, DuckDBEngine(), Budget())
    if isinstance(pairs, pa.Table):
        sides = (records.find(name, pairs[f"{name}_id"].combine_chunks()) for name in tables)
        ends = np.stack(list(sides))
        pairs = ends.min(axis=0), ends.max(axis=0)
    values = job.features(*pairs, np.ones(len(labels), bool))
    names = saved.spec.names()
    found: dict[str, float] = {}
    together = {BOTH_NAMES: [*FEATURES["MostRelevantWordJaro"], *FEATURES["NameSoftTfidf"]]}
    for groups in (FEATURES, together):
        there = {name: group for name, group in groups.items() if set(group) <= set(names)}
        rows = permutation_importance(saved.matcher.score, values, labels, names, groups=there)
        found |= {row["feature"]: row["drop_mean"] for row in rows.to_pylist()
                  if row["feature"] in there}  # fmt: skip
    return found


def at_ratio(found: dict[str, Any], ratio: float = 24.0) -> dict[str, float]:
    """Return precision and F0.5 as they would be with so many non-matches for one match."""
    hits = found["recall"]
    alarms = ratio * found["false_positives"]
    alarms /= found["false_positives"] + found["true_negatives"]
    return {"precision": hits / (hits + alarms), "f0.5": 1.25 * hits / (0.25 + hits + alarms)}


def on_labelled(folder: Path, name: str) -> dict[str, Any]:
    """Fit both presets, reduced, on the train split; test, or valid where there is no test."""
    home = folder / "places" / name
    left, right, path = (home / f"{part}.parquet" for part in ("left", "right", "pairs"))
    given = pq.read_table(path)
    split = given["split"].to_numpy(zero_copy_only=False)
    measured = "test" if (split == "test").any() else "valid"
    truth = given["label"].to_numpy().astype(bool)
    rows, valid = split == measured, split == "valid"
    report: dict[str, Any] = {"set": name, "measured_on": measured, "pairs": int(rows.sum())}
    for preset in (WRH, PRF):
        linker = fitted(preset, left, right, labels=path)
        scored = linker.score(left, right, pairs=given.select(["left_id", "right_id"]))
        scores, met = scored["score"].to_numpy(), scored["candidate"].to_numpy()
        cuts = {"fixed": linker.threshold}
        if preset == PRF:
            cuts["from_valid"] = cut_by(truth[valid], scores[valid])
        report[preset] = {
            "matcher": linker.fitted_.matcher.describe(),
            "columns": len(linker.fitted_.spec.names()),
        }
        for kind, cut in cuts.items():
            found = evaluate_scores(truth[rows], scores[rows], met[rows], threshold=cut)
            interval = bootstrap(truth[rows], scores[rows], threshold=cut, metrics=("f1",))["f1"]
            report[preset][kind] = found.to_dict() | {"f1_interval": [interval.low, interval.high]}
        if preset == PRF:
            report[preset]["at_recall_of_rules"] = precision_at(
                truth[rows], scores[rows], report[WRH]["fixed"]["all_pairs"]["recall"]
            )
            report["importance"] = importance(
                linker, {"left": left, "right": right}, given.filter(pa.array(rows)), truth[rows]
            )
    return report


def main() -> None:
    """Measure, print JSON, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--records", type=whole, default=200_000)
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    facts = about("sameas", "numpy", "scikit-learn", "imbalanced-learn", "pyarrow")
    generated = on_generated(options.records)
    labelled = [on_labelled(options.data, name) for name in options.sets]
    used = resource.getrusage(resource.RUSAGE_SELF)
    write_json({
        "about": facts, "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "generated": generated, "labelled": labelled,
    })  # fmt: skip
    if not options.no_results:
        text = generated_text(generated) + importance_text(generated, labelled)
        text += labelled_text(labelled) if labelled else ""
        write_section("paper", "The paper's system: PRF and WRH", text, facts)


if __name__ == "__main__":
    main()
