"""The rule by nearest neighbours in text: each record meets its most similar ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from sameas.blocking.base import Filter
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import Columns, IntArray, Need, Vectors
from sameas.core.specs import register
from sameas.kernels.arrays import plain
from sameas.kernels.postings import Rows, invert, search_postings

__all__ = ["TextNeighbours"]

_MOST_NAMED = 3  # fields that the label of a rule names
#: Entries of lists that are read for a record, from its rarest n-gram on, and records of highest
#: partial sum that are computed in full if that is not enough.
_READ, _FULL = 100_000, 100


@register("blocking", "text_neighbours")
@dataclass(frozen=True, slots=True)
class TextNeighbours:
    """Each record meets the `k` records of highest TF-IDF cosine, in both directions.

    Parameters
    ----------
    fields : tuple of str
        Their normalised texts are joined; character n-grams are the dimensions.
    k : int
        Neighbours of each record, ties by ``(source, id)``.
    low, high : int
        Sizes of the n-grams.
    filter : Filter, optional
    form : str
        Normal form of the texts, as in `NgramCosine`.

    Notes
    -----
    Lists of records by n-gram are read from the rarest n-gram on until no other record can be
    among the nearest, or 100,000 entries are read; then the 100 best so far are computed in
    full. So up to some ten thousand records the nearest are exact and the cost grows with their
    square; beyond, it grows with their number, and one neighbour in ten thousand is another
    one. A list of neighbours depends on all records; the rule cannot say of a pair alone
    whether it would meet.
    """

    fields: tuple[str, ...]
    k: int = 20
    low: int = 2
    high: int = 4
    filter: Filter | None = None
    form: str = "normalise"

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if self.k < 1:
            raise ArgumentError(f"k must be at least 1, got {self.k}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        named = ", ".join(self.fields[:_MOST_NAMED])
        more = len(self.fields) - _MOST_NAMED
        rest = f" and {more} more" if more > 0 else ""
        return f"the {self.k} nearest in the wording of {named}{rest}"

    def needs(self) -> tuple[Need, ...]:
        options: tuple[tuple[str, int | str], ...] = (("low", self.low), ("high", self.high))
        if self.form != "normalise":
            options = (*options, ("form", self.form))
        return (Need("vectors", self.fields, options),)

    def pairs(
        self, columns: Columns, group: IntArray | None, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        records = np.arange(len(columns[self.needs()[0]].code), dtype=np.int32)
        return self.pairs_of(columns, group, records, threads=threads)

    def pairs_of(
        self, columns: Columns, group: IntArray | None, records: IntArray, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        """List the pairs of some records with their own neighbours: for samples."""
        vectors: Vectors = columns[self.needs()[0]]
        asked = np.unique(records).astype(np.int32)
        every = np.arange(len(vectors.code), dtype=np.int32)
        if group is None:
            sides = [(asked, every)]
        else:
            sides = [(asked[group[asked] == one], every[group != one]) for one in np.unique(group)]
        keys = [np.zeros(0, np.int64)]
        for queries, others in sides:
            near = self._nearest(vectors, queries, others, own=group is None, threads=threads)
            there = near >= 0
            query, other = np.repeat(queries, there.sum(axis=1)), others[near[there]]
            keys.append(pair_key(np.minimum(query, other), np.maximum(query, other)))
        return ends_of_key(np.unique(np.concatenate(keys)))

    def _nearest(
        self, vectors: Vectors, queries: IntArray, others: IntArray, *, own: bool, threads: int
    ) -> IntArray:
        """Return the places in `others` of the nearest of each query, -1 where there are fewer.

        A query that is among the others is one of its own nearest, and one more is sought.
        """
        asked, held = _rows(vectors, queries), _rows(vectors, others)
        every = plain(np.arange(len(others)), np.int32)
        lists = invert(every, *held, vectors.dimensions)
        k = self.k + own
        full = max(_FULL, 4 * k)
        edges = np.unique(np.linspace(0, len(queries), 4 * threads + 1).astype(int))

        def part(span: tuple[int, int]) -> IntArray:
            rows = (plain(asked[0][span[0] : span[1] + 1], np.int64), asked[1], asked[2])
            found: IntArray = search_postings(k, rows, held, lists, _READ, full)[0]
            return _without_own(found, queries[span[0] : span[1]]) if own else found

        with ThreadPoolExecutor(threads) as pool:
            jobs = [pool.submit(part, span) for span in pairwise(edges.tolist())]
            try:
                found = [job.result() for job in jobs]
            finally:  # when interrupted, what has not begun must not begin
                pool.shutdown(wait=False, cancel_futures=True)
        return np.concatenate(found) if found else np.zeros((0, k), np.int32)


def _rows(vectors: Vectors, records: IntArray) -> Rows:
    """Return the vectors of records, one behind the other."""
    code = vectors.code[records]
    size = np.append(np.diff(vectors.start), 0)[code]  # the last where a text is missing, -1
    start = np.concatenate([[0], np.cumsum(size)])
    place = np.repeat(vectors.start[code] - start[:-1], size) + np.arange(start[-1])
    return (
        plain(start, np.int64),
        plain(vectors.index[place], np.int32),
        plain(vectors.value[place], np.float32),
    )


def _without_own(near: IntArray, queries: IntArray) -> IntArray:
    """Take each query out of its own list, or the last where many equal ones hid it."""
    mine = near == queries[:, None]
    last = near.shape[1] - 1
    out = near.copy()
    out[mine] = -1
    hidden = ~mine.any(axis=1)
    out[hidden, last] = -1
    return out
