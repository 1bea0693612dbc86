"""Candidate pairs of several blocking rules: what a rule asks for is no evidence among its pairs.

Pairs that one rule brings agree in its fields, matches or not; pairs of another rule agree in
others. Taken together, two classes fit best if they tell the rules apart instead of matches
from non-matches. So each rule has its own non-matches, and only comparisons of fields that a
rule does not ask for are looked at among its pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.kernels.levels import share_out
from sameas.matching.fellegi_sunter.em import (
    Fixed,
    Parameters,
    Solution,
    constrained,
    level_shares,
    pairs_before,
)
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["Stratum", "maximise_strata"]

Floats = npt.NDArray[np.float64]
_ITERATIONS = 300
_TOLERANCE = 1e-5
_TINY = 1e-300
#: Non-matches like those of all rules that a rule is given beforehand, per pair it brings. Where
#: nearly all pairs are matches, those that differ a little must not become its non-matches.
_HELD = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """The candidate pairs of one blocking rule.

    Attributes
    ----------
    patterns : Patterns
    free : bool[comparisons]
        Comparisons of fields that the rule does not ask for.
    """

    patterns: Patterns
    free: npt.NDArray[np.bool_]


@dataclass(slots=True)
class _State:
    """One stratum while it is learned from.

    `place` holds the states of its patterns in the comparisons that are free, `pairs` the pairs
    in each state, `matches` those of them that are taken for matches.
    """

    place: npt.NDArray[np.int64]
    count: Floats
    u: Floats
    prior: float
    match: Floats
    pairs: Floats
    matches: Floats


def maximise_strata(
    layout: Layout, strata: Sequence[Stratum], fixed: Fixed, start: Parameters
) -> Solution:
    """Climb from `start`: m is common, u and the prior are those of each stratum.

    Parameters
    ----------
    layout : Layout
    strata : sequence of Stratum
    fixed : Fixed
    start : Parameters

    Returns
    -------
    Solution
        With the u and the prior of all pairs together, for those score pairs of any rule.

    Notes
    -----
    Source: as Splink fits m for each blocking rule apart, here at one go and with u.
    """
    states = [_state(layout, item, start) for item in strata]
    m, history, converged = start.m, list[float](), False
    for _ in range(_ITERATIONS):
        history.append(sum(_expect(layout, state, m) for state in states))
        after = _common(layout, states, fixed)
        moved = float(np.abs(after - m).max(initial=0.0))
        m = after
        if moved < _TOLERANCE:
            converged = True
            break
    history.append(sum(_expect(layout, state, m) for state in states))
    return Solution(
        _together(layout, strata, states, fixed, m), history[-1], tuple(history), converged
    )


def _state(layout: Layout, item: Stratum, start: Parameters) -> _State:
    place = (item.patterns.codes + layout.first[:-1])[:, item.free]
    count, nothing = item.patterns.count, np.zeros(layout.states)
    pairs = _counts(layout, place, count)
    return _State(place, count, start.u, start.prior, np.zeros(len(count)), pairs, nothing)


def _expect(layout: Layout, state: _State, m: Floats) -> float:
    """Share the pairs of a stratum out, then fit its own u and prior; return the likelihood."""
    says = layout.mask("learned")
    logs = [np.log(np.where(says, np.maximum(part, _TINY), 1.0)) for part in (m, state.u)]
    prior = min(max(state.prior, 1e-12), 1 - 1e-12)
    likelihood, state.match, state.matches = share_out(state.place, state.count, *logs, prior)
    state.prior = float(state.match.sum() / max(state.count.sum(), _TINY))
    return float(likelihood)


def _common(layout: Layout, states: Sequence[_State], fixed: Fixed) -> Floats:
    """Fit m to the matches of all strata, each where a comparison is free; and u of each."""
    spread = pairs_before(layout, fixed.smoothing)
    matches = np.sum([state.matches for state in states], axis=0)
    others = [np.maximum(state.pairs - state.matches, 0.0) for state in states]
    u = level_shares(layout, np.sum(others, axis=0) + spread, fixed.u)
    for state, own in zip(states, others, strict=True):
        held = _HELD * float(state.count.sum()) * np.where(layout.mask("learned"), u, 0.0)
        state.u = level_shares(layout, own + held + spread, fixed.u)
    return constrained(layout, level_shares(layout, matches + spread, fixed.m), u, fixed)


def _together(
    layout: Layout, strata: Sequence[Stratum], states: Sequence[_State], fixed: Fixed, m: Floats
) -> Parameters:
    """Fit u and the prior to all pairs, and m where every rule asks for the field."""
    spread = pairs_before(layout, fixed.smoothing)
    matches, others = spread.copy(), spread.copy()
    for item, state in zip(strata, states, strict=True):
        place = item.patterns.codes + layout.first[:-1]
        matches += _counts(layout, place, state.match)
        others += _counts(layout, place, state.count - state.match)
    u = level_shares(layout, others, fixed.u)
    never = ~np.any([item.free for item in strata], axis=0)[layout.comparison()]
    m = np.where(never & np.isnan(fixed.m), level_shares(layout, matches, fixed.m), m)
    pairs = sum(float(state.count.sum()) for state in states)
    prior = sum(float(state.match.sum()) for state in states) / max(pairs, _TINY)
    prior = prior if fixed.prior is None else fixed.prior
    return Parameters(constrained(layout, m, u, fixed), u, prior)


def _counts(layout: Layout, place: npt.NDArray[np.int64], mass: Floats) -> Floats:
    """Add up the mass of the patterns in each state."""
    weight = np.repeat(mass, place.shape[1])
    return np.asarray(np.bincount(place.ravel(), weight, minlength=layout.states), np.float64)
