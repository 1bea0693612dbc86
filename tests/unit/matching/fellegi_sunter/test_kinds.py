from __future__ import annotations

import numpy as np

from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import BEYOND, HALF, Layout, Patterns, Sample
from sameas.matching.fellegi_sunter.alike import told_by

NAMES = ("given", "born", "mail", "home", "phone", "city")
MATCHES = 0.9, 0.95, 0.8, 0.8, 0.8, 0.95
HOUSEHOLDS = 0.02, 0.02, 0.02, 0.97, 0.95, 0.99
OTHERS = 0.05, 0.02, 0.01, 0.01, 0.02, 0.3


def pairs(rng: np.random.Generator, count: int, shares: tuple[float, ...]) -> np.ndarray:
    """Return pairs that agree in each comparison with the given probability."""
    return (rng.random((count, len(shares))) < shares).astype(np.float32)


def learned(parts: list[np.ndarray], shared: float = HALF):
    """Learn from pairs of several groups, when there are thought to be 10,000 matches."""
    matcher = FellegiSunter(tuple(Levels(name, (1.0,)) for name in NAMES), shared=shared)
    layout = Layout(matcher.levels, NAMES)
    patterns = layout.patterns([layout.pack(np.concatenate(parts))])
    return matcher.learn(Sample(patterns, 10_000.0), names=NAMES)


def test_households_without_matches_are_no_matches() -> None:
    rng = np.random.default_rng(0)
    groups = [pairs(rng, 10_000, HOUSEHOLDS), pairs(rng, 30_000, OTHERS)]
    assert learned(groups, shared=0.0).score(groups[0]).mean() > 0.9
    fitted = learned(groups)
    assert (fitted.score(groups[0]) > 0.5).sum() == 0
    assert fitted.learning.alike < HALF
    assert fitted.prior * 40_000 < 5


def test_few_matches_are_found_beyond_many_households() -> None:
    rng = np.random.default_rng(1)
    groups = [
        pairs(rng, 200, MATCHES), pairs(rng, 10_000, HOUSEHOLDS), pairs(rng, 30_000, OTHERS)
    ]  # fmt: skip
    fitted = learned(groups)
    found = [float((fitted.score(part) > 0.5).sum()) for part in groups]
    assert found[0] > 150
    assert sum(found[1:]) < 20
    assert fitted.learning.share is not None
    assert fitted.learning.share >= BEYOND
    assert 100 < sum(float(fitted.score(part).sum()) for part in groups) < 300


def test_where_matches_are_many_they_are_found_as_well() -> None:
    rng = np.random.default_rng(2)
    groups = [pairs(rng, 8_000, MATCHES), pairs(rng, 30_000, OTHERS)]
    asked, plain = learned(groups), learned(groups, shared=0.0)
    right = [float((one.score(groups[0]) > 0.5).mean()) for one in (asked, plain)]
    wrong = [float((one.score(groups[1]) > 0.5).mean()) for one in (asked, plain)]
    assert right[0] > right[1] - 0.03
    assert wrong[0] < 0.003


def test_two_classes_stay_where_others_are_fewer_than_sure_matches() -> None:
    rng = np.random.default_rng(3)
    groups = [pairs(rng, 8_000, MATCHES), pairs(rng, 6_000, OTHERS)]
    asked, plain = learned(groups), learned(groups, shared=0.0)
    assert asked.learning.alike is None
    for one, two in zip(asked.parameters[:2], plain.parameters[:2], strict=True):
        np.testing.assert_array_equal(one, two)
    assert asked.prior == plain.prior


def test_namesakes_and_households_are_two_kinds() -> None:
    """Matches that moved agree with neither: two classes take one of the kinds for them."""
    rng = np.random.default_rng(4)
    namesakes = 0.95, 0.02, 0.02, 0.01, 0.02, 0.3
    groups = [
        pairs(rng, 400, MATCHES), pairs(rng, 6_000, HOUSEHOLDS), pairs(rng, 6_000, namesakes),
        pairs(rng, 20_000, OTHERS),
    ]  # fmt: skip
    fitted = learned(groups)
    found = [float((fitted.score(part) > 0.5).sum()) for part in groups]
    assert found[0] > 340
    assert sum(found[1:]) < 0.1 * found[0]
    moved = np.array([[1, 1, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 1, 1]], np.float32)
    assert (fitted.score(moved) > 0.5).tolist() == [True, False, False]


def test_what_pairs_share_is_told_by_fields_that_both_have() -> None:
    layout = Layout(tuple(Levels(name, (1.0,)) for name in NAMES[:2]), NAMES[:2])
    codes = np.array([[0, 0], [0, 2], [1, 0], [1, 1]], np.uint8)
    shares = told_by(layout, Patterns(codes, np.array([5.0, 5.0, 10.0, 80.0]))).share
    assert shares[[0, 1, 3]].tolist() == [1.0, 1.0, 0.0]
    assert 0.4 < shares[2] < 0.6


def test_a_level_that_no_pair_reaches_is_no_measure_of_what_pairs_share() -> None:
    # One table abbreviates what the other spells out: the best pairs reach the second level.
    levels = (Levels("street", (1.0, 0.7)), Levels("name", (1.0,)))
    layout = Layout(levels, ("street", "name"))
    codes = np.array([[1, 0], [2, 0], [2, 1]], np.uint8)
    shares = told_by(layout, Patterns(codes, np.array([100.0, 100.0, 9_800.0]))).share
    assert shares[0] == 1.0
    assert 0.3 < shares[1] < 0.7


def test_matches_that_differ_much_are_no_kind() -> None:
    """Each field differs in every second pair, but none in nearly all: two classes stay."""
    rng = np.random.default_rng(5)
    worn = (0.5,) * len(NAMES)
    groups = [pairs(rng, 500, MATCHES), pairs(rng, 2_000, worn), pairs(rng, 20_000, OTHERS)]
    fitted = learned(groups)
    found = [float((fitted.score(part) > 0.5).mean()) for part in groups]
    assert fitted.learning.alike is None
    assert found[0] > 0.95
    assert found[1] > 0.8
    assert found[2] < 0.01


def test_families_are_no_matches() -> None:
    """They are alike in every field, but share too little: there are none."""
    rng = np.random.default_rng(6)
    groups = [pairs(rng, 2_000, (0.4,) * len(NAMES)), pairs(rng, 20_000, OTHERS)]
    fitted = learned(groups, shared=BEYOND)
    assert max(float(fitted.score(part).max()) for part in groups) < 0.5
