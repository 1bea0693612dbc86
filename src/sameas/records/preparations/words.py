"""Texts cut into words: of one field, or of several as if their texts were joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray, Need
from sameas.core.texts import buffers, of_buffers
from sameas.kernels.spelled import numbered_words
from sameas.kernels.token_sets import united_tokens
from sameas.records.encoded import encoded
from sameas.records.identifiers import order_of
from sameas.records.preparations.dates import dates_as_words
from sameas.records.preparations.workspace import Workspace

__all__ = ["STREET_WORDS", "Words", "distinct_sorted", "words_of"]

#: Abbreviations of street names, in the languages met most often.
STREET_WORDS = {
    "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "rd": "road",
    "blvd": "boulevard", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place",
    "sq": "square", "hwy": "highway", "pkwy": "parkway", "ter": "terrace", "terr": "terrace",
    "cres": "crescent", "gdns": "gardens", "bldg": "building", "ctr": "centre",
    "center": "centre", "n": "north", "s": "south", "e": "east", "w": "west",
    "mt": "mount", "jln": "jalan", "r": "rua", "avda": "avenida", "c": "calle",
}  # fmt: skip


class Words(NamedTuple):
    """The words of each distinct text, each word once, in the order of texts and words.

    Attributes
    ----------
    code : int32[n]
        The text of each record, -1 where there is none.
    start : int64[texts + 1]
        Where the words of each text begin in `token`.
    token : int32[w]
        Which word of the vocabulary.
    vocabulary : pyarrow.Array of large_string
        Sorted.
    """

    code: IntArray
    start: npt.NDArray[np.int64]
    token: IntArray
    vocabulary: pa.LargeStringArray

    @property
    def text(self) -> npt.NDArray[np.int64]:
        """The text of each of the words."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def records(self) -> npt.NDArray[np.int64]:
        """Return the number of records that bear each text."""
        present = self.code[self.code >= 0]
        return np.bincount(present, minlength=len(self.start) - 1).astype(np.int64)


def words_of(workspace: Workspace, need: Need) -> Words:
    """Return the words of the fields of a need, made once.

    Options ``form`` (also "street") and ``dates``, the fields whose words are year, month and day.
    """
    options = dict(need.options)
    form, dates = str(options.get("form", "normalise")), frozenset(options.get("dates", ()))
    if len(need.fields) == 1:
        return _of_one(workspace, need.fields[0], "date" if dates else form)
    return workspace.once(
        ("words", need.fields, form, dates),
        lambda: _of_several(
            [_cut(workspace, name, "date" if name in dates else form) for name in need.fields]
        ),
    )


def _of_one(workspace: Workspace, field: str, form: str) -> Words:
    number = _numbered if form == "street" else _sorted  # only a street has two spellings of a word
    return workspace.once(
        ("words", field, form), lambda: _in_order(_cut(workspace, field, form), number)
    )


def _cut(workspace: Workspace, field: str, form: str) -> Words:
    """Return the words of a field as they come: neither they nor the vocabulary are sorted."""
    return workspace.once(("cut", field, form), lambda: _made(workspace, field, form))


def _made(workspace: Workspace, field: str, form: str) -> Words:
    street = form == "street"
    if form == "date":
        texts = dates_as_words(workspace, field)
    else:
        texts = workspace.formed(field, "normalise" if street else form)
    start, token, spelled = numbered_words(*buffers(pc.fill_null(texts.values, "")))
    vocabulary = of_buffers(*spelled)
    if street:
        vocabulary, start, token = _streets(vocabulary, start, token)
    return Words(texts.present(), start, token, vocabulary)


def _streets(
    spelling: pa.Array, start: npt.NDArray[np.int64], token: IntArray
) -> tuple[pa.Array, npt.NDArray[np.int64], IntArray]:
    """Write words of streets out, and leave those with a digit out."""
    keep = ~pc.match_substring_regex(spelling, r"\d").to_numpy(zero_copy_only=False)
    short, long = list(STREET_WORDS), list(STREET_WORDS.values())
    place = pc.index_in(spelling, value_set=pa.array(short, pa.large_string()))
    spelling = pc.coalesce(pa.array(long, pa.large_string()).take(place), spelling)
    number = np.where(keep, np.cumsum(keep, dtype=np.int32) - np.int32(1), np.int32(-1))
    token = number[token]
    known = token >= 0
    start, token = np.append(0, np.cumsum(known))[start], token[known]
    return spelling.filter(pa.array(keep)), start, token


def _in_order(
    cut: Words, numbered: Callable[[pa.Array], tuple[pa.Array, npt.NDArray[np.int64]]]
) -> Words:
    """Sort the vocabulary of a field, and the words of each text, each once."""
    vocabulary, number = numbered(cut.vocabulary)
    token = number.astype(np.int32)[cut.token]
    own = np.arange(len(cut.start) - 1, dtype=np.int32)[None]
    start, token = united_tokens(own, np.zeros(1, np.int64), cut.start, token)
    return Words(cut.code, start, token, vocabulary)


def _of_several(parts: Sequence[Words]) -> Words:
    """Put the words of each field together, a text for each record; none is ever written out."""
    vocabulary, number = _numbered(pa.concat_arrays([part.vocabulary for part in parts]))
    ends = np.cumsum([len(part.vocabulary) for part in parts])
    numbers = np.split(number.astype(np.int32), ends[:-1])
    token = [number[part.token] for part, number in zip(parts, numbers, strict=True)]
    begin = np.cumsum([0, *(len(part.token) for part in parts)])
    start = [part.start + first for part, first in zip(parts, begin, strict=False)]
    codes = np.stack([part.code for part in parts])
    first = np.cumsum([0, *(len(each) for each in start[:-1])])
    own, united = united_tokens(codes, first, np.concatenate(start), np.concatenate(token))
    some = (codes >= 0).any(axis=0)
    code = np.where(some, np.arange(codes.shape[1], dtype=np.int32), np.int32(-1))
    return Words(code, own, united, vocabulary)


def _numbered(spelling: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Return the distinct spellings, sorted, and the place of each spelling among them."""
    found = encoded(spelling)
    vocabulary, place = _sorted(found.values)
    return vocabulary, place[found.code]


def _sorted(distinct: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Return distinct spellings, sorted, and the place of each among them."""
    if distinct.nbytes < np.iinfo(np.int32).max:
        order = order_of(distinct.cast(pa.string()))
    else:
        order = pc.sort_indices(distinct).to_numpy().astype(np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return distinct.take(pa.array(order)), place


def distinct_sorted(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the distinct values, rising; several times as fast as `numpy.unique`."""
    values = np.sort(values)
    first = np.append(True, values[1:] != values[:-1])[: len(values)]
    return np.asarray(values[first])
