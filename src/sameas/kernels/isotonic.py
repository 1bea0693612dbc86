"""Isotonic regression: the nearest sequence that never falls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import FloatArray
from sameas.kernels.arrays import jit

__all__ = ["rising_blocks"]


@jit
def rising_blocks(value: FloatArray, weight: FloatArray) -> npt.NDArray[np.int64]:
    """Pool neighbours until the means of the blocks rise strictly.

    Parameters
    ----------
    value : float64[n]
        In the order in which they are to rise.
    weight : float64[n]
        Above 0.

    Returns
    -------
    int64[m + 1]
        Where each block begins, and the end.

    Notes
    -----
    Pool adjacent violators, one pass. Source: Ayer et al., "An empirical distribution function
    for sampling with incomplete information", Ann. Math. Stat. 26, 1955.

    Examples
    --------
    >>> rising_blocks(np.array([0.1, 0.5, 0.3, 0.8]), np.ones(4)).tolist()
    [0, 1, 3, 4]
    """
    n = value.size
    start = np.zeros(n + 1, np.int64)
    total, mass = np.zeros(n), np.zeros(n)
    blocks = 0
    for place in range(n):
        start[blocks], mass[blocks] = place, weight[place]
        total[blocks] = value[place] * weight[place]
        blocks += 1
        while (
            blocks > 1
            and total[blocks - 2] * mass[blocks - 1] >= total[blocks - 1] * mass[blocks - 2]
        ):
            total[blocks - 2] += total[blocks - 1]
            mass[blocks - 2] += mass[blocks - 1]
            blocks -= 1
    start[blocks] = n
    return start[: blocks + 1].copy()
