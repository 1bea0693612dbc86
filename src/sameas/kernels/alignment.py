"""Texts aligned character by character: the Indel ratio, on whole texts or on token sets.

The semantics are those of ``rapidfuzz.fuzz.ratio`` and ``token_set_ratio``, divided by 100.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, plain, scratch_table
from sameas.kernels.jaro import SHORT, clear_table, fill_table
from sameas.kernels.lcs import long_common, short_common

__all__ = ["indel_ratio", "token_set_ratio"]

_SPACE = np.uint16(32)
# Of one type with what is computed: a Python number would be compiled for by itself.
_FIRST = np.int64(0)


def indel_ratio(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
) -> npt.NDArray[np.float32]:
    """Return the Indel similarity: twice the longest common subsequence over both lengths.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    units : uint16[...]
        The texts, as in `sameas.core.prepared.Texts`.

    Returns
    -------
    float32[p]
        In [0, 1]; NaN where a text is missing. Time grows with the product of the lengths,
        divided by 64.

    Examples
    --------
    >>> start, units = np.array([0, 5, 9]), np.frombuffer(b"cafescave", np.uint8)
    >>> print(indel_ratio(np.array([0, 0]), np.array([1, -1]), start, units).round(2))
    [0.67  nan]
    """
    return _indel_ratio(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(units, np.uint16),
        scratch_table(),
    )


def token_set_ratio(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    spelling_start: npt.NDArray[np.int64],
    spelling_units: npt.NDArray[np.uint16],
) -> npt.NDArray[np.float32]:
    """Return the best Indel similarity among shared tokens with or without either rest.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start, token, spelling_start, spelling_units
        As in `sameas.core.prepared.Tokens`.

    Returns
    -------
    float32[p]
        In [0, 1]; 1 if all tokens of one text are in the other; NaN where a text is missing.

    Examples
    --------
    >>> spelling = np.array([0, 3, 7]), np.frombuffer(b"barcafe", np.uint8)
    >>> start, token = np.array([0, 1, 3]), np.array([0, 0, 1])
    >>> print(token_set_ratio(np.array([0]), np.array([1]), start, token, *spelling))
    [1.]
    """
    return _token_set_ratio(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(spelling_start, np.int64),
        plain(spelling_units, np.uint16),
        scratch_table(),
    )


@jit
def _indel_ratio(left: Any, right: Any, start: Any, units: Any, table: Any) -> Any:
    out = np.empty(left.shape[0], np.float32)
    held = np.int32(-1)
    begin = np.int64(0)
    size = np.int64(0)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            out[pair] = np.nan
            continue
        if a == b:
            out[pair] = 1.0
            continue
        if a != held:
            if held >= 0 and size <= SHORT:
                clear_table(table, units, begin, begin + size)
            held = a
            begin = start[a]
            size = start[a + 1] - begin
            if size <= SHORT:
                fill_table(table, units, begin, begin + size, _FIRST)
        other = start[b]
        other_size = start[b + 1] - other
        if size <= SHORT:
            common = short_common(table, units, other, other_size)
        elif other_size <= SHORT:
            common = long_common(table, units, other, other_size, units, begin, size)
        else:
            common = long_common(table, units, begin, size, units, other, other_size)
        both = size + other_size
        out[pair] = 1.0 - (both - 2 * common) / both if both > 0 else 1.0
    if held >= 0 and size <= SHORT:
        clear_table(table, units, begin, begin + size)
    return out


@inner
def _append(buffer: Any, used: int, units: Any, begin: int, end: int) -> Any:
    """Add a token to a text, after a space unless it is the first; return the new length."""
    if used > 0:
        buffer[used] = _SPACE
        used += 1
    for place in range(begin, end):
        buffer[used] = units[place]
        used += 1
    return used


@inner
def _spelled_size(begin: int, end: int, token: Any, begins: Any) -> Any:
    """Return the length of tokens joined by spaces (one more than that)."""
    size = end - begin
    for place in range(begin, end):
        size += begins[token[place] + 1] - begins[token[place]]
    return size


@inner
def _set_ratio(shared: int, size: int, other_size: int, common: int) -> Any:
    """Return the best ratio from the lengths of the shared part and of both rests."""
    gap = 1 if shared > 0 else 0
    with_mine = shared + gap + size
    with_yours = shared + gap + other_size
    best = 1.0 - (size + other_size - 2 * common) / (with_mine + with_yours)
    if shared > 0:
        best = max(best, 1.0 - (gap + size) / (shared + with_mine))
        best = max(best, 1.0 - (gap + other_size) / (shared + with_yours))
    return best


@jit
def _token_set_ratio(
    left: Any, right: Any, start: Any, token: Any, begins: Any, units: Any, table: Any
) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    buffer = np.empty((2, 256), np.uint16)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0 or start[a] == start[a + 1] or start[b] == start[b + 1]:
            continue
        if a == b:
            out[pair] = 1.0
            continue
        most = max(
            _spelled_size(start[a], start[a + 1], token, begins),
            _spelled_size(start[b], start[b + 1], token, begins),
        )
        if most > buffer.shape[1]:
            buffer = np.empty((2, 2 * most), np.uint16)
        size = np.int64(0)
        other_size = np.int64(0)
        shared = np.int64(0)
        here = start[a]
        there = start[b]
        while here < start[a + 1] or there < start[b + 1]:
            if there == start[b + 1] or (here < start[a + 1] and token[here] < token[there]):
                mine = token[here]
                size = _append(buffer[0], size, units, begins[mine], begins[mine + 1])
                here += 1
            elif here == start[a + 1] or token[there] < token[here]:
                yours = token[there]
                other_size = _append(buffer[1], other_size, units, begins[yours], begins[yours + 1])
                there += 1
            else:
                shared += begins[token[here] + 1] - begins[token[here]] + (shared > 0)
                here += 1
                there += 1
        if shared > 0 and (size == 0 or other_size == 0):
            out[pair] = 1.0
            continue
        if size <= SHORT:
            fill_table(table, buffer[0], _FIRST, size, _FIRST)
            common = short_common(table, buffer[1], _FIRST, other_size)
            clear_table(table, buffer[0], _FIRST, size)
        elif other_size <= SHORT:
            common = long_common(table, buffer[1], _FIRST, other_size, buffer[0], _FIRST, size)
        else:
            common = long_common(table, buffer[0], _FIRST, size, buffer[1], _FIRST, other_size)
        out[pair] = _set_ratio(shared, size, other_size, common)
    return out
