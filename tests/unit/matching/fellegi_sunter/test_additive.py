from __future__ import annotations

import numpy as np

from sameas.matching import Levels
from sameas.matching.fellegi_sunter import Layout, Patterns
from sameas.matching.fellegi_sunter.additive import additive
from sameas.matching.fellegi_sunter.em import Fixed, Parameters

NAMES = ("name", "street", "phone")
LAYOUT = Layout(tuple(Levels(name, (1.0,)) for name in NAMES), NAMES)
SAYS = LAYOUT.mask("learned")
CODES = np.array(np.meshgrid(*[[0, 1]] * 3)).reshape(3, -1).T.astype(np.uint8)


def chance(values: Parameters) -> np.ndarray:
    """Return how likely pairs of each pattern are matches."""
    weight = np.log(np.where(SAYS, values.m / values.u, 1.0))
    odds = weight[CODES + LAYOUT.first[:-1]].sum(axis=1) + np.log(values.prior / (1 - values.prior))
    return 1 / (1 + np.exp(-odds))


def given(m: float, u: float, prior: float) -> Parameters:
    """Return parameters that agree as often in each comparison."""
    both = [np.where(np.arange(LAYOUT.states) % 3 == 0, one, 1 - one) for one in (m, u)]
    return Parameters(*(np.where(SAYS, one, 1.0) for one in both), prior)


def fixed(prior: float | None = None, *, monotone: bool = True) -> Fixed:
    """Return that nothing is given, but perhaps the prior."""
    open_to = np.where(SAYS, np.nan, 1.0)
    return Fixed(open_to, open_to.copy(), prior, monotone, 1.0)


def test_weights_that_are_one_sum_are_found() -> None:
    patterns, wanted = Patterns(CODES, np.full(8, 1e5)), given(0.9, 0.1, 0.05)
    found = additive(LAYOUT, patterns, fixed(), given(0.6, 0.4, 0.5), chance(wanted))
    np.testing.assert_allclose(chance(found), chance(wanted), rtol=1e-3)
    assert max(found.m.max(), found.u.max()) <= 1


def test_what_comes_together_counts_once() -> None:
    """A street and its telephone agree together among others, so both say little more than one."""
    count = np.where(CODES[:, 1] == CODES[:, 2], 1e4, 10.0)
    match = np.where((CODES == 0).all(axis=1), 0.9, 1e-3)
    begin = given(0.9, 0.05, 0.01)
    found = additive(LAYOUT, Patterns(CODES, count), fixed(), begin, match)
    both, alone = (np.log(one.m / one.u)[LAYOUT.first[1:3]].sum() for one in (found, begin))
    assert both != alone
    np.testing.assert_allclose(chance(found)[count > 10], match[count > 10], atol=0.02)


def test_what_is_given_stays() -> None:
    held = fixed(0.2)
    held.m[0] = 0.7
    begin = given(0.7, 0.1, 0.2)
    match = np.full(8, 0.5)
    found = additive(LAYOUT, Patterns(CODES, np.full(8, 100.0)), held, begin, match)
    np.testing.assert_allclose([found.prior, found.m[0]], [0.2, 0.7])


def test_weights_do_not_rise_from_a_level_to_the_next() -> None:
    match = np.where(CODES[:, 0] == 1, 0.9, 0.1)
    patterns, begin = Patterns(CODES, np.full(8, 1e4)), given(0.5, 0.5, 0.5)
    found = additive(LAYOUT, patterns, fixed(), begin, match)
    assert found.m[0] / found.u[0] >= found.m[1] / found.u[1]
    free = additive(LAYOUT, patterns, fixed(monotone=False), begin, match)
    assert free.m[0] / free.u[0] < free.m[1] / free.u[1]
