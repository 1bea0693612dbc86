"""Prepared columns, record by record: what a store keeps of a record, and back to columns.

Each prepared column is a few channels: fixed numbers, or ranges of one type. A record is its
fixed numbers, the lengths of its ranges, and the ranges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.core.prepared import (
    Codes,
    Column,
    Columns,
    Need,
    Numbers,
    Points,
    Sets,
    Signatures,
    Texts,
    Tokens,
    Vectors,
)
from sameas.core.prepared_values import Dates, Persons, Phones, Quantities
from sameas.kernels.letters import letter_signature
from sameas.kernels.ranges import copy_ranges, distinct_words, number_words
from sameas.kernels.tokens import token_signature
from sameas.records.preparations.texts import inverse_frequency

__all__ = ["Channel", "Fixed", "Parts", "make_column", "split_column"]

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


class Kept(NamedTuple):
    """The channels of a column after they were read back.

    Attributes
    ----------
    fixed : int64[f, n]
        Eight-byte numbers of whatever type.
    code : int32[k, n]
        Each record's place, -1 where its range is missing.
    start : int64[k, n + 1]
        Where the ranges begin in `data`.
    data : list of arrays
    documents : int
        Number of texts of the frozen statistics, for weights.
    """

    fixed: npt.NDArray[np.int64]
    code: npt.NDArray[np.int32]
    start: Ints
    data: list[npt.NDArray[Any]]
    documents: int = 0


def _starts(size: npt.NDArray[Any]) -> Ints:
    start = np.zeros(len(size) + 1, np.int64)
    np.cumsum(size, out=start[1:])
    return start


def make_column(need: Need, kept: Kept, columns: Columns) -> Column:
    """Put a prepared column together again, for a few records."""
    return _MAKERS.get(need.kind, _MAKERS["codes"])(need, kept, columns)


def _make_texts(need: Need, kept: Kept, columns: Columns) -> Texts:
    return Texts(kept.code[0], kept.start[0], kept.data[0])


def _make_tokens(need: Need, kept: Kept, columns: Columns) -> Tokens:
    length, characters, code, share = kept.data
    number, start, units, hashes, shares = distinct_words(length, characters, code, share)
    frequency = np.rint(shares * max(kept.documents, 1)).astype(np.int64)
    weight = inverse_frequency(frequency, kept.documents)
    return Tokens(kept.code[0], kept.start[0], number, weight, shares, hashes, start, units)


def _make_vectors(need: Need, kept: Kept, columns: Columns) -> Vectors:
    return Vectors(kept.code[0], kept.start[0], kept.data[0], kept.data[1], 1 << 20)


def _make_word_vectors(need: Need, kept: Kept, columns: Columns) -> Vectors:
    tokens: Tokens = columns[Need("tokens", need.fields, need.options)]
    value = tokens.weight[tokens.token]
    owner = np.repeat(np.arange(len(tokens.code)), np.diff(tokens.start))
    length = np.sqrt(np.bincount(owner, value**2, minlength=len(tokens.code)))
    unit = (value / length[owner]).astype(np.float32)
    return Vectors(tokens.code, tokens.start, tokens.token, unit, len(tokens.weight))


def _make_sets(need: Need, kept: Kept, columns: Columns) -> Sets:
    return Sets(kept.start[0], kept.data[0])


def _make_codes(need: Need, kept: Kept, columns: Columns) -> Codes:
    return Codes(kept.fixed[0].view(np.uint64))


def _make_numbers(need: Need, kept: Kept, columns: Columns) -> Numbers:
    return Numbers(kept.fixed[0].view(np.float64))


def _make_points(need: Need, kept: Kept, columns: Columns) -> Points:
    values = kept.fixed.view(np.float64)
    return Points(values[0], values[1], np.ascontiguousarray(values[2:].T))


def _make_dates(need: Need, kept: Kept, columns: Columns) -> Dates:
    parts = np.ascontiguousarray(kept.fixed[:3].T, np.int32)
    return Dates(parts, kept.fixed[3].view(np.float64))


def _make_phones(need: Need, kept: Kept, columns: Columns) -> Phones:
    return Phones(kept.fixed[0], kept.fixed[1])


def _make_quantities(need: Need, kept: Kept, columns: Columns) -> Quantities:
    return Quantities(kept.fixed[0].view(np.float64), kept.fixed[1].view(np.uint64))


def _make_letters(need: Need, kept: Kept, columns: Columns) -> Signatures:
    text: Texts = columns[Need("text", need.fields, need.options)]
    return Signatures(letter_signature(text.start, text.units))


def _make_token_bits(need: Need, kept: Kept, columns: Columns) -> Signatures:
    tokens: Tokens = columns[Need("tokens", need.fields, need.options)]
    return Signatures(token_signature(tokens.start, tokens.token, tokens.hash))


def _make_persons(need: Need, kept: Kept, columns: Columns) -> Persons:
    records = kept.code.shape[1]
    code = []
    for n, (name, own) in enumerate(zip(need.fields, kept.code[0::4], strict=True)):
        # Records with one text have one code, as in a table.
        text = columns[Need("codes", (name,), (("form", "latin"),))].value
        _, first, same = np.unique(text, return_index=True, return_inverse=True)
        code.append(np.where(own >= 0, first[same] + records * n, -1))
    start = _starts(np.concatenate(np.diff(kept.start[0::4], axis=1)))
    lengths, letters, sizes, formals = (np.concatenate(kept.data[n::4]) for n in range(4))
    spelled, standing = _starts(lengths), _starts(sizes)
    number, word = number_words(spelled, letters)
    spelling, formal = gathered(spelled, letters, word), gathered(standing, formals, word)
    codes = np.ascontiguousarray(np.stack(code, axis=1), np.int32)
    return Persons(codes, start, number, *spelling, *formal)


#: How the columns of each kind are put together.
_MAKERS: dict[str, Callable[[Need, Kept, Columns], Column]] = {
    "text": _make_texts,
    "core_word": _make_texts,
    "tokens": _make_tokens,
    "vectors": _make_vectors,
    "word_vectors": _make_word_vectors,
    "sets": _make_sets,
    "numbers_in": _make_sets,
    "codes": _make_codes,
    "number": _make_numbers,
    "frequency": _make_numbers,
    "relative_frequency": _make_numbers,
    "points": _make_points,
    "dates": _make_dates,
    "phones": _make_phones,
    "quantities": _make_quantities,
    "letters": _make_letters,
    "token_bits": _make_token_bits,
    "persons": _make_persons,
}
