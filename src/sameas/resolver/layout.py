"""The layout of what is kept of a record: which columns, in which order, as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Column, Columns, Need, Tokens
from sameas.kernels.ranges import copy_ranges, take_apart
from sameas.records.preparations.texts import inverse_frequency
from sameas.resolver.channels import Parts, split_column
from sameas.resolver.remaking import Kept, make_column

__all__ = ["Layout", "Unpacked", "beside", "derived_from", "unlimited"]

#: Columns that are quickly made from others, and from which.
_DERIVED = {
    "letters": "text", "token_bits": "tokens", "word_vectors": "tokens", "learned_words": "tokens"
}  # fmt: skip
_WIDTHS: dict[str, tuple[type, ...]] = {
    "text": (np.uint16,),
    "core_word": (np.uint16,),
    "tokens": (np.uint16, np.uint16, np.uint64, np.float64),
    "vectors": (np.int32, np.float32),
    "sets": (np.uint64,),
    "numbers_in": (np.uint64,),
}
_PERSONS = (np.uint16, np.uint16, np.uint16, np.int32)
_FIXED = {"points": 5, "dates": 4, "phones": 2, "quantities": 2}


def unlimited(need: Need) -> Need:
    """Return a need without its limit of records a value: that is counted in the store.

    Examples
    --------
    >>> unlimited(Need("codes", ("phone",), (("at_most", 20), ("form", "digits")))).options
    (('form', 'digits'),)
    """
    options = tuple(pair for pair in need.options if pair[0] != "at_most")
    return need if options == need.options else Need(need.kind, need.fields, options)


def beside(need: Need) -> tuple[Need, ...]:
    """Return what must be kept beside a column: equal names of persons are told by their hashes."""
    if need.kind != "persons":
        return ()
    return tuple(Need("codes", (name,), (("form", "latin"),)) for name in need.fields)


def derived_from(need: Need) -> Need | None:
    """Return the need that a column is made from, if it is not kept itself."""
    kind = _DERIVED.get(need.kind)
    return None if kind is None else Need(kind, need.fields, need.options)


_NOTHING = Kept(
    np.zeros((0, 0), np.int64), np.zeros((0, 0), np.int32), np.zeros((0, 0), np.int64), []
)


@dataclass(frozen=True, slots=True)
class _Place:
    need: Need
    fixed: slice
    ranges: slice
    kinds: tuple[np.dtype[Any], ...]


class LearnedWeights:
    """What words add to the log-odds of a match, by their hashes.

    Parameters
    ----------
    channel : int
        The first of the words.
    table : pyarrow.Table
        `LEARNED_WORDS`.
    """

    def __init__(self, channel: int, table: pa.Table) -> None:
        order = np.argsort(table["hash"].to_numpy())
        self.channel = channel
        self._hash = np.append(table["hash"].to_numpy()[order], np.uint64(0))
        self._weight = np.append(table["weight"].to_numpy()[order], 0.0)

    def of(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
        """Return the weights of some words, 0 for those that were not learned."""
        place = np.searchsorted(self._hash[:-1], hashes)
        return np.where(self._hash[place] == hashes, self._weight[place], 0.0)


class Layout:
    """How the prepared columns of a linker are kept, record by record.

    Parameters
    ----------
    needs : iterable of Need
        What must come back; needs with a limit come back without it.
    documents : mapping of Need to int
        Number of texts of the frozen statistics.
    statistics : mapping of str to pyarrow.Table, optional
        Frozen statistics by slug; not needed where no word has a learned weight.
    """

    def __init__(
        self,
        needs: Iterable[Need],
        documents: dict[Need, int],
        statistics: Mapping[str, pa.Table] | None = None,
    ) -> None:
        wanted = list(dict.fromkeys(unlimited(need) for need in needs))
        base = [derived_from(need) or need for need in wanted]
        base += [other for need in wanted for other in beside(need)]
        self.kept = tuple(sorted(dict.fromkeys(base), key=lambda need: need.slug))
        self.made = tuple(need for need in wanted if derived_from(need) is not None)
        self.documents = documents
        places: list[_Place] = []
        types: list[type] = []
        fixed = 0
        for need in self.kept:
            if need.kind == "persons":
                widths: tuple[type, ...] = _PERSONS * len(need.fields)
            else:
                widths = _WIDTHS.get(need.kind, ())
            numbers = 0 if widths else _FIXED.get(need.kind, 1)
            ranges = slice(len(types), len(types) + len(widths))
            kinds = tuple(np.dtype(kind) for kind in widths)
            places.append(_Place(need, slice(fixed, fixed + numbers), ranges, kinds))
            types += widths
            fixed += numbers
        self.places, self.types, self.fixed = tuple(places), tuple(types), fixed
        self.head = 8 * fixed + 4 * len(types)
        self.widths = np.array([np.dtype(kind).itemsize for kind in types], np.int64)
        self.place_of = {place.need: place for place in places}
        #: The first channels of words, and in how many texts these were counted.
        self.words = tuple(
            (place.ranges.start, documents.get(place.need, 0))
            for place in places
            if place.need.kind == "tokens"
        )
        #: Learned weights, and the first channel of their words.
        self.learned = {
            need: LearnedWeights(self.place_of[_words(need)].ranges.start, statistics[need.slug])
            for need in self.made
            if need.kind == "learned_words" and statistics is not None
        }

    def place_of_learned(self, need: Need) -> int:
        """Return the place of learned weights among those of `Unpacked.weights`."""
        return len(self.types) + 1 + list(self.learned).index(need)

    def pack(self, columns: Columns) -> Iterator[memoryview]:
        """Give what is kept of each record."""
        buffer, start = self.packed(columns)
        view = memoryview(buffer)  # type: ignore[arg-type]
        ends = start.tolist()
        return (view[begin:end] for begin, end in pairwise(ends))

    def packed(
        self, columns: Columns, chosen: npt.NDArray[np.int64] | None = None
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """Return what is kept of records, one behind the other, and where each begins."""
        parts = [split_column(place.need, columns[place.need], chosen) for place in self.places]
        records = _length(parts)
        ranges = [channel for part in parts for channel in part.ranges]
        head = np.zeros((records, self.head), np.uint8)
        numbers = [np.ascontiguousarray(values) for part in parts for values in part.fixed]
        for place, values in enumerate(numbers):
            head[:, 8 * place : 8 * place + 8] = values.view(np.uint8).reshape(records, 8)
        sizes = np.empty((records, len(ranges)), np.int32)
        for place, channel in enumerate(ranges):
            sizes[:, place] = channel.size
        head[:, 8 * self.fixed :] = sizes.view(np.uint8).reshape(records, -1)
        width = self.widths
        size = np.maximum(sizes, 0) * width
        start = np.zeros(records + 1, np.int64)
        np.cumsum(size.sum(axis=1) + self.head, out=start[1:])
        out = np.empty(start[-1], np.uint8)
        whole = np.full(records, self.head, np.int64)
        copy_ranges(head.reshape(-1), np.arange(records) * self.head, out, start[:-1], whole)
        at = start[:-1] + self.head
        for place, channel in enumerate(ranges):
            data = np.ascontiguousarray(channel.data, self.types[place]).view(np.uint8)
            begin = channel.begin * width[place]
            mine = np.ascontiguousarray(size[:, place])
            copy_ranges(data, begin, out, at, mine)
            at = at + mine
        return out, start

    def unpack(self, blobs: Sequence[bytes | memoryview]) -> Unpacked:
        """Return the columns of the records whose bytes these are."""
        joined = np.frombuffer(bytearray().join(blobs), np.uint8)
        begin = np.zeros(len(blobs), np.int64)
        if len(blobs) > 1:
            np.cumsum([len(blob) for blob in blobs[:-1]], out=begin[1:])
        return Unpacked(self, take_apart(joined, begin, self.fixed, self.widths))


class Unpacked(dict[Need, Any]):
    """The prepared columns of a few records; each is put together when it is first read.

    Attributes
    ----------
    parts : tuple of arrays
        The records as `take_apart` gives them, for programs that need no columns.
    """

    __slots__ = ("_layout", "_weights", "parts")

    def __init__(self, layout: Layout, parts: tuple[npt.NDArray[Any], ...]) -> None:
        super().__init__()
        self._layout, self.parts = layout, parts
        self._weights: tuple[npt.NDArray[Any], ...] | None = None

    def __missing__(self, need: Need) -> Column:
        """Put a column together, and keep it."""
        layout = self._layout
        part = layout.place_of.get(need)
        if part is None and need not in layout.made:
            raise KeyError(need)
        if need in layout.learned:
            words: Tokens = self[_words(need)]
            weighed = self[need] = replace(words, weight=layout.learned[need].of(words.hash))
            return weighed
        kept = _NOTHING if part is None else self._kept(part)
        made = self[need] = make_column(need, kept, self)
        return made

    def number(self, place: int) -> npt.NDArray[np.uint64]:
        """Return a fixed number of all records as hashes."""
        found: npt.NDArray[np.uint64] = self.parts[0][place].view(np.uint64)
        return found

    def weights(self) -> tuple[npt.NDArray[Any], ...]:
        """Return where the weights of the words of each channel begin, and all weights.

        Behind the channels follow the learned weights, in the order of `Layout.learned`.
        """
        if self._weights is None:
            begin = np.zeros(len(self._layout.widths) + 1, np.int64)
            found = []
            for channel, documents in self._layout.words:
                shares = self._range(channel + 3, np.dtype(np.float64))
                frequency = np.rint(shares * max(documents, 1)).astype(np.int64)
                found.append(inverse_frequency(frequency, documents))
                begin[channel + 1 :] += len(shares)
            for learned in self._layout.learned.values():
                begin = np.append(begin, sum(map(len, found)))
                found.append(learned.of(self._range(learned.channel + 2, np.dtype(np.uint64))))
            self._weights = begin, np.concatenate(found) if found else np.zeros(0)
        return self._weights

    def _range(self, channel: int, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        _, _, start, data, place = self.parts
        first = place[channel]
        return data[first : first + start[channel, -1] * kind.itemsize].view(kind)

    def _kept(self, part: _Place) -> Kept:
        fixed, code, start, _, _ = self.parts
        numbers = fixed.view(np.int64)[part.fixed]
        documents = self._layout.documents.get(part.need, 0)
        if not part.kinds:
            return Kept(numbers, _NOTHING.code, _NOTHING.start, [], documents)
        ranges = part.ranges
        data = [self._range(ranges.start + n, kind) for n, kind in enumerate(part.kinds)]
        return Kept(numbers, code[ranges], start[ranges], data, documents)


def _words(need: Need) -> Need:
    return Need("tokens", need.fields, need.options)


def _length(parts: Sequence[Parts]) -> int:
    for part in parts:
        for values in part.fixed:
            return len(values)
        for channel in part.ranges:
            return len(channel.size)
    return 0
