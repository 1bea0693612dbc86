"""Records of one kind that are not one: households, families of products, shops of one mall.

Two classes fit candidate pairs best if one of them holds what is most common among them. In a
table with few duplicates that is a kind: pairs that share an address, or a brand and most of a
title. Records of one thing share most of what their fields can tell; records of one kind share
what they have in common and differ in all else. So a class that shares less is taken for a kind,
and matches are looked for beyond it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.matching.fellegi_sunter.em import (
    Evidence,
    Fixed,
    Parameters,
    Solution,
    constrained,
    level_shares,
    pairs_before,
    starts,
    surprise,
)
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["BEYOND", "HALF", "beyond_kinds", "shared"]

Floats = npt.NDArray[np.float64]

#: What pairs of one thing share at least of what their fields can tell; and what they do beyond
#: a kind, where the most alike of the alike are always found.
HALF, BEYOND = 1 / 2, 2 / 3
#: Beyond a kind matches are fewer than elsewhere.
_FEWER = 0.2
_KINDS = 6
_ITERATIONS, _STILL = 300, 1e-5
_HALVINGS, _FAR = 60, 60.0
_TINY, _NOTHING = 1e-300, 1e-12


def shared(layout: Layout, patterns: Patterns, m: Floats) -> float:
    """Say how much of what their fields can tell the pairs of a class share, 0 to 1.

    Parameters
    ----------
    layout : Layout
        A comparison with thresholds below zero is of pairs, not of fields, and left out.
    patterns : Patterns
        All candidates: the rarer it is to be as alike, the more a level tells.
    m : float64[s]
        How often the class has each level.
    """
    told, most, got = surprise(layout, patterns), 0.0, 0.0
    for number, item in enumerate(layout.levels):
        levels = slice(int(layout.first[number]), int(layout.first[number]) + item.levels)
        if min(item.thresholds, default=0.0) >= 0:
            most += float(told[levels][0])
            got += float(m[levels] @ told[levels])
    return got / most if most else 1.0


def beyond_kinds(
    layout: Layout,
    patterns: Patterns,
    fixed: Fixed,
    first: Solution,
    likely: float,
    *,
    least: float,
) -> tuple[Solution, tuple[float, ...]]:
    """Look for matches beyond what is only of one kind.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
    fixed : Fixed
    first : Solution
        Of two classes.
    likely : float
        Number of matches that is thinkable.
    least : float
        How much of what fields can tell matches share at least.

    Returns
    -------
    solution : Solution
        The first one where its matches share enough. Beyond a kind its u is, level by level, that
        of the class where the level is most common, so agreement speaks only as far as it does
        beside every kind; and its prior is such that as many matches are expected as were found.
    kinds : tuple of float
        How much the pairs of each kind share.
    """
    (m, u, prior), solution = first.parameters, first
    others, kinds = [(1.0, u)], list[float]()
    share = shared(layout, patterns, m)
    while share < max(least, BEYOND if kinds else 0) and prior * patterns.pairs >= 1:
        if len(kinds) == _KINDS:
            prior = 0.0
            break
        kinds.append(share)
        others = [*((part * (1 - prior), old) for part, old in others), (prior, m)]
        u = np.asarray(np.maximum.reduce([part for _, part in others]))
        beside = np.logaddexp.reduce([_joint(layout, patterns, *other) for other in others])
        nothing = np.zeros(layout.states)
        tried = [
            _climb(layout, patterns, fixed, start._replace(u=u), beside)
            for start in starts(
                layout, Evidence(patterns, nothing, nothing), fixed, _FEWER * likely
            )
        ]
        shares = [shared(layout, patterns, one.parameters.m) for one in tried]
        best = max(range(len(tried)), key=lambda n: (shares[n] >= BEYOND, tried[n].objective))
        solution, share = tried[best], shares[best]
        m, _, prior = solution.parameters
    if kinds:
        prior = _calibrated(layout, patterns, Parameters(m, u, prior))
        solution = solution._replace(parameters=Parameters(m, u, prior))
    return solution, tuple(kinds)


def _climb(
    layout: Layout, patterns: Patterns, fixed: Fixed, start: Parameters, beside: Floats
) -> Solution:
    """Find matches beside classes that stay as they are; `beside` is their log-probability."""
    place, count = (patterns.codes + layout.first[:-1]).ravel(), patterns.count
    spread, width = pairs_before(layout, fixed.smoothing), patterns.codes.shape[1]
    m, u, prior = start
    history, converged = list[float](), False
    for _ in range(_ITERATIONS):
        joint = _joint(layout, patterns, prior, m)
        total = np.logaddexp(joint, np.log1p(-min(prior, 1 - 1e-16)) + beside)
        history.append(float(count @ total))
        match = count * np.exp(joint - total)
        found = np.bincount(place, np.repeat(match, width), minlength=layout.states)
        after = constrained(layout, level_shares(layout, found + spread, fixed.m), u, fixed)
        moved = float(np.abs(after - m).max(initial=0.0))
        m, prior = after, float(match.sum() / max(count.sum(), _TINY))
        if moved < _STILL:
            converged = True
            break
    return Solution(Parameters(m, u, prior), history[-1], tuple(history), converged)


def _joint(layout: Layout, patterns: Patterns, share: float, part: Floats) -> Floats:
    """Return the log-probability that a pair has each pattern and is of a class."""
    says = np.log(np.where(layout.mask("learned"), np.maximum(part, _TINY), 1.0))
    place = patterns.codes + layout.first[:-1]
    return np.asarray(np.log(max(share, _TINY)) + says[place].sum(axis=1))


def _calibrated(layout: Layout, patterns: Patterns, values: Parameters) -> float:
    """Return the prior by which as many matches are expected as its own share of pairs."""
    m, u, prior = values
    wanted = prior * patterns.pairs
    if wanted < 1:
        return _NOTHING
    weight = _joint(layout, patterns, 1.0, m) - _joint(layout, patterns, 1.0, u)
    low, high = -_FAR, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        chance = 1 / (1 + np.exp(-np.clip(weight + middle, -700, 700)))
        low, high = (middle, high) if patterns.count @ chance < wanted else (low, middle)
    return float(1 / (1 + np.exp(-(low + high) / 2)))
