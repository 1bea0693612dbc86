"""Records of one kind that are not one: households, namesakes, families of products.

Two classes fit candidate pairs best if one of them holds what is most common among them. In a
table with few duplicates that is a kind: pairs that share an address, or a name, or a brand and
most of a title. Records of one thing share most of what their fields can tell; records of one kind
share what they have in common and differ in all else. So matches are learned from the pairs that
share most, and more often than chance brings about; all others are parted into several kinds, as
many as they show. A pair is a match as far as no kind explains it better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.kernels.mixtures import share_among
from sameas.matching.fellegi_sunter.additive import additive
from sameas.matching.fellegi_sunter.alike import (
    alike_throughout,
    beyond_chance,
    replaced,
    shared,
    told_by,
)
from sameas.matching.fellegi_sunter.em import (
    Fixed,
    Parameters,
    Solution,
    constrained,
    level_shares,
    pairs_before,
)
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["BEYOND", "HALF", "Chance", "beside_kinds"]

Floats = npt.NDArray[np.float64]

#: What matches share at least of what their fields can tell, on the whole; and where nothing else
#: speaks for copies.
HALF, BEYOND = 1 / 2, 2 / 3
#: A pair is surely a match that shares so many times as much.
_SURE = 1.4
#: Kinds to begin with, and how often pairs are parted from another start: where one ends with a
#: kind that took matches in, another does not.
_KINDS, _STARTS = 8, 4
#: Patterns from which starts are tried; what is begun is ended with all.
_PATTERNS = 4_000
#: Iterations until the first kind may be dissolved, and between that and the next.
_FIRST, _AGAIN = 20, 4
#: Iterations with matches beside the kinds; with many a kind takes in what is most like matches.
_ITERATIONS = 10
_TINY, _NOTHING = 1e-300, 1e-12


class Chance(NamedTuple):
    """What agrees by chance.

    Attributes
    ----------
    random : Patterns
        Of random pairs.
    pairs : float
        All pairs that the candidates are of.
    """

    random: Patterns
    pairs: float


class _Kinds(NamedTuple):
    """How often each kind has each state, float64[k, s], and the pairs of each, float64[k]."""

    part: Floats
    pairs: Floats


class _Matches(NamedTuple):
    """What is known of matches before the kinds are.

    Attributes
    ----------
    sure : float64[p]
        Which share of the pairs of each pattern is surely matches.
    held : float64[p]
        Of which of them no kind learns: those that are alike in every field.
    replaced : float
        In which share of them a field holds another value altogether: hardly a sure pair shows it.
    """

    sure: Floats
    held: Floats
    replaced: float


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
        are not of several kinds. A kind holds more pairs than are surely matches, for a smaller one
        may be the rest of these; and it is not alike in every field.
    """
    matches = _surely(layout, patterns, least, chance)
    some, few_matches = _some(patterns, matches)
    found = float(patterns.count @ matches.sure)
    rest = Patterns(some.codes, some.count * (1 - few_matches.sure))
    every = [_parted(layout, rest, fixed, found, start) for start in range(_STARTS)]
    several = [kinds for kinds in every if len(kinds.pairs) > 1]
    share, few = shared(layout, patterns, first.parameters.m), 2 * len(several) < _STARTS
    like = [alike_throughout(layout, patterns, kinds.part).any() for kinds in several]
    if share >= least and (few or 2 * sum(like) >= _STARTS):
        return None
    doubted = least > HALF  # somebody has said that what is most alike may be of one kind
    if few or (doubted and not found):
        return first._replace(parameters=first.parameters._replace(prior=_NOTHING)), share

    def matches_beside(kinds: _Kinds) -> float:
        return _beside(layout, some, fixed, few_matches, kinds)[0].parameters.prior

    kinds = max(several, key=matches_beside)
    solution, match, m = _beside(layout, patterns, fixed, matches, kinds)
    values = solution.parameters
    share = shared(layout, patterns, m)
    if values.prior * patterns.pairs < 1 or (doubted and share < least):
        values = values._replace(prior=_NOTHING)
    else:
        values = additive(layout, patterns, fixed, values, match)
    return solution._replace(parameters=values), share


def _surely(layout: Layout, patterns: Patterns, least: float, chance: Chance | None) -> _Matches:
    """Say which pairs are matches beyond doubt."""
    told, bar = told_by(layout, patterns), min(_SURE * least, 1.0)
    sure = (told.share >= bar).astype(np.float64)
    if chance is not None:
        sure *= beyond_chance(layout, patterns, chance.random, chance.pairs)
    held = sure * told.near.all(axis=1)
    return _Matches(sure, held, replaced(told, patterns.count, bar))


def _some(patterns: Patterns, matches: _Matches) -> tuple[Patterns, _Matches]:
    """Draw patterns, often those of many pairs, and let each stand for the others like it."""
    count = patterns.count
    if len(count) <= _PATTERNS:
        return patterns, matches
    share = np.minimum(count * _PATTERNS / count.sum(), 1.0)
    drawn = np.random.default_rng(0).random(len(count)) < share
    kept = Patterns(patterns.codes[drawn], count[drawn] / share[drawn])
    return kept, matches._replace(sure=matches.sure[drawn], held=matches.held[drawn])


def _parted(layout: Layout, patterns: Patterns, fixed: Fixed, least: float, start: int) -> _Kinds:
    """Part pairs into kinds; the smallest is dissolved until all hold at least so many."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    drawn = np.random.default_rng(start).dirichlet(np.full(_KINDS, 0.3), len(count)).T * count
    width, flat = place.shape[1], place.ravel()
    states = [np.bincount(flat, np.repeat(one, width), minlength=layout.states) for one in drawn]
    kinds = _Kinds(_level_shares(layout, fixed, np.array(states)), drawn.sum(axis=1))
    iterations = _FIRST
    while len(kinds.pairs):
        for _ in range(iterations):
            _, _, pairs, found = share_among(place, count, *_logs(layout, kinds))
            kinds = _Kinds(_level_shares(layout, fixed, found), pairs)
        smallest, iterations = int(kinds.pairs.argmin()), _AGAIN
        if kinds.pairs[smallest] >= least:
            break
        kinds = _Kinds(*(np.delete(part, smallest, axis=0) for part in kinds))
    return kinds


def _beside(
    layout: Layout, patterns: Patterns, fixed: Fixed, matches: _Matches, kinds: _Kinds
) -> tuple[Solution, Floats, Floats]:
    """Find matches beside kinds; return how likely pairs of a pattern are one, and their m too."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    m = _levels_of(layout, patterns, fixed, matches, kinds.pairs @ kinds.part / kinds.pairs.sum())
    found = float(count @ matches.sure)
    every = _Kinds(np.vstack([m[None], kinds.part]), np.append(found, kinds.pairs))
    history = list[float]()
    for _ in range(_ITERATIONS):
        if fixed.prior is not None:
            others = every.pairs[1:] * (1 - fixed.prior) / every.pairs[1:].sum()
            every = every._replace(pairs=np.append(fixed.prior, others))
        likelihood, match, pairs, states = share_among(place, count, *_logs(layout, every))
        # No kind may take in what is surely a match.
        own = share_among(place, count * matches.held, *_logs(layout, every))[3]
        history.append(float(likelihood))
        parts = _level_shares(layout, fixed, (states - own)[1:])
        every = _Kinds(np.vstack([m[None], parts]), pairs)
    u = every.pairs[1:] @ every.part[1:] / every.pairs[1:].sum()
    prior = every.pairs[0] / max(float(count.sum()), _TINY) if fixed.prior is None else fixed.prior
    return Solution(Parameters(m, u, float(prior)), history[-1], tuple(history), True), match, m


def _levels_of(
    layout: Layout, patterns: Patterns, fixed: Fixed, matches: _Matches, u: Floats
) -> Floats:
    """Return how often matches have each level, by those that are sure."""
    place, spread = patterns.codes + layout.first[:-1], pairs_before(layout, fixed.smoothing)
    mass = np.repeat(patterns.count * matches.sure, place.shape[1])
    states = np.bincount(place.ravel(), mass, minlength=layout.states)
    m = constrained(layout, level_shares(layout, states + spread, fixed.m), u, fixed)
    other = matches.replaced
    return np.where(np.isnan(fixed.m), (1 - other) * m + other * u, m)


def _logs(layout: Layout, kinds: _Kinds) -> tuple[Floats, Floats]:
    """Return the logs of what a class has, 0 where a state says nothing, and of its share."""
    says = layout.mask("learned")
    part = np.log(np.where(says, np.maximum(kinds.part, _TINY), 1.0))
    return part, np.log(np.maximum(kinds.pairs / kinds.pairs.sum(), _TINY))


def _level_shares(layout: Layout, fixed: Fixed, states: Floats) -> Floats:
    """Turn the counts of states of each kind into shares within each comparison."""
    return level_shares(layout, states + pairs_before(layout, fixed.smoothing), fixed.u)
