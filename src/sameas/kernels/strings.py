"""Jaro-Winkler over pairs of text numbers, in full or as a filter.

The semantic is that of ``rapidfuzz.distance.JaroWinkler.similarity``: prefix weight 0.1, a
prefix of up to 4 characters, a boost only above a Jaro similarity of 0.7. Left text numbers
usually stay the same over a run of pairs; what is known of the left text is kept over the run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain, scratch_table
from sameas.kernels.bits import bit_count
from sameas.kernels.jaro import (
    BOOST_ABOVE,
    SHORT,
    SLACK,
    boosted,
    clear_table,
    common_needed,
    common_prefix,
    fill_table,
    long_jaro,
    short_jaro,
)

__all__ = ["jaro_winkler", "jaro_winkler_at_least"]

_ZERO = np.uint64(0)
# Of one type with what is computed: a Python number would be compiled for by itself.
_FIRST = np.int64(0)
_TOP = np.int64(4)
#: The row of all longer texts in the table of needed characters.
_BEYOND = np.int64(SHORT + 1)


def jaro_winkler(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
) -> npt.NDArray[np.float32]:
    """Return the Jaro-Winkler similarity of each pair of texts.

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
        In [0, 1]; NaN where a text is missing. Swapping the sides changes nothing.

    References
    ----------
    Winkler (1990), String comparator metrics and enhanced decision rules.

    Examples
    --------
    >>> start, units = np.array([0, 6, 12]), np.frombuffer(b"marthamarhta", np.uint8)
    >>> left, right = np.array([0, 0, 0]), np.array([1, 0, -1])
    >>> print(jaro_winkler(left, right, start, units).round(2))
    [0.96 1.    nan]
    """
    found: npt.NDArray[np.float32] = _jaro_winkler(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(units, np.uint16),
        scratch_table(),
    )[0]
    return found


def jaro_winkler_at_least(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    signature: npt.NDArray[np.uint64],
    threshold: float,
) -> npt.NDArray[np.bool_]:
    """Say which pairs reach a Jaro-Winkler similarity: ``jaro_winkler(...) >= threshold``, faster.

    Most pairs are settled by an upper bound on the number of common characters (lengths, then
    bags of letters, then what is left of the text); the others are decided by the same
    arithmetic, in float32, as `jaro_winkler`.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    units : uint16[...]
        The texts, as in `sameas.core.prepared.Texts`.
    signature : uint64[m, 2]
        From `letter_signature`.
    threshold : float

    Returns
    -------
    bool[p]
        False where a text is missing.

    Examples
    --------
    >>> from sameas.kernels.letters import letter_signature
    >>> start, units = np.array([0, 6, 12]), np.frombuffer(b"marthamarhta", np.uint8)
    >>> left, right = np.array([0, 0]), np.array([1, -1])
    >>> signature = letter_signature(start, units)
    >>> print(jaro_winkler_at_least(left, right, start, units, signature, 0.9))
    [ True False]
    """
    limit = np.float32(threshold)
    return _jaro_winkler_at_least(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(units, np.uint16),
        plain(signature, np.uint64),
        limit,
        common_needed(float(limit)),
        scratch_table(),
    )


@jit
def _jaro_winkler(left: Any, right: Any, start: Any, units: Any, table: Any) -> Any:
    out = np.empty(left.shape[0], np.float32)
    begins, sizes = np.zeros(AHEAD, np.int64), np.zeros(AHEAD, np.int64)
    held = np.int32(-1)
    begin = np.int64(0)
    size = np.int64(0)
    touched = np.uint16(0)
    for pair in range(left.shape[0]):
        place = pair % AHEAD
        if place == 0:  # the right texts lie anywhere: so their cache misses overlap
            touched ^= _read_ahead(right[pair : pair + AHEAD], start, units, begins, sizes)
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            out[pair] = np.nan
            continue
        if a == b:
            out[pair] = 1.0
            continue
        other = begins[place]
        other_size = sizes[place]
        if a != held:
            if held >= 0 and size <= SHORT:
                clear_table(table, units, begin, begin + size)
            held = a
            begin = start[a]
            size = start[a + 1] - begin
            if size <= SHORT:
                fill_table(table, units, begin, begin + size, _FIRST)
        if size <= SHORT and other_size <= SHORT:
            jaro = short_jaro(table, _FIRST, size, units, other, other_size, _FIRST)
        else:
            if size <= SHORT:
                clear_table(table, units, begin, begin + size)
            held = np.int32(-1)
            jaro = long_jaro(table, units, begin, size, other, other_size)
        out[pair] = boosted(jaro, common_prefix(units, begin, size, other, other_size))
    if held >= 0 and size <= SHORT:
        clear_table(table, units, begin, begin + size)
    return out, touched


@inner
def _read_ahead(texts: Any, start: Any, units: Any, begins: Any, sizes: Any) -> Any:
    """Look up where texts begin and how long they are, and read the first unit of each."""
    for place in range(texts.shape[0]):
        text = texts[place]
        begins[place] = start[text] if text >= 0 else 0
        sizes[place] = start[text + 1] - start[text] if text >= 0 else 0
    touched = np.uint16(0)
    for place in range(texts.shape[0]):
        if sizes[place] > 0:
            touched ^= units[begins[place]]
    return touched


@inner
def _hopeful(left: Any, right: Any, start: Any, signature: Any, needed: Any, queue: Any) -> Any:
    """List the pairs, with their bound on common characters, that the bound does not settle.

    Hardly any branch depends on a single pair, so the processor never has to guess.
    """
    count = np.int64(0)
    held = np.int32(-1)
    size = np.int64(0)
    low = _ZERO
    high = _ZERO
    need = needed[0]
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            continue
        if a != held:
            held = a
            size = start[a + 1] - start[a]
            low = signature[a, 0]
            high = signature[a, 1]
            need = needed[min(size, _BEYOND)]
        other_size = start[b + 1] - start[b]
        other_low = signature[b, 0]
        other_high = signature[b, 1]
        mine = size - bit_count(low & ~other_low) - bit_count(high & ~other_high)
        yours = other_size - bit_count(other_low & ~low) - bit_count(other_high & ~high)
        limit = min(mine, yours)
        queue[0, count] = pair
        queue[1, count] = limit
        count += limit >= need[min(other_size, _BEYOND)]
    return count


@jit
def _jaro_winkler_at_least(
    left: Any,
    right: Any,
    start: Any,
    units: Any,
    signature: Any,
    threshold: Any,
    needed: Any,
    table: Any,
) -> Any:
    out = np.zeros(left.shape[0], np.bool_)
    top = _TOP if threshold > BOOST_ABOVE else _FIRST
    queue = np.empty((2, left.shape[0] + 1), np.int32)
    held = np.int32(-1)
    begin = np.int64(0)
    size = np.int64(0)
    for entry in range(_hopeful(left, right, start, signature, needed[top], queue)):
        pair = queue[0, entry]
        limit = np.int64(queue[1, entry])
        a = left[pair]
        b = right[pair]
        if a == b:
            out[pair] = threshold <= np.float32(1.0)
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
        prefix = common_prefix(units, begin, size, other, other_size)
        if size <= SHORT and other_size <= SHORT:
            need = np.int64(needed[min(prefix, top), size, other_size])
            if limit < need:
                continue
            jaro = short_jaro(table, _FIRST, size, units, other, other_size, need)
            if jaro < 0.0:
                continue
        else:
            if boosted((limit / size + limit / other_size + 1.0) / 3.0, 4) < threshold - SLACK:
                continue
            if size <= SHORT:
                clear_table(table, units, begin, begin + size)
            held = np.int32(-1)
            jaro = long_jaro(table, units, begin, size, other, other_size)
        out[pair] = np.float32(boosted(jaro, prefix)) >= threshold
    if held >= 0 and size <= SHORT:
        clear_table(table, units, begin, begin + size)
    return out
