"""Records that were taken apart, as compiled functions read them."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numba.extending import intrinsic

from sameas.kernels.arrays import inner
from sameas.kernels.ranges import distinct_words

__all__ = ["codes_of", "no_words", "number_of", "range_of", "sealed", "words_of", "xyz_of"]


@intrinsic
def sealed(_: Any, array: Any) -> Any:
    """See an array as read-only: kernels are compiled for these."""

    def same(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return nb.core.imputils.impl_ret_borrowed(
            context, builder, signature.return_type, values[0]
        )

    return array.copy(readonly=True)(array), same


@inner
def range_of(parts: Any, channel: int, width: int) -> Any:
    """Return the bytes of a range of all records."""
    first = parts[4][channel]
    used = parts[2][channel, parts[2].shape[1] - 1] * width
    return parts[3][first : first + used]


@inner
def number_of(parts: Any, place: int) -> Any:
    """Return a fixed number of all records as hashes."""
    return parts[0][place].view(np.uint64)


@inner
def codes_of(parts: Any, channel: int, rows: Any) -> Any:
    """Return the texts of some records: their own places, -1 where the range is missing."""
    out = np.empty(rows.shape[0], np.int32)
    for place in range(rows.shape[0]):
        out[place] = parts[1][channel, rows[place]]
    return sealed(out)


@inner
def xyz_of(parts: Any, place: int) -> Any:
    """Return the positions of all records; they lie behind latitude and longitude."""
    out = np.empty((parts[0].shape[1] // 8, 3), np.float64)
    for axis in range(3):
        value = parts[0][place + 2 + axis].view(np.float64)
        for row in range(value.shape[0]):
            out[row, axis] = value[row]
    return out


@inner
def words_of(parts: Any, channel: int, worth: Any) -> Any:
    """Give numbers to the words of all records in the order of the alphabet.

    Parameters
    ----------
    parts : tuple
    channel : int
        The first of four: lengths, characters, hashes, shares.
    worth : float64[m]
        Weight or share of each word; equal words have equal ones.

    Returns
    -------
    start : int64[n + 1]
    token : int32[m]
    worth : float64[v]
    hash : uint64[v]
    spelling_start : int64[v + 1]
    spelling_units : uint16[...]
    """
    length = range_of(parts, channel, 2).view(np.uint16)
    letters = range_of(parts, channel + 1, 2).view(np.uint16)
    code = range_of(parts, channel + 2, 8).view(np.uint64)
    number, start, units, hashes, values = distinct_words(length, letters, code, worth)
    return (
        parts[2][channel], sealed(number), sealed(values), sealed(hashes), sealed(start),
        sealed(units),
    )  # fmt: skip


@inner
def no_words() -> Any:
    """Return the words of nobody."""
    return (
        sealed(np.zeros(1, np.int64)), sealed(np.zeros(0, np.int32)),
        sealed(np.zeros(0, np.float64)), sealed(np.zeros(0, np.uint64)),
        sealed(np.zeros(1, np.int64)), sealed(np.zeros(0, np.uint16)),
    )  # fmt: skip
