"""Sparse search: the nearest keys of queries through lists of keys by dimension, exactly.

Lists are read from the rarest n-gram on. Keys are unit vectors, so what the unread lists can
still add is at most the length of the unread rest of the query (Cauchy-Schwarz): once the
k-th best partial sum is above it, no new key can enter, and only those within reach are
computed in full (the idea of max-score; Turtle and Flood 1995).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit

__all__ = ["Rows", "invert", "row_products", "search_postings"]

Rows: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]


@jit
def invert(
    code: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    index: npt.NDArray[np.int32],
    value: npt.NDArray[np.float32],
    dimensions: int,
) -> Rows:
    """Turn the vectors of records into lists of records by dimension.

    Returns
    -------
    begin : int64[dimensions + 1]
    record : int32[...]
    weight : float32[...]
    """
    begin = np.zeros(dimensions + 1, np.int64)
    for text in code:
        if text >= 0:
            for place in range(start[text], start[text + 1]):
                begin[index[place] + 1] += 1
    for dimension in range(dimensions):
        begin[dimension + 1] += begin[dimension]
    record = np.empty(begin[dimensions], np.int32)
    weight = np.empty(begin[dimensions], np.float32)
    cursor = begin[:-1].copy()
    for row in range(code.shape[0]):
        text = code[row]
        if text >= 0:
            for place in range(start[text], start[text + 1]):
                slot = cursor[index[place]]
                record[slot] = row
                weight[slot] = value[place]
                cursor[index[place]] = slot + 1
    return begin, record, weight


@jit
def row_products(
    left_start: npt.NDArray[np.int64],
    left_index: npt.NDArray[np.int32],
    left_value: npt.NDArray[np.float32],
    right_start: npt.NDArray[np.int64],
    right_index: npt.NDArray[np.int32],
    right_value: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    """Return the inner product of each row of two sparse tables, dimensions sorted."""
    out = np.zeros(left_start.shape[0] - 1, np.float64)
    for row in range(out.shape[0]):
        mine, other = left_start[row], right_start[row]
        while mine < left_start[row + 1] and other < right_start[row + 1]:
            if left_index[mine] == right_index[other]:
                out[row] += np.float64(left_value[mine]) * right_value[other]
                mine += 1
                other += 1
            elif left_index[mine] < right_index[other]:
                mine += 1
            else:
                other += 1
    return out


@inner
def _enter(
    key: int,
    score: np.float32,
    found: int,
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
) -> int:
    """Put a key into a list sorted by falling score, ties by key; return its new length."""
    where = found
    while where > 0 and (
        similarity[where - 1] < score or (similarity[where - 1] == score and index[where - 1] > key)
    ):
        where -= 1
    if where >= index.shape[0]:
        return found
    if found < index.shape[0]:
        found += 1
    for move in range(found - 1, where, -1):
        similarity[move] = similarity[move - 1]
        index[move] = index[move - 1]
    similarity[where] = score
    index[where] = key
    return found


@inner
def _floor(
    partial: npt.NDArray[np.float32],
    touched: npt.NDArray[np.int32],
    count: int,
    best: npt.NDArray[np.float32],
) -> float:
    """Return the k-th largest partial sum, 0 when there are fewer."""
    k = best.shape[0]
    found = 0
    for place in range(count):
        score = partial[touched[place]]
        if found == k and score <= best[k - 1]:
            continue
        where = found if found < k else k - 1
        while where > 0 and best[where - 1] < score:
            if where < k:
                best[where] = best[where - 1]
            where -= 1
        best[where] = score
        found = min(found + 1, k)
    return float(best[k - 1]) if found == k else 0.0


@inner
def _cut(
    partial: npt.NDArray[np.float32],
    touched: npt.NDArray[np.int32],
    count: int,
    tally: npt.NDArray[np.int64],
    wanted: int,
) -> float:
    """Return a partial sum that about `wanted` keys reach, by counting in 512 steps."""
    for step in range(tally.shape[0]):
        tally[step] = 0
    for place in range(count):
        tally[min(int(partial[touched[place]] * 512), 511)] += 1
    step, reached = 511, tally[511]
    while step > 0 and reached < wanted:
        step -= 1
        reached += tally[step]
    return step / 512


@inner
def _spread(
    queries: Rows,
    first: int,
    last: int,
    begin: npt.NDArray[np.int64],
    mine: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int64], float]:
    """Write a query into a row of all dimensions; return the length of its lists and its own."""
    length = np.zeros(last - first, np.int64)
    rest = 0.0
    for place in range(first, last):
        dimension = queries[1][place]
        if dimension < begin.shape[0] - 1:
            length[place - first] = begin[dimension + 1] - begin[dimension]
            mine[dimension] = queries[2][place]
            rest += np.float64(queries[2][place]) ** 2
    return length, rest


@inner
def _rank(
    touched: npt.NDArray[np.int32],
    partial: npt.NDArray[np.float32],
    bound: float,
    keys: Rows,
    mine: npt.NDArray[np.float32],
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
) -> None:
    """List the best of the keys whose partial sum reaches a bound; clear all partial sums."""
    found = 0
    for key in touched:
        if partial[key] >= bound:
            score = 0.0
            for slot in range(keys[0][key], keys[0][key + 1]):
                score += np.float64(mine[keys[1][slot]]) * keys[2][slot]
            found = _enter(key, np.float32(min(score, 1.0)), found, index, similarity)
        partial[key] = 0


@jit
def search_postings(
    k: int,
    queries: Rows,
    keys: Rows,
    lists: Rows,
    budget: int,
    spare: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], int]:
    """List the `k` keys of highest cosine for each query row, exactly or within a budget.

    Parameters
    ----------
    k : int
    queries, keys : (start, index, value)
        Unit rows, dimensions sorted; a query may hold dimensions beyond those of the lists.
    lists : (begin, row, weight)
        What `invert` made of the keys.
    budget : int
        Entries of lists read for a query before the rest of its lists is left out; 0 reads
        on until the result is exact.
    spare : int
        Keys of highest partial sum that are then computed in full.

    Returns
    -------
    index : int32[n, k]
        By falling cosine, ties by key number; -1 fills up. A key without any common
        dimension is no neighbour.
    similarity : float32[n, k]
        NaN where `index` is -1.
    read : int
        Entries of lists that were read.
    """
    begin, row, weight = lists
    dimensions = begin.shape[0] - 1
    total = queries[0].shape[0] - 1
    partial = np.zeros(keys[0].shape[0] - 1, np.float32)
    touched = np.empty(partial.shape[0] + 1, np.int32)
    mine = np.zeros(dimensions, np.float32)
    index = np.full((total, k), -1, np.int32)
    similarity = np.full((total, k), np.nan, np.float32)
    best = np.empty(k, np.float32)
    tally = np.zeros(512, np.int64)
    mean = max(1, index.shape[0] and keys[1].shape[0] // max(1, partial.shape[0]))
    read = 0
    for query in range(total):
        first, last = queries[0][query], queries[0][query + 1]
        length, rest = _spread(queries, first, last, begin, mine)
        left, spent, count, since, bound = length.sum(), 0, 0, 0, -1.0
        for place in np.argsort(length, kind="mergesort"):
            if length[place] == 0:
                continue
            dimension = queries[1][first + place]
            factor = queries[2][first + place]
            if budget > 0 and spent > 0 and spent + length[place] > budget:
                bound = _cut(partial, touched, count, tally, spare)
                break
            if since > 4 * count + 64:
                since = 0
                floor = _floor(partial, touched, count, best)
                reach = np.sqrt(max(rest, 0.0)) * 1.0001 + 1e-5
                if reach < floor:
                    near = 0
                    for slot in range(count):
                        near += partial[touched[slot]] + reach >= floor
                    if near * mean < left:
                        bound = floor - reach
                        break
            for slot in range(begin[dimension], begin[dimension + 1]):
                key = row[slot]
                before = partial[key]
                touched[count] = key
                count += before == 0  # no branch: it would be guessed wrong every other time
                partial[key] = before + factor * weight[slot]
            rest -= np.float64(factor) ** 2
            left -= length[place]
            since += length[place]
            spent += length[place]
        if bound < 0:  # all lists are read, so the sums are whole but for rounding
            bound = _floor(partial, touched, count, best) * 0.999 - 1e-4
        read += spent
        _rank(touched[:count], partial, bound, keys, mine, index[query], similarity[query])
        for place in range(first, last):
            if queries[1][place] < dimensions:
                mine[queries[1][place]] = 0
    return index, similarity, read
