"""Two tables in which things are there several times, by planned runs.

    python benchmarks/many_in_two.py [--data FOLDER] [--seed 21]

Generated persons, written down anew each time with values left out and mistyped; and, of products
and papers of a folder, offers in which words are left out, mistyped or in another order. Some
things are in both tables, the others in one of them, as many times. What changed in sameas on
account of such tables was looked at with the seed 101.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import table
from many_duplicates import finish, given_options, noisy_value, noisy_words
from sameas.datasets.persons import generate_persons
from sameas.linker import plan_tables


class Shape(NamedTuple):
    """How often a thing is in each table, from and to, and the share of things in both."""

    left: tuple[int, int]
    right: tuple[int, int]
    both: float


_ONCE, _FEW, _SOME, _FEWER, _OFTEN = (1, 1), (1, 4), (2, 5), (1, 3), (6, 10)
_SHAPES = tuple(
    Shape(*times, both)
    for times in ((_ONCE, _FEW), (_SOME, _SOME), (_FEWER, (3, 8)), (_OFTEN, _OFTEN))
    for both in (1.0, 0.3)
)
_SETS = ("dblp_acm", "abt_buy")
_PERSONS, _THINGS = 10_000, 1_200
_HEAD = ["table", "left: times", "right: times", "in both", "records", "true pairs", "links",
         "learner", "precision", "recall", "F1", "F1, entities", "CPU s"]  # fmt: skip


def made(rows: pa.Table, size: int, shape: Shape, noise: Any, seed: int) -> tuple[pa.Table, ...]:
    """Return two tables of about so many records, with the truth in `entity_id`."""
    random = np.random.default_rng(seed)
    things = min(int(size / np.mean(shape.right) * (2 - shape.both)), len(rows))
    given = rows.take(pa.array(random.permutation(len(rows))[:things])).to_pylist()
    both = int(things * shape.both / (2 - shape.both))
    middle = (both + things) // 2
    chosen = range(middle), [*range(both), *range(middle, things)]
    return tuple(
        _written(given, numbers, times, partial(noise, random=random), random)
        for numbers, times in zip(chosen, (shape.left, shape.right), strict=True)
    )


def _written(
    given: list[dict[str, Any]], numbers: Any, times: tuple[int, int], noise: Any, random: Any
) -> pa.Table:
    found = [
        {"entity_id": thing} | {name: noise(value) for name, value in given[thing].items()}
        for thing in numbers
        for _ in range(int(random.integers(times[0], times[1] + 1)))
    ]
    rows = pa.Table.from_pylist(found).take(pa.array(random.permutation(len(found))))
    return rows.append_column("id", pa.array([str(row) for row in range(len(rows))]))


def tables(folder: Path | None, seed: int) -> Iterator[tuple[str, Shape, tuple[pa.Table, ...]]]:
    """Give the pairs of tables."""
    every = generate_persons(60_000, seed=seed)
    _, first = np.unique(every["entity_id"], return_index=True)
    once = every.take(pa.array(first)).drop_columns(["id", "entity_id"])
    for shape in _SHAPES:
        yield "persons", shape, made(once, _PERSONS, shape, noisy_value, seed)
    for name in _SETS if folder is not None else ():
        rows = pq.read_table(folder / "magellan" / name / "left.parquet").drop_columns(["id"])
        for shape in _SHAPES:
            yield name, shape, made(rows, _THINGS, shape, noisy_words, seed)


def measure(name: str, shape: Shape, given: tuple[pa.Table, ...]) -> list[Any]:
    """Plan, learn, link and cluster."""
    plain = [side.drop_columns(["entity_id"]) for side in given]
    begin = time.process_time()
    plan = plan_tables(*plain)
    linker = plan.linker()
    result = linker.link(*plain, options=plan.options())
    cpu = time.process_time() - begin
    truth = [side["entity_id"].to_numpy() for side in given]
    most = 1 + max(int(side.max()) for side in truth)
    true = int(np.multiply(*(np.bincount(side, minlength=most) for side in truth)).sum())
    ends = [result.links[f"{side}_id"].cast(pa.int64()).to_numpy() for side in ("left", "right")]
    good = int((truth[0][ends[0]] == truth[1][ends[1]]).sum())
    matcher = linker.fitted_.matcher
    learner = type(getattr(matcher, "first", matcher)).__name__.removeprefix("Fitted")
    figures = 100 * good / max(len(ends[0]), 1), 100 * good / true
    row = [
        name, *("-".join(map(str, np.unique(times))) for times in shape[:2]), f"{shape.both:.0%}",
        " and ".join(f"{len(side):,}" for side in given), f"{true:,}", f"{len(ends[0]):,}",
        learner, *(f"{value:.1f}" for value in (*figures, _f1(good, len(ends[0]), true))),
        f"{_of_entities(result.clusters, truth, true):.1f}", f"{cpu:.1f}",
    ]  # fmt: skip
    print(row, flush=True)
    return row


def _of_entities(clusters: pa.Table, truth: list[Any], true: int) -> float:
    """Return F1 of the pairs of both tables that share an entity."""
    source, row = clusters["source"].to_numpy(), clusters["id"].cast(pa.int64()).to_numpy()
    entity = np.unique(clusters["entity"].to_numpy(), return_inverse=True)[1]
    sides = [source == name for name in np.unique(source)]
    kinds = [entity[side].astype(np.int64) for side in sides]
    joint = [one * (1 << 32) + told[row[side]]
             for one, told, side in zip(kinds, truth, sides, strict=True)]  # fmt: skip
    return _f1(_common(*joint), _common(*kinds), true)


def _common(left: Any, right: Any) -> int:
    """Count pairs of equal numbers."""
    (one, count), (two, other) = (np.unique(side, return_counts=True) for side in (left, right))
    _, here, there = np.intersect1d(one, two, return_indices=True)
    return int((count[here] * other[there]).sum())


def _f1(good: int, found: int, true: int) -> float:
    return 200 * good / max(found + true, 1)


def main() -> None:
    """Measure, print and write the section."""
    given = given_options(__doc__)
    rows = [measure(*one) for one in tables(given.data, given.seed)]
    title = "Without labels: two tables in which things are there several times"
    finish(given, "many_in_two", title, f"{table(_HEAD, rows)}\n\n{_NOTE}")


_NOTE = (
    "Pairs of one entity across the two tables, in per cent; `sameas link LEFT RIGHT`, nothing "
    "else said. In both: the share of things that both tables hold. F1, entities: of the pairs "
    "that share an entity, not only those that are links."
)


if __name__ == "__main__":
    main()
