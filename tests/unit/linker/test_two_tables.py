"""Two tables that have little in common, or nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sameas.linker import Linker, two_tables
from sameas.linker.halves import Copies, pairs_of_copies
from sameas.linker.in_common import InCommon, beside_next, pairs_in_common
from sameas.linker.two_tables import TwoTables

FIELDS = {"title": "text", "maker": "category", "price": "number"}
MAKERS = ["acme", "bolt", "corona", "delta", "ember", "fjord", "gable", "halo"]
THINGS = ["lamp", "chair", "drill", "radio", "kettle", "mixer", "camera", "phone", "saw", "fan"]
COLOURS = ["black", "white", "red", "blue", "silver", "green"]
WORDS = ["portable", "wireless", "compact", "heavy duty", "quiet", "digital", "folding", "slim"]


def shop(count: int, random: np.random.Generator) -> list[dict[str, Any]]:
    """Return what one shop has: things in up to three colours."""
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        maker, thing = random.choice(MAKERS), random.choice(THINGS)
        said = " ".join(random.choice(WORDS, 2, replace=False))
        series = f"{thing[:2]}{random.integers(1000, 9999)}"
        for colour in random.choice(COLOURS, random.integers(1, 4), replace=False):
            title = f"{maker} {said} {colour} {thing} {series}{colour[:2]}"
            rows.append({"title": title, "maker": maker, "price": random.uniform(5, 500)})
    return rows[:count]


def two_shops(both: int, count: int = 300) -> tuple[pa.Table, pa.Table]:
    """Return two shops, the second of which words the first things of the first one otherwise."""
    random = np.random.default_rng(1)
    left, right = shop(count, random), shop(count, random)
    for number in range(both):
        words = left[number]["title"].split()
        random.shuffle(words)
        right[number] = left[number] | {"title": " ".join(words[1:])}
    made = []
    for rows in (left, right):
        table = pa.Table.from_pylist(rows)
        made.append(table.append_column("id", pa.array([str(row) for row in range(count)])))
    return made[0], made[1]


def linked(both: int) -> tuple[int, int, list[str]]:
    """Return the right links, all of them, and what the report says."""
    linker = Linker(FIELDS)
    links = linker.link(*two_shops(both)).links.to_pylist()
    right = sum(row["left_id"] == row["right_id"] and int(row["left_id"]) < both for row in links)
    return right, len(links), linker.fitted_.report["notes"]


def test_tables_that_have_nothing_in_common_get_no_links_and_a_reason() -> None:
    _, links, notes = linked(0)
    assert links <= 3
    assert notes[0].startswith("the pairs most alike are ")
    assert "if the two tables had nothing in common" in notes[0]
    assert any("these tables may have next to nothing in common" in note for note in notes)


def test_few_pairs_in_common_are_not_drowned() -> None:
    right, links, _ = linked(20)
    assert right >= 10
    assert right > 0.9 * links


def test_tables_that_have_half_in_common_are_linked_as_ever() -> None:
    right, links, notes = linked(150)
    assert right > 0.95 * 150
    assert right > 0.9 * links
    assert not any("in common" in note for note in notes)


def points(one: np.ndarray, two: np.ndarray) -> tuple[Any, ...]:
    """Return all pairs of points of two tables, the nearer the higher the score."""
    place = np.concatenate([one, two])
    left, right = (side.astype(np.int32) for side in np.triu_indices(len(place), 1))
    inside = (left < len(one)) == (right < len(one))
    near = -((place[left] - place[right]) ** 2).sum(axis=1)
    return left, right, near, inside, np.array([len(one), len(two)])


@pytest.mark.parametrize("sizes", [(300, 300), (40, 600)])
def test_pairs_in_common_are_none_without_any(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(2)
    found = pairs_in_common(*points(*(random.normal(size=(size, 5)) for size in sizes)))
    assert abs(found.pairs[-1]) < 2.5 * found.error[-1]


@pytest.mark.parametrize("apart", ["hands", "regions"])
def test_other_hands_and_regions_make_the_estimate_low(apart: str) -> None:
    random = np.random.default_rng(3)
    one, two = random.normal(size=(300, 5)), random.normal(size=(300, 5))
    if apart == "hands":
        two[:, 0] += 2
    else:  # most of one table lies where little of the other does
        one[:240, 0] += 20
        two[60:, 0] -= 20
    found = pairs_in_common(*points(one, two))
    assert found.pairs[-1] < -2 * found.error[-1]


def test_pairs_in_common_are_counted_at_every_score() -> None:
    random = np.random.default_rng(4)
    one, two = random.normal(size=(300, 5)), random.normal(size=(400, 5))
    two[:60] = one[:60] + random.normal(scale=0.01, size=(60, 5))
    found = pairs_in_common(*points(one, two))
    assert abs(found.pairs[-1] - 60) < 2 * found.error[-1]
    nearest = np.flatnonzero(found.across == 60)[0]
    assert found.pairs[nearest] > 55


def test_halves_leave_out_records_with_few_candidates() -> None:
    random = np.random.default_rng(5)
    left, right, near, inside, _ = points(*(random.uniform(size=(400, 2)) for _ in range(2)))
    reach = ~inside & (near > -(0.03**2))  # one or two partners within reach, none of them a copy
    given = left[reach], right[reach], near[reach], 800, 0
    every, asked = pairs_of_copies(*given), pairs_of_copies(*given, least=4)
    assert every.pairs > 5 * every.error
    assert asked.pairs < 2.5 * asked.error


def test_what_is_left_over_shows_how_much_rarer_two_hands_make_pairs() -> None:
    random = np.random.default_rng(0)
    one, two = random.normal(size=(2, 500, 10))
    two[:150] = one[:150] + random.normal(scale=0.1, size=(150, 10))
    two[:, 0] += 1
    pairs = points(one, two)
    low, less_low = pairs_in_common(*pairs).pairs[-1], beside_next(*pairs[:4], 1000)
    assert 100 < low < less_low.pairs
    assert abs(less_low.pairs - 150) < 2 * less_low.error
    two[:150] = random.normal(size=(150, 10))
    two[:150, 0] += 1
    pairs = points(one, two)
    low, none = pairs_in_common(*pairs).pairs[-1], beside_next(*pairs[:4], 1000)
    assert low < none.pairs
    assert abs(none.pairs) < 2 * none.error


@pytest.mark.parametrize(
    ("share", "halves", "beside", "common", "doubted", "kept"),
    [
        (0.7, 0.0, 0.0, 0.0, False, 50),  # matches share most of what fields can tell
        (0.4, 40.0, 0.0, 0.0, False, 50),  # halves show so many
        (0.4, 10.0, -50.0, 0.0, False, 18),  # at most so many
        (0.4, 4.0, 0.0, 0.0, True, 50),  # by chance
        (0.4, 5.0, 0.0, 0.0, True, 50),  # hardly by chance
        (0.4, 0.0, 40.0, 0.0, False, 50),  # as next ones do
        (0.4, 5.0, 5.0, 0.0, False, 19),  # both together
        (0.4, 0.0, 0.0, 40.0, False, 50),  # pairs inside are less alike
        (0.4, 0.0, 0.0, 12.0, False, 21),  # at most so many
    ],
)
def test_no_more_are_taken_than_is_shown(
    monkeypatch: pytest.MonkeyPatch, share: float, halves: float, beside: float, common: float,
    doubted: bool, kept: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(two_tables, "pairs_of_copies", lambda *_, **__: Copies(halves, 2.0))
    ends, score = np.arange(200, dtype=np.int32).reshape(100, 2).T, 49.5 - np.arange(100)
    across = np.arange(1, 101)
    shown = InCommon(score, across, np.minimum(across, common), np.full(100, 2.0))
    learner = SimpleNamespace(
        job=SimpleNamespace(spec=SimpleNamespace(seed=0), records=range(200), whole=True),
        opinion=SimpleNamespace(share=share), many=False, _ends=tuple(ends),
        _inside=lambda: None, _beside=lambda *_: (shown, Copies(beside, 2.0)),
        _repeat=lambda *_: False,
    )  # fmt: skip
    doubt, shift = TwoTables.verdict(learner, score)  # type: ignore[arg-type]
    assert bool(doubt) == doubted
    assert not doubted or doubt.faint == (halves == 5.0)
    assert (score + shift >= 0).sum() == kept


@pytest.mark.parametrize(
    ("across", "inside", "error", "repeats"),
    [(-12.0, -12.0, 2.0, True), (-8.0, -12.0, 2.0, False), (-12.0, -8.0, 2.0, False),
     (-12.0, -12.0, 6.0, False), (0.0, 12.0, 2.0, True), (0.0, 8.0, 2.0, False)],
)  # fmt: skip
def test_tables_that_hold_things_several_times_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, across: float, inside: float, error: float, repeats: bool
) -> None:
    monkeypatch.setattr(two_tables, "pairs_of_copies", lambda *_, **__: Copies(inside, error))
    records = SimpleNamespace(source_code=np.repeat([0, 1], 100))
    learner = SimpleNamespace(job=SimpleNamespace(spec=SimpleNamespace(seed=0), records=records))
    pairs = np.array([0, 100]), np.array([1, 101]), np.zeros(2)
    found = TwoTables._repeat(learner, Copies(across, error), pairs)  # type: ignore[arg-type]
    assert found == repeats


def test_trees_are_believed_where_nothing_else_finds_what_shows_faintly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert linked(0)[1] == 0
    monkeypatch.setattr(two_tables, "_FAINTLY", -np.inf)
    _, links, notes = linked(0)
    assert links
    assert "they may be of one kind, and not one" in notes[0]
