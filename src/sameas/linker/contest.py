"""Pairs that share a record compete for it: who takes part, and what comes out.

A record has one seat, or with several tables one for each of the others; whoever wants the same
seat is a rival.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import IntArray
from sameas.kernels.partners import at_most_one
from sameas.linker.both_ways import both_ways, one_way
from sameas.linker.seats import Seats

__all__ = [
    "SURE",
    "WEAK",
    "Window",
    "as_chance",
    "compete",
    "compete_inside",
    "competing",
    "entrants",
]

Wide = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]

#: Messages between records in a round; rounds in which the share with a partner is found.
_STEPS, _ROUNDS = 12, 8
#: Log-odds beyond this are as good as certain; pairs below minus this are nobody's rivals.
SURE = 80.0
WEAK = -12.0
#: At most this share of the smaller table has a partner.
_MOST = 0.98


class Window(NamedTuple):
    """What the candidates say of each other: pairs in order, and what each seat feels."""

    key: Keys
    change: Wide
    seats: Seats
    shift: Wide  # by pair of tables
    pull: Wide
    taken: Wide


def competing(
    seats: Seats, left: IntArray, right: IntArray, own: Wide, sizes: npt.NDArray[np.int64]
) -> tuple[Wide, Wide, Wide]:
    """Let pairs compete within one table, or for each two tables by themselves."""
    if len(sizes) <= 2:
        partner, shift, pull = (compete if len(sizes) == 2 else compete_inside)(
            left, right, own, sizes
        )
        return partner, np.array([shift]), pull
    partner, pull, shifts = own.copy(), np.zeros(len(seats)), np.zeros(seats.tables**2)
    between = seats.between(left, right)
    for group in np.unique(between).tolist():
        rows = np.flatnonzero(between == group)
        ends = np.stack(seats.ends(left[rows], right[rows]))
        seat, place = np.unique(ends, return_inverse=True)
        one, two = place.reshape(ends.shape).astype(np.int32)
        both = sizes[list(divmod(group, seats.tables))]
        partner[rows], shifts[group], pull[seat] = compete(one, two, own[rows], both, len(seat))
    return partner, shifts, pull


def compete(
    left: IntArray,
    right: IntArray,
    own: Wide,
    sizes: npt.NDArray[np.int64],
    records: int | None = None,
) -> tuple[Wide, float, Wide]:
    """Find how likely pairs are when every record has at most one partner.

    Records are numbered below `records`, or below the sum of the `sizes` of both tables.

    Returns
    -------
    partner : float64[p]
        Log-odds that the two are partners.
    shift : float
        Added to the log-odds: fewer records are free the more matches there are.
    pull : float64[records]
    """
    partner, pull, shift = own, np.zeros(records or int(sizes.sum())), 0.0
    for _ in range(_ROUNDS if len(own) else 0):
        matches = min(float(as_chance(partner).sum()), _MOST * float(sizes.min()))
        del partner
        shift = -float(np.log1p(-matches / sizes[0]) + np.log1p(-matches / sizes[1]))
        odds = own + shift
        np.exp(odds, out=odds)
        reach, pull = at_most_one(left, right, odds, len(pull), _STEPS)
        del odds
        partner = own + shift
        partner += reach
    return partner, shift, pull


def compete_inside(
    left: IntArray, right: IntArray, own: Wide, sizes: npt.NDArray[np.int64]
) -> tuple[Wide, float, Wide]:
    """Find how likely pairs of one table are when every record has at most one copy."""
    records = int(sizes[0])
    first, second, twice = both_ways(left, right, records, own)
    partner, shift, pull = compete(first, second, twice, np.repeat(sizes, 2))
    return one_way(partner), shift, pull[:records]


def entrants(
    parts: Iterable[tuple[IntArray, IntArray, Wide]],
) -> tuple[IntArray, IntArray, Wide]:
    """Gather the pairs of all parts that are somebody's rivals, in the order of (left, right).

    Parameters
    ----------
    parts : iterable of (left int32[p], right int32[p], own float64[p])
        `own`: the log-odds of each pair alone.
    """
    keys, owns = [np.zeros(0, np.int64)], [np.zeros(0)]
    for left, right, own in parts:
        strong = own > WEAK
        keys.append(pair_key(left[strong], right[strong]))
        owns.append(own[strong])
    key = np.concatenate(keys)
    keys.clear()
    order = np.argsort(key)
    own = np.concatenate(owns)[order]
    owns.clear()
    key.sort()
    return *ends_of_key(key), own


def as_chance(log_odds: Wide) -> Wide:
    """Return the probabilities of log-odds; in place, for there may be many millions."""
    chance: Wide = -log_odds
    np.exp(chance, out=chance)
    chance += 1
    np.divide(1, chance, out=chance)
    return chance
