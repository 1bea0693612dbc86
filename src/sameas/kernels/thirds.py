"""Third records: other records through which the two records of a pair are alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["best_third", "neighbours_by_record"]


def neighbours_by_record(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float32],
    records: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Gather, for each record, its partners in rising order, and the scores of their pairs.

    Parameters
    ----------
    left, right : int32[e]
        Distinct pairs.
    score : float32[e]
        Pairs whose score is NaN or not above 0 are left out.
    records : int

    Returns
    -------
    start : int64[records + 1]
    partner : int32[...]
    value : float32[...]
    """
    kept = np.flatnonzero(score > 0)
    ends = left[kept], right[kept]
    record, partner = np.concatenate(ends), np.concatenate(ends[::-1])
    order = np.lexsort((partner, record))
    start = np.zeros(records + 1, np.int64)
    np.cumsum(np.bincount(record, minlength=records), out=start[1:])
    value = np.concatenate([score[kept]] * 2)[order]
    return start, partner[order].astype(np.int32), value.astype(np.float32)


@jit
def best_third(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    partner: npt.NDArray[np.int32],
    value: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return, for each pair, the best third record's lower score with the two.

    Parameters
    ----------
    left, right : int32[p]
    start, partner, value
        From `neighbours_by_record`.

    Returns
    -------
    float32[p]
        0 where no third record is a partner of both.
    """
    out = np.zeros(left.shape[0], np.float32)
    for pair in range(left.shape[0]):
        a, b = start[left[pair]], start[right[pair]]
        last_a, last_b = start[left[pair] + 1], start[right[pair] + 1]
        best = np.float32(0.0)
        while a < last_a and b < last_b:
            if partner[a] < partner[b]:
                a += 1
            elif partner[b] < partner[a]:
                b += 1
            else:
                best = max(best, min(value[a], value[b]))
                a += 1
                b += 1
        out[pair] = best
    return out
