"""Nearest neighbours among sparse vectors, exactly, through an inverted index."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["invert", "nearest"]

Vectors: TypeAlias = tuple[
    npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]
]
Inverted: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]


@jit
def invert(
    code: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    index: npt.NDArray[np.int32],
    value: npt.NDArray[np.float32],
    dimensions: int,
) -> Inverted:
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
def nearest(
    first: int,
    last: int,
    k: int,
    group: npt.NDArray[np.int32],
    vectors: Vectors,
    inverted: Inverted,
) -> npt.NDArray[np.int32]:
    """List the `k` records of highest cosine for each record of a range.

    Parameters
    ----------
    first, last : int
        Range of query records.
    k : int
    group : int32[n] or int32[0]
        When given, records of the query's own group are left out.
    vectors : (code, start, index, value)
        The `Vectors` column.
    inverted : (begin, record, weight)
        What `invert` made of it.

    Returns
    -------
    int32[last - first, k]
        Record numbers by falling cosine, ties by record number; -1 fills up.
    """
    code, start, index, value = vectors
    begin, record, weight = inverted
    total = code.shape[0]
    dot = np.zeros(total, np.float64)
    touched = np.empty(total, np.int32)
    out = np.full((last - first, k), -1, np.int32)
    best = np.empty(k, np.float64)
    for query in range(first, last):
        text = code[query]
        if text < 0:
            continue
        count = 0
        for place in range(start[text], start[text + 1]):
            dimension, mine = index[place], np.float64(value[place])
            for slot in range(begin[dimension], begin[dimension + 1]):
                other = record[slot]
                if dot[other] == 0.0:
                    touched[count] = other
                    count += 1
                dot[other] += mine * weight[slot]
        found = 0
        for place in range(count):
            other = touched[place]
            cosine = dot[other]
            dot[other] = 0.0
            if other == query or (group.shape[0] > 0 and group[other] == group[query]):
                continue
            where = found
            while where > 0 and (
                best[where - 1] < cosine
                or (best[where - 1] == cosine and out[query - first, where - 1] > other)
            ):
                where -= 1
            if where >= k:
                continue
            found = min(found + 1, k)
            for move in range(found - 1, where, -1):
                best[move] = best[move - 1]
                out[query - first, move] = out[query - first, move - 1]
            best[where] = cosine
            out[query - first, where] = other
    return out
