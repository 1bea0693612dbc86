"""The assignment of greatest weight between two sides of a sparse graph, and what ties it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from sameas.core.prepared import IntArray

__all__ = ["best_assignment", "strong_components"]

LongArray = npt.NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
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
    rows = start.size - 1
    match = np.full(rows, -1, np.int32)
    owner = np.full(columns, -1, np.int32)
    row_price, column_price = np.zeros(rows, np.int64), np.zeros(columns, np.int64)
    distance, origin = np.full(columns, -1, np.int64), np.zeros(columns, np.int32)
    done = np.zeros(columns, np.bool_)
    seen = np.zeros(columns, np.int32)
    key, item = np.zeros(column.size + 1, np.int64), np.zeros(column.size + 1, np.int32)
    for entering in range(rows):
        for edge in range(start[entering], start[entering + 1]):
            price = weight[edge] - column_price[column[edge]]
            row_price[entering] = max(row_price[entering], price)
        heap, touched = 0, 0
        row, base = entering, 0
        best, free, alone = row_price[entering], -1, entering
        while True:
            for edge in range(start[row], start[row + 1]):
                other = column[edge]
                if done[other]:
                    continue
                total = base + row_price[row] + column_price[other] - weight[edge]
                if total > best or (distance[other] >= 0 and distance[other] <= total):
                    continue
                if distance[other] < 0:
                    seen[touched] = other
                    touched += 1
                distance[other], origin[other] = total, row
                _push(key, item, heap, total, other)
                heap += 1
            while heap and done[item[0]]:
                _pop(key, item, heap)
                heap -= 1
            if heap == 0 or key[0] > best:
                break
            base, other = key[0], item[0]
            _pop(key, item, heap)
            heap -= 1
            done[other] = True
            if owner[other] < 0:
                best, free = base, other
                break
            row = owner[other]
            if base + row_price[row] < best:
                best, alone = base + row_price[row], row
        row_price[entering] -= best
        for place in range(touched):
            other = seen[place]
            if done[other] and distance[other] < best:
                column_price[other] += best - distance[other]
                row_price[owner[other]] -= best - distance[other]
        other = free
        if free < 0 and alone != entering:
            other, match[alone] = match[alone], -1
        while other >= 0:
            row = origin[other]
            previous, match[row], owner[other] = match[row], other, row
            if row == entering:
                break
            other = previous
        for place in range(touched):
            distance[seen[place]], done[seen[place]] = -1, False
    return match, row_price, column_price


@njit(cache=True, nogil=True, error_model="numpy")
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
