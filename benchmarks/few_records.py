"""Tables of a dozen to 200 records, as people try a package with, by planned runs.

    python benchmarks/few_records.py --data FOLDER [--seed 21]

Of generated persons some are drawn with all their records, and others of whom there is one record;
of labelled sets some matches (train and valid) and, on either side, records whose match is left
out: as two tables, and all in one. Figures are of all draws together. What changed in sameas on
account of such tables was looked at with the seeds 1 to 4.
"""

from __future__ import annotations

import argparse
import logging
import os
import warnings
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_section
from sameas.core.errors import SameasError
from sameas.datasets.persons import generate_persons
from sameas.linker import plan_tables

_SIZES = (12, 25, 50, 100, 200)
_PERSONS = {
    "all columns": ["given_name", "surname", "date_of_birth", "address", "city", "postal_code",
                    "phone", "email"],
    "names, birth": ["given_name", "surname", "date_of_birth"],
    "names, city, telephone": ["given_name", "surname", "city", "phone"],
}  # fmt: skip
_SETS = ("fodors_zagats", "dblp_acm", "abt_buy", "beer", "itunes_amazon")
_SHARE = 0.4  # of the entities that are there several times
Pairs = set[frozenset[str]]


def found(tables: list[pa.Table]) -> Pairs:
    """Plan, learn and link; return the pairs of one entity."""
    try:
        plan = plan_tables(*tables)
        linker = plan.linker()
        run = linker.dedupe if len(tables) == 1 else linker.link
        result = run(*tables, options=plan.options(), entities=False)
    except SameasError as error:
        print("refused:", error)
        return set()
    clusters: dict[str, list[str]] = {}
    for row in result.clusters.to_pylist():
        clusters.setdefault(row["entity"], []).append(row["id"])
    side = [set(rows["id"].to_pylist()) for rows in tables]
    return {
        frozenset((one, other))
        for ids in clusters.values()
        for place, one in enumerate(ids)
        for other in ids[:place]
        if len(tables) == 1 or (one in side[0]) != (other in side[0])
    }


def persons(every: pa.Table, count: int, random: np.random.Generator) -> tuple[pa.Table, Pairs]:
    """Draw some persons with all of their records."""
    entity = every["entity_id"].to_numpy()
    known, times = np.unique(entity, return_counts=True)
    several, once = (random.permutation(known[part]) for part in (times > 1, times == 1))
    chosen: list[int] = []
    for number in range(count):
        if len(chosen) < count:
            who = several[number] if random.random() < _SHARE else once[number]
            chosen += np.flatnonzero(entity == who).tolist()
    rows = every.take(pa.array(random.permutation(chosen)))
    held: dict[int, list[str]] = {}
    for key, who in zip(rows["id"].to_pylist(), rows["entity_id"].to_pylist(), strict=True):
        held.setdefault(who, []).append(key)
    return rows, {
        frozenset((one, other))
        for ids in held.values()
        for place, one in enumerate(ids)
        for other in ids[:place]
    }


def labelled(folder: Path, count: int, random: np.random.Generator) -> tuple[list[pa.Table], Pairs]:
    """Draw matches of a set, and records of which the match is left out, half to half."""
    pairs = pq.read_table(folder / "pairs.parquet").to_pylist()
    pairs = [p for p in pairs if p["label"] == 1 and p["split"] in ("train", "valid")]
    ends = [Counter(pair[end] for pair in pairs) for end in ("left_id", "right_id")]
    alone = [pair for pair in pairs if ends[0][pair["left_id"]] == ends[1][pair["right_id"]] == 1]
    half = count // 4
    drawn = [alone[place] for place in random.permutation(len(alone))[: 3 * half]]
    true = {frozenset((f"l{p['left_id']}", f"r{p['right_id']}")) for p in drawn[:half]}
    tables = []
    for side, mark, kept in (
        ("left", "l", drawn[: 2 * half]), ("right", "r", drawn[:half] + drawn[2 * half :])
    ):  # fmt: skip
        rows = pq.read_table(folder / f"{side}.parquet")
        ids = {pair[f"{side}_id"] for pair in kept}
        mask = pa.array([key in ids for key in rows["id"].to_pylist()])
        rows = rows.filter(mask)
        marked = pa.array([f"{mark}{key}" for key in rows["id"].to_pylist()])
        tables.append(rows.set_column(rows.schema.get_field_index("id"), "id", marked))
    return tables, true


def shuffled(tables: list[pa.Table], random: np.random.Generator) -> pa.Table:
    """Put the rows of two tables into one."""
    shared = [name for name in tables[0].column_names if name in tables[1].column_names]
    same = [rows.select(shared).cast(pa.schema([(name, pa.string()) for name in shared]))
            for rows in tables]  # fmt: skip
    rows = pa.concat_tables(same)
    return rows.take(pa.array(random.permutation(len(rows))))


def cell(draws: list[tuple[Pairs, Pairs]]) -> str:
    """Say precision and recall of all draws, or how many links there are where none is right."""
    links, true, right = (
        sum(len(part) for part in parts)
        for parts in zip(*((got, want, got & want) for got, want in draws), strict=True)
    )
    if not true:
        return f"{links} links"
    f1 = 200 * right / max(links + true, 1)
    return f"**{f1:.0f}** ({100 * right / max(links, 1):.0f}, {100 * right / true:.0f})"


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, nargs="*", default=[21, 22, 23, 24])
    parser.add_argument("--only", help="rows whose name begins so")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    every = generate_persons(20_000, seed=3)
    singles = every.filter(pa.array(~every["entity_id"].to_pandas().duplicated(keep=False)))
    jobs: dict[str, list[list[tuple[Pairs, Pairs]]]] = {}
    for size in _SIZES:
        for seed in given.seed:
            for name, columns in _PERSONS.items():
                for label, source in ((f"persons, {name}", every), (f"alone, {name}", singles)):
                    if given.only and not label.startswith(given.only):
                        continue
                    rows, true = (
                        persons(source, size, np.random.default_rng(seed))
                        if source is every
                        else (source.slice(seed * 200, size), set())
                    )
                    jobs.setdefault(label, [[] for _ in _SIZES])[_SIZES.index(size)].append(
                        (found([rows.select(["id", *columns])]), true)
                    )
            for name in _SETS:
                random = np.random.default_rng(seed)
                tables, true = labelled(given.data / "magellan" / name, size, random)
                for label, parts in (
                    (f"{name}, two tables", tables), (f"{name}, one", [shuffled(tables, random)])
                ):  # fmt: skip
                    if given.only and not label.startswith(given.only):
                        continue
                    jobs.setdefault(label, [[] for _ in _SIZES])[_SIZES.index(size)].append(
                        (found(parts), true)
                    )
    rows = [[label, *map(cell, parts)] for label, parts in jobs.items()]
    text = table(["records", *map(str, _SIZES)], rows)
    print(text)
    if not given.no_results:
        facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
        write_section("few_records", "Without labels: a dozen to 200 records", text, facts)


if __name__ == "__main__":
    main()
