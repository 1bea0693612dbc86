"""The scored pairs as a graph: each pair once, in the order of the records, in whole numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering.base import BoolArray, DecidedPairs, decided_pairs
from sameas.core.pair_key import pair_key
from sameas.core.prepared import FloatArray, IntArray

__all__ = ["UNIT", "Arcs", "Graph", "arcs_of", "as_whole", "renumbered", "scored_graph"]

#: A score of 1 as a whole number: sums of scores are then exact, whatever their order.
UNIT = 1 << 30
LongArray = npt.NDArray[np.int64]


class Graph(NamedTuple):
    """Distinct pairs ``left < right`` by record numbers; the best score of a repeated pair."""

    left: IntArray
    right: IntArray
    score: FloatArray
    decided: BoolArray

    def take(self, index: npt.NDArray[np.intp] | BoolArray) -> Graph:
        """Return the pairs at these positions."""
        return Graph(self.left[index], self.right[index], self.score[index], self.decided[index])


class Arcs(NamedTuple):
    """Every edge twice, once from each end, ordered by the record it leaves."""

    start: LongArray
    target: IntArray
    back: IntArray
    weight: LongArray
    edge: IntArray


def scored_graph(
    left: IntArray, right: IntArray, score: FloatArray, decision: BoolArray, source: IntArray
) -> tuple[Graph, DecidedPairs]:
    """Return all pairs that have a score, each once, and the matches as they were given."""
    pairs = decided_pairs(left, right, score, decision, source)
    values = np.asarray(score, np.float64)
    kept = np.flatnonzero(~np.isnan(values) & (np.asarray(left) != np.asarray(right)))
    a, b = np.asarray(left, np.int32)[kept], np.asarray(right, np.int32)[kept]
    low, high, values = np.minimum(a, b), np.maximum(a, b), values[kept]
    decided = np.asarray(decision, np.bool_)[kept]
    key = pair_key(low, high)
    if not (np.diff(key) > 0).all():  # mostly they come in order, each once
        order = np.lexsort((-values, ~decided, key))
        key, low, high = key[order], low[order], high[order]
        values, decided = values[order], decided[order]
    first = np.diff(key, prepend=-1) > 0
    return Graph(low[first], high[first], values[first], decided[first]), pairs


def as_whole(score: npt.ArrayLike) -> LongArray:
    """Return scores in units of 2^-30."""
    return np.rint(np.asarray(score, np.float64) * UNIT).astype(np.int64)


def arcs_of(left: IntArray, right: IntArray, weight: LongArray, n: int) -> Arcs:
    """Return the edges from each of their ends."""
    edges = len(left)
    begin, end = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.lexsort((end, begin))
    place = np.empty(2 * edges, np.int32)
    place[order] = np.arange(2 * edges, dtype=np.int32)
    back = place[np.where(order < edges, order + edges, order - edges)]
    start = np.searchsorted(begin[order], np.arange(n + 1)).astype(np.int64)
    edge = (order % max(edges, 1)).astype(np.int32)
    return Arcs(start, end[order].astype(np.int32), back, weight[edge], edge)


def renumbered(part: IntArray) -> IntArray:
    """Name every cluster by its smallest record."""
    _, first, place = np.unique(part, return_index=True, return_inverse=True)
    return first.astype(np.int32)[place]
