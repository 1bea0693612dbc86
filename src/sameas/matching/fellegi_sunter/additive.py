"""One sum of weights that says what a mixture of several classes says.

A mixture knows that agreement in an address and in a telephone number come together. One weight a
level cannot; but the weights that are nearest to it by logistic regression come close, and they
are saved, bounded and explained as any others are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.mixtures import logistic_sums
from sameas.matching.fellegi_sunter.em import Fixed, Parameters, constrained
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["additive"]

Floats = npt.NDArray[np.float64]

#: How strongly weights are held to log(m / u), as so many pairs that are as likely as not.
_HELD = 0.4
_STEPS, _STILL, _SHORTEST = 30, 1e-6, 1e-4
_TINY = 1e-300


def additive(
    layout: Layout, patterns: Patterns, fixed: Fixed, given: Parameters, match: Floats
) -> Parameters:
    """Find the weights by which pairs are as likely matches as a mixture says.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
    fixed : Fixed
        A level whose m or u is given keeps its weight.
    given : Parameters
        Where the search begins; weights that no pair speaks of stay near there.
    match : float64[p]
        The probability that pairs of each pattern are matches.

    Returns
    -------
    values : Parameters
        u as given, and m so that ``log(m / u)`` is what a level says: it need not add up to 1.
        Where m would be more than 1, u is less.
    """
    learned = layout.mask("learned")
    m, u, prior = given.m, given.u, min(max(given.prior, 1e-12), 1 - 1e-12)
    says = np.where(learned, np.log(np.maximum(m, _TINY)) - np.log(np.maximum(u, _TINY)), 0.0)
    begin = np.append(says, np.log(prior) - np.log1p(-prior))
    open_to = np.append(learned & np.isnan(fixed.m) & np.isnan(fixed.u), fixed.prior is None)
    place = patterns.codes + layout.first[:-1]
    weight = _nearest(place, patterns.count, match, begin, open_to)
    said = constrained(layout, np.where(learned, u * np.exp(weight[:-1]), 1.0), u, fixed)
    scale = np.maximum(said, 1.0)
    return Parameters(said / scale, u / scale, float(1 / (1 + np.exp(-weight[-1]))))


def _nearest(
    place: npt.NDArray[np.int64],
    count: Floats,
    match: Floats,
    begin: Floats,
    open_to: npt.NDArray[np.bool_],
) -> Floats:
    """Find weights by Newton's steps, shorter ones where the loss would rise."""
    held = np.append(np.full(len(begin) - 1, _HELD / 4), 0.0)
    weight = begin.copy()
    loss, slope, curve = logistic_sums(place, count, match, weight)
    for _ in range(_STEPS):
        pull = (slope + held * (weight - begin))[open_to]
        bend = (curve + np.diag(held + _STILL))[np.ix_(open_to, open_to)]
        step = np.zeros(len(weight))
        step[open_to] = np.linalg.solve(bend, pull)
        length, before = 1.0, loss + _pulled(held, weight - begin)
        while length > _SHORTEST:
            there = weight - length * step
            found = logistic_sums(place, count, match, there)
            after = found[0] + _pulled(held, there - begin)
            if after <= before:
                break
            length /= 2
        else:
            break
        weight, (loss, slope, curve) = there, found
        if before - after < _STILL * max(abs(before), 1.0):
            break
    return weight


def _pulled(held: Floats, away: Floats) -> float:
    return float(held @ away**2) / 2
