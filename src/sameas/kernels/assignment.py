"""The assignment of greatest weight between two sides of a sparse graph, and what ties it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.kernels.arrays import jit

__all__ = ["best_assignment", "strong_components"]

LongArray = npt.NDArray[np.int64]


class _Graph(NamedTuple):
    """Edges of each row."""

    start: LongArray
    column: IntArray
    weight: LongArray


class _Matching(NamedTuple):
    """Partners and potentials so far."""

    match: IntArray
    owner: IntArray
    row_price: LongArray
    column_price: LongArray


class _Search(NamedTuple):
    """What a search for the shortest path writes to: distances of columns, a heap."""

    distance: LongArray
    origin: IntArray
    done: npt.NDArray[np.bool_]
    seen: IntArray
    key: LongArray
    item: IntArray


@jit
def _push(key: LongArray, item: IntArray, size: int, new: int, value: int) -> None:
    """Put an item on a heap; smaller keys first, then smaller items."""
    place = size
    while place > 0:
        above = (place - 1) // 2
        if key[above] < new or (key[above] == new and item[above] <= value):
            break
        key[place], item[place] = key[above], item[above]
        place = above
    key[place], item[place] = new, value


@jit
def _pop(key: LongArray, item: IntArray, size: int) -> None:
    """Take the first item off a heap of `size` items."""
    last_key, last = key[size - 1], item[size - 1]
    place, end = 0, size - 1
    while 2 * place + 1 < end:
        below = 2 * place + 1
        if below + 1 < end and (
            key[below + 1] < key[below]
            or (key[below + 1] == key[below] and item[below + 1] < item[below])
        ):
            below += 1
        if last_key < key[below] or (last_key == key[below] and last <= item[below]):
            break
        key[place], item[place] = key[below], item[below]
        place = below
    key[place], item[place] = last_key, last


@jit
def _reach(
    graph: _Graph,
    found: _Matching,
    search: _Search,
    row: int,
    base: int,
    best: int,
    size: LongArray,
) -> None:
    """Bring the columns of a row nearer; `size` counts the heap and the columns seen."""
    for edge in range(graph.start[row], graph.start[row + 1]):
        other = graph.column[edge]
        if search.done[other]:
            continue
        total = base + found.row_price[row] + found.column_price[other] - graph.weight[edge]
        if total > best or (search.distance[other] >= 0 and search.distance[other] <= total):
            continue
        if search.distance[other] < 0:
            search.seen[size[1]] = other
            size[1] += 1
        search.distance[other], search.origin[other] = total, row
        _push(search.key, search.item, size[0], total, other)
        size[0] += 1


@jit
def _shortest(
    graph: _Graph, found: _Matching, search: _Search, entering: int, size: LongArray
) -> tuple[int, int, int]:
    """Return the shortest distance from a row, and the free column or the row left alone there."""
    size[0] = size[1] = 0
    row, base = entering, 0
    best, free, alone = found.row_price[entering], -1, entering
    while True:
        _reach(graph, found, search, row, base, best, size)
        while size[0] and search.done[search.item[0]]:
            _pop(search.key, search.item, size[0])
            size[0] -= 1
        if size[0] == 0 or search.key[0] > best:
            return best, free, alone
        base, other = search.key[0], search.item[0]
        _pop(search.key, search.item, size[0])
        size[0] -= 1
        search.done[other] = True
        if found.owner[other] < 0:
            return base, other, alone
        row = found.owner[other]
        if base + found.row_price[row] < best:
            best, alone = base + found.row_price[row], row


@jit
def _settle(found: _Matching, search: _Search, entering: int, best: int, touched: int) -> None:
    """Change the potentials of what lies nearer than the end of the path."""
    found.row_price[entering] -= best
    for place in range(touched):
        other = search.seen[place]
        if search.done[other] and search.distance[other] < best:
            found.column_price[other] += best - search.distance[other]
            found.row_price[found.owner[other]] -= best - search.distance[other]


@jit
def _augment(found: _Matching, origin: IntArray, entering: int, free: int, alone: int) -> None:
    """Change partners along the path, from its end to the row that enters."""
    other = free
    if free < 0 and alone != entering:
        other, found.match[alone] = found.match[alone], -1
    while other >= 0:
        row = origin[other]
        previous, found.match[row], found.owner[other] = found.match[row], other, row
        if row == entering:
            break
        other = previous


@jit
def best_assignment(
    start: LongArray, column: IntArray, weight: LongArray, columns: int
) -> tuple[IntArray, LongArray, LongArray]:
    """Match rows with columns, each at most once, so that the sum of weights is greatest.

    Shortest augmenting paths with potentials: one row after the other enters, and the search
    ends at the nearest free column, or at the row that is cheapest to leave alone. All sums
    are whole numbers, so nothing is rounded. Equal sums prefer smaller columns.

    Parameters
    ----------
    start : int64[rows + 1]
        Where the edges of each row begin.
    column : int32[e]
        The column of each edge, rising within a row, each once.
    weight : int64[e]
        At least 0.
    columns : int
        How many columns there are.

    Returns
    -------
    match : int32[rows]
        The column of each row, -1 if it has none.
    row_price, column_price : int64
        The potentials, at least 0: those of the two ends of an edge add up to its weight or
        more, and to exactly its weight where it is matched; who is not matched has price 0.

    Notes
    -----
    Source: Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse
    linear assignment problems", Computing 38, 1987. About 0.2 µs an edge where components are
    small; at worst rows x edges of a component.

    Examples
    --------
    >>> start, column = np.array([0, 2, 3]), np.array([0, 1, 0], np.int32)
    >>> best_assignment(start, column, np.array([9, 8, 7]), 2)[0].tolist()
    [1, 0]
    """
    rows, edges = start.size - 1, column.size
    graph = _Graph(start, column, weight)
    found = _Matching(
        np.full(rows, -1, np.int32),
        np.full(columns, -1, np.int32),
        np.zeros(rows, np.int64),
        np.zeros(columns, np.int64),
    )
    search = _Search(
        np.full(columns, -1, np.int64),
        np.zeros(columns, np.int32),
        np.zeros(columns, np.bool_),
        np.zeros(columns, np.int32),
        np.zeros(edges + 1, np.int64),
        np.zeros(edges + 1, np.int32),
    )
    size = np.zeros(2, np.int64)
    for entering in range(rows):
        for edge in range(start[entering], start[entering + 1]):
            price = weight[edge] - found.column_price[column[edge]]
            found.row_price[entering] = max(found.row_price[entering], price)
        best, free, alone = _shortest(graph, found, search, entering, size)
        _settle(found, search, entering, best, size[1])
        _augment(found, search.origin, entering, free, alone)
        for place in range(size[1]):
            search.distance[search.seen[place]], search.done[search.seen[place]] = -1, False
    return found.match, found.row_price, found.column_price


@jit
def strong_components(start: LongArray, target: IntArray) -> IntArray:
    """Tell apart the strongly connected components of a directed graph.

    Parameters
    ----------
    start : int64[n + 1]
        Where the edges of each node begin.
    target : int32[e]

    Returns
    -------
    int32[n]
        Two nodes have one number if each can reach the other.

    Notes
    -----
    Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1, 1972.

    Examples
    --------
    >>> found = strong_components(np.array([0, 1, 2, 3]), np.array([1, 0, 0], np.int32))
    >>> bool(found[0] == found[1]), bool(found[0] == found[2])
    (True, False)
    """
    n = start.size - 1
    number, low = np.full(n, -1, np.int32), np.zeros(n, np.int32)
    component = np.full(n, -1, np.int32)
    place = start[:-1].copy()
    path, stack = np.zeros(n, np.int32), np.zeros(n, np.int32)
    count, found, waiting = 0, 0, 0
    for root in range(n):
        if number[root] >= 0:
            continue
        depth = 0
        path[0] = root
        while depth >= 0:
            node = path[depth]
            if number[node] < 0:
                number[node] = low[node] = count
                count += 1
                stack[waiting] = node
                waiting += 1
            if place[node] < start[node + 1]:
                other = target[place[node]]
                place[node] += 1
                if number[other] < 0:
                    depth += 1
                    path[depth] = other
                elif component[other] < 0:
                    low[node] = min(low[node], number[other])
                continue
            if low[node] == number[node]:
                while True:
                    waiting -= 1
                    component[stack[waiting]] = found
                    if stack[waiting] == node:
                        break
                found += 1
            depth -= 1
            if depth >= 0:
                low[path[depth]] = min(low[path[depth]], low[node])
    return component
