"""First guesses of the matches, from how alike candidates look at first sight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.comparison import (
    Comparison,
    DateDifference,
    Distance,
    EditDistance,
    EqualStates,
    MissingSides,
    NumberDifference,
    Parentage,
    RelativeFrequency,
    Siblings,
    TextFrequency,
)
from sameas.core.prepared import IntArray
from sameas.linker.rivals import measure_exclusivity

__all__ = ["directions", "first_guess", "middle_cut", "mutual_best", "ranks"]

Wide = npt.NDArray[np.float64]

#: Pairs beside a best one are guessed from this quantile of the best ones on.
_UPPER = 0.75
_FALLING = (Distance, EditDistance, NumberDifference)
_FREE = (
    DateDifference, EqualStates, MissingSides, Parentage, RelativeFrequency, Siblings,
    TextFrequency,
)  # fmt: skip


def ranks(
    left: IntArray, right: IntArray, score: Wide
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rank each pair among those of its left and of its right record; 0 is best.

    Among equal scores the earlier pair stands first.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1], np.int32), np.array([2, 3, 3], np.int32)
    >>> [rank.tolist() for rank in ranks(left, right, np.array([0.9, 0.5, 0.7]))]
    [[0, 1, 0], [0, 1, 0]]
    """
    record = np.concatenate([left, right])
    order = np.lexsort((-np.tile(score, 2), record))
    sorted_record = record[order]
    first = np.searchsorted(sorted_record, sorted_record)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - first
    return rank[: len(left)], rank[len(left) :]


def mutual_best(left: IntArray, right: IntArray, score: Wide) -> npt.NDArray[np.bool_]:
    """Say which pairs are the best one of both records; a record has at most one."""
    one, two = ranks(left, right, score)
    return np.asarray((one == 0) & (two == 0))


def first_guess(
    left: IntArray,
    right: IntArray,
    score: Wide,
    records: int,
    *,
    single: Sequence[bool] = (False, False),
) -> Wide:
    """Guess how likely pairs of two tables are matches, from first similarities alone.

    Pairs that are the best of both records are. So are others that are as alike as the upper
    quarter of these, as far as a record that has a best partner may have another one.

    Parameters
    ----------
    left, right : int32[p]
    score : float64[p]
    records : int
    single : two bools
        Whether a left and a right record is known to have one partner at most; how far they
        have one only is measured otherwise.

    Returns
    -------
    float64[p]
        From 0 to 1.
    """
    best = mutual_best(left, right, score)
    cut = max(middle_cut(score), float(np.quantile(score[best], _UPPER)))
    exclusive = measure_exclusivity(left, right, score - cut, records, single=single)
    guess = (score > cut).astype(np.float64)
    for side, share in zip((left, right), exclusive, strict=True):
        taken = np.bincount(side[best], minlength=records)[side] - best
        guess *= 1 - share * (taken > 0)
    return np.maximum(guess, best)


def middle_cut(values: Wide) -> float:
    """Cut values into two groups that differ most from each other.

    Source: Otsu (1979), "A threshold selection method from gray-level histograms".

    Examples
    --------
    >>> middle_cut(np.array([0.1, 0.2, 0.15, 0.8, 0.9]))
    0.5
    """
    rising = np.sort(values)
    if len(rising) < 2:
        return float(rising[0]) if len(rising) else 0.0
    low = np.arange(1, len(rising))
    total = np.cumsum(rising)
    gap = total[:-1] / low - (total[-1] - total[:-1]) / (len(rising) - low)
    place = int(np.argmax(low * (len(rising) - low) * gap**2))
    return float((rising[place] + rising[place + 1]) / 2)


def directions(comparisons: Sequence[Comparison]) -> dict[str, int]:
    """Say which columns speak for a match as they grow (1), and which against it (-1).

    Columns that say neither, and those of comparisons that are not of this package, are left
    out.

    Examples
    --------
    >>> directions((NumberDifference("price"), TextFrequency("name")))
    {'price_difference': -1, 'price_relative_difference': -1}
    """
    found = {}
    for item in comparisons:
        if isinstance(item, _FREE) or not type(item).__module__.startswith("sameas."):
            continue
        for name in item.names():
            falls = isinstance(item, _FALLING) or "unmatched" in name
            found[name] = -1 if falls else 1
    return found
