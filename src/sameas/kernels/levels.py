"""Levels of comparison columns: codes, patterns of codes, sums of weights, shares of matches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = [
    "gather_weights",
    "level_codes",
    "pattern_codes",
    "pool_levels",
    "share_out",
    "sum_weights",
]

_TINY = 1e-300


@jit
def level_codes(
    features: npt.NDArray[np.float32],
    column: npt.NDArray[np.int64],
    sign: npt.NDArray[np.float32],
    start: npt.NDArray[np.int64],
    threshold: npt.NDArray[np.float32],
    sides: npt.NDArray[np.int64],
    out: npt.NDArray[np.uint8],
) -> None:
    """Write the level of every pair in every comparison; about 2 ns each.

    Parameters
    ----------
    features : float32[n, k]
    column : int64[c]
        Which column a comparison reads; -1: it is left alone.
    sign : float32[c]
        1 where larger is more alike, -1 where smaller is.
    start : int64[c + 1]
        Where the thresholds of each comparison begin.
    threshold : float32[...]
        Falling, times the sign.
    sides : int64[c]
        Column that is 1 where both sides are missing, -1: there is none.
    out : uint8[n, c]
        0 is the most alike; the number of levels is "missing", one more "both sides missing".
    """
    for row in range(features.shape[0]):
        for place in range(column.shape[0]):
            if column[place] < 0:
                continue
            begin, end = start[place], start[place + 1]
            value = features[row, column[place]]
            if value != value:
                code = end - begin + 1
                if sides[place] >= 0 and features[row, sides[place]] >= 1:
                    code += 1
            else:
                value *= sign[place]
                at = begin
                while at < end and value < threshold[at]:
                    at += 1
                code = at - begin
            out[row, place] = code


@jit
def pattern_codes(
    codes: npt.NDArray[np.uint8], stride: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Join the codes of each pair into one number."""
    out = np.empty(codes.shape[0], np.uint64)
    for row in range(codes.shape[0]):
        total = np.uint64(0)
        for place in range(codes.shape[1]):
            total += np.uint64(codes[row, place]) * stride[place]
        out[row] = total
    return out


@jit
def sum_weights(
    codes: npt.NDArray[np.uint8],
    first: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    begin: float,
) -> npt.NDArray[np.float64]:
    """Add up the weights of the codes of each pair, from `begin` on, in the order of columns."""
    out = np.empty(codes.shape[0], np.float64)
    for row in range(codes.shape[0]):
        total = begin
        for place in range(codes.shape[1]):
            total += weight[first[place] + codes[row, place]]
        out[row] = total
    return out


@jit
def gather_weights(
    codes: npt.NDArray[np.uint8],
    first: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the weight of each code, float64[n, c]."""
    out = np.empty(codes.shape, np.float64)
    for row in range(codes.shape[0]):
        for place in range(codes.shape[1]):
            out[row, place] = weight[first[place] + codes[row, place]]
    return out


@jit
def share_out(
    place: npt.NDArray[np.int64],
    count: npt.NDArray[np.float64],
    log_m: npt.NDArray[np.float64],
    log_u: npt.NDArray[np.float64],
    prior: float,
) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share the pairs of each pattern out between matches and others.

    Parameters
    ----------
    place : int64[p, c]
        States of each pattern.
    count : float64[p]
        Its pairs.
    log_m, log_u : float64[states]
    prior : float
        Between 0 and 1.

    Returns
    -------
    likelihood : float
        Log-likelihood of all pairs.
    match : float64[p]
        Matches of each pattern.
    matches : float64[states]
        Matches in each state.
    """
    match, matches = np.empty(place.shape[0], np.float64), np.zeros(log_m.shape[0], np.float64)
    likelihood, log_prior, log_rest = 0.0, np.log(prior), np.log1p(-prior)
    for pattern in range(place.shape[0]):
        yes, no = log_prior, log_rest
        for each in range(place.shape[1]):
            yes += log_m[place[pattern, each]]
            no += log_u[place[pattern, each]]
        odds = np.exp(-abs(yes - no))  # of the less likely of the two
        likelihood += count[pattern] * (max(yes, no) + np.log1p(odds))
        match[pattern] = count[pattern] * (1.0 if yes >= no else odds) / (1.0 + odds)
        for each in range(place.shape[1]):
            matches[place[pattern, each]] += match[pattern]
    return likelihood, match, matches


@jit
def pool_levels(
    m: npt.NDArray[np.float64],
    u: npt.NDArray[np.float64],
    free: npt.NDArray[np.bool_],
    first: npt.NDArray[np.int64],
    levels: npt.NDArray[np.int64],
) -> None:
    """Pool neighbouring levels of m, in place, until m / u does not rise from a level to the next.

    Parameters
    ----------
    m, u : float64[states]
    free : bool[states]
        A comparison is left as it is where one of its levels is not free.
    first : int64[c + 1]
        First state of each comparison.
    levels : int64[c]
        So many states from there on are ordered, the most alike first.

    Notes
    -----
    Source: pool adjacent violators, in one pass a comparison.
    """
    pool_m, pool_u = np.empty(m.shape[0], np.float64), np.empty(m.shape[0], np.float64)
    end = np.empty(m.shape[0], np.int64)
    for comparison in range(levels.shape[0]):
        begin, pools = first[comparison], 0
        stop = begin + levels[comparison]
        if not free[begin:stop].all():
            continue
        for level in range(begin, stop):
            pool_m[pools], pool_u[pools], end[pools] = m[level], u[level], level + 1
            pools += 1
            while pools > 1 and pool_m[pools - 1] * pool_u[pools - 2] > (
                pool_m[pools - 2] * pool_u[pools - 1]
            ):
                pools -= 1
                pool_m[pools - 1] += pool_m[pools]
                pool_u[pools - 1] += pool_u[pools]
                end[pools - 1] = end[pools]
        level = begin
        for pool in range(pools):
            ratio = pool_m[pool] / max(pool_u[pool], _TINY)
            while level < end[pool]:
                m[level] = ratio * u[level]
                level += 1
