"""Characters: UTF-8 to 16-bit units, and character n-grams as hashed, counted dimensions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, resized, sort_few
from sameas.kernels.hashing import mix

__all__ = ["count_grams", "to_units"]


@jit
def to_units(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    """Decode UTF-8 strings (Arrow buffers) to one 16-bit unit a character.

    A character beyond U+FFFF takes a unit of the private-use range, chosen by its number.

    Returns
    -------
    start : int64[n + 1]
    units : uint16[...]
    """
    count = offsets.shape[0] - 1
    start = np.zeros(count + 1, np.int64)
    units = np.empty(offsets[count] - offsets[0], np.uint16)
    written = 0
    for row in range(count):
        position, last = offsets[row], offsets[row + 1]
        while position < last:
            byte = np.int64(data[position])
            if byte < 0x80:
                point, width = byte, 1
            elif byte < 0xE0:
                point, width = byte & 0x1F, 2
            elif byte < 0xF0:
                point, width = byte & 0x0F, 3
            else:
                point, width = byte & 0x07, 4
            for more in range(1, width):
                point = (point << 6) | (np.int64(data[position + more]) & 0x3F)
            if point > 0xFFFF:
                point = 0xE000 + point % 6400
            units[written] = point
            written += 1
            position += width
        start[row + 1] = written
    return start, units[:written].copy()


@jit
def count_grams(
    start: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    low: int,
    high: int,
    bits: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Count the character n-grams of each text, words padded with a space on both sides.

    Parameters
    ----------
    start, units
        Distinct texts.
    low, high : int
        Shortest and longest n-gram.
    bits : int
        Grams are hashed to ``2**bits`` dimensions.

    Returns
    -------
    start : int64[m + 1]
    index : int32[...]
        Sorted dimensions of each text.
    count : float32[...]
    """
    texts = start.shape[0] - 1
    longest = 0
    for text in range(texts):
        longest = max(longest, start[text + 1] - start[text])
    scratch = np.empty((longest + 2) * (high - low + 1), np.int32)
    out_start = np.zeros(texts + 1, np.int64)
    capacity = max(1024, units.shape[0] * 2)
    index = np.empty(capacity, np.int32)
    counts = np.empty(capacity, np.float32)
    written = 0
    shift = np.uint64(64 - bits)
    padded = np.empty(longest + 2, np.uint16)
    for text in range(texts):
        length = start[text + 1] - start[text]
        padded[0] = 32
        for place in range(length):
            padded[place + 1] = units[start[text] + place]
        padded[length + 1] = 32
        grams = 0
        for size in range(low, high + 1):
            for begin in range(length + 3 - size):
                state = np.uint64(size)
                for place in range(begin, begin + size):
                    state = (state ^ np.uint64(padded[place])) * np.uint64(0x100000001B3)
                scratch[grams] = np.int32(mix(state) >> shift)
                grams += 1
        sort_few(scratch, grams)
        if written + grams > capacity:
            capacity = max(capacity * 2, written + grams)
            index = resized(index, written, capacity)
            counts = resized(counts, written, capacity)
        for place in range(grams):
            if place > 0 and scratch[place] == scratch[place - 1]:
                counts[written - 1] += np.float32(1)
            else:
                index[written] = scratch[place]
                counts[written] = np.float32(1)
                written += 1
        out_start[text + 1] = written
    return out_start, resized(index, written, written), resized(counts, written, written)
