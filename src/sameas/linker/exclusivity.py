"""How far a record has one partner only: measured on pairs that share a record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.linker.both_ways import both_ways
from sameas.linker.seats import Seats

__all__ = ["measure_exclusivity", "measure_inside", "measure_several"]

Wide = npt.NDArray[np.float64]


def measure_exclusivity(
    left: IntArray,
    right: IntArray,
    own: Wide,
    records: int,
    *,
    single: Sequence[bool] = (False, False),
) -> tuple[float, float]:
    """Measure how far a record has only one partner, for left and for right records.

    Of the plausible pairs that are not the best of both, and whose one record is surely taken:
    the share whose other record has a better sure partner as well. Of equal pairs the first one
    is the best.

    Parameters
    ----------
    left, right : int32[p]
    own : float64[p]
        Log-odds of each pair alone.
    records : int
    single : two bools
        Where it is known that a record has one partner at most: 1 then, whatever is measured.
    """
    best, sure = np.full(records, -np.inf), np.full(records, -np.inf)
    for side in (left, right):
        np.maximum.at(best, side, own)
    rows = np.flatnonzero((own >= best[left]) & (own >= best[right]))
    first = [np.unique(side[rows], return_index=True)[1] for side in (left, right)]
    mutual = np.zeros(len(own), np.bool_)
    mutual[rows[np.intersect1d(first[0], first[1])]] = True
    for side in (left, right):
        np.maximum.at(sure, side[mutual & (own > 0)], own[mutual & (own > 0)])
    found = []
    for one, two in ((left, right), (right, left)):
        lost = ~mutual & (own > 0) & (sure[one] > 0)
        found.append((int((sure[two][lost] > own[lost]).sum()) + 1) / (int(lost.sum()) + 2))
    shares = [1.0 if known else share for known, share in zip(single, found, strict=True)]
    return shares[0], shares[1]


def measure_several(
    seats: Seats, left: IntArray, right: IntArray, own: Wide, *, single: Sequence[bool]
) -> float:
    """Measure how far a record has only one partner in each other table, all taken together."""
    if all(single):
        return 1.0
    return measure_inside(*seats.ends(left, right), own, len(seats))


def measure_inside(left: IntArray, right: IntArray, own: Wide, records: int) -> float:
    """Measure how far a record of one table has only one copy; see `measure_exclusivity`."""
    first, second, twice = both_ways(left, right, records, own)
    return measure_exclusivity(first, second, twice, 2 * records)[0]
