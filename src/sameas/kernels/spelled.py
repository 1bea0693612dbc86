"""Texts and words as numbers: each distinct one is written down once, in one pass over the bytes.

The tables are made in the size that they need, where a dictionary that grows is copied again and
again: of two hundred thousand telephone numbers Arrow's takes three times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, plain
from sameas.kernels.hashing import mix

__all__ = ["Spelled", "numbered_texts", "numbered_words"]

_SPACE = np.uint8(32)
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)

#: Offsets and bytes of the distinct ones, as Arrow buffers.
Spelled = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]


def numbered_texts(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8], known: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int32], Spelled]:
    """Give texts numbers in the order in which they first occur.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]
        Texts as Arrow buffers.
    known : bool[n]
        Others are missing, and get -1.

    Returns
    -------
    number : int32[n]
    spelled : (int64[k + 1], uint8[...])

    Examples
    --------
    >>> data = np.frombuffer(b"millinnmill", np.uint8)
    >>> number, spelled = numbered_texts(np.array([0, 4, 7, 11]), data, np.ones(3, bool))
    >>> number.tolist(), spelled[1].tobytes()
    ([0, 1, 0], b'millinn')
    """
    number, *spelled = _texts(
        plain(offsets, np.int64), plain(data, np.uint8), plain(known, np.bool_)
    )
    return number, tuple(spelled)


def numbered_words(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Spelled]:
    """Cut texts at spaces, and number the words in the order in which they first occur.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]
        Texts as Arrow buffers.

    Returns
    -------
    start : int64[n + 1]
        Where the words of each text begin.
    number : int32[w]
    spelled : (int64[k + 1], uint8[...])

    Examples
    --------
    >>> data = np.frombuffer(b"old mill  mill", np.uint8)
    >>> start, number, spelled = numbered_words(np.array([0, 8, 14]), data)
    >>> start.tolist(), number.tolist(), spelled[1].tobytes()
    ([0, 2, 3], [0, 1, 1], b'oldmill')
    """
    start, number, *spelled = _words(plain(offsets, np.int64), plain(data, np.uint8))
    return start, number, tuple(spelled)


@inner
def _slots(count: int) -> int:
    """Return the size of a table in which so many find a place soon."""
    slots = 2
    while slots < 2 * count:
        slots *= 2
    return slots


@inner
def _number_of(
    table: Any, keys: Any, begin: Any, size: Any, data: Any, state: Any, first: int, length: int,
    found: int,
) -> Any:  # fmt: skip
    """Return the number of a text, which is written down as the next one if it is new."""
    key = mix(state)
    last = np.int64(table.shape[0] - 1)
    slot = np.int64(key & np.uint64(last))
    while table[slot]:
        held = table[slot] - 1
        if keys[held] == key and size[held] == length:
            step = 0
            while step < length and data[begin[held] + step] == data[first + step]:
                step += 1
            if step == length:
                return held
        slot = (slot + 1) & last
    keys[found], begin[found], size[found] = key, first, length
    table[slot] = found + 1
    return np.int32(found)


@inner
def _written(begin: Any, size: Any, found: int, data: Any) -> Any:
    """Write the distinct ones behind each other."""
    ends = np.zeros(found + 1, np.int64)
    for item in range(found):
        ends[item + 1] = ends[item] + size[item]
    out = np.empty(ends[found], np.uint8)
    for item in range(found):
        for step in range(size[item]):
            out[ends[item] + step] = data[begin[item] + step]
    return ends, out


@jit
def _texts(offsets: Any, data: Any, known: Any) -> Any:
    texts = offsets.shape[0] - 1
    table, keys = np.zeros(_slots(texts), np.int32), np.empty(texts, np.uint64)
    begin, size = np.empty(texts, np.int64), np.empty(texts, np.int32)
    number, found = np.empty(texts, np.int32), 0
    for text in range(texts):
        number[text] = -1
        if not known[text]:
            continue
        first, length = offsets[text], offsets[text + 1] - offsets[text]
        state = _BASIS
        for step in range(length):
            state = (state ^ np.uint64(data[first + step])) * _PRIME
        number[text] = _number_of(table, keys, begin, size, data, state, first, length, found)
        found += number[text] == found
    ends, spelling = _written(begin, size, found, data)
    return number, ends, spelling


@jit
def _words(offsets: Any, data: Any) -> Any:
    texts = offsets.shape[0] - 1
    most = texts + 1
    for place in range(offsets[0], offsets[texts]):
        most += data[place] == _SPACE
    table, keys = np.zeros(_slots(most), np.int32), np.empty(most, np.uint64)
    begin, size = np.empty(most, np.int64), np.empty(most, np.int32)
    start, number = np.zeros(texts + 1, np.int64), np.empty(most, np.int32)
    words, found = 0, 0
    for text in range(texts):
        state, first = _BASIS, offsets[text]
        for place in range(offsets[text], offsets[text + 1] + 1):
            if place < offsets[text + 1] and data[place] != _SPACE:
                state = (state ^ np.uint64(data[place])) * _PRIME
                continue
            if place > first:
                length = place - first
                number[words] = _number_of(
                    table, keys, begin, size, data, state, first, length, found
                )
                found += number[words] == found
                words += 1
            state, first = _BASIS, place + 1
        start[text + 1] = words
    ends, spelling = _written(begin, size, found, data)
    return start, number[:words].copy(), ends, spelling
