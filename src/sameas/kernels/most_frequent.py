"""The value that most members of a cluster have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit

__all__ = ["most_frequent"]


@jit
def most_frequent(
    codes: npt.NDArray[np.int32], length: npt.NDArray[np.int32], start: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Choose, for each cluster, the first member with the value that most members have.

    Parameters
    ----------
    codes : int32[n]
        The value of each member, -1 for none; members of a cluster stand together.
    length : int32[...]
        Of each value: of two that are as frequent the longer one is taken, then the first.
    start : int64[k + 1]
        Where each cluster begins.

    Returns
    -------
    int64[k]
        Position of a member, -1 where none has a value.
    """
    out = np.full(start.shape[0] - 1, -1, np.int64)
    count = np.zeros(length.shape[0], np.int64)
    for cluster in range(out.shape[0]):
        begin, end = start[cluster], start[cluster + 1]
        for place in range(begin, end):
            if codes[place] >= 0:
                count[codes[place]] += 1
        best = np.int64(-1)
        for place in range(begin, end):
            code = codes[place]
            if code >= 0 and (best < 0 or _goes_before(code, codes[best], count, length)):
                best = np.int64(place)
        out[cluster] = best
        for place in range(begin, end):
            if codes[place] >= 0:
                count[codes[place]] = 0
    return out


@inner
def _goes_before(
    one: int, other: int, count: npt.NDArray[np.int64], length: npt.NDArray[np.int32]
) -> bool:
    """Say whether a value is more frequent than another, or as frequent and longer."""
    if count[one] != count[other]:
        return bool(count[one] > count[other])
    return bool(length[one] > length[other])
