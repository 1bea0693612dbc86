"""Hybrid retrieval: the neighbours of several encoders, fused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.models.base import Encoder, Neighbours, Texts
from sameas.models.index import joined, spans
from sameas.models.mixed import default_weights
from sameas.models.retriever import Retriever

__all__ = ["HybridRetriever"]

_BLOCK = 1_024


class HybridRetriever:
    """Finds keys that are near by the weighted mean of several cosines.

    Each retriever lists its `pool` nearest keys. A key that one of them does not list counts
    there with the last similarity of the full list, which it cannot exceed.

    Parameters
    ----------
    encoders : sequence of str, Encoder or Retriever
        Spelling and meaning, for instance.
    weights : sequence of float, optional
        Of each cosine; they are divided by their sum. By default 0.8 for ``"lexical"`` and 0.2
        for the others together, which found most on the train and valid pairs of seven public
        sets (without a lexical one: equal).
    pool : int
        Keys that each retriever lists, at least `k` of the search.

    Examples
    --------
    >>> hybrid = HybridRetriever(["lexical", Retriever("lexical")]).fit(["Rex", "Bar"])
    >>> hybrid.search(["rex"], k=1).index.tolist()
    [[0]]
    """

    def __init__(
        self,
        encoders: Sequence[str | Encoder | Retriever],
        *,
        weights: Sequence[float] | None = None,
        pool: int = 50,
    ) -> None:
        if isinstance(encoders, str) or len(encoders) == 0:
            raise ArgumentError(f"encoders must be a list of at least one, got {encoders!r}.")
        self.retrievers = [
            one if isinstance(one, Retriever) else Retriever(one) for one in encoders
        ]
        names = [one.encoder.name for one in self.retrievers]
        given = default_weights(names) if weights is None else np.asarray(weights, np.float64)
        if given.shape != (len(encoders),) or (given < 0).any() or given.sum() <= 0:
            raise ArgumentError(
                f"weights must be {len(encoders)} numbers from 0, not all 0, got {weights!r}."
            )
        if pool < 1:
            raise ArgumentError(f"pool must be at least 1, got {pool}.")
        self.weights: npt.NDArray[np.float64] = given / given.sum()
        self.pool = pool

    def fit(self, keys: Texts) -> HybridRetriever:
        """Take the keys into every retriever."""
        for retriever in self.retrievers:
            retriever.fit(keys)
        return self

    def add(self, keys: Texts) -> HybridRetriever:
        """Append keys to every retriever."""
        for retriever in self.retrievers:
            retriever.add(keys)
        return self

    def search(self, queries: Texts, k: int = 10) -> Neighbours:
        """Return the `k` keys of highest fused similarity, ties by key number."""
        if k < 1:
            raise ArgumentError(f"k must be at least 1, got {k}.")
        lists = [one.search(queries, max(k, self.pool)) for one in self.retrievers]
        parts = [
            _fused([(one.index[a:b], one.similarity[a:b]) for one in lists], self.weights, k)
            for a, b in spans(len(lists[0].index), _BLOCK)
        ]
        return joined(parts, k)


def _fused(
    lists: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]],
    weights: npt.NDArray[np.float64],
    k: int,
) -> Neighbours:
    """Fuse the lists of a block of queries."""
    union = np.sort(np.concatenate([index for index, _ in lists], axis=1), axis=1)
    union[:, 1:][union[:, 1:] == union[:, :-1]] = -1
    score = np.zeros(union.shape)
    for (index, similarity), weight in zip(lists, weights, strict=True):
        # An unlisted key is at most as near as the last one of a full list.
        value = np.where(index[:, -1] >= 0, similarity[:, -1], 0.0)[:, None].repeat(
            union.shape[1], axis=1
        )
        for place in range(index.shape[1]):
            hit = (union == index[:, place, None]) & (union >= 0)
            value = np.where(hit, similarity[:, place, None], value)
        score += weight * value
    score[union < 0] = -np.inf
    order = np.lexsort((union, -score), axis=1)[:, :k]
    found = np.take_along_axis(union, order, axis=1)
    best = np.take_along_axis(score, order, axis=1)
    return Neighbours(found, np.where(found >= 0, best, np.nan).astype(np.float32))
