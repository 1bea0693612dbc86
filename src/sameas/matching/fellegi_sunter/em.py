"""Expectation maximisation on counts of patterns: m, u and the prior without labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.kernels.arrays import plain
from sameas.kernels.levels import pool_levels
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = [
    "Evidence",
    "Fixed",
    "Parameters",
    "Solution",
    "constrained",
    "level_shares",
    "maximise",
    "pairs_before",
    "posterior",
    "starts",
    "surprise",
]

Floats = npt.NDArray[np.float64]
_TINY = 1e-300  # stands for a chance of 0, whose logarithm is none
_ITERATIONS = 500
_TOLERANCE = 1e-6  # iterations end when nothing moves by more
_RARE = 1e-6  # a prior below it is none
#: Starting values: shares of the most alike patterns that are first taken for matches.
_SHARES = (0.5, 0.15, 0.03)


class Parameters(NamedTuple):
    """What the model knows: m and u of every state, and the share of matches."""

    m: Floats
    u: Floats
    prior: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is learned from.

    Attributes
    ----------
    patterns : Patterns
        Of unlabelled pairs.
    outside : float
        Pairs that were never compared and are taken for non-matches; they count for the
        prior alone.
    matches, others : float64[s]
        Pairs of each state among labelled matches and labelled non-matches.
    """

    patterns: Patterns
    matches: Floats
    others: Floats
    outside: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """What is held while the rest is learned, and how.

    Attributes
    ----------
    m, u : float64[s]
        NaN where it is learned.
    prior : float or None
    monotone : bool
        m / u may not rise from a level to the next.
    smoothing : float
        Pairs that each comparison is given beforehand, spread evenly over its levels.
    """

    m: Floats
    u: Floats
    prior: float | None
    monotone: bool
    smoothing: float


class Solution(NamedTuple):
    """Where expectation maximisation ended.

    Attributes
    ----------
    parameters : Parameters
    objective : float
        Log-likelihood plus the log of the prior of m and u.
    history : tuple of float
        The objective before each iteration; it never falls (without `monotone`).
    converged : bool
    """

    parameters: Parameters
    objective: float
    history: tuple[float, ...]
    converged: bool


def _logs(layout: Layout, parameters: Parameters) -> tuple[Floats, Floats]:
    """Return log m and log u of every state, 0 where a state says nothing."""
    says = layout.mask("learned")
    m, u = (np.where(says, np.maximum(part, _TINY), 1.0) for part in parameters[:2])
    return np.log(m), np.log(u)


def _joint(layout: Layout, place: npt.NDArray[np.int64], values: Parameters) -> Floats:
    """Return the log-probability of each pattern as a match and as none, float64[2, p]."""
    prior = min(max(values.prior, _TINY), 1 - 1e-16)
    logs = _logs(layout, values)
    sums = [part[place].sum(axis=1) for part in logs]
    return np.stack([np.log(prior) + sums[0], np.log1p(-prior) + sums[1]])


def posterior(layout: Layout, patterns: Patterns, values: Parameters) -> Floats:
    """Return the probability that a pair of each pattern is a match, float64[p]."""
    joint = _joint(layout, patterns.codes + layout.first[:-1], values)
    return np.asarray(1 / (1 + np.exp(np.clip(joint[1] - joint[0], -700, 700))))


def maximise(layout: Layout, evidence: Evidence, fixed: Fixed, start: Parameters) -> Solution:
    """Climb from `start` until nothing moves.

    Parameters
    ----------
    layout : Layout
    evidence : Evidence
    fixed : Fixed
    start : Parameters

    Returns
    -------
    Solution

    Notes
    -----
    An iteration costs about 10 ns a pattern and comparison, whatever the number of pairs.
    Source: Dempster, Laird & Rubin (1977); Winkler (1988).
    """
    place = evidence.patterns.codes + layout.first[:-1]
    count = evidence.patterns.count
    current, history, converged = start, list[float](), False
    for _ in range(_ITERATIONS):
        joint = _joint(layout, place, current)
        total = np.logaddexp(joint[0], joint[1])
        history.append(_objective(layout, evidence, fixed, current, float(count @ total)))
        match = count * np.exp(joint[0] - total)
        after = _update(layout, evidence, fixed, current, place, match)
        moved = max(
            float(np.abs(after.m - current.m).max(initial=0.0)),
            float(np.abs(after.u - current.u).max(initial=0.0)),
            abs(after.prior - current.prior) / max(after.prior, _RARE),
        )
        current = after
        if moved < _TOLERANCE:
            converged = True
            break
    total = np.logaddexp(*_joint(layout, place, current))
    objective = _objective(layout, evidence, fixed, current, float(count @ total))
    return Solution(current, objective, tuple(history), converged)


def _objective(
    layout: Layout, evidence: Evidence, fixed: Fixed, values: Parameters, likelihood: float
) -> float:
    """Add labelled pairs, pairs outside and the prior of m and u to the log-likelihood."""
    spread = pairs_before(layout, fixed.smoothing)
    for known, part, count in zip(
        (fixed.m, fixed.u), _logs(layout, values), (evidence.matches, evidence.others), strict=True
    ):
        learned = np.isnan(known)
        likelihood += float(((count + spread) * part)[learned].sum())
    if evidence.outside:
        likelihood += evidence.outside * float(np.log1p(-min(values.prior, 1 - 1e-16)))
    return likelihood


def pairs_before(layout: Layout, smoothing: float) -> Floats:
    """Return the pairs that each state is given beforehand."""
    learned = layout.mask("learned")
    sizes = np.bincount(layout.comparison(), learned, minlength=len(layout.levels))
    return np.where(learned, smoothing / sizes[layout.comparison()], 0.0)


def _update(
    layout: Layout,
    evidence: Evidence,
    fixed: Fixed,
    current: Parameters,
    place: npt.NDArray[np.int64],
    match: Floats,
) -> Parameters:
    """Give m, u and the prior the values that fit the responsibilities best."""
    count = evidence.patterns.count
    spread = pairs_before(layout, fixed.smoothing)
    width = place.shape[1]
    flat = place.ravel()
    matches = np.bincount(flat, np.repeat(match, width), minlength=layout.states)
    others = np.bincount(flat, np.repeat(count - match, width), minlength=layout.states)
    u = level_shares(layout, others + evidence.others + spread, fixed.u)
    m = level_shares(layout, matches + evidence.matches + spread, fixed.m)
    m = constrained(layout, m, u, fixed)
    prior = fixed.prior
    if prior is None:
        every = float(count.sum()) + evidence.outside
        prior = float(match.sum()) / every if every else current.prior
    return Parameters(m, u, prior)


def level_shares(layout: Layout, counts: Floats, fixed: Floats) -> Floats:
    """Turn counts of states into shares within each comparison; fixed ones stay.

    Counts may be several rows of states, each by itself.
    """
    counts = np.where(layout.mask("learned"), counts, 0.0)
    sums = np.add.reduceat(counts, layout.first[:-1], axis=-1)
    shares = counts / np.maximum(sums, _TINY)[..., layout.comparison()]
    return np.where(np.isnan(fixed), shares, fixed)


def constrained(layout: Layout, m: Floats, u: Floats, fixed: Fixed) -> Floats:
    """Hold m to what is asked of it: weights that do not rise from a level to the next."""
    return _ordered(layout, m, u, fixed.m) if fixed.monotone else m


def _ordered(layout: Layout, m: Floats, u: Floats, fixed: Floats) -> Floats:
    """Pool neighbouring levels of m until m / u does not rise from a level to the next."""
    levels = np.array([item.levels for item in layout.levels], np.int64)
    m = np.array(m, np.float64)
    pool_levels(m, plain(u, np.float64), np.isnan(fixed), plain(layout.first, np.int64), levels)
    return m


def starts(
    layout: Layout,
    evidence: Evidence,
    fixed: Fixed,
    likely: float,
    begin: Floats | None = None,
) -> list[Parameters]:
    """Return starting values: the most alike pairs are first taken for matches.

    How alike a pattern is, is read from the data alone: the rarer it is for a pair to be at
    least as alike in a comparison, the more it says.

    Parameters
    ----------
    layout : Layout
    evidence : Evidence
    fixed : Fixed
    likely : float
        Number of matches that is thinkable; starts take several shares of it.
    begin : float64[p], optional
        How likely pairs of each pattern are matches: then this is the one start.
    """
    place = evidence.patterns.codes + layout.first[:-1]
    count = evidence.patterns.count
    nothing = Parameters(np.zeros(layout.states), np.zeros(layout.states), 0.5)
    if begin is not None:
        return [_update(layout, evidence, fixed, nothing, place, count * begin)]
    alike = surprise(layout, evidence.patterns)[place].sum(axis=1)
    order = np.argsort(-alike, kind="stable")
    before = np.cumsum(count[order]) - count[order]
    found = []
    every = float(count.sum()) + evidence.outside
    for share in _SHARES:
        wanted = min(share * likely, 0.5 * float(count.sum()))
        part = np.clip((wanted - before) / np.maximum(count[order], _TINY), 0.0, 1.0)
        match = np.empty(len(count))
        match[order] = count[order] * part
        one = _update(layout, evidence, fixed, nothing, place, match)
        prior = one.prior if fixed.prior is not None else max(wanted, 0.5) / max(every, 1.0)
        found.append(one._replace(prior=prior))
    return found


def surprise(layout: Layout, patterns: Patterns, *, reached: bool = False) -> Floats:
    """Return, for every level, minus the log of the share of pairs that are as alike.

    Where it is to be `reached`, a level that no pair has tells no more than the most alike that
    one has: one table may abbreviate what the other spells out. Otherwise it counts as half a pair.
    """
    place, count = patterns.codes + layout.first[:-1], patterns.count
    counts = np.bincount(place.ravel(), np.repeat(count, place.shape[1]), minlength=layout.states)
    out = np.zeros(layout.states)
    for number, item in enumerate(layout.levels):
        begin = int(layout.first[number])
        end = begin + item.levels
        as_alike = np.cumsum(counts[begin:end])
        fewest = min(as_alike[as_alike > 0], default=0.5) if reached else 0.5
        out[begin:end] = -np.log(np.maximum(as_alike, fewest) / max(as_alike[-1], 1.0))
    return np.maximum(out, 0.0)
