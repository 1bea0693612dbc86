"""One table and nothing else, by the command: what `sameas dedupe TABLE` finds by itself.

    python benchmarks/planned_dedupe.py --data FOLDER [--sets magellan/abt_buy ...] [--test]

Two tables of a set are put into one, as a shop that has bought another has them: only columns that
both have stay, and neither says where a row came from. Persons, mineral records and invented
companies come as they are. Everything is planned, learned and clustered from the table alone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from accuracy import FIELDS, PLACES
from common import about, table, write_section
from minerals_data import grouped
from persons import hidden_tables
from sameas.core.pair_key import pair_key
from sameas.linker import plan_tables
from sameas.linker.inputs import name_tables
from sameas.linker.learning import learn
from unlabelled import MORE, f1

#: Sets whose clusters are known as a whole.
WHOLE = ("febrl1", "febrl2", "febrl3", "minerals/gbw", "products/company_clusters_toy")
#: `class` of fodors_zagats is the number of the match.
_TELLING = ("class", "record_id", "source_url", "mrds_id", "mas_id")
_CROWD = 10
_WAYS = ("candidates", "best cut", "own cut", "clusters")


class OneTable:
    """A table with ids of its own, and pairs of known label by part."""

    def __init__(self, folder: Path, name: str, *, test: bool) -> None:
        make = self._known if name in WHOLE else self._put_together
        self.table, pairs, self.label, split = make(folder, name)
        ids = self.table["id"].cast(pa.string()).combine_chunks().to_pylist()
        self.place = {key: row for row, key in enumerate(ids)}
        self.ends = np.array([[self.place[key] for key in side] for side in pairs], np.int32)
        self.parts = {"train+valid": split != "test"}
        if test and name not in WHOLE:  # withheld of some sets
            last = "test" if (split == "test").any() else "valid"
            self.parts[last] = split == last

    def _put_together(self, folder: Path, name: str) -> tuple[Any, ...]:
        sides = [pq.read_table(folder / name / f"{side}.parquet") for side in ("left", "right")]
        shared = [c for c in sides[0].column_names if c in sides[1].column_names]
        parts = [_numbered(sides[k].select(shared), "ab"[k]) for k in range(2)]
        given = pq.read_table(folder / name / "pairs.parquet")
        pairs = [[f"{mark}{key}" for key in given[f"{side}_id"].to_pylist()]
                 for side, mark in (("left", "a"), ("right", "b"))]  # fmt: skip
        split = np.array(given["split"].to_pylist())
        whole = pa.concat_tables(parts, promote_options="permissive")
        return _plain(whole), pairs, given["label"].to_numpy().astype(bool), split

    def _known(self, folder: Path, name: str) -> tuple[Any, ...]:
        """Return a table, and all pairs of one cluster as matches: nothing else is one."""
        if name == "minerals/gbw":
            rows, group = grouped(folder, "gbw_groups", "mrds_id")
        elif name == "products/company_clusters_toy":
            rows = pq.read_table(folder / f"{name}.parquet")
            rows = rows.take(pa.array(np.random.default_rng(1).permutation(len(rows))))
            group = np.array(rows["cluster_id"].to_pylist())
            rows = rows.drop_columns(["cluster_id"]).add_column(
                0, "id", pa.array([str(row) for row in range(len(rows))])
            )
        else:
            with tempfile.TemporaryDirectory() as home:
                (path,), truth = hidden_tables(folder / "febrl" / name, Path(home), key=False)
                rows, group = pq.read_table(path), truth["person"].to_numpy()
        _, code = np.unique(group, return_inverse=True)
        ids = np.array([str(key) for key in rows["id"].to_pylist()])
        one, two = np.nonzero(np.triu(code[:, None] == code[None, :], 1))
        pairs = [ids[one].tolist(), ids[two].tolist()]
        return _plain(rows), pairs, np.ones(len(one), bool), np.full(len(one), "train")

    def figures(
        self, left: np.ndarray, right: np.ndarray, score: np.ndarray, cut: float, label: np.ndarray
    ) -> dict[str, dict[str, float]]:
        """Return the stages by part: candidates found, F1 at the best cut, at the own, in clusters.

        Parameters
        ----------
        left, right, score
            Candidates.
        cut : float
            Threshold that the linker chose.
        label : int[n]
            Cluster of each record.
        """
        known = pair_key(left, right)
        wanted = pair_key(self.ends.min(axis=0), self.ends.max(axis=0))
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        met = known[place] == wanted
        own = np.where(met, score[place], -1.0)
        same = label[self.ends[0]] == label[self.ends[1]]
        # Where clusters are known every other pair is a non-match: candidates hold nearly all.
        others = np.ones(len(known), bool)
        others[place[met]] = False
        size = np.bincount(label, minlength=len(label))
        found = int((size * (size - 1) // 2).sum()) - int(same.sum())
        out = {}
        for part, mask in self.parts.items():
            truth, values, joined = self.label[mask], own[mask], same[mask]
            rest, wrong = (score[others], found) if self.label.all() else (np.zeros(0), 0)
            every = np.concatenate([values, rest])
            right_ones = np.concatenate([truth, np.zeros(len(rest), bool)])
            out[part] = {
                "candidates": 100 * float(met[mask][truth].mean()),
                "best cut": _best(right_ones, every),
                "own cut": f1(right_ones, every >= cut),
                "clusters": 200 * float((truth & joined).sum())
                / max(float(truth.sum() + joined.sum() + wrong), 1.0),
            }  # fmt: skip
        return out


def _numbered(rows: pa.Table, mark: str) -> pa.Table:
    ids = pa.array([f"{mark}{key}" for key in rows["id"].to_pylist()])
    return rows.set_column(rows.column_names.index("id"), "id", ids)


def _plain(rows: pa.Table) -> pa.Table:
    """Return a table without what tells the matches, in the order of its ids."""
    rows = rows.drop_columns([name for name in _TELLING if name in rows.column_names])
    return rows.sort_by("id")


def _best(label: np.ndarray, score: np.ndarray) -> float:
    """Return the highest F1 of any cut; pairs that are no candidates are below every cut."""
    order = np.argsort(-score, kind="stable")
    hits, last = np.cumsum(label[order]), np.append(score[order][1:] != score[order][:-1], True)
    values = 200 * hits / (np.arange(1, len(score) + 1) + label.sum())
    return float(values[last & (score[order] >= 0)].max(initial=0.0))


def dedupe(rows: pa.Table) -> dict[str, Any]:
    """Plan, learn and cluster one table, row by row where rows repeat others too."""
    begun = time.process_time()
    plan = plan_tables(rows, distinct=False)
    job, fitted = learn(
        plan.linker().spec, name_tables((rows,)), None, None, "drop", plan.options()
    )
    found = job.candidates
    score = job.scores(fitted.matcher, found.left, found.right)
    decided, source = score >= fitted.threshold, job.records.source_code
    label = job.spec.clusterer.cluster(found.left, found.right, score, decided, source).label
    ids = job.records.table["id"].cast(pa.string()).to_pylist()
    first = getattr(fitted.matcher, "first", fitted.matcher)
    kinds = ", ".join(f"{field.name} {field.kind}" for field in plan.fields)
    return {
        "pairs": (found.left, found.right, score, fitted.threshold), "label": label, "ids": ids,
        "links": int(decided.sum()), "cpu": time.process_time() - begun, "kinds": kinds,
        "matcher": type(first).__name__.removeprefix("Fitted"),
    }  # fmt: skip


def measure(folder: Path, name: str, *, test: bool) -> dict[str, Any]:
    """Measure one table; of two tables in one also how many links each of them has alone."""
    data = OneTable(folder, name, test=test)
    found = dedupe(data.table)
    row_of = np.array([data.place[key] for key in found["ids"]])
    left, right, score, cut = found["pairs"]
    ends = np.sort(np.stack([row_of[left], row_of[right]]), axis=0).astype(np.int32)
    order = np.argsort(pair_key(*ends))
    label = np.empty(len(row_of), np.int64)
    label[row_of] = found["label"]
    size = np.bincount(label)[label]
    alone = []
    for side in "ab" if name not in WHOLE else "":
        mine = data.table.filter(pc.starts_with(data.table["id"], side))
        alone.append(f"{100 * dedupe(mine)['links'] / len(mine):.1f}")
    return {
        "set": name,
        "figures": data.figures(*ends[:, order], score[order], cut, label),
        "crowded": 100 * float((size > _CROWD).mean()),
        "alone": ", ".join(alone), "records": len(label), **found,
    }  # fmt: skip


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=[*PLACES, *FIELDS, *MORE, *WHOLE])
    parser.add_argument("--test", action="store_true", help="read the test pairs too")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    rows, last = [], []
    for name in given.sets:
        found = measure(given.data, name, test=given.test)
        stages = found["figures"]["train+valid"]
        rows.append([
            name, f"{found['records']:,}", *(f"{stages[way]:.1f}" for way in _WAYS),
            f"{found['crowded']:.1f}", f"{found['links']:,}", found["alone"], found["matcher"],
            f"{found['cpu']:.0f}", found["kinds"],
        ])  # fmt: skip
        aside = [part for part in found["figures"] if part != "train+valid"]
        last.append(", ".join(f"{found['figures'][p]['clusters']:.1f} ({p})" for p in aside))
        print(rows[-1][:-1], flush=True)
    heads = ["set", "records", "candidates", "best cut", "own cut", "clusters", "crowded", "links",
             "alone", "learner", "CPU s", "what the columns were taken for"]  # fmt: skip
    if given.test:
        heads.insert(6, "clusters, set aside")
        rows = [[*row[:6], end, *row[6:]] for row, end in zip(rows, last, strict=True)]
    text = f"{table(heads, rows)}\n\n{_NOTES}"
    print(text)
    if not given.no_results:
        facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
        write_section("planned_dedupe", "Without labels: one table and nothing else", text, facts)


_NOTES = (
    "Stages of loss, in per cent of the labelled pairs of train and valid: matches among the "
    "candidates; F1 of the best cut of the scores, which nobody knows; F1 at the cut that the "
    "linker chose; F1 of being in one cluster, the result. Where the clusters of all records are "
    "known (persons, minerals, invented companies) every pair counts. Crowded: records in clusters "
    "of more than ten. Alone: links for 100 records when only the first of the two tables is "
    "deduplicated, and only the second; most of these tables hold few duplicates. Labels are of "
    "pairs across the two tables only: a wrong link inside one counts where it joins wrong pairs."
)


if __name__ == "__main__":
    main()
