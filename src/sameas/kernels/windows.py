"""Windows over the candidate pairs of each record: rank and margin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit

__all__ = ["rank_and_margin", "scores_by_record"]


def scores_by_record(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float32],
    records: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Gather, for each record, the scores of its pairs, the two best last; NaN is left out.

    Returns
    -------
    start : int64[records + 1]
    scores : float32[...]
        Of each record the best comes last, the second best before it.
    """
    start, values = _scores_by_record(left, right, score, records)
    return start, values


@jit
def _scores_by_record(left: Any, right: Any, score: Any, records: Any) -> Any:
    start = np.zeros(records + 1, np.int64)
    for pair in range(left.shape[0]):
        if score[pair] == score[pair]:
            start[left[pair] + 1] += 1
            start[right[pair] + 1] += 1
    for record in range(records):
        start[record + 1] += start[record]
    cursor = start[:-1].copy()
    values = np.empty(start[records], np.float32)
    for pair in range(left.shape[0]):
        if score[pair] == score[pair]:
            for record in (left[pair], right[pair]):
                values[cursor[record]] = score[pair]
                cursor[record] += 1
    for record in range(records):
        _best_last(values, start[record], start[record + 1])
        _best_last(values, start[record], start[record + 1] - 1)
    return start, values


@inner
def _best_last(values: Any, begin: Any, end: Any) -> None:
    """Bring the largest value of a range to its end."""
    for place in range(begin + 1, end):
        one, two = values[place - 1], values[place]
        values[place - 1], values[place] = min(one, two), max(one, two)


@inner
def _above(values: Any, begin: Any, end: Any, own: Any) -> Any:
    """Count the values of a range that are above one."""
    count = np.int64(0)
    for place in range(begin, end):
        count += values[place] > own
    return count


def rank_and_margin(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float32],
    listed: npt.NDArray[np.bool_],
    start: npt.NDArray[np.int64],
    values: npt.NDArray[np.float32],
    *,
    ranks: bool = True,
) -> npt.NDArray[np.float32]:
    """Say how good each pair is among the candidates of its two records.

    Parameters
    ----------
    left, right, score
        The pairs asked about.
    listed : bool[p]
        Whether a pair is itself among the gathered ones.
    start, values
        From `scores_by_record`.
    ranks : bool
        Without them the ranks are left missing, which spares a look at all other candidates.

    Returns
    -------
    float32[p, 6]
        Better and worse rank (1 is best; ties share it), larger and smaller margin to the
        best other candidate (NaN without one), smaller and larger number of other
        candidates. "Better" and "worse" are over the two records of the pair, so left and
        right may be swapped.
    """
    out = np.empty((len(left), 6), np.float32)
    _rank_and_margin(left, right, score, listed, start, values, ranks, out)
    return out


@jit
def _rank_and_margin(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float32],
    listed: npt.NDArray[np.bool_],
    start: npt.NDArray[np.int64],
    values: npt.NDArray[np.float32],
    ranks: bool,
    out: npt.NDArray[np.float32],
) -> np.float32:
    """Write the columns; what comes back only keeps the reading ahead."""
    ranges = np.zeros((2, AHEAD), np.int64)
    touched = np.float32(0.0)
    for first in range(0, left.shape[0], AHEAD):
        group = min(AHEAD, left.shape[0] - first)
        # The right records lie anywhere: so their cache misses overlap.
        for place in range(group):
            record = right[first + place]
            ranges[0, place], ranges[1, place] = start[record], start[record + 1]
        for place in range(group):
            if ranges[0, place] < ranges[1, place]:
                touched += values[ranges[1, place] - 1]
        for place in range(group):
            pair = first + place
            own = score[pair]
            if own != own:
                out[pair, :] = np.nan
                continue
            for side in range(2):
                begin, end = ranges[0, place], ranges[1, place]
                if side == 0:
                    begin, end = start[left[pair]], start[left[pair] + 1]
                others = end - begin - (1 if listed[pair] else 0)
                rank, margin = np.float32(np.nan), np.float32(np.nan)
                if others > 0:
                    best = values[end - 1]
                    if listed[pair] and own >= best:
                        best = values[end - 2]
                    margin = own - best
                if ranks:
                    rank = np.float32(_above(values, begin, end, own) + 1)
                _merge(out[pair], side, rank, margin, np.float32(others))
    return touched


@inner
def _merge(
    row: npt.NDArray[np.float32], side: int, rank: float, margin: float, others: float
) -> None:
    """Add what one record says of a pair to the better and the worse of both."""
    if side == 0:
        row[0], row[1], row[2], row[3], row[4], row[5] = rank, rank, margin, margin, others, others
        return
    row[0], row[1] = min(row[0], rank), max(row[1], rank)
    row[4], row[5] = min(row[4], others), max(row[5], others)
    if row[2] != row[2]:
        row[2], row[3] = margin, margin
    elif margin == margin:
        row[2], row[3] = max(row[2], margin), min(row[3], margin)
