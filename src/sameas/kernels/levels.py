"""Levels of comparison columns: codes, patterns of codes, sums of weights, shares of matches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["gather_weights", "level_codes", "pattern_codes", "share_out", "sum_weights"]


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
    likelihood = 0.0
    for pattern in range(place.shape[0]):
        yes, no = np.log(prior), np.log1p(-prior)
        for each in range(place.shape[1]):
            yes += log_m[place[pattern, each]]
            no += log_u[place[pattern, each]]
        total = max(yes, no) + np.log1p(np.exp(-abs(yes - no)))
        likelihood += count[pattern] * total
        match[pattern] = count[pattern] * np.exp(yes - total)
        for each in range(place.shape[1]):
            matches[place[pattern, each]] += match[pattern]
    return likelihood, match, matches
