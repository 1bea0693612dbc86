from __future__ import annotations

import numpy as np

from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import BEYOND, HALF, Layout, Sample

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
    assert fitted.learning.kinds[0] < HALF
    assert fitted.prior < 1e-6
    assert any("no matches found" in note for note in fitted.learning.notes)


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


def test_where_matches_are_many_nothing_changes() -> None:
    rng = np.random.default_rng(2)
    groups = [pairs(rng, 8_000, MATCHES), pairs(rng, 30_000, OTHERS)]
    asked, plain = learned(groups), learned(groups, shared=0.0)
    assert not asked.learning.kinds
    for one, two in zip(asked.parameters[:2], plain.parameters[:2], strict=True):
        np.testing.assert_array_equal(one, two)
    assert asked.prior == plain.prior
