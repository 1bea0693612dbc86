"""Lists in which rows repeat others word for word, by planned runs.

    python benchmarks/mentions.py [--data FOLDER] [--seed 21]

Generated persons, and products and papers of a folder, whose rows are there several times each,
as in a list of orders, visits or mentions: some only word for word, others in other words as well.
So are pairs of tables, of which one is such a list, or both. Everything is linked once more with
every row taken by itself (``"distinct": false`` in the plan). What changed in sameas on account of
such lists was looked at with the seeds 5, 7 and 9, of pairs of tables with 3 and 41.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import table
from many_duplicates import finish, given_options, table_figures
from sameas.datasets.persons import generate_persons
from sameas.linker import plan_tables

_NAMES = ("given_name", "surname")
#: What is listed: the columns of persons, whether each has one wording, rows of each wording.
_PERSONS = (
    ("persons", (), False, 4), ("persons", (), False, 20), ("persons", (), True, 4),
    ("names, birth", (*_NAMES, "date_of_birth"), False, 4),
    ("names, e-mail", (*_NAMES, "email"), False, 4),
    ("names, city", (*_NAMES, "city"), True, 4),
)  # fmt: skip
_SETS = ("abt_buy", "dblp_acm")
_MOST = 200  # rows of one wording
#: Rows of each wording in two tables.
_TWICE = ((1, 4), (3, 4))
_LINKED = ["tables", "rows", "true pairs", "precision", "recall", "F1", "CPU s",
           "row by row: precision", "recall", "F1", "CPU s"]  # fmt: skip
_HEAD = ["list", "rows", "wordings", "precision", "recall", "F1", "F1 of wordings", "CPU s",
         "row by row: precision", "recall", "F1", "F1 of wordings", "CPU s"]  # fmt: skip


def listed(rows: pa.Table, times: int, random: np.random.Generator) -> pa.Table:
    """Return each row several times, seldom often, in any order."""
    count = np.minimum(random.geometric(1 / times, len(rows)), _MOST)
    place = random.permutation(np.repeat(np.arange(len(rows)), count))
    made = rows.take(pa.array(place))
    return made.append_column("id", pa.array([f"row {row}" for row in range(len(made))]))


def of_two(folder: Path) -> pa.Table:
    """Return the records of two tables as one, with the truth in `entity_id`."""
    left, right = (pq.read_table(folder / f"{side}.parquet") for side in ("left", "right"))
    pairs = pq.read_table(folder / "pairs.parquet").filter(pc.field("label") == 1)
    parent: dict[Any, Any] = {}

    def root(key: Any) -> Any:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for one, other in zip(pairs["left_id"].to_pylist(), pairs["right_id"].to_pylist(), strict=True):
        parent[root(("left", one))] = root(("right", other))
    keys = [(side, key) for side, rows in (("left", left), ("right", right))
            for key in rows["id"].to_pylist()]  # fmt: skip
    number: dict[Any, int] = {}
    entity = [number.setdefault(root(key), len(number)) for key in keys]
    rows = pa.concat_tables([left, right], promote_options="permissive").drop_columns(["id"])
    return rows.append_column("entity_id", pa.array(entity))


def lists(folder: Path | None, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Give the lists with the truth in `entity_id`."""
    every = generate_persons(6_000, seed=seed).drop_columns(["id"])
    _, first = np.unique(every["entity_id"].to_numpy(zero_copy_only=False), return_index=True)
    once = every.take(pa.array(first))
    for what, columns, one, times in _PERSONS:
        rows = once if one else every
        rows = rows.select([*columns, "entity_id"]) if columns else rows
        name = f"{what}, one wording each, {times} times" if one else f"{what}, {times} times"
        yield name, listed(rows, times, np.random.default_rng(seed))
    for name in _SETS if folder is not None else ():
        rows = of_two(folder / "magellan" / name)
        yield f"{name}, 4 times", listed(rows, 4, np.random.default_rng(seed))


def pairs_of_lists(folder: Path | None, seed: int) -> Iterator[tuple[str, pa.Table, pa.Table]]:
    """Give pairs of tables with the truth in `entity_id`."""
    random = np.random.default_rng(seed)
    every = generate_persons(12_000, seed=seed).drop_columns(["id"])
    _, first = np.unique(every["entity_id"].to_numpy(zero_copy_only=False), return_index=True)
    rest = np.setdiff1d(np.arange(len(every)), first)
    sides = {"persons": [every.take(pa.array(rows)) for rows in (first, rest)]}
    for name in _SETS if folder is not None else ():
        rows = of_two(folder / "magellan" / name)
        left = pq.read_metadata(folder / "magellan" / name / "left.parquet").num_rows
        sides[name] = [rows.slice(0, left), rows.slice(left)]
    for name, (left, right) in sides.items():
        for times in _TWICE:
            named = f"{name}, {times[0]} and {times[1]} times"
            yield named, listed(left, times[0], random), listed(right, times[1], random)


def wordings(rows: pa.Table) -> pa.Table:
    """Return the first row of each wording."""
    columns = [rows[name].to_pylist() for name in rows.column_names if name not in ("id",)]
    first: dict[Any, int] = {}
    for place, row in enumerate(zip(*columns, strict=True)):
        first.setdefault(row, place)
    return rows.take(pa.array(list(first.values())))


def measure(name: str, rows: pa.Table) -> list[Any]:
    """Plan, learn and cluster, each wording once and row by row."""
    given, once = rows.drop_columns(["entity_id"]), wordings(rows)
    row = [name, f"{len(rows):,}", f"{len(once):,}"]
    for distinct in (None, False):
        begin = time.process_time()
        plan = plan_tables(given, distinct=distinct)
        clusters = plan.linker().dedupe(given, options=plan.options()).clusters
        cpu = time.process_time() - begin
        figures = [*table_figures(rows, clusters), table_figures(once, clusters)[2]]
        row += [*(f"{value:.1f}" for value in figures), f"{cpu:.1f}"]
    print(row, flush=True)
    return row


def measure_pair(name: str, left: pa.Table, right: pa.Table) -> list[Any]:
    """Plan, learn and link, each wording once and row by row."""
    of = [dict(zip(rows["id"].to_pylist(), rows["entity_id"].to_pylist(), strict=True))
          for rows in (left, right)]  # fmt: skip
    mine, theirs = (Counter(entity.values()) for entity in of)
    true = sum(count * theirs[key] for key, count in mine.items())
    row = [name, f"{len(left):,} x {len(right):,}", f"{true:,}"]
    given = {"left": left.drop_columns(["entity_id"]), "right": right.drop_columns(["entity_id"])}
    for distinct in (None, False):
        begin = time.process_time()
        plan = plan_tables(given, distinct=distinct)
        links = plan.linker().link(given, options=plan.options()).links
        cpu = time.process_time() - begin
        ends = zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True)
        found = sum(of[0][one] == of[1][other] for one, other in ends)
        precision, recall = found / max(len(links), 1), found / true
        figures = precision, recall, 2 * found / (len(links) + true)
        row += [*(f"{100 * value:.1f}" for value in figures), f"{cpu:.1f}"]
    print(row, flush=True)
    return row


def main() -> None:
    """Measure, print and write the section."""
    given = given_options(__doc__)
    rows = [measure(name, made) for name, made in lists(given.data, given.seed)]
    linked = [measure_pair(*made) for made in pairs_of_lists(given.data, given.seed)]
    title = "Without labels: lists whose rows repeat others word for word"
    text = f"{table(_HEAD, rows)}\n\n{table(_LINKED, linked)}\n\n{_NOTE}"
    finish(given, "mentions", title, text)


_NOTE = (
    "Pairs of one entity, in per cent; `sameas dedupe LIST` and `sameas link LEFT RIGHT`, nothing "
    "else said. F1 of wordings: of each wording only its first row (0 where no two are of one "
    "entity). Row by row: the same with `plan_tables(..., distinct=False)`."
)


if __name__ == "__main__":
    main()
