"""Longest common subsequence, 64 characters of the pattern at a time, for other kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from sameas.kernels.arrays import inner
from sameas.kernels.bits import bit_count
from sameas.kernels.jaro import SHORT, clear_table, fill_table

__all__ = ["long_common", "short_common"]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@inner
def short_common(table: Any, units: Any, other: int, other_size: int) -> Any:
    """Return the length of the longest common subsequence with the pattern in the table.

    Hyyrö (2004), Bit-parallel LCS-length computation revisited.
    """
    state = _ALL
    for place in range(other_size):
        hit = state & table[units[other + place]]
        state = (state + hit) | (state - hit)
    return bit_count(~state)


@inner
def long_common(
    table: Any, pattern: Any, begin: int, size: int, units: Any, other: int, other_size: int
) -> Any:
    """Return the same for a pattern of any length; the table is empty before and after.

    The pattern is taken in blocks of 64; a bit for each place of the other text hands the
    carry of the addition on to the next block.
    """
    carry = np.zeros(other_size, np.bool_)
    common = np.int64(0)
    for block in range(begin, begin + size, SHORT):
        end = min(block + SHORT, begin + size)
        fill_table(table, pattern, block, end, np.int64(0))
        state = _ALL
        for place in range(other_size):
            hit = state & table[units[other + place]]
            partial = state + hit
            total = partial + np.uint64(carry[place])
            carry[place] = partial < state or total < partial
            state = total | (state - hit)
        clear_table(table, pattern, block, end)
        inside = _ALL >> np.uint64(SHORT - (end - block))
        common += bit_count(~state & inside)
    return common
