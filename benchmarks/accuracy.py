"""How right: places and product sets with labels, threshold from valid, test once.

    python benchmarks/accuracy.py --data FOLDER [--sets places/osm_fsq_pit ...] [--split test]

Everything that was chosen (features, context, matcher, threshold rule) was chosen on train and
valid; this script reads the test rows for the report only.
"""

from __future__ import annotations

import argparse
import os
import resource
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow.parquet as pq

import sameas
from common import about, table, write_json, write_section
from sameas.evaluation import bootstrap, bootstrap_difference, evaluate_scores

PLACES = [f"places/osm_{source}_{city}" for source in ("fsq", "yelp")
          for city in ("pit", "edi", "tor", "sin")]  # fmt: skip
#: The plain yardstick of the measurements, test F1 (forest or boosting, the better one).
YARDSTICK = {
    "places/osm_fsq_pit": 92.4, "places/osm_fsq_edi": 93.9, "places/osm_fsq_tor": 94.0,
    "places/osm_yelp_pit": 95.7, "places/osm_yelp_edi": 96.1,
    "magellan/fodors_zagats": 100.0, "magellan/dblp_acm": 99.1, "magellan/abt_buy": 94.8,
    "magellan/amazon_google": 77.1,
}  # fmt: skip
#: Field types of the other sets; `class` of fodors_zagats is the number of the match: left out.
FIELDS = {
    "magellan/fodors_zagats": {"name": "name", "address": "address", "city": "category",
                               "phone": "phone", "type": "category"},
    "magellan/dblp_acm": {"title": "text", "authors": "text", "venue": "category",
                          "year": "number"},
    "magellan/abt_buy": {"name": "text", "description": "text", "price": "number"},
    "magellan/amazon_google": {"title": "text", "manufacturer": "category", "price": "number"},
    "magellan/walmart_amazon": {"title": "text", "category": "category", "brand": "category",
                                "model_no": "identifier", "price": "number"},
    "magellan/beer": {"beer_name": "name", "brew_factory_name": "name", "style": "category",
                      "abv": "number"},
    "magellan/itunes_amazon": {"song_name": "name", "artist_name": "name", "album_name": "name",
                               "genre": "category", "price": "number", "copyright": "text",
                               "time": "text", "released": "text"},
}  # fmt: skip


def linker_for(name: str, *, context: bool) -> sameas.Linker:
    """Return the recipe for places and the plain linker with field types elsewhere."""
    spec = (
        sameas.recipes.places(silver=None).spec
        if name.startswith("places/")
        else sameas.Linker(FIELDS[name]).spec
    )
    return sameas.Linker(spec if context else replace(spec, context=None, second_pass=None))


def measure(folder: Path, name: str, split: str) -> dict[str, Any]:
    """Fit on train, threshold from valid, figures on `split`; with and without context."""
    left, right, pairs = (folder / name / f"{part}.parquet" for part in ("left", "right", "pairs"))
    given = pq.read_table(pairs)
    rows = np.array(given["split"].to_pylist()) == split
    labels = given["label"].to_numpy().astype(bool)[rows]
    found: dict[str, Any] = {"set": name, "split": split, "pairs": int(rows.sum())}
    scores, thresholds = {}, {}
    for context in (True, False):
        linker = linker_for(name, context=context)
        linker.fit(left, right, labels=pairs)
        scored = linker.score(left, right, pairs=given.select(["left_id", "right_id"]))
        kind = "context" if context else "plain"
        scores[kind] = scored["score"].to_numpy()[rows]
        thresholds[kind] = linker.threshold
        candidate = scored["candidate"].to_numpy()[rows]
        report = evaluate_scores(labels, scores[kind], candidate, threshold=linker.threshold)
        interval = bootstrap(labels, scores[kind], threshold=linker.threshold, metrics=("f1",))[
            "f1"
        ]
        found[kind] = {
            "threshold": linker.threshold,
            "f1": 100 * report.all_pairs.f1,
            "interval": [100 * interval.low, 100 * interval.high],
            "f1_end_to_end": 100 * report.end_to_end.f1,
            "precision": 100 * report.all_pairs.precision,
            "recall": 100 * report.all_pairs.recall,
            "average_precision": 100 * report.all_pairs.average_precision,
            "missed_matches": report.missed_matches,
            "valid_f1": 100 * linker.fitted_.report["valid"]["f_beta"]["1.0"]
            if "f_beta" in linker.fitted_.report["valid"] else None,
            "pairs_completeness": 100 * linker.fitted_.report["pairs_completeness"],
        }  # fmt: skip
    difference = bootstrap_difference(
        labels, scores["context"], scores["plain"],
        thresholds=(thresholds["context"], thresholds["plain"]), metrics=("f1",),
    )["f1"]  # fmt: skip
    gap = difference.interval
    found["context_gain"] = [100 * difference.value, 100 * gap.low, 100 * gap.high]
    found["yardstick"] = YARDSTICK.get(name)
    return found


def as_text(rows: Iterable[dict[str, Any]]) -> str:
    """Return the Markdown of a section."""
    lines = []
    for row in rows:
        best, plain, yardstick = row["context"], row["plain"], row["yardstick"]
        low, high = best["interval"]
        gain, least, most = row["context_gain"]
        lines.append([
            row["set"], row["split"], row["pairs"], f"{best['threshold']:.3f}",
            f"**{best['f1']:.2f}** [{low:.1f}, {high:.1f}]", f"{best['f1_end_to_end']:.2f}",
            f"{best['average_precision']:.2f}", f"{plain['f1']:.2f}",
            f"{gain:+.2f} [{least:+.1f}, {most:+.1f}]",
            "" if yardstick is None else f"{yardstick} ({best['f1'] - yardstick:+.2f})",
        ])  # fmt: skip
    head = ["set", "measured on", "pairs", "threshold", "F1 [95 %]", "F1 end to end", "AP",
            "F1 without context", "gain of context", "yardstick (gap)"]  # fmt: skip
    notes = (
        "Fitted on train, threshold from valid by `FBeta(1, replicates=100)`; all labelled pairs "
        "of the split are scored. Product and paper sets use context and the second pass (where "
        "there are 100 training matches), places context alone; without context is without "
        "both. End to end: a pair that blocking misses counts as a non-match. "
        "Intervals: bootstrap over pairs. Context uses the unlabelled candidates of the tables, "
        "the records of test pairs among them; these tables hold only records that occur in some "
        "pair, which may flatter it: hence both columns. Yardstick: for places a forest or "
        "boosting over rapidfuzz features, for the rest boosting with context."
    )
    return f"{table(head, lines)}\n\n{notes}"


def main() -> None:
    """Measure the sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=[*PLACES, *FIELDS])
    parser.add_argument("--split", choices=("test", "valid"), default="test")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.sets:
        splits = set(pq.read_table(arguments.data / name / "pairs.parquet")["split"].to_pylist())
        split = arguments.split if arguments.split in splits else "valid"
        rows.append(measure(arguments.data, name, split))
        print(as_text(rows[-1:]).splitlines()[2], flush=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_json({"facts": facts, "cpu_seconds": used.ru_utime + used.ru_stime, "sets": rows})
    if not arguments.no_results:
        write_section("accuracy", "How right: labelled sets", as_text(rows), facts)


if __name__ == "__main__":
    main()
