"""Records of one kind that are not one: households, namesakes, families of products.

Two classes fit candidate pairs best if one of them holds what is most common among them. In a
table with few duplicates that is a kind: pairs that share an address, or a name, or a brand and
most of a title. Records of one thing share most of what their fields can tell; records of one kind
share what they have in common and differ in all else. So matches are learned from the pairs that
share most, and more often than chance brings about; all others are parted into several kinds, as
many as they show. A pair is a match as far as no kind explains it better.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.mixtures import share_among
from sameas.matching.fellegi_sunter.additive import additive
from sameas.matching.fellegi_sunter.alike import shared
from sameas.matching.fellegi_sunter.em import (
    Fixed,
    Parameters,
    Solution,
    constrained,
    level_shares,
    pairs_before,
)
from sameas.matching.fellegi_sunter.layout import Layout, Patterns
from sameas.matching.fellegi_sunter.parted import (
    Kinds,
    logs_of_kinds,
    parted_kinds,
    shares_of_kinds,
)
from sameas.matching.fellegi_sunter.sure import Chance, Surely

__all__ = ["BEYOND", "HALF", "beside_kinds"]

Floats = npt.NDArray[np.float64]

#: What matches share at least of what their fields can tell, on the whole; and where nothing else
#: speaks for copies.
HALF, BEYOND = 1 / 2, 2 / 3
#: Iterations with matches beside the kinds; with many a kind takes in what is most like matches.
_ITERATIONS = 10
_TINY, _NOTHING = 1e-300, 1e-12


def beside_kinds(
    layout: Layout,
    patterns: Patterns,
    fixed: Fixed,
    first: Solution,
    *,
    least: float,
    chance: Chance | None = None,
) -> tuple[Solution, float] | None:
    """Look for matches beside what is only of one kind.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
    fixed : Fixed
    first : Solution
        Of two classes.
    least : float
        How much of what their fields can tell matches share at least.
    chance : Chance, optional
        By default all pairs that share most are taken for matches.

    Returns
    -------
    (Solution, float) or None
        And how much its matches share; without any where more than half was asked for and they
        share less. None where the first one stays: where its matches share enough, and other pairs
        are not of several kinds, or one of these is alike in every field.
    """
    parted = parted_kinds(layout, patterns, fixed, least=least, chance=chance)
    share = shared(layout, patterns, first.parameters.m)
    if share >= least and (parted.few or parted.throughout):
        return None
    matches, (some, few_matches) = parted.matches, parted.some
    doubted = least > HALF  # somebody has said that what is most alike may be of one kind
    if parted.few or (doubted and not matches.sure.any()):
        return first._replace(parameters=first.parameters._replace(prior=_NOTHING)), share

    def matches_beside(kinds: Kinds) -> float:
        return _beside(layout, some, fixed, few_matches, kinds)[0].parameters.prior

    kinds = max(parted.several, key=matches_beside)
    solution, match, m = _beside(layout, patterns, fixed, matches, kinds)
    values = solution.parameters
    share = shared(layout, patterns, m)
    if values.prior * patterns.pairs < 1 or (doubted and share < least):
        values = values._replace(prior=_NOTHING)
    else:
        values = additive(layout, patterns, fixed, values, match)
    return solution._replace(parameters=values), share


def _beside(
    layout: Layout, patterns: Patterns, fixed: Fixed, matches: Surely, kinds: Kinds
) -> tuple[Solution, Floats, Floats]:
    """Find matches beside kinds; return how likely pairs of a pattern are one, and their m too."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    m = _levels_of(layout, patterns, fixed, matches, kinds.pairs @ kinds.part / kinds.pairs.sum())
    found, kept = float(count @ matches.sure), np.flatnonzero(matches.held)
    held_place, held = place[kept], (count * matches.held)[kept]
    every = Kinds(np.vstack([m[None], kinds.part]), np.append(found, kinds.pairs))
    history = list[float]()
    for _ in range(_ITERATIONS):
        if fixed.prior is not None:
            others = every.pairs[1:] * (1 - fixed.prior) / every.pairs[1:].sum()
            every = every._replace(pairs=np.append(fixed.prior, others))
        logs = logs_of_kinds(layout, every)
        likelihood, match, pairs, states = share_among(place, count, *logs)
        # No kind may take in what is surely a match.
        own = share_among(held_place, held, *logs)[3]
        history.append(float(likelihood))
        parts = shares_of_kinds(layout, fixed, (states - own)[1:])
        every = Kinds(np.vstack([m[None], parts]), pairs)
    u = every.pairs[1:] @ every.part[1:] / every.pairs[1:].sum()
    prior = every.pairs[0] / max(float(count.sum()), _TINY) if fixed.prior is None else fixed.prior
    return Solution(Parameters(m, u, float(prior)), history[-1], tuple(history), True), match, m


def _levels_of(
    layout: Layout, patterns: Patterns, fixed: Fixed, matches: Surely, u: Floats
) -> Floats:
    """Return how often matches have each level, by those that are sure."""
    place, spread = patterns.codes + layout.first[:-1], pairs_before(layout, fixed.smoothing)
    mass = np.repeat(patterns.count * matches.sure, place.shape[1])
    states = np.bincount(place.ravel(), mass, minlength=layout.states)
    m = constrained(layout, level_shares(layout, states + spread, fixed.m), u, fixed)
    other = matches.replaced
    return np.where(np.isnan(fixed.m), (1 - other) * m + other * u, m)
