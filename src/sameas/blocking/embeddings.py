"""The rule by nearest neighbours of an encoder: spelling, meaning, or what a model learned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

import numpy as np

from sameas.blocking.base import Filter
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import Columns, Embedded, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.best import expand

__all__ = ["NearestNeighbors"]


@register("blocking", "nearest_neighbors")
@dataclass(frozen=True, slots=True)
class NearestNeighbors:
    """Each record meets the `k` records of highest cosine by an encoder, in both directions.

    Parameters
    ----------
    fields : tuple of str
        Their texts are joined.
    model : str
        What `sameas.models.load_encoder` takes: ``"lexical"`` (no model), ``"wordllama"``, a
        folder, an installed package of weights, a name on the hub; ``"lexical+wordllama"`` and
        the like take the weighted mean of the cosines.
    k : int
        Neighbours of each record, ties by ``(source, id)``.
    at_least : float
        Neighbours of a lower cosine are left out.
    form : str
        Normal form of the texts; encoders bring their own, so they stay as they are.
    filter : Filter, optional

    Notes
    -----
    Exact while that is quick, then through an index whose recall is measured on a sample and
    stands in the report. A list of neighbours depends on all records; the rule cannot say of a
    pair alone whether it would meet.
    """

    fields: tuple[str, ...]
    model: str = "lexical"
    k: int = 20
    at_least: float = -1.0
    form: str = "as_is"
    filter: Filter | None = None

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if not isinstance(self.model, str) or not self.model:
            raise ArgumentError(
                f"model must be a name, so that the linker can be saved, got {self.model!r}: save "
                "the encoder to a folder and name that."
            )
        if self.k < 1:
            raise ArgumentError(f"k must be at least 1, got {self.k}.")
        if not -1 <= self.at_least <= 1:
            raise ArgumentError(f"at_least is a cosine from -1 to 1, got {self.at_least}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        model = PurePath(self.model).name
        return f"the {self.k} nearest by {' and '.join(self.fields)} ({model})"

    def needs(self) -> tuple[Need, ...]:
        return (Need("embeddings", self.fields, (("model", self.model), ("form", self.form))),)

    def pairs(
        self, columns: Columns, group: IntArray | None, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        every = np.arange(len(self._embedded(columns).code), dtype=np.int32)
        return self.pairs_of(columns, group, every, threads=threads)

    def pairs_of(
        self, columns: Columns, group: IntArray | None, records: IntArray, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        """List the pairs of some records with their own neighbours: for samples."""
        embedded = self._embedded(columns)
        joint = [
            self._nearest(embedded, mine, others, threads)
            for mine, others in _sides(embedded.code, group, records)
        ]
        pairs = np.unique(np.concatenate([np.zeros(0, np.int64), *joint]))
        return ends_of_key(pairs)

    def searched(self, columns: Columns) -> str:
        """Say how the neighbours were searched, with the recall of the index on a sample."""
        return "; ".join(self._embedded(columns).space.searched)

    def _embedded(self, columns: Columns) -> Embedded:
        embedded: Embedded = columns[self.needs()[0]]
        return embedded

    def _nearest(
        self, embedded: Embedded, mine: IntArray, others: IntArray, threads: int
    ) -> np.ndarray:
        """Return the pairs of some records with their neighbours among others, as one number."""
        queries, query = np.unique(embedded.code[mine], return_inverse=True)
        keys, key = np.unique(embedded.code[others], return_inverse=True)
        near = embedded.space.nearest(queries, keys, self.k + 1, threads=threads)
        near.index[~(near.similarity >= self.at_least)] = -1
        order = np.argsort(key, kind="stable").astype(np.int32)
        begin = np.searchsorted(key[order], np.arange(len(keys) + 1)).astype(np.int64)
        named, _ = expand(near.index, near.similarity, begin, order)
        found = np.append(others, np.int32(-1))[named[query]]
        found[found == mine[:, None]] = -1
        listed = found >= 0
        listed &= np.cumsum(listed, axis=1) <= self.k
        one, other = np.broadcast_to(mine[:, None], found.shape)[listed], found[listed]
        return pair_key(np.minimum(one, other), np.maximum(one, other))


def _sides(
    code: IntArray, group: IntArray | None, records: IntArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """Give the records that ask and those that may be found, group by group."""
    known = np.flatnonzero(code >= 0).astype(np.int32)
    asked = np.unique(records[code[records] >= 0]).astype(np.int32)
    if group is None:
        sides = [(asked, known)]
    else:
        sides = [
            (asked[group[asked] == one], known[group[known] != one])
            for one in np.unique(group[asked])
        ]
    for mine, others in sides:
        if len(mine) and len(others):
            yield mine, others
