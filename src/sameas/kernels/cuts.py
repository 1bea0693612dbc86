"""Cuts of an undirected graph: cheapest ones between two records, and bridges.

Graphs come as arcs: every edge twice, once from each end, ordered by the record they leave.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.kernels.arrays import jit

__all__ = ["bridge_sides", "cut_between"]

LongArray = npt.NDArray[np.int64]


@jit
def _search(
    arcs: tuple[LongArray, IntArray, IntArray, LongArray],
    left_over: LongArray,
    reached: IntArray,
    queue: IntArray,
    ends: tuple[int, int],
) -> int:
    """Walk from the first end along arcs with something left; return how many were reached."""
    start, target, _, _ = arcs
    reached[ends[0]] = -2
    queue[0] = ends[0]
    first, last = 0, 1
    while first < last:
        record = queue[first]
        first += 1
        for arc in range(start[record], start[record + 1]):
            other = target[arc]
            if reached[other] == -1 and left_over[arc] > 0:
                reached[other] = arc
                queue[last] = other
                last += 1
                if other == ends[1]:
                    return last
    return last


@jit
def cut_between(
    arcs: tuple[LongArray, IntArray, IntArray, LongArray],
    first: IntArray,
    second: IntArray,
) -> npt.NDArray[np.bool_]:
    """Cut the graph so that no given couple of records is connected.

    Couples are taken in their order; those that earlier cuts have parted cost nothing. Each cut
    is one of least weight (augmenting paths, Edmonds and Karp 1972), and of these the one
    nearest to the first record, so nothing depends on the order of edges.

    Parameters
    ----------
    arcs : (int64[n + 1], int32[2e], int32[2e], int64[2e])
        Where the arcs of each record begin; the record each leads to; the arc back; the weight,
        the same both ways.
    first, second : int32[k]
        The couples.

    Returns
    -------
    bool[2e]
        The arcs that are cut, both ways.

    Examples
    --------
    >>> arcs = (np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.int32),
    ...         np.array([1, 0, 3, 2], np.int32), np.array([5, 5, 4, 4]))
    >>> cut_between(arcs, np.array([0], np.int32), np.array([2], np.int32)).tolist()
    [False, False, True, True]
    """
    start, target, back, weight = arcs
    n = start.size - 1
    cut = np.zeros(target.size, np.bool_)
    left_over = weight.copy()
    reached, queue = np.full(n, -1, np.int32), np.zeros(n, np.int32)
    member = np.zeros(n, np.int32)
    for couple in range(first.size):
        ends = (first[couple], second[couple])
        while True:
            count = _search(arcs, left_over, reached, queue, ends)
            met = reached[ends[1]] != -1
            if met:
                flow, record = np.int64(2**62), ends[1]
                while record != ends[0]:
                    arc = reached[record]
                    flow, record = min(flow, left_over[arc]), target[back[arc]]
                record = ends[1]
                while record != ends[0]:
                    arc = reached[record]
                    left_over[arc] -= flow
                    left_over[back[arc]] += flow
                    record = target[back[arc]]
            else:
                for place in range(count):
                    record = queue[place]
                    for arc in range(start[record], start[record + 1]):
                        if reached[target[arc]] == -1 and weight[arc] > 0:
                            cut[arc] = cut[back[arc]] = True
            for place in range(count):
                reached[queue[place]] = -1
            if not met:
                break
        _restore(arcs, cut, left_over, member, reached, ends)
    return cut


@jit
def _restore(
    arcs: tuple[LongArray, IntArray, IntArray, LongArray],
    cut: npt.NDArray[np.bool_],
    left_over: LongArray,
    queue: IntArray,
    reached: IntArray,
    ends: tuple[int, int],
) -> None:
    """Give the arcs about both ends their weight back, but for those that are cut."""
    start, target, _, weight = arcs
    for end in ends:
        if reached[end] != -1:
            continue
        queue[0], reached[end] = end, -3
        first, last = 0, 1
        while first < last:
            record = queue[first]
            first += 1
            for arc in range(start[record], start[record + 1]):
                if cut[arc]:
                    left_over[arc] = 0
                    continue
                left_over[arc] = weight[arc]
                other = target[arc]
                if reached[other] == -1:
                    reached[other] = -3
                    queue[last] = other
                    last += 1
        for place in range(last):
            reached[queue[place]] = -1


@jit
def bridge_sides(start: LongArray, target: IntArray, back: IntArray) -> IntArray:
    """Find the bridges: edges without which their component falls apart.

    Parameters
    ----------
    start, target, back
        The first three of the arcs of `cut_between`.

    Returns
    -------
    int32[2e]
        For an arc of a bridge, the records on the smaller side of it; 0 for other arcs.

    Notes
    -----
    Source: Tarjan, "A note on finding the bridges of a graph", Inf. Proc. Letters 2, 1974.

    Examples
    --------
    >>> bridge_sides(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.int32),
    ...              np.array([1, 0, 3, 2], np.int32)).tolist()
    [1, 1, 1, 1]
    """
    n = start.size - 1
    number, low, size = np.full(n, -1, np.int32), np.zeros(n, np.int32), np.ones(n, np.int32)
    entry, place = np.full(n, -1, np.int32), start[:-1].copy()
    path, below = np.zeros(n, np.int32), np.zeros(n, np.int32)
    side = np.zeros(target.size, np.int32)
    count = 0
    for root in range(n):
        if number[root] >= 0:
            continue
        depth, path[0], found = 0, root, 0
        number[root] = low[root] = count
        count += 1
        while depth >= 0:
            record = path[depth]
            if place[record] < start[record + 1]:
                arc = place[record]
                place[record] += 1
                other = target[arc]
                if number[other] < 0:
                    number[other] = low[other] = count
                    count += 1
                    entry[other] = arc
                    depth += 1
                    path[depth] = other
                elif entry[record] < 0 or arc != back[entry[record]]:
                    low[record] = min(low[record], number[other])
                continue
            depth -= 1
            if depth < 0:
                break
            above = path[depth]
            low[above] = min(low[above], low[record])
            size[above] += size[record]
            if low[record] == number[record]:
                below[found] = record
                found += 1
        for item in range(found):
            arc, part = entry[below[item]], size[below[item]]
            side[arc] = side[back[arc]] = min(part, size[root] - part)
    return side
