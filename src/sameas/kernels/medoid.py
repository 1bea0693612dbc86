"""Medoids: the point of each group that is closest to the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import FloatArray
from sameas.kernels.arrays import jit

__all__ = ["medoids"]

#: Of a larger group, the distances to this many evenly spaced members are summed.
SAMPLE = 1_000


@jit
def medoids(xyz: FloatArray, start: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Find the member of each group with the least sum of distances to the others.

    Parameters
    ----------
    xyz : float64[m, 3]
        Points, members of a group one after another, without NaN.
    start : int64[k + 1]
        Where each group begins.

    Returns
    -------
    int64[k]
        Row of each group's medoid, -1 for a group without members; ties go to the first.

    Notes
    -----
    About 2 ns a pair of members; groups of more than 1,000 are measured against 1,000 evenly
    spaced members, so the cost of a large group grows with its size only.

    Examples
    --------
    >>> xyz = np.array([[0.0, 0, 0], [9, 0, 0], [1, 0, 0]])
    >>> medoids(xyz, np.array([0, 3])).tolist()
    [2]
    """
    best = np.full(start.size - 1, -1, np.int64)
    for group in range(start.size - 1):
        begin, count = start[group], start[group + 1] - start[group]
        against = min(count, SAMPLE)
        least = np.inf
        for i in range(begin, begin + count):
            total = 0.0
            for k in range(against):
                j = begin + k * count // against
                x, y, z = xyz[i, 0] - xyz[j, 0], xyz[i, 1] - xyz[j, 1], xyz[i, 2] - xyz[j, 2]
                total += np.sqrt(x * x + y * y + z * z)
            if total < least:
                least = total
                best[group] = i
    return best
