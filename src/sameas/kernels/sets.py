"""Sets of values and sparse vectors: overlap by merging two sorted lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain

__all__ = ["set_jaccard", "sparse_cosine"]


def set_jaccard(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    value: npt.NDArray[np.uint64],
) -> npt.NDArray[np.float32]:
    """Return the Jaccard similarity of the sets of each pair of records.

    Parameters
    ----------
    left, right : int32[p]
        Record numbers; -1 is missing.
    start : int64[n + 1]
    value : uint64[...]
        As in `sameas.core.prepared.Sets`.

    Returns
    -------
    float32[p]
        NaN where a set is empty or missing.

    Examples
    --------
    >>> start, value = np.array([0, 2, 4, 4]), np.array([3, 8, 3, 9])
    >>> print(set_jaccard(np.array([0, 0]), np.array([1, 2]), start, value).round(2))
    [0.33  nan]
    """
    return _set_jaccard(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(value, np.uint64),
    )


def sparse_cosine(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    index: npt.NDArray[np.int32],
    value: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return the cosine of each pair of sparse unit vectors.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    index : int32[...]
    value : float32[...]
        As in `sameas.core.prepared.Vectors`.

    Returns
    -------
    float32[p]
        In [-1, 1], summed in float64; NaN where a vector is missing or empty.

    Examples
    --------
    >>> start, index = np.array([0, 1, 3]), np.array([4, 2, 4])
    >>> value = np.array([1.0, 0.8, 0.6], np.float32)
    >>> print(sparse_cosine(np.array([0]), np.array([1]), start, index, value))
    [0.6]
    """
    found: npt.NDArray[np.float32] = _sparse_cosine(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(index, np.int32),
        plain(value, np.float32),
    )[0]
    return found


@jit
def _set_jaccard(left: Any, right: Any, start: Any, value: Any) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            continue
        here = start[a]
        there = start[b]
        here_end = start[a + 1]
        there_end = start[b + 1]
        if here == here_end or there == there_end:
            continue
        size = here_end - here + there_end - there
        shared = 0
        while here < here_end and there < there_end:
            mine = value[here]
            yours = value[there]
            shared += mine == yours
            here += mine <= yours
            there += yours <= mine
        out[pair] = shared / (size - shared)
    return out


@jit
def _sparse_cosine(left: Any, right: Any, start: Any, index: Any, value: Any) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    begin, end = np.zeros(AHEAD, np.int64), np.zeros(AHEAD, np.int64)
    touched = np.float32(0.0)
    for first in range(0, left.shape[0], AHEAD):
        group = min(AHEAD, left.shape[0] - first)
        # The right texts lie anywhere: reading a little of each lets their cache misses overlap.
        for place in range(group):
            b = right[first + place]
            begin[place], end[place] = (start[b], start[b + 1]) if b >= 0 else (0, 0)
        for place in range(group):
            if begin[place] < end[place]:
                at, last = begin[place], end[place] - 1
                touched += value[at] + value[last] + np.float32(index[at] ^ index[last])
        for place in range(group):
            pair = first + place
            if left[pair] >= 0 and right[pair] >= 0:
                a = left[pair]
                here, here_end = start[a], start[a + 1]
                if here < here_end and begin[place] < end[place]:
                    out[pair] = _dot(here, here_end, begin[place], end[place], index, value)
    return out, touched


@inner
def _dot(here: Any, here_end: Any, there: Any, there_end: Any, index: Any, value: Any) -> Any:
    total = 0.0
    while here < here_end and there < there_end:
        mine = index[here]
        yours = index[there]
        if mine == yours:
            total += np.float64(value[here]) * np.float64(value[there])
        here += mine <= yours
        there += yours <= mine
    return min(max(total, -1.0), 1.0)
