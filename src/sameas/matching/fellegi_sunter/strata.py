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
#: As in `em`, but rules are many: fewer iterations, and a coarser end.
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
class _States:
    """All strata while they are learned from.

    What differs only in comparisons that are not free is one pattern: `among` says which one each
    pattern of a stratum is. `place` holds the states of those in the comparisons that are free,
    `count` the pairs of a pattern and `match` those of them that are taken for matches; `size` all
    pairs of a stratum. `pairs`, `matches` and `u` are a row a stratum, a column a state.
    """

    among: list[npt.NDArray[np.int64]]
    place: list[npt.NDArray[np.int64]]
    count: list[Floats]
    match: list[Floats]
    size: Floats
    prior: Floats
    u: Floats
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
    states = _states(layout, strata, start)
    m, history, converged = start.m, list[float](), False
    for _ in range(_ITERATIONS):
        history.append(_expect(layout, states, m))
        after = _common(layout, states, fixed)
        moved = float(np.abs(after - m).max(initial=0.0))
        m = after
        if moved < _TOLERANCE:
            converged = True
            break
    history.append(_expect(layout, states, m))
    return Solution(
        _together(layout, strata, states, fixed, m), history[-1], tuple(history), converged
    )


def _states(layout: Layout, strata: Sequence[Stratum], start: Parameters) -> _States:
    among, place, count = zip(*(_free_patterns(layout, item) for item in strata), strict=True)
    pairs = [_counts(layout, *each) for each in zip(place, count, strict=True)]
    return _States(
        list(among),
        list(place),
        list(count),
        [np.zeros(len(each)) for each in count],
        np.array([each.sum() for each in count]),
        np.full(len(strata), start.prior),
        np.tile(start.u, (len(strata), 1)),
        np.reshape(pairs, (len(strata), layout.states)),
        np.zeros((len(strata), layout.states)),
    )


def _free_patterns(
    layout: Layout, stratum: Stratum
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
    """Tell patterns apart by what is free; return which each is, their states and pairs."""
    free, patterns = stratum.free, stratum.patterns
    packed = layout.pack_codes(np.where(free, patterns.codes, np.uint8(0)))
    _, row, among = np.unique(packed, return_index=True, return_inverse=True)
    place = (patterns.codes[row] + layout.first[:-1])[:, free]
    return among, place, np.bincount(among, patterns.count).astype(np.float64)


def _expect(layout: Layout, states: _States, m: Floats) -> float:
    """Share the pairs of all strata out, then fit their priors; return the likelihood."""
    says = layout.mask("learned")
    log_m, log_u = (np.log(np.where(says, np.maximum(part, _TINY), 1.0)) for part in (m, states.u))
    prior = np.clip(states.prior, 1e-12, 1 - 1e-12)
    likelihood = 0.0
    for one, (place, count) in enumerate(zip(states.place, states.count, strict=True)):
        here, states.match[one], states.matches[one] = share_out(
            place, count, log_m, log_u[one], prior[one]
        )
        likelihood += float(here)
    matched = np.array([each.sum() for each in states.match])
    states.prior = matched / np.maximum(states.size, _TINY)
    return likelihood


def _common(layout: Layout, states: _States, fixed: Fixed) -> Floats:
    """Fit m to the matches of all strata, each where a comparison is free; and u of each."""
    spread = pairs_before(layout, fixed.smoothing)
    others = np.maximum(states.pairs - states.matches, 0.0)
    u = level_shares(layout, others.sum(axis=0) + spread, fixed.u)
    held = _HELD * states.size[:, None] * np.where(layout.mask("learned"), u, 0.0)
    states.u = level_shares(layout, others + held + spread, fixed.u)
    m = level_shares(layout, states.matches.sum(axis=0) + spread, fixed.m)
    return constrained(layout, m, u, fixed)


def _together(
    layout: Layout, strata: Sequence[Stratum], states: _States, fixed: Fixed, m: Floats
) -> Parameters:
    """Fit u and the prior to all pairs, and m where every rule asks for the field."""
    spread = pairs_before(layout, fixed.smoothing)
    matches, others = spread.copy(), spread.copy()
    for item, among, free, matched in zip(
        strata, states.among, states.count, states.match, strict=True
    ):
        place, count = item.patterns.codes + layout.first[:-1], item.patterns.count
        match = count * (matched / free)[among]
        matches += _counts(layout, place, match)
        others += _counts(layout, place, count - match)
    u = level_shares(layout, others, fixed.u)
    never = ~np.any([item.free for item in strata], axis=0)[layout.comparison()]
    m = np.where(never & np.isnan(fixed.m), level_shares(layout, matches, fixed.m), m)
    found = sum(float(match.sum()) for match in states.match)
    prior = found / max(float(states.size.sum()), _TINY)
    prior = prior if fixed.prior is None else fixed.prior
    return Parameters(constrained(layout, m, u, fixed), u, prior)


def _counts(layout: Layout, place: npt.NDArray[np.int64], mass: Floats) -> Floats:
    """Add up the mass of the patterns in each state."""
    weight = np.repeat(mass, place.shape[1])
    return np.asarray(np.bincount(place.ravel(), weight, minlength=layout.states), np.float64)
