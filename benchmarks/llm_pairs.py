"""What a real language model says of pairs: asked once, kept under content hashes.

    python benchmarks/llm_pairs.py --data FOLDER --keep FOLDER --llm URL --model NAME [--pairs 150]

The pairs are drawn as `sameas distill` draws them, from train and valid rows (of minerals: from
candidates of the shared half). Pairs that were drawn are kept in the folder, answers in its
store, so a repeated call asks nothing. `distill.py` makes the figures of it.
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

import sameas
from accuracy import linker_for
from sameas.blocking import Radius
from sameas.labeling.llm import LLMLabeler
from sameas.labeling.questions import Example, Question
from sameas.labeling.selection import PairSelection, choose_pairs
from sameas.linker.inputs import name_tables, pair_ends
from sameas.linker.learning import learn, make_job
from sameas.models.client import Client, Endpoint

MINERALS = "minerals/gbw"
SETS = (MINERALS, "places/osm_yelp_pit", "magellan/dblp_acm", "magellan/abt_buy")
ENTITIES = {MINERALS: "mineral site", "places/osm_yelp_pit": "place", "magellan/dblp_acm": "paper",
            "magellan/abt_buy": "product"}  # fmt: skip
FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude",
          "state_or_province": "category", "commodities": "set",
          "deposit_types": "set"}  # fmt: skip
#: Half at random within strata of the score, half where it teaches: a small budget.
SELECTION = PairSelection(random=0.5, score=0.2, doubt=0.15, hard=0.15)


def tables_of(data: Path, name: str) -> dict[str, Any]:
    """Return the tables of a set by source."""
    if name == MINERALS:
        groups = pq.read_table(data / "minerals/gbw_groups.parquet")
        mrds = pq.read_table(data / "minerals/mrds.parquet", columns=["id", *FIELDS])
        keep = pa.compute.is_in(mrds["id"], value_set=groups["mrds_id"].combine_chunks())
        return {"mrds": mrds.filter(keep)}
    return {side: data / name / f"{side}.parquet" for side in ("left", "right")}


def spec_of(name: str) -> sameas.LinkerSpec:
    """Return the settings of a set before anything is learned."""
    if name == MINERALS:
        return sameas.Linker(FIELDS, blocking=(Radius(35_000.0),)).spec
    return linker_for(name, context=True).spec


def truth_of(data: Path, name: str, job: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs that may be asked and their true labels: train and valid rows."""
    if name == MINERALS:
        groups = pq.read_table(data / "minerals/gbw_groups.parquet")
        of = dict(zip(*(column.to_pylist() for column in groups.columns), strict=True))
        group = np.array([of[one] for one in job.records.table["id"].to_pylist()])
        found = job.candidates
        return found.left, found.right, group[found.left] == group[found.right]
    pairs = pq.read_table(data / name / "pairs.parquet")
    pairs = pairs.filter(pa.compute.not_equal(pairs["split"], "test"))
    ends = [pair_ends(pairs, job.records, side, ("left", "right")) for side in ("left", "right")]
    key, first = np.unique(
        np.minimum(*ends).astype(np.int64) << 32 | np.maximum(*ends), return_index=True
    )
    return (
        (key >> 32).astype(np.int32),
        (key & 0xFFFFFFFF).astype(np.int32),
        pairs["label"].to_numpy()[first].astype(bool),
    )


def draw(data: Path, keep: Path, name: str, pairs: int) -> pa.Table:
    """Draw pairs by the scores of a linker that learned without labels; kept in a file."""
    file = keep / f"{name.replace('/', '-')}-{pairs}.parquet"
    if file.exists():
        return pq.read_table(file)
    tables = tables_of(data, name)
    job, fitted = learn(spec_of(name), name_tables([tables]), None, None, "drop", None)
    left, right, label = truth_of(data, name, job)
    score = job.scores(fitted.matcher, left, right, job.listed(left, right))
    chosen = choose_pairs(left, right, score, pairs=pairs, selection=SELECTION)
    ids, rows = np.array(job.records.table["id"].to_pylist()), chosen.rows
    drawn = pa.table({
        "left_id": ids[left[rows]], "right_id": ids[right[rows]], "truth": label[rows],
        "score": score[rows], "drawn": chosen.drawn, "weight": chosen.weight,
        "all": np.full(len(rows), len(left)), "matches": np.full(len(rows), label.sum()),
    })  # fmt: skip
    keep.mkdir(parents=True, exist_ok=True)
    pq.write_table(drawn, file)
    return drawn


def records_of(data: Path, name: str, ids: list[str]) -> list[dict[str, Any]]:
    """Return the records of ids, without the ids."""
    parts = []
    for table in tables_of(data, name).values():
        part = table if isinstance(table, pa.Table) else pq.read_table(table)
        parts.append(part.filter(pa.compute.is_in(part["id"], value_set=pa.array(ids))))
    known = {row.pop("id"): row for part in parts for row in part.to_pylist()}
    return [known[one] for one in ids]


def examples_of(data: Path, keep: Path, name: str, count: int) -> tuple[Example, ...]:
    """Return labelled pairs that are not among the drawn ones; half of them are matches."""
    if not count:
        return ()
    file = keep / f"{name.replace('/', '-')}-examples-{count}.parquet"
    if not file.exists():
        job = make_job(spec_of(name), name_tables([tables_of(data, name)]), None, None, {})
        left, right, label = truth_of(data, name, job)
        ids = np.array(job.records.table["id"].to_pylist())
        stem = name.replace("/", "-")
        every = [pq.read_table(one) for one in keep.glob(f"{stem}-[0-9]*.parquet")]
        sides = ("left_id", "right_id")
        columns = [[one[side].to_pylist() for side in sides] for one in every]
        known = {pair for column in columns for pair in zip(*column, strict=True)}
        random = np.random.default_rng(0)
        rows = np.stack([random.permutation(np.flatnonzero(label == side))[:count]
                         for side in (True, False)], axis=1).ravel()  # fmt: skip
        rows = [row for row in rows if (ids[left[row]], ids[right[row]]) not in known][:count]
        pq.write_table(pa.table({"left_id": ids[left[rows]], "right_id": ids[right[rows]],
                                 "label": label[rows]}), file)  # fmt: skip
    shown = pq.read_table(file)
    sides = [records_of(data, name, shown[f"{side}_id"].to_pylist()) for side in ("left", "right")]
    return tuple(Example(a, b, label) for a, b, label in zip(*sides, shown["label"].to_pylist(),
                                                             strict=True))  # fmt: skip


def question_of(name: str) -> Question:
    """Return how the pairs of a set are put."""
    places = name == MINERALS or name.startswith("places/")
    return Question(
        ENTITIES[name], wording="same", answer="forced", longest=120,
        coordinates=("latitude", "longitude") if places else None,
    )  # fmt: skip


def main() -> None:
    """Ask about the pairs of each set in turn, a slice at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", type=int, default=150)
    parser.add_argument("--slice", type=int, default=30)
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_args()
    endpoint = Endpoint(arguments.llm, arguments.model, concurrency=1, timeout=600)
    drawn, sides = {}, {}
    for name in arguments.sets:
        size = arguments.pairs * (2 if name == MINERALS else 1)
        drawn[name] = draw(arguments.data, arguments.keep, name, size)
        sides[name] = [records_of(arguments.data, name, drawn[name][f"{side}_id"].to_pylist())
                       for side in ("left", "right")]  # fmt: skip
        truth, score = drawn[name]["truth"].to_numpy(False), drawn[name]["score"].to_numpy()
        print(name, len(truth), int(truth.sum()), "cheap right", ((score >= 0.5) == truth).mean(),
              flush=True)  # fmt: skip
    with Client(endpoint, store=arguments.keep / "answers.db") as client:
        for begin in range(0, arguments.pairs, arguments.slice):
            for name in arguments.sets:
                twice = 2 if name == MINERALS else 1
                # Slices of a fixed random order, so that a part is a fair part.
                order = np.random.default_rng(0).permutation(drawn[name].num_rows)
                rows = order[twice * begin : twice * (begin + arguments.slice)]
                left, right = ([side[row] for row in rows] for side in sides[name])
                started = time.monotonic()
                shown = examples_of(arguments.data, arguments.keep, name, arguments.examples)
                labeler = LLMLabeler(question_of(name), examples=shown)
                found = labeler.ask(left, right, client)
                truth = drawn[name]["truth"].to_numpy(False)[rows]
                print(name, begin, found.cost, round(time.monotonic() - started), "s; said right",
                      float((found.said == truth).mean()), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
