"""The rule by nearest neighbours in text: each record meets its most similar ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from sameas.blocking.base import Filter
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import Columns, IntArray, Need, Vectors
from sameas.core.specs import register
from sameas.kernels.neighbours import invert, nearest

__all__ = ["TextNeighbours"]

_MOST_NAMED = 3  # fields that the label of a rule names


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
    Exact, through an inverted index: the cost grows with the square of the records, so the
    rule is for tables up to about 200 thousand records. A list of neighbours depends on
    all records; the rule cannot say of a pair alone whether it would meet.
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
        records = len(columns[self.needs()[0]].code)
        edges = np.linspace(0, records, 4 * threads + 1).astype(int)
        ranges = [(first, last) for first, last in pairwise(edges) if last > first]
        return self._nearest(columns, group, ranges, threads)

    def pairs_of(
        self, columns: Columns, group: IntArray | None, records: IntArray, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        """List the pairs of some records with their own neighbours: for samples."""
        ranges = [(record, record + 1) for record in np.unique(records).tolist()]
        return self._nearest(columns, group, ranges, threads)

    def _nearest(
        self,
        columns: Columns,
        group: IntArray | None,
        ranges: list[tuple[int, int]],
        threads: int,
    ) -> tuple[IntArray, IntArray]:
        vectors: Vectors = columns[self.needs()[0]]
        groups = np.zeros(0, np.int32) if group is None else group
        arrays: tuple[Any, ...] = (vectors.code, vectors.start, vectors.index, vectors.value)
        inverted: tuple[Any, ...] = invert(*arrays, vectors.dimensions)
        with ThreadPoolExecutor(threads) as pool:
            jobs = [
                pool.submit(nearest, first, last, self.k, groups, arrays, inverted)
                for first, last in ranges
            ]
            try:
                lists = [job.result() for job in jobs]
            finally:  # when interrupted, what has not begun must not begin
                pool.shutdown(wait=False, cancel_futures=True)
        found = np.concatenate(lists) if lists else np.zeros((0, self.k), np.int32)
        queries = [np.arange(first, last, dtype=np.int32) for first, last in ranges]
        query = np.repeat(np.concatenate(queries) if queries else np.zeros(0, np.int32), self.k)
        other = found.ravel()
        query, other = query[other >= 0], other[other >= 0]
        low, high = np.minimum(query, other), np.maximum(query, other)
        return ends_of_key(np.unique(pair_key(low, high)))
