"""Two tables that have little in common, or nothing, by planned runs.

    python benchmarks/little_in_common.py --data FOLDER --seed 31

Of the matches of public sets some stay in both tables, the others lose one side; so do those of
generated persons. What could be a match without a label goes: where labels are incomplete, all left
records that have none, and places that are near and alike stay on one side. What changed in sameas
on account of such tables was looked at with the seed 1.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import table
from many_duplicates import finish, given_options
from sameas.datasets.persons import generate_persons
from sameas.kernels.components import connected_components
from sameas.linker import plan_tables
from sameas.linker.doubts import Verdict
from sameas.linker.two_tables import TwoTables

_SHARES = (0.0, 0.02, 0.1, 0.3)
#: By set: the share of right records without a label that stay.
SETS = {
    "magellan/dblp_acm": 1.0,
    "places/osm_fsq_pit": 0.25,
    "places/osm_fsq_edi": 0.25,
    "places/osm_yelp_edi": 0.25,
    "magellan/abt_buy": 1.0,
    "magellan/amazon_google": 1.0,
    "magellan/walmart_amazon": 0.5,
    "magellan/fodors_zagats": 1.0,
}
#: Of these any record may be in a match that has no label.
_INCOMPLETE = ("places", "walmart")
_PERSONS = 6_000
#: Places as near and as alike may be one.
_KILOMETRES, _ALIKE, _PART = 0.3, 0.5, 0.9
_HEAD = ["set", "in both", "records", "true pairs", "before: links", "precision", "recall",
         "now: links", "precision", "recall", "what is said"]  # fmt: skip


class Pair(NamedTuple):
    """Two tables, and the ids of records that are one thing."""

    left: pa.Table
    right: pa.Table
    true: set[tuple[str, str]]


def shared(folder: Path, name: str, share: float, seed: int) -> Pair:
    """Return a public set of whose matches a share is in both tables."""
    left, right = (pq.read_table(folder / name / f"{side}.parquet") for side in ("left", "right"))
    labels = pq.read_table(folder / name / "pairs.parquet").to_pylist()
    place = [{key: row for row, key in enumerate(side["id"].to_pylist())} for side in (left, right)]
    ends = [(place[0][row["left_id"]], place[1][row["right_id"]] + len(left))
            for row in labels if row["label"]]  # fmt: skip
    linked = [*ends, *(_alike(left, right) if "latitude" in left.column_names else ())]
    one, two = np.array(linked, np.int32).T
    group = connected_components(one, two, len(left) + len(right))
    random = np.random.default_rng(seed)
    matched = np.array(sorted({int(group[end]) for end, _ in ends}))
    random.shuffle(matched)
    middle = round(share * len(matched))
    both = {int(number) for number in matched[:middle]}
    sides = [both | {int(number) for number in matched[middle + side :: 2]} for side in (0, 1)]
    for lone in np.setdiff1d(group, matched):
        draw = random.random()
        if not any(part in name for part in _INCOMPLETE):
            sides[draw < 0.5].add(int(lone))
        elif draw < SETS[name]:
            sides[1].add(int(lone))
    kept = []
    for side, chosen, part in zip((left, right), sides, np.split(group, [len(left)]), strict=True):
        rows = np.flatnonzero([int(number) in chosen for number in part])
        kept.append(side.take(pa.array(random.permutation(rows))))
    names = left["id"].to_pylist() + right["id"].to_pylist()
    true = {(names[one], names[two]) for one, two in ends if int(group[one]) in both}
    return Pair(*kept, true)


def _alike(left: pa.Table, right: pa.Table) -> Iterator[tuple[int, int]]:
    """Give places of both tables that are near each other and have similar names."""
    from scipy.spatial import KDTree

    every = pa.concat_tables([side.select(["name", "latitude", "longitude"])
                              for side in (left, right)])  # fmt: skip
    latitude, longitude = (every[axis].to_numpy() for axis in ("latitude", "longitude"))
    east = longitude * np.cos(np.radians(latitude.mean()))
    grams = [_grams(name or "") for name in every["name"].to_pylist()]
    near = KDTree(111.2 * np.column_stack([latitude, east])).query_pairs(_KILOMETRES)
    for one, two in sorted(near):
        joint, least = len(grams[one] & grams[two]), min(len(grams[one]), len(grams[two]))
        part = least > 3 and joint >= _PART * least
        if part or joint >= _ALIKE * len(grams[one] | grams[two]):
            yield one, two


def _grams(name: str) -> set[str]:
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    return {plain[at : at + 3] for at in range(max(len(plain) - 2, 1))}


def persons(every: pa.Table, share: float, seed: int) -> Pair:
    """Return two tables of persons, of whom a share is in both; each is there once in either."""
    random, entity = np.random.default_rng(seed), every["entity_id"].to_numpy()
    rows: dict[Any, list[int]] = {}
    for row in random.permutation(len(every)):
        rows.setdefault(entity[row], []).append(int(row))
    several = [number for number, found in rows.items() if len(found) > 1]
    both = set(several[: round(share * len(several))])
    sides: tuple[list[int], list[int]] = ([], [])
    for turn, (number, found) in enumerate(rows.items()):
        for side in (0, 1) if number in both else (turn % 2,):
            sides[side].append(found[side] if number in both else found[0])
    tables = [every.take(pa.array(side)) for side in sides]
    known = [dict(zip(side["entity_id"].to_pylist(), side["id"].to_pylist(), strict=True))
             for side in tables]  # fmt: skip
    true = {(str(key), str(known[1][number])) for number, key in known[0].items()
            if number in known[1]}  # fmt: skip
    return Pair(*(side.drop_columns(["entity_id"]) for side in tables), true)


def pairs(folder: Path | None, seed: int) -> Iterator[tuple[str, float, Pair]]:
    """Give the pairs of tables."""
    for name in SETS if folder is not None else ():
        for share in _SHARES:
            yield name, share, shared(folder, name, share, seed)
    made = [("persons", generate_persons(_PERSONS, seed=seed))]
    if folder is not None:
        sides = [pq.read_table(folder / "febrl" / "febrl4" / f"{side}.parquet")
                 for side in ("left", "right")]  # fmt: skip
        every = pa.concat_tables(sides)
        number = [key.split("-")[1] for key in every["id"].to_pylist()]
        made.append(("febrl4", every.append_column("entity_id", pa.array(number))))
    for name, every in made:
        for share in _SHARES:
            yield name, share, persons(every, share, seed)


def linked(given: Pair) -> tuple[set[tuple[str, str]], str, bool]:
    """Plan, learn and link; return links, what is said first, and whether a verdict changed it."""
    verdicts, asked = [Verdict()], TwoTables.verdict

    def heard(learner: TwoTables, crossed: Any) -> Verdict:
        verdicts.append(asked(learner, crossed))
        return verdicts[-1]

    with mock.patch.object(TwoTables, "verdict", heard):
        linker, links = _links(given)
    notes = linker.fitted_.report["notes"]
    said = next((why for note, why in _SAID.items() if any(note in one for one in notes)), "")
    return links, said, verdicts[-1] != Verdict()


def _links(given: Pair) -> tuple[Any, set[tuple[str, str]]]:
    plan = plan_tables(given.left, given.right)
    linker = plan.linker()
    found = linker.link(given.left, given.right, options=plan.options()).links
    ends = (found[f"{side}_id"].cast(pa.string()).to_pylist() for side in ("left", "right"))
    return linker, set(zip(*ends, strict=True))


_SAID = {
    "had nothing in common": "as if nothing in common",
    "have little in common": "little in common",
    "of one kind": "of one kind",
}


def measure(name: str, share: float, given: Pair) -> list[Any]:
    """Link with the verdict, and without where that makes a difference."""
    begin = time.process_time()
    links, said, changed = linked(given)
    before = links
    if changed:
        with mock.patch.object(TwoTables, "verdict", return_value=Verdict()):
            before = _links(given)[1]
    sizes = f"{len(given.left):,} and {len(given.right):,}"
    figures = [figure for found in (before, links) for figure in _figures(found, given.true)]
    row = [name.split("/")[-1], f"{share:.0%}", sizes, f"{len(given.true):,}", *figures, said]
    print([*row, round(time.process_time() - begin)], flush=True)
    return row


def _figures(found: set[tuple[str, str]], true: set[tuple[str, str]]) -> list[str]:
    good = len(found & true)
    precision = f"{100 * good / len(found):.0f}" if found else "-"
    return [f"{len(found):,}", precision, f"{100 * good / len(true):.0f}" if true else "-"]


def main() -> None:
    """Measure, print and write the section."""
    given = given_options(__doc__)
    rows = [measure(*one) for one in pairs(given.data, given.seed)]
    title = "Without labels: two tables that have little in common"
    finish(given, "little_in_common", title, f"{table(_HEAD, rows)}\n\n{_NOTE}")


_NOTE = (
    "Precision and recall in per cent, of the labelled pairs across the two tables; `sameas link "
    "LEFT RIGHT`, nothing else said. In both: the share of matches of which both sides stayed. "
    "Before: the same code without asking how much the tables have in common."
)


if __name__ == "__main__":
    main()
