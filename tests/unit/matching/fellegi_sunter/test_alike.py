from __future__ import annotations

import numpy as np
import pytest

from sameas.matching import Levels
from sameas.matching.fellegi_sunter import Layout, Patterns
from sameas.matching.fellegi_sunter.alike import beyond_chance, replaced, told_by

NAMES = "given", "surname", "phone", "ahead"
#: The last one is of pairs, not of fields.
LAYOUT = Layout(
    (*(Levels(name, (1.0, 0.8)) for name in NAMES[:3]), Levels("ahead", (0.1, -0.1))), NAMES
)
RANDOM = Patterns(
    np.array([[2, 2, 2, 2], [0, 2, 2, 2], [2, 0, 2, 2], [2, 2, 0, 2]], np.uint8),
    np.array([9_790.0, 100.0, 100.0, 10.0]),
)


def patterns(*rows: tuple[str, float]) -> Patterns:
    """Return pairs of each row of codes, "-" being a value that is not there."""
    codes = [[3 if code == "-" else int(code) for code in row] for row, _ in rows]
    return Patterns(np.array(codes, np.uint8), np.array([count for _, count in rows]))


def test_what_chance_brings_about_is_taken_off():
    # One pair in 100 has one given name, one in 100 one surname: 1,000 of 10 million have both.
    found = patterns(("0022", 1_100.0), ("0002", 200.0), ("2222", 50_000.0))
    share = beyond_chance(LAYOUT, found, RANDOM, 1e7)
    assert share[0] == pytest.approx(0.1, abs=0.02)
    assert share[1] > 0.98
    assert share[2] == 0


def test_chance_is_asked_by_fields_alone():
    """How far ahead a pair is does not part those that agree in the same fields."""
    found = patterns(("0020", 1_000.0), ("0022", 1_000.0))
    one, other = beyond_chance(LAYOUT, found, RANDOM, 1e7)
    assert one == other == pytest.approx(0.5, abs=0.02)


def test_values_that_are_not_there_have_their_own_chance():
    share = beyond_chance(LAYOUT, patterns(("00-2", 1_100.0)), RANDOM, 1e7)
    assert share[0] > 0.9, "no random pair lacks a telephone number"


def test_the_field_that_differs_least_tells_how_often_values_are_replaced():
    found = patterns(
        ("0000", 800.0), ("2000", 400.0), ("0200", 80.0), ("0020", 200.0), ("2222", 90_000.0)
    )
    told = told_by(LAYOUT, found)
    assert told.near[:4].tolist() == [
        [True] * 3, [False, True, True], [True, False, True], [True, True, False]
    ]  # fmt: skip
    # 80 of 880 have another surname where all else is alike; half of it counts.
    assert replaced(told, found.count, 0.7) == pytest.approx(40 / 880)


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        ([("0000", 50.0), ("2000", 10.0), ("0200", 10.0), ("0020", 10.0)], 0.01),  # too few to say
        ([("0000", 5_000.0), ("2222", 9_000.0)], 0.01),
        ([("0000", 500.0), ("2000", 400.0), ("0200", 400.0), ("0020", 400.0)], 0.05),
    ],
)
def test_how_often_values_are_replaced_is_bounded(rows, share):
    found = patterns(*rows, ("2222", 90_000.0))
    assert replaced(told_by(LAYOUT, found), found.count, 0.7) == share


def test_a_field_that_one_record_lacks_is_neither_near_nor_apart():
    told = told_by(LAYOUT, patterns(("00-2", 10.0), ("2202", 1_000.0), ("0002", 10.0)))
    assert told.most[0, 2] == 0
    assert told.near[0].all()
    assert told.share[0] == 1


def test_of_one_field_the_most_alike_pairs_are_not_all_that_can_be():
    """Of several they are: two tables may write one of them each in its own way."""
    one, two = (Layout(LAYOUT.levels[:count], NAMES[:count]) for count in (1, 2))
    count = np.array([5.0, 9_995.0])
    alone = told_by(one, Patterns(np.array([[1], [2]], np.uint8), count))
    both = told_by(two, Patterns(np.array([[1, 1], [2, 2]], np.uint8), count))
    assert 0.5 < alone.share[0] < 0.9
    assert both.share[0] == 1
