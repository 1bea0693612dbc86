"""Connected components under a constraint: a greatest size, or one record of each source.

Both kernels take their edges by falling score. Edges with equal scores are one group: what
holds before the group is looked at first, so that only real ties are settled by record number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import FloatArray, IntArray
from sameas.kernels.arrays import inner, jit

__all__ = ["capped_components", "exclusive_components"]


@inner
def _root(parent: IntArray, record: int) -> int:
    while parent[record] != record:
        parent[record] = parent[parent[record]]
        record = parent[record]
    return record


@inner
def _union(parent: IntArray, a: int, b: int) -> int:
    """Join two roots; the smaller number stays a root."""
    parent[max(a, b)] = min(a, b)
    return min(a, b)


@inner
def _clash(member: IntArray, source: IntArray, a: int, b: int) -> bool:
    """Say whether the clusters of two records share a source (`member` is a ring each)."""
    x = a
    while True:
        y = b
        while True:
            if source[x] == source[y]:
                return True
            y = member[y]
            if y == b:
                break
        x = member[x]
        if x == a:
            return False


@jit
def capped_components(
    left: IntArray, right: IntArray, score: FloatArray, n: int, max_size: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Raise the threshold inside components until none is larger than `max_size`.

    A component that grows beyond `max_size` at some score keeps the parts it had above that
    score, and nothing joins them any more. Edges with exactly that score are tried one by one
    in the given order, and taken while the parts stay within `max_size`.

    Parameters
    ----------
    left, right : int32[e]
        The two ends of each edge, ordered by falling score, then by ``(left, right)``.
    score : float64[e]
        Score of each edge, without NaN.
    n : int
        Number of records.
    max_size : int
        Greatest allowed number of records in a part.

    Returns
    -------
    label : int32[n]
        Smallest record number of each record's part.
    tree : bool[e]
        The edges of the strongest spanning tree of the components *before* any cut: the lowest
        of them are the links without which a component falls apart first.

    Examples
    --------
    >>> left, right = np.array([0, 2, 1], np.int32), np.array([1, 3, 2], np.int32)
    >>> label, tree = capped_components(left, right, np.array([0.9, 0.8, 0.6]), 4, 3)
    >>> label.tolist(), tree.tolist()
    ([0, 0, 2, 2], [True, True, True])
    """
    whole, size = np.arange(n).astype(np.int32), np.ones(n, np.int32)
    part, part_size = np.arange(n).astype(np.int32), np.ones(n, np.int32)
    tree, closed = np.zeros(left.size, np.bool_), np.zeros(left.size, np.bool_)
    first = 0
    while first < left.size:
        last = first
        while last < left.size and score[last] == score[first]:
            a, b = _root(whole, left[last]), _root(whole, right[last])
            closed[last] = size[a] > max_size or size[b] > max_size
            last += 1
        for edge in range(first, last):
            a, b = _root(whole, left[edge]), _root(whole, right[edge])
            if a != b:
                tree[edge] = True
                total = size[a] + size[b]
                size[_union(whole, a, b)] = total
            a, b = _root(part, left[edge]), _root(part, right[edge])
            total = part_size[a] + part_size[b]
            if a != b and not closed[edge] and total <= max_size:
                part_size[_union(part, a, b)] = total
        first = last
    for record in range(n):
        part[record] = part[part[record]]
    return part, tree


@jit
def exclusive_components(
    left: IntArray, right: IntArray, score: FloatArray, source: IntArray
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Join records, best pairs first, so that no cluster holds two records of one source.

    Parameters
    ----------
    left, right : int32[e]
        The two ends of each edge, ordered by falling score, then by ``(left, right)``.
    score : float64[e]
        Score of each edge, without NaN.
    source : int32[n]
        Source of each record.

    Returns
    -------
    label : int32[n]
        Smallest record number of each record's cluster.
    tied : bool[e]
        The edges that were refused only because an edge of the same score came first.

    Examples
    --------
    >>> left, right = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    >>> source = np.array([0, 1, 1], np.int32)
    >>> label, tied = exclusive_components(left, right, np.array([0.9, 0.9]), source)
    >>> label.tolist(), tied.tolist()
    ([0, 0, 2], [False, True])
    """
    n = source.size
    parent, member = np.arange(n).astype(np.int32), np.arange(n).astype(np.int32)
    tied, clash = np.zeros(left.size, np.bool_), np.zeros(left.size, np.bool_)
    first = 0
    while first < left.size:
        last = first
        while last < left.size and score[last] == score[first]:
            a, b = _root(parent, left[last]), _root(parent, right[last])
            clash[last] = a != b and _clash(member, source, a, b)
            last += 1
        for edge in range(first, last):
            a, b = _root(parent, left[edge]), _root(parent, right[edge])
            if a == b or clash[edge]:
                continue
            if _clash(member, source, a, b):
                tied[edge] = True
                continue
            member[a], member[b] = member[b], member[a]
            _union(parent, a, b)
        first = last
    for record in range(n):
        parent[record] = parent[parent[record]]
    return parent, tied
