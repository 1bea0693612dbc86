"""Hashes that are the same in every run and on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["bitmap", "eight_bytes", "hash_strings", "in_bitmap", "mix"]


@jit
def mix(value: np.uint64) -> np.uint64:
    """Scramble 64 bits (the finaliser of splitmix64): near inputs give far outputs."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@jit
def hash_strings(
    offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint64]:
    """Hash strings given as Arrow buffers: FNV-1a, scrambled, never 0.

    Parameters
    ----------
    offsets : int64[n + 1]
    data : uint8[...]

    Returns
    -------
    uint64[n]
    """
    count = offsets.shape[0] - 1
    out = np.empty(count, np.uint64)
    for row in range(count):
        state = np.uint64(0xCBF29CE484222325)
        for position in range(offsets[row], offsets[row + 1]):
            state = (state ^ np.uint64(data[position])) * np.uint64(0x100000001B3)
        state = mix(state)
        out[row] = state if state != 0 else np.uint64(1)
    return out


@jit
def eight_bytes(
    offsets: npt.NDArray[np.int32],
    data: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.int64],
    skipped: int,
) -> npt.NDArray[np.uint64]:
    """Return eight bytes of some strings as a number that orders as they do.

    Parameters
    ----------
    offsets : int32[n + 1]
    data : uint8[...]
    rows : int64[m]
    skipped : int
        So many bytes in front are left out.

    Returns
    -------
    uint64[m]
        A string that ends before is filled up with zeros.
    """
    out = np.zeros(rows.shape[0], np.uint64)
    for place in range(rows.shape[0]):
        first = np.int64(offsets[rows[place]]) + skipped
        last = np.int64(offsets[rows[place] + 1])
        key = np.uint64(0)
        for byte in range(8):
            key <<= np.uint64(8)
            if first + byte < last:
                key |= np.uint64(data[first + byte])
        out[place] = key
    return out


@jit
def bitmap(keys: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.uint64]:
    """Mark keys in a bitmap of ``2**bits`` bits: a filter with false alarms but no misses."""
    out = np.zeros(1 << (bits - 6), np.uint64)
    shift = np.uint64(64 - bits)
    for key in keys:
        place = mix(key) >> shift
        out[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))
    return out


@jit
def in_bitmap(marked: npt.NDArray[np.uint64], key: np.uint64, bits: int) -> bool:
    """Say whether a key may have been marked (no: surely not)."""
    place = mix(key) >> np.uint64(64 - bits)
    word = marked[place >> np.uint64(6)]
    return bool((word >> (place & np.uint64(63))) & np.uint64(1))
