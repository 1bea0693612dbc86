from __future__ import annotations

import numpy as np

from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import Layout, Sample
from sameas.matching.fellegi_sunter.choice import choose_solution
from sameas.matching.fellegi_sunter.em import Parameters, Solution

NAMES = ("given", "born", "mail", "home", "phone", "city")


def pairs(rng: np.random.Generator, count: int, *shares: float) -> np.ndarray:
    """Return pairs that agree in each comparison with the given probability."""
    return (rng.random((count, len(shares))) < shares).astype(np.float32)


def test_members_of_a_household_are_not_the_matches() -> None:
    rng = np.random.default_rng(0)
    matches = pairs(rng, 8_000, 0.85, 0.9, 0.7, 0.65, 0.7, 0.9)
    households = pairs(rng, 40_000, 0.02, 0.02, 0.02, 0.97, 0.95, 0.99)
    namesakes = pairs(rng, 40_000, 0.9, 0.02, 0.01, 0.001, 0.001, 0.3)
    matcher = FellegiSunter(levels=tuple(Levels(name, (1.0,)) for name in NAMES))
    layout = Layout(matcher.levels, NAMES)
    features = np.concatenate([matches, households, namesakes])
    patterns = layout.patterns([layout.pack(features)])
    fitted = matcher.learn(Sample(patterns, 30_000.0), names=NAMES)
    score = [float(fitted.score(part).mean()) for part in (matches, households, namesakes)]
    assert score[0] > 0.7
    assert max(score[1:]) < 0.2


def test_the_likeliest_is_taken_unless_another_is_told_by_more() -> None:
    layout = Layout((Levels("a", (1.0,)), Levels("b", (1.0,))), ("a", "b"))

    def solution(objective: float, first: float, second: float) -> Solution:
        u = np.ones(layout.states)
        m = u.copy()
        m[layout.first[:-1]] = first, second
        return Solution(Parameters(m, u, 0.1), objective, (), True)

    likeliest, both, other = solution(-1, 5, 1), solution(-3, 2, 2), solution(-2, 1, 5)
    assert choose_solution(layout, [both, likeliest]) is both
    assert choose_solution(layout, [other, likeliest]) is likeliest
    assert choose_solution(layout, [likeliest, solution(-9, 2, 1)]) is likeliest
    assert choose_solution(layout, [likeliest]) is likeliest
