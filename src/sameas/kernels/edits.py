"""Edit distance of texts: insertions, deletions, substitutions, swaps of neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["edit_distance"]


@jit
def edit_distance(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    units: npt.NDArray[np.uint16],
    swaps: bool,
) -> npt.NDArray[np.float32]:
    """Return the fewest edits that turn one text into the other.

    Parameters
    ----------
    left, right : int32[p]
        Distinct texts, -1 = missing.
    start, units
        The texts, as in `core.prepared.Texts`.
    swaps : bool
        Swapping two neighbouring characters is one edit, not two.

    Returns
    -------
    float32[p]
        NaN if a side is missing. About a nanosecond for each pair of characters.
    """
    out = np.empty(left.shape[0], np.float32)
    rows = np.empty((3, 64), np.int64)
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        if a < 0 or b < 0:
            out[pair] = np.nan
            continue
        if a == b:
            out[pair] = 0
            continue
        one, two = units[start[a] : start[a + 1]], units[start[b] : start[b + 1]]
        if two.shape[0] + 1 > rows.shape[1]:
            rows = np.empty((3, 2 * two.shape[0] + 2), np.int64)
        for column in range(two.shape[0] + 1):
            rows[0, column] = column
        for row in range(1, one.shape[0] + 1):
            now, above, before = row % 3, (row - 1) % 3, (row - 2) % 3
            rows[now, 0] = row
            for column in range(1, two.shape[0] + 1):
                differ = 0 if one[row - 1] == two[column - 1] else 1
                best = min(
                    rows[above, column] + 1,
                    rows[now, column - 1] + 1,
                    rows[above, column - 1] + differ,
                )
                if (
                    swaps
                    and row > 1
                    and column > 1
                    and one[row - 1] == two[column - 2]
                    and one[row - 2] == two[column - 1]
                ):
                    best = min(best, rows[before, column - 2] + 1)
                rows[now, column] = best
        out[pair] = rows[one.shape[0] % 3, two.shape[0]]
    return out
