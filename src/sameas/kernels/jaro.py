"""The Jaro similarity, for use inside other kernels.

One text, the pattern, is kept in a table ``unit -> bits``: the places where it holds that
unit. Each character of the other text takes the lowest free place inside the window. The
window moves to the right only, so for each character this is a merge of its places in the two
texts: a maximum matching that is the same from both sides. Jaro is therefore symmetric.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner
from sameas.kernels.bits import bit_count, lowest_bit

__all__ = [
    "BOOST_ABOVE",
    "SHORT",
    "SLACK",
    "boosted",
    "clear_table",
    "common_needed",
    "common_prefix",
    "fill_table",
    "long_jaro",
    "short_jaro",
]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
#: The Winkler boost applies to similarities above this one.
BOOST_ABOVE = 0.7
#: A pattern of up to this many units fits into one word.
SHORT = 64
#: Bounds are loosened by this much, so that rounding never drops a pair.
SLACK = 1e-6
_PREFIX_WEIGHT = 0.1
_NEVER = 127


@lru_cache(maxsize=64)
def common_needed(threshold: float) -> npt.NDArray[np.int8]:
    """Return the common characters needed, by prefix (0 to 4) and the two lengths.

    Lengths of more than 64, which count as 65, need none: nothing is said of them.
    """
    prefix = np.arange(5).reshape(-1, 1, 1)
    need = np.full((5, 1, 1), threshold)
    if threshold > BOOST_ABOVE:
        need = np.maximum((threshold - prefix * 0.1) / (1.0 - prefix * 0.1), BOOST_ABOVE)
    size, other = np.indices((SHORT + 2, SHORT + 2))
    rate = 1.0 / np.maximum(size, 1) + 1.0 / np.maximum(other, 1)
    common = np.ceil((3.0 * (need - SLACK) - 1.0) / rate)
    common = np.where(need > 0.0, np.maximum(common, 1.0), 0.0)
    common = np.where(common > np.minimum(size, other), _NEVER, common)
    common[:, 0, 0] = 0
    common[:, SHORT + 1, :] = common[:, :, SHORT + 1] = 0
    out = common.astype(np.int8)
    out.flags.writeable = False
    return out


@inner
def fill_table(table: Any, units: Any, begin: int, end: int, shift: int) -> None:
    """Add the places of a pattern of at most 64 units; the first one is bit `shift`."""
    bit = _ONE << np.uint64(shift)
    for place in range(begin, end):
        table[units[place]] |= bit
        bit <<= _ONE


@inner
def clear_table(table: Any, units: Any, begin: int, end: int) -> None:
    """Put the zeros back that `fill_table` has overwritten."""
    for place in range(begin, end):
        table[units[place]] = _ZERO


@inner
def common_prefix(units: Any, begin: int, size: int, other: int, other_size: int) -> Any:
    """Count the equal leading units, at most 4."""
    limit = min(size, other_size, 4)
    for place in range(limit):
        if units[begin + place] != units[other + place]:
            return place
    return limit


@inner
def similarity(common: int, moved: int, size: int, other_size: int) -> Any:
    """Return Jaro from the matched characters and the places where their order differs."""
    if common == 0:
        return 1.0 if size == 0 and other_size == 0 else 0.0
    total = common / size + common / other_size
    return (total + (common - moved // 2) / common) / 3.0


@inner
def boosted(jaro: float, prefix: int) -> Any:
    """Return Jaro-Winkler from Jaro and the length of the common prefix."""
    if jaro > BOOST_ABOVE:
        return min(jaro + prefix * _PREFIX_WEIGHT * (1.0 - jaro), 1.0)
    return jaro


@inner
def short_jaro(
    table: Any, shift: int, size: int, units: Any, other: int, other_size: int, need: int
) -> Any:
    """Return Jaro of a pattern in the table and another text, both of at most 64 units.

    Parameters
    ----------
    table, shift, size
        The pattern's places begin at bit `shift`; it has `size` units.
    units, other, other_size
        The other text.
    need
        With fewer common characters the caller is not interested: -1 comes back.
    """
    window = max(max(size, other_size) // 2 - 1, 0)
    reach = min(other_size, size + window)
    inside = (_ONE << np.uint64(window + 1)) - _ONE
    every = _ALL >> np.uint64(SHORT - size) if size > 0 else _ZERO
    free = every
    taken = _ZERO
    bit = _ONE
    offset = np.uint64(shift)
    for place in range(reach):
        hit = (table[units[other + place]] >> offset) & inside & free
        free ^= hit & (~hit + _ONE)
        if hit != _ZERO:
            taken |= bit
        bit <<= _ONE
        inside <<= _ONE
        if place < window:
            inside |= _ONE
    common = bit_count(taken)
    if common < need:
        return -1.0
    matched = free ^ every
    moved = np.int64(0)
    while taken != _ZERO:
        mine = matched & (~matched + _ONE)
        place = lowest_bit(taken)
        if (table[units[other + place]] >> offset) & mine == _ZERO:
            moved += 1
        taken &= taken - _ONE
        matched ^= mine
    return similarity(common, moved, size, other_size)


@inner
def long_jaro(table: Any, units: Any, begin: int, size: int, other: int, other_size: int) -> Any:
    """Return Jaro of texts of any length in linear time; the table is empty before and after.

    The table holds, for each unit, the next free place of the pattern plus one; the first part
    of `work` links each place to the next one with the same unit, the others mark matches.
    """
    window = max(max(size, other_size) // 2 - 1, 0)
    work = np.zeros(2 * size + other_size, np.uint64)
    matched = size
    taken = 2 * size
    for place in range(size - 1, -1, -1):
        unit = units[begin + place]
        work[place] = table[unit]
        table[unit] = np.uint64(place + 1)
    common = np.int64(0)
    for place in range(other_size):
        unit = units[other + place]
        found = np.int64(table[unit]) - 1
        while found >= 0 and found < place - window:
            found = np.int64(work[found]) - 1
        if found >= 0 and found <= place + window:
            work[matched + found] = _ONE
            work[taken + place] = _ONE
            common += 1
            found = np.int64(work[found]) - 1
        table[unit] = np.uint64(found + 1)
    clear_table(table, units, begin, begin + size)
    moved = np.int64(0)
    mine = np.int64(0)
    for place in range(other_size):
        if work[taken + place] != _ZERO:
            while work[matched + mine] == _ZERO:
                mine += 1
            moved += units[begin + mine] != units[other + place]
            mine += 1
    return similarity(common, moved, size, other_size)
