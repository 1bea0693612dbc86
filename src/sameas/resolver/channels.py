"""Prepared columns, record by record: what a store keeps of a record.

Each prepared column is a few channels: fixed numbers, or ranges of one type. A record is its
fixed numbers, the lengths of its ranges, and the ranges.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.core.prepared import (
    Codes,
    Column,
    Need,
    Numbers,
    Points,
    Sets,
    Texts,
    Tokens,
    Vectors,
)
from sameas.core.prepared_values import Dates, Persons, Phones, Quantities
from sameas.kernels.ranges import copy_ranges

__all__ = ["Channel", "Fixed", "Parts", "gathered", "split_column"]

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


class Channel(NamedTuple):
    """A range a record: ``data[begin[i] : begin[i] + size[i]]``; size -1 is missing."""

    begin: Ints
    size: Ints
    data: npt.NDArray[Any]


#: One number of eight bytes a record.
Fixed = npt.NDArray[Any]


class Parts(NamedTuple):
    """What a prepared column is made of."""

    fixed: tuple[Fixed, ...]
    ranges: tuple[Channel, ...]


def _by_code(code: npt.NDArray[np.int32], start: Ints, data: npt.NDArray[Any]) -> Channel:
    known = code >= 0
    place = np.where(known, code, 0)
    start = start if len(start) > 1 else np.zeros(2, np.int64)
    size = np.where(known, start[place + 1] - start[place], -1)
    return Channel(start[place], size, data)


def _one_by_one(
    code: npt.NDArray[np.int32], start: Ints, token: npt.NDArray[np.int32]
) -> tuple[Ints, Ints, Ints]:
    """Return the words of records one behind the other: where they begin, how many, which."""
    known = code >= 0
    ends, words = gathered(start, token, code[known].astype(np.int64))
    size = np.full(len(code), -1, np.int64)
    size[known] = np.diff(ends)
    begin = np.zeros(len(code), np.int64)
    np.cumsum(np.maximum(size, 0)[:-1], out=begin[1:])
    return begin, size, words.astype(np.int64)


def gathered(start: Ints, data: npt.NDArray[Any], chosen: npt.NDArray[Any]) -> tuple[Ints, Any]:
    """Put chosen ranges one behind the other; return where each begins, and the data."""
    begin, size = start[chosen], start[chosen + 1] - start[chosen]
    ends = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(size, out=ends[1:])
    out = np.empty(ends[-1], data.dtype)
    width = data.dtype.itemsize
    copy_ranges(
        np.ascontiguousarray(data).view(np.uint8), begin * width, out.view(np.uint8),
        ends[:-1] * width, size * width,
    )  # fmt: skip
    return ends, out


def _of_words(begin: Ints, size: Ints, words: Ints, start: Ints, data: Any) -> Channel:
    """Return what belongs to the words of each record, one behind the other."""
    ends, values = gathered(start, data, words)
    first = ends[begin]
    return Channel(
        first, np.where(size >= 0, ends[begin + np.maximum(size, 0)] - first, -1), values
    )


def split_column(need: Need, column: Column, chosen: Ints | None = None) -> Parts:
    """Take a prepared column apart, for some records or for all.

    Raises
    ------
    ArgumentError
        If there is no way to keep it record by record.
    """
    rows: Any = slice(None) if chosen is None else chosen
    match column:
        case Texts():
            return Parts((), (_by_code(column.code[rows], column.start, column.units),))
        case Tokens():
            begin, size, words = _one_by_one(column.code[rows], column.start, column.token)
            length = np.diff(column.spelling_start)[words].astype(np.uint16)
            spelled = _of_words(begin, size, words, column.spelling_start, column.spelling_units)
            each = (column.hash[words], column.share[words])
            return Parts(
                (),
                (Channel(begin, size, length), spelled, *(Channel(begin, size, a) for a in each)),
            )
        case Vectors():
            code = column.code[rows]
            index = _by_code(code, column.start, column.index)
            return Parts((), (index, _by_code(code, column.start, column.value)))
        case Sets():
            begin, size = column.start[:-1][rows], np.diff(column.start)[rows]
            return Parts((), (Channel(begin, size, column.value),))
        case Codes() | Numbers():
            return Parts((column.value[rows],), ())
        case Points():
            parts = (column.latitude, column.longitude, *column.xyz.T)
            return Parts(tuple(part[rows] for part in parts), ())
        case Dates():
            return Parts((*column.parts[rows].T.astype(np.int64), column.day_number[rows]), ())
        case Phones():
            return Parts((column.full[rows], column.national[rows]), ())
        case Quantities():
            return Parts((column.value[rows], column.dimension[rows]), ())
        case Persons():
            return _split_persons(column, column.code[rows])
    raise ArgumentError(
        f"The prepared column {need.slug!r} cannot be kept record by record, so this linker "
        "cannot be used with a store."
    )


def _split_persons(column: Persons, codes: npt.NDArray[np.int32]) -> Parts:
    ranges: list[Channel] = []
    for code in codes.T:
        begin, size, words = _one_by_one(code, column.start, column.token)
        for start, data in (
            (column.spelling_start, column.spelling_units),
            (column.formal_start, column.formal),
        ):
            length = np.diff(start)[words].astype(np.uint16)
            found = _of_words(begin, size, words, start, data)
            ranges += [Channel(begin, size, length), found]
    return Parts((), tuple(ranges))
