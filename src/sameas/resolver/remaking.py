"""Back to prepared columns from what a store keeps of a few records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

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
from sameas.kernels.ranges import distinct_words, number_words
from sameas.kernels.tokens import token_signature
from sameas.records.preparations.texts import inverse_frequency
from sameas.resolver.channels import gathered

__all__ = ["Kept", "make_column"]

Ints = npt.NDArray[np.int64]


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
