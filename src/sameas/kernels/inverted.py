"""Lists of records by dimension, the inverted index of sparse vectors."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["invert"]

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
