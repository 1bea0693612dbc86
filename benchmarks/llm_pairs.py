"""What a real language model says of pairs: asked once, kept under content hashes.

    python benchmarks/llm_pairs.py --data FOLDER --keep FOLDER --llm URL --model NAME
        [--share 1.0] [--sets ...]

Pairs are drawn at random within strata of the score of a linker that learned without labels,
from train and valid rows (minerals: from candidates within 35 km in the shared half). Sets are
asked in turn, slices of a random order, so that what there is at any time is a fair sample.
Answers lie in `benchmarks/answers` without ids and texts: a pair is known to be asked when its
question has an answer there, so the benchmark goes on where it, or somebody else, stopped.
`distill.py` makes the figures.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import sameas
from accuracy import linker_for
from kept_answers import into_store, keep, read_kept
from sameas.blocking import Radius
from sameas.labeling.llm import LLMLabeler
from sameas.labeling.questions import Example, Question
from sameas.labeling.selection import PairSelection, choose_pairs
from sameas.linker import open_pool
from sameas.linker.inputs import name_tables, pair_ends
from sameas.linker.pool import Pool
from sameas.models.client import Client, Endpoint
from sameas.models.client.chatting import chat_key

MINERALS = "minerals/gbw"
#: Pairs to ask about, and what a record describes.
SETS = {
    MINERALS: (1000, "mineral site"),
    "places/osm_yelp_pit": (300, "place"),
    "magellan/dblp_acm": (300, "paper"),
    "magellan/abt_buy": (300, "product"),
}
FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude",
          "state_or_province": "category", "commodities": "set",
          "deposit_types": "set"}  # fmt: skip
SLICES = 20
SELECTION = PairSelection(random=1.0, score=0.0, doubt=0.0, hard=0.0)


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Pairs that may be asked, with their truth; `records` are as they are sent, by number."""

    name: str
    pool: Pool
    left: np.ndarray
    right: np.ndarray
    label: np.ndarray
    score: np.ndarray
    records: list[dict[str, Any]]

    def sides(self, rows: Sequence[int]) -> list[list[dict[str, Any]]]:
        """Return the records of pairs, left and right."""
        return [[self.records[one] for one in ends[rows]] for ends in (self.left, self.right)]


def tables_of(data: Path, name: str) -> dict[str, Any]:
    """Return the tables of a set by source."""
    if name == MINERALS:
        groups = pq.read_table(data / "minerals/gbw_groups.parquet")
        mrds = pq.read_table(data / "minerals/mrds.parquet", columns=["id", *FIELDS])
        kept = pa.compute.is_in(mrds["id"], value_set=groups["mrds_id"].combine_chunks())
        return {"mrds": mrds.filter(kept)}
    return {side: pq.read_table(data / name / f"{side}.parquet") for side in ("left", "right")}


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


def open_set(data: Path, name: str) -> LabelledSet:
    """Read a set and score its pairs by a linker that learned without labels."""
    tables = tables_of(data, name)
    pool = open_pool(spec_of(name), name_tables([tables]))
    job = pool.job
    left, right, label = truth_of(data, name, job)
    score = np.clip(job.scores(pool.cheap.matcher, left, right, job.listed(left, right)), 0, 1)
    rows = [(source, row.pop("id"), row) for source, one in tables.items()
            for row in one.to_pylist()]  # fmt: skip
    known = {(source, str(one)): row for source, one, row in rows}
    table = job.records.table
    keys = zip(table["source"].to_pylist(), table["id"].to_pylist(), strict=True)
    records = [known[str(source), str(one)] for source, one in keys]
    return LabelledSet(name, pool, left, right, label, score, records)


def labeler_of(one: LabelledSet, examples: int) -> tuple[LLMLabeler, np.ndarray]:
    """Return the labeler of a set, and the rows of the pairs that it shows as examples."""
    table = one.pool.job.records.table
    ids = table["id"].to_pylist()
    luck = [hashlib.sha256(f"{ids[a]} {ids[b]}".encode()).digest()
            for a, b in zip(one.left, one.right, strict=True)]  # fmt: skip
    order = np.array(sorted(range(len(luck)), key=luck.__getitem__))
    some = (examples + 1) // 2
    shown = np.stack([order[one.label[order] == side][:some] for side in (True, False)], axis=1)
    shown = shown.ravel()[:examples]
    left, right = one.sides(shown)
    places = one.name == MINERALS or one.name.startswith("places/")
    question = Question(
        SETS[one.name][1], wording="same", answer="forced", longest=120,
        coordinates=("latitude", "longitude") if places else None,
    )  # fmt: skip
    cases = zip(left, right, one.label[shown].tolist(), strict=True)
    return LLMLabeler(question, examples=tuple(Example(*case) for case in cases)), shown


def keys_of(one: LabelledSet, labeler: LLMLabeler, endpoint: Endpoint) -> list[str]:
    """Return the hash of the question about each pair."""
    return [
        chat_key(endpoint, labeler.question.request(
            a, b, examples=labeler.examples, top_logprobs=labeler.top_logprobs))
        for a, b in zip(*one.sides(np.arange(len(one.left))), strict=True)
    ]  # fmt: skip


def draw(one: LabelledSet, asked: np.ndarray, shown: np.ndarray, pairs: int) -> np.ndarray:
    """Return the rows still to ask, in a random order."""
    taken = asked.copy()
    taken[shown] = True
    more = max(0, pairs - int(asked.sum()))
    rows = choose_pairs(one.left, one.right, one.score, pairs=more, selection=SELECTION,
                        taken=taken).rows  # fmt: skip
    return np.random.default_rng(0).permutation(rows)


def main() -> None:
    """Ask about the pairs of each set in turn, a slice at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--examples", type=int, default=4)
    parser.add_argument("--share", type=float, default=1.0, help="Of the pairs of each set.")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    arguments = parser.parse_args()
    endpoint = Endpoint(arguments.llm, arguments.model, concurrency=arguments.concurrency,
                        timeout=900)  # fmt: skip
    kept, plans = read_kept(arguments.model), {}
    with Client(endpoint, store=arguments.keep / "answers.db") as client:
        for name in arguments.sets:
            one = open_set(arguments.data, name)
            labeler, shown = labeler_of(one, arguments.examples)
            keys = keys_of(one, labeler, endpoint)
            into_store(kept, keys, client)
            known = client.store.get(keys)
            asked = np.array([key in known for key in keys])
            rows = draw(one, asked, shown, round(SETS[name][0] * arguments.share))
            plans[name] = (one, labeler, keys, np.array_split(rows, SLICES))
            print(name, len(keys), "pairs", int(one.label.sum()), "matches;", int(asked.sum()),
                  "asked,", len(rows), "to ask", flush=True)  # fmt: skip
        for number in range(SLICES):
            for name, (one, labeler, keys, slices) in plans.items():
                rows, started = slices[number], time.monotonic()
                found = labeler.ask(*one.sides(rows), client)
                count = keep(client, [keys[row] for row in rows])
                if len(rows) and not found.answered.any():
                    raise SystemExit(f"No answer: {found.stopped or found.error[0]}")
                right = float((found.said == one.label[rows]).mean())
                print(name, number, found.cost, round(time.monotonic() - started), "s; right",
                      round(right, 3), "kept", count, found.stopped or "", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
