"""Sets of values and sparse vectors: overlap by merging two sorted lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain

__all__ = ["set_jaccard", "sparse_cosine"]

#: Entries of a text are found again by the lowest bits of their number: 16 KiB, in the cache.
_SLOTS = 4096


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
    slots = np.zeros(_SLOTS, np.int32)
    held, alone = np.int32(-1), False
    here, here_end = np.int64(0), np.int64(0)
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
            a = left[pair]
            if a < 0 or begin[place] == end[place] or start[a] == start[a + 1]:
                continue
            if a != held:  # left texts usually stay the same over a run of pairs
                _empty(slots, index, here, here_end)
                held, here, here_end = a, start[a], start[a + 1]
                alone = _enter(slots, index, here, here_end)
            if alone:
                out[pair] = _met(slots, here, begin[place], end[place], index, value)
            else:
                out[pair] = _dot(here, here_end, begin[place], end[place], index, value)
    return out, touched


@inner
def _enter(slots: Any, index: Any, here: Any, here_end: Any) -> Any:
    """Note where in a text each entry stands, and say whether each has a slot of its own."""
    alone = True
    for place in range(here, here_end):
        slot = index[place] & (_SLOTS - 1)
        alone = alone and slots[slot] == 0
        slots[slot] = place - here + 1
    return alone


@inner
def _empty(slots: Any, index: Any, here: Any, here_end: Any) -> None:
    for place in range(here, here_end):
        slots[index[place] & (_SLOTS - 1)] = 0


@inner
def _met(slots: Any, here: Any, there: Any, there_end: Any, index: Any, value: Any) -> Any:
    """Return the cosine of a text in the slots and another one, as `_dot` does."""
    total = 0.0
    for place in range(there, there_end):
        found = slots[index[place] & (_SLOTS - 1)]
        if found != 0 and index[here + found - 1] == index[place]:
            total += np.float64(value[here + found - 1]) * np.float64(value[place])
    return min(max(total, -1.0), 1.0)


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
