"""One table as two: every pair both ways, so that what holds for two tables holds for it.

Each record stands on the left and, under another number, on the right. A matching of that is a
matching of the table with itself, and what is found for a pair is found for its mirror image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray

__all__ = ["both_ways", "one_way"]


def both_ways(
    left: IntArray, right: IntArray, records: int, *values: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], ...]:
    """Put the mirror image behind each pair.

    Parameters
    ----------
    left, right : int32[p]
    records : int
        Records on the right are numbered from here on.
    *values : arrays [p]
        What is known of the pairs.

    Returns
    -------
    tuple of arrays [2 p]
        Left, right and the values. Equal pairs keep their order on both sides.

    Examples
    --------
    >>> left, right = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    >>> [array.tolist() for array in both_ways(left, right, 3)]
    [[0, 1, 1, 2], [4, 3, 5, 4]]
    """
    ends = np.stack([left, right], axis=1)
    first = np.ascontiguousarray(ends).reshape(-1)
    second = np.ascontiguousarray(ends[:, ::-1] + np.int32(records)).reshape(-1)
    return (first, second, *(np.repeat(value, 2) for value in values))


def one_way(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return what was found for each pair, its mirror image aside.

    Examples
    --------
    >>> one_way(np.array([7, 7, 8, 8])).tolist()
    [7, 8]
    """
    return values[::2]
