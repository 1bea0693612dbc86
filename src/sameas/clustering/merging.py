"""Merging clusters round by round: of all pairs of clusters, those that are each other's best."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import FloatArray, IntArray
from sameas.kernels.components import connected_components

__all__ = ["Between", "merge_rounds"]

LongArray = npt.NDArray[np.int64]


class Between(NamedTuple):
    """What lies between pairs of clusters: one row a pair of clusters with an edge.

    ``total`` and ``least`` are over the edges, in whole numbers; ``edges`` counts them and
    ``pairs`` the pairs of records, with or without an edge; ``records`` is the size of both, and
    ``fewer`` that of the smaller one.
    """

    left: IntArray
    right: IntArray
    total: LongArray
    least: LongArray
    edges: LongArray
    pairs: LongArray
    records: LongArray
    fewer: LongArray


def merge_rounds(
    left: IntArray,
    right: IntArray,
    weight: LongArray,
    n: int,
    *,
    value: Callable[[Between], FloatArray],
    part: IntArray | None = None,
) -> IntArray:
    """Merge clusters while two of them have a value of at least 0.

    In each round, all pairs of clusters are merged that are each other's best: by value, then
    by record numbers. Where a merger never makes a third cluster more alike than the better of
    its parts was (average, complete linkage), this is the hierarchy of merging the best pair
    again and again (Murtagh 1983, reciprocal nearest neighbours).

    Parameters
    ----------
    left, right : int32[e]
        Distinct pairs, ``left < right``.
    weight : int64[e]
        What `value` adds up.
    n : int
        Number of records.
    value : function of Between
        A number for each pair of clusters; negative: never merged. A pair of clusters whose
        edges are all of negative value must have a negative value, too.
    part : int32[n], optional
        Records of one part are never compared: ``pairs`` does not count their pairs.

    Returns
    -------
    int32[n]
        Smallest record number of each record's cluster.
    """
    label, size = np.arange(n, dtype=np.int32), _sizes(n, part)
    one = np.ones(len(left), np.int64)
    table = Between(left, right, weight, weight, one, one, 2 * one, one)
    while len(table.left):
        values = value(table)
        good = np.flatnonzero(values >= 0)
        if not len(good):
            break
        a, b = table.left[good], table.right[good]
        group = connected_components(a, b, n)
        rank = np.empty(len(good), np.int64)
        rank[np.lexsort((pair_key(a, b), -values[good]))] = np.arange(len(good))
        best = np.full(n, len(good), np.int64)
        np.minimum.at(best, a, rank)
        np.minimum.at(best, b, rank)
        merged = (best[a] == rank) & (best[b] == rank)
        target = np.arange(n, dtype=np.int32)
        target[b[merged]] = a[merged]
        size[a[merged]] += size[b[merged]]
        label = target[label]
        active = np.flatnonzero(group[table.left] == group[table.right])
        table = _joined(table, active, target, size)
    return label


def _sizes(n: int, part: IntArray | None) -> LongArray:
    """Count the records of each cluster, one column for each part if there are parts."""
    if part is None:
        return np.ones((n, 1), np.int64)
    size = np.zeros((n, int(part.max(initial=0)) + 1), np.int64)
    size[np.arange(n), part] = 1
    return size


def _joined(
    table: Between, active: npt.NDArray[np.intp], target: IntArray, size: LongArray
) -> Between:
    """Add up what now lies between the same two clusters."""
    a, b = target[table.left[active]], target[table.right[active]]
    low, high = np.minimum(a, b), np.maximum(a, b)
    apart = np.flatnonzero(low != high)
    key = pair_key(low[apart], high[apart])
    order = np.argsort(key, kind="stable")
    rows, key = active[apart][order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(first):
        none, zero = table.left[:0], table.total[:0]
        return Between(none, none, zero, zero, zero, zero, zero, zero)
    left, right = ends_of_key(key[first])
    records = size[left].sum(axis=1), size[right].sum(axis=1)
    return Between(
        left,
        right,
        np.add.reduceat(table.total[rows], first),
        np.minimum.reduceat(table.least[rows], first),
        np.add.reduceat(table.edges[rows], first),
        _comparable(size[left], size[right]),
        records[0] + records[1],
        np.minimum(*records),
    )


def _comparable(left: LongArray, right: LongArray) -> LongArray:
    """Count the pairs of records between clusters, without those inside a part."""
    pairs: LongArray = left.sum(axis=1) * right.sum(axis=1)
    return pairs if left.shape[1] == 1 else pairs - (left * right).sum(axis=1)
