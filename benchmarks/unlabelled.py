"""Without labels: places, products, papers and songs at the threshold that a linker chooses itself.

    python benchmarks/unlabelled.py --data FOLDER [--sets places/osm_fsq_pit ...] [--test]

Two tables are given and nothing else. What was chosen in the method was chosen on train and valid
pairs; these are what is measured, and with ``--test`` the test pairs too, beside a fit with labels.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import sameas
from accuracy import FIELDS, PLACES, linker_for
from common import about, table, write_json, write_section
from sameas.linker.guesses import mutual_best
from sameas.linker.inputs import name_tables, pair_ends
from sameas.linker.learning import make_job
from sameas.matching import FellegiSunter, SelfTraining

_PAPERS = {"title": "text", "authors": "text", "venue": "category", "year": "number"}
#: Sets beside those with a section of their own; in the dirty ones values stand in wrong columns.
MORE = {
    "magellan/dblp_google_scholar": _PAPERS,
    "magellan/dirty_dblp_acm": dict.fromkeys(_PAPERS, "text"),
    "magellan/dirty_dblp_google_scholar": dict.fromkeys(_PAPERS, "text"),
    "magellan/dirty_walmart_amazon": dict.fromkeys(FIELDS["magellan/walmart_amazon"], "text"),
    "magellan/dirty_itunes_amazon": dict.fromkeys(FIELDS["magellan/itunes_amazon"], "text"),
}
METHODS = ("mutual best", "Fellegi-Sunter", "without context", "self-training",
           "without competition")  # fmt: skip


def spec_for(name: str) -> sameas.LinkerSpec:
    """Return the settings of a set before anything is learned."""
    if name in MORE:
        return sameas.Linker(MORE[name]).spec
    return linker_for(name, context=True).spec


def f1(label: np.ndarray, decision: np.ndarray) -> float:
    """Return F1 in per cent of all labelled pairs."""
    return 200 * float((label & decision).sum()) / max(float(label.sum() + decision.sum()), 1.0)


class Measured:
    """One set: its tables, and F1 of decisions on the pairs of each part."""

    def __init__(self, folder: Path, name: str, *, test: bool) -> None:
        self.tables = folder / name / "left.parquet", folder / name / "right.parquet"
        self.labels = folder / name / "pairs.parquet"
        given = pq.read_table(self.labels)
        split = np.array(given["split"].to_pylist())
        parts = {"train+valid": np.isin(split, ["train", "valid"])}
        if test:  # withheld of some sets
            last = "test" if (split == "test").any() else "valid"
            parts[last] = split == last
        rows = np.flatnonzero(np.any(list(parts.values()), axis=0))
        self.parts = {part: mask[rows] for part, mask in parts.items()}
        given = given.take(pa.array(rows))
        self.taught = np.isin(split[rows], ["train", "valid"])
        self.given, self.trains = given, bool((split == "train").any())
        self.label = given["label"].to_numpy().astype(bool)
        self.pairs = given.select(["left_id", "right_id"])

    def f1(self, decision: np.ndarray) -> dict[str, float]:
        """Return F1 by part."""
        return {part: f1(self.label[mask], decision[mask]) for part, mask in self.parts.items()}

    def of(self, linker: sameas.Linker) -> dict[str, float]:
        """Return F1 of a fitted linker at its threshold."""
        scored = linker.score(*self.tables, pairs=self.pairs)
        return self.f1(np.array(scored["decision"].to_pylist()))

    def labelled(self, spec: sameas.LinkerSpec) -> sameas.Linker:
        """Fit with labels: on train, the threshold from valid; cross-fitted on valid alone."""
        if self.trains:
            return sameas.Linker(spec).fit(*self.tables, labels=self.labels)
        valid = self.given.filter(pa.array(self.taught)).drop_columns(["split"])
        spec = replace(spec, cross_fit=4, second_pass=None, cascade=None)
        return sameas.Linker(spec).fit(*self.tables, labels=valid)

    def mutual(self, spec: sameas.LinkerSpec) -> dict[str, float]:
        """Return F1 of the pairs that are each other's best by the first similarities."""
        named = name_tables(self.tables)
        job = make_job(spec, named, None, None, {})
        found, first = job.candidates, np.nan_to_num(job.similarities[1]).mean(axis=1)
        best = mutual_best(found.left, found.right, first.astype(np.float64))
        ends = [
            pair_ends(self.pairs, job.records, side, tuple(named)) for side in ("left", "right")
        ]
        key = found.left[best].astype(np.int64) << 32 | found.right[best]
        return self.f1(np.isin(np.minimum(*ends).astype(np.int64) << 32 | np.maximum(*ends), key))


def measure(folder: Path, name: str, *, test: bool) -> dict[str, Any]:
    """Fit without labels in several ways; with `test` also with labels, the test part set aside."""
    data, spec = Measured(folder, name, test=test), spec_for(name)
    ways = {
        "Fellegi-Sunter": replace(spec, matcher=FellegiSunter()),
        "without context": replace(
            spec, matcher=FellegiSunter(), context=None, second_pass=None, cascade=None
        ),
        "self-training": replace(spec, matcher=SelfTraining(), second_pass=None, cascade=None),
    }
    ways["without competition"] = replace(ways["self-training"], rivals=False)
    found: dict[str, Any] = {"set": name, "f1": {"mutual best": data.mutual(spec)}}
    for way, settings in ways.items():
        begin = time.process_time()
        linker = sameas.Linker(settings).fit(*data.tables)
        found["f1"][way] = data.of(linker)
        if way == "self-training":
            found["cpu_seconds"] = time.process_time() - begin
            report = linker.fitted_.report
            found["exclusivity"] = list(report["exclusivity"].values())
            found["links"] = report["expected"]["links"]
            found["notes"] = report["notes"]
    if test:
        found["labelled"] = list(data.of(data.labelled(spec)).values())[-1]
    return found


def as_text(rows: Iterable[dict[str, Any]]) -> str:
    """Return the Markdown of a section."""
    rows = list(rows)
    head = ["set", "measured on", *METHODS, "with labels", "of that", "exclusivity"]
    lines = []
    for row in rows:
        for part in row["f1"]["mutual best"]:
            figures = [row["f1"][way][part] for way in METHODS]
            cells = [f"**{value:.1f}**" if way == "self-training" else f"{value:.1f}"
                     for way, value in zip(METHODS, figures, strict=True)]  # fmt: skip
            best = row.get("labelled") if part != "train+valid" else None
            own = row["f1"]["self-training"][part]
            lines.append([
                row["set"], part, *cells, "" if best is None else f"{best:.1f}",
                "" if best is None else f"{own / best:.1%}",
                ", ".join(f"{share:.2f}" for share in row["exclusivity"]),
            ])  # fmt: skip
    notes = (
        "F1 in per cent over all labelled pairs of the part, at the threshold that the linker "
        "chose without labels. Mutual best: pairs that are each other's best candidate by the "
        "first similarities. Without context: `FellegiSunter` on comparisons alone, without "
        "rivals. Self-training begins with the best candidates of a record and `FellegiSunter`. "
        "Without competition: the same with `rivals=False` (`--no-rivals`), each pair by itself, "
        "for a store; the threshold is the best by the probabilities with competition. With "
        "labels: the same settings fitted on train, the threshold from valid; on valid where test "
        "is withheld, cross-fitted on valid, in one pass, where there is no train. Exclusivity: "
        "how often a plausible pair of a taken record loses its other record too, for left and "
        "right records."
    )
    return f"{table(head, lines)}\n\n{notes}"


def main() -> None:
    """Measure the sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=[*PLACES, *FIELDS, *MORE])
    parser.add_argument("--test", action="store_true", help="read the test pairs too")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    arguments = parser.parse_args()
    rows = []
    for name in arguments.sets:
        rows.append(measure(arguments.data, name, test=arguments.test))
        print("\n".join(as_text(rows[-1:]).splitlines()[2 : 3 + arguments.test]), flush=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_json({"facts": facts, "cpu_seconds": used.ru_utime + used.ru_stime, "sets": rows})
    if not arguments.no_results:
        write_section(
            "unlabelled", "Without labels: two tables and nothing else", as_text(rows), facts
        )


if __name__ == "__main__":
    main()
