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
from sameas.linker.exclusivity import measure_exclusivity

__all__ = ["directions", "first_guess", "guess_of_best", "middle_cut", "mutual_best", "ranks"]

Bools = npt.NDArray[np.bool_]
Wide = npt.NDArray[np.float64]

#: Pairs beside a best one are guessed from this quantile of the best ones on.
_UPPER = 0.75
#: With fewer pairs of a kind, or fewer non-matches to hold against them, nothing is said.
_FEW = 20
#: How much more common likenesses are among non-matches: the least alike few are left out.
_MOST_ALIKE = 0.98
#: Chances of the regression stay this far from 0 and 1.
_EDGE = 0.002
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


def mutual_best(left: IntArray, right: IntArray, score: Wide) -> Bools:
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
    exclusive: tuple[float, float] | None = None,
) -> Wide:
    """Guess how likely pairs of two tables are matches, from first similarities alone.

    Best pairs are guessed by `guess_of_best`. Others are matches where they are as alike as the
    upper quarter of those that are the best of both records, as far as a record that has a best
    partner may have another one.

    Parameters
    ----------
    left, right : int32[p]
    score : float64[p]
    records : int
    single : two bools
        Whether a left and a right record is known to have one partner at most; how far they
        have one only is measured otherwise.
    exclusive : (float, float), optional
        How far they have one only, where a model has said it; for the best pairs.

    Returns
    -------
    float64[p]
        From 0 to 1.
    """
    best = mutual_best(left, right, score)
    cut = max(middle_cut(score), float(np.quantile(score[best], _UPPER)))
    measured = measure_exclusivity(left, right, score - cut, records, single=single)
    guess = ((score > cut) & ~best).astype(np.float64)
    for side, share in zip((left, right), measured, strict=True):
        taken = np.bincount(side[best], minlength=records)[side] - best
        guess *= 1 - share * (taken > 0)
    found = guess_of_best(left, right, score, records, exclusive=exclusive or measured)
    return np.maximum(guess, found)


def guess_of_best(
    left: IntArray,
    right: IntArray,
    score: Wide,
    records: int,
    *,
    exclusive: tuple[float, float],
) -> Wide:
    """Guess how likely the best pairs of records are matches; all others get 0.

    What is left to a record that has a partner when this one is taken away is as alike as the
    best candidate of a record that has none. So it shows how alike non-matches are, and matches
    are what is more alike than that. Where records have several partners matches are among what
    is left, and the second best candidates are held against the best, in the table where they
    are less alike. A pair that is the best of one record only counts as far as the other record
    may have several partners.

    Parameters
    ----------
    left, right : int32[p]
    score : float64[p]
        Orders the candidates of a record.
    records : int
    exclusive : (float, float)
        How far a left and a right record has only one partner.

    Returns
    -------
    float64[p]
        From 0 to 1.
    """
    one, two = ranks(left, right, score)
    best = (one == 0) & (two == 0)
    paired = np.zeros(records, np.bool_)
    paired[left[best]] = paired[right[best]] = True
    second = score[(one == 1) & paired[left]], score[(two == 1) & paired[right]]
    guess = np.zeros(len(score))
    guess[best] = _of_both(
        score[best], _left_over(left, right, score, best), second, min(exclusive)
    )
    for only, usual, share in (
        ((two == 0) & ~best, second[1], exclusive[0]),
        ((one == 0) & ~best, second[0], exclusive[1]),
    ):
        guess[only] = (1 - share) * _beyond(score[only], usual, unknown=0.0)
    return guess


def _left_over(left: IntArray, right: IntArray, score: Wide, best: Bools) -> Wide:
    """Return the scores of pairs that are each other's best once all `best` ones are gone.

    One record at least has lost a best pair.
    """
    rest = np.flatnonzero(~best)
    again = rest[mutual_best(left[rest], right[rest], score[rest])]
    lost = np.isin(left[again], left[best]) | np.isin(right[again], right[best])
    return score[again[lost]]


def _of_both(score: Wide, left_over: Wide, second: Sequence[Wide], exclusive: float) -> Wide:
    """Return the chances of pairs that are the best of both records."""
    sides = [_beyond(score, usual, unknown=0.0) for usual in second if len(usual) >= _FEW]
    beside = np.maximum.reduce(sides) if sides else np.ones(len(score))
    alone = _beyond(score, left_over, unknown=1.0)
    return np.asarray(exclusive * alone + (1 - exclusive) * beside)


def _beyond(score: Wide, usual: Wide, *, unknown: float) -> Wide:
    """Return the chance of each value to be none of the usual ones, rising with it.

    Source: Efron (2008), "Microarrays, empirical Bayes and the two-groups model"; the ratio of
    densities by isotonic regression.
    """
    from sklearn.isotonic import IsotonicRegression

    if min(len(score), len(usual)) < _FEW:
        return np.full(len(score), unknown)
    given = np.concatenate([score, usual])
    new = np.arange(len(given)) < len(score)
    mass = np.where(new, 1.0, len(score) / len(usual))
    ratio = IsotonicRegression(y_min=_EDGE, y_max=1 - _EDGE).fit(given, new, sample_weight=mass)
    share = ratio.predict(score)
    odds = (1 - share) / share
    most = max(float(np.quantile(odds, _MOST_ALIKE)), 1.0)
    return np.asarray(np.clip(1 - odds / most, 0, 1))


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
