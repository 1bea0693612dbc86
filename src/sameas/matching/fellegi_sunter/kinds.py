"""Records of one kind that are not one: households, namesakes, families of products.

Two classes fit candidate pairs best if one of them holds what is most common among them. In a
table with few duplicates that is a kind: pairs that share an address, or a name, or a brand and
most of a title. Records of one thing share most of what their fields can tell; records of one kind
share what they have in common and differ in all else. So matches are learned from the pairs that
share most, and all others are parted into several kinds, as many as they show. A pair is a match
as far as no kind explains it better.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.kernels.mixtures import share_among
from sameas.matching.fellegi_sunter.additive import additive
from sameas.matching.fellegi_sunter.em import (
    Fixed,
    Parameters,
    Solution,
    constrained,
    level_shares,
    pairs_before,
    surprise,
)
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["BEYOND", "HALF", "beside_kinds", "shared", "shared_by_each"]

Floats = npt.NDArray[np.float64]

#: What matches share at least of what their fields can tell, on the whole; and where nothing else
#: speaks for copies.
HALF, BEYOND = 1 / 2, 2 / 3
#: A pair is surely a match that shares so many times as much.
_SURE = 1.4
_KINDS = 8
#: What pairs of one kind share in some field is less than this of what it can tell; matches that
#: differ much still share more in every field.
_SOME = 0.2
#: Iterations until the first kind may be dissolved, and between that and the next.
_FIRST, _AGAIN = 20, 4
#: Iterations with matches beside the kinds; with many a kind takes in what is most like matches.
_ITERATIONS = 10
#: Share of matches in which a field holds another value altogether: no sure pair shows it.
_REPLACED = 0.01
_TINY, _NOTHING = 1e-300, 1e-12


class _Kinds(NamedTuple):
    """How often each kind has each state, float64[k, s], and the pairs of each, float64[k]."""

    part: Floats
    pairs: Floats


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
    for _, levels in _of_fields(layout):
        most += float(told[levels][0])
        got += float(m[levels] @ told[levels])
    return got / most if most else 1.0


def shared_by_each(layout: Layout, patterns: Patterns) -> Floats:
    """Return how much pairs of each pattern share of what the fields that both have can tell."""
    told = surprise(layout, patterns, reached=True)
    got, most = np.zeros(len(patterns.count)), np.zeros(len(patterns.count))
    for number, levels in _of_fields(layout):
        code = patterns.codes[:, number]
        there = code < levels.stop - levels.start
        got += np.where(there, told[levels.start + np.where(there, code, 0)], 0.0)
        most += np.where(there, told[levels.start], 0.0)
    return np.divide(got, most, out=np.ones(len(got)), where=most > 0)


def beside_kinds(
    layout: Layout, patterns: Patterns, fixed: Fixed, first: Solution, *, least: float
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

    Returns
    -------
    (Solution, float) or None
        And how much its matches share. None where the first one stays: where its matches share
        enough, and other pairs are not of several kinds. A kind holds more pairs than are surely
        matches, for a smaller one may be the rest of these; and it is not alike in every field.
    """
    matches = (shared_by_each(layout, patterns) >= min(_SURE * least, 1.0)).astype(np.float64)
    found = float(patterns.count @ matches)
    kinds = _parted(layout, Patterns(patterns.codes, patterns.count * (1 - matches)), fixed, found)
    share = shared(layout, patterns, first.parameters.m)
    enough, few = share >= least, len(kinds.pairs) < 2
    if enough and (few or _alike_throughout(layout, patterns, kinds.part).any()):
        return None
    if few:
        return first._replace(parameters=first.parameters._replace(prior=_NOTHING)), share
    place, spread = patterns.codes + layout.first[:-1], pairs_before(layout, fixed.smoothing)
    u = kinds.pairs @ kinds.part / kinds.pairs.sum()
    mass = np.repeat(patterns.count * matches, place.shape[1])
    states = np.bincount(place.ravel(), mass, minlength=layout.states)
    m = constrained(layout, level_shares(layout, states + spread, fixed.m), u, fixed)
    m = np.where(np.isnan(fixed.m), (1 - _REPLACED) * m + _REPLACED * u, m)
    solution, match = _beside(layout, patterns, fixed, m, kinds, found)
    values = solution.parameters
    if values.prior * patterns.pairs < 1:
        values = values._replace(prior=_NOTHING)
    else:
        values = additive(layout, patterns, fixed, values, match)
    return solution._replace(parameters=values), shared(layout, patterns, m)


def _of_fields(layout: Layout) -> list[tuple[int, slice]]:
    """Return the comparisons of fields, each with the states that are levels."""
    return [
        (number, slice(int(layout.first[number]), int(layout.first[number]) + item.levels))
        for number, item in enumerate(layout.levels)
        if min(item.thresholds, default=0.0) >= 0
    ]


def _alike_throughout(layout: Layout, patterns: Patterns, parts: Floats) -> npt.NDArray[np.bool_]:
    """Say which classes are alike in every field, as matches are that differ much."""
    told, out = surprise(layout, patterns, reached=True), np.ones(len(parts), np.bool_)
    for _, levels in _of_fields(layout):
        out &= parts[:, levels] @ told[levels] >= _SOME * told[levels][0]
    return out


def _parted(layout: Layout, patterns: Patterns, fixed: Fixed, least: float) -> _Kinds:
    """Part pairs into kinds; the smallest is dissolved until all hold at least so many."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    drawn = np.random.default_rng(0).dirichlet(np.full(_KINDS, 0.3), len(count)).T * count
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
    layout: Layout, patterns: Patterns, fixed: Fixed, m: Floats, kinds: _Kinds, found: float
) -> tuple[Solution, Floats]:
    """Find matches, whose m is held, beside kinds; return how likely pairs of a pattern are one."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    every = _Kinds(np.vstack([m[None], kinds.part]), np.append(found, kinds.pairs))
    history = list[float]()
    for _ in range(_ITERATIONS):
        if fixed.prior is not None:
            others = every.pairs[1:] * (1 - fixed.prior) / every.pairs[1:].sum()
            every = every._replace(pairs=np.append(fixed.prior, others))
        likelihood, match, pairs, states = share_among(place, count, *_logs(layout, every))
        history.append(float(likelihood))
        every = _Kinds(np.vstack([m[None], _level_shares(layout, fixed, states[1:])]), pairs)
    u = every.pairs[1:] @ every.part[1:] / every.pairs[1:].sum()
    prior = every.pairs[0] / max(float(count.sum()), _TINY) if fixed.prior is None else fixed.prior
    return Solution(Parameters(m, u, float(prior)), history[-1], tuple(history), True), match


def _logs(layout: Layout, kinds: _Kinds) -> tuple[Floats, Floats]:
    """Return the logs of what a class has, 0 where a state says nothing, and of its share."""
    says = layout.mask("learned")
    part = np.log(np.where(says, np.maximum(kinds.part, _TINY), 1.0))
    return part, np.log(np.maximum(kinds.pairs / kinds.pairs.sum(), _TINY))


def _level_shares(layout: Layout, fixed: Fixed, states: Floats) -> Floats:
    """Turn the counts of states of each kind into shares within each comparison."""
    spread = pairs_before(layout, fixed.smoothing)
    return np.array([level_shares(layout, one + spread, fixed.u) for one in states])
