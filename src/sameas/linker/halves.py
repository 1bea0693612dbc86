"""How many pairs of one table are copies of each other: what halves of the table show.

In any table each record has a nearest one, and mostly more than half of the records are each
other's nearest, copies or not. Is a record left out, those that it was nearest to find another,
and as many are each other's nearest as before: that share does not depend on how many records
there are. Only copies lose by it. In a half of the table, drawn at random, every second copy is
alone. So how much fewer records of a half are each other's nearest tells how many copies there
are, whatever the scores are and wherever their threshold lies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray

__all__ = ["CANDIDATES", "Copies", "mutual_places", "pairs_of_copies"]

Bools = npt.NDArray[np.bool_]
Wide = npt.NDArray[np.float64]

#: Halves tell of records with so many candidates; in a half two are left of them.
CANDIDATES = 4
_DRAWS = 5
#: Of records without a copy at most so many are each other's nearest.
_MOST = 0.9


class Copies(NamedTuple):
    """What halves of a table show.

    Attributes
    ----------
    pairs : float
        Pairs of copies that are each other's nearest; below zero by chance.
    error : float
        Its standard error.
    """

    pairs: float
    error: float


def pairs_of_copies(
    left: IntArray, right: IntArray, score: Wide, records: int, seed: int, *, least: int = 0
) -> Copies:
    """Estimate how many of the pairs that are each other's nearest are copies.

    Parameters
    ----------
    left, right : int32[p]
        Candidates.
    score : float64[p]
        The higher, the nearer.
    records : int
    seed : int
    least : int
        Records with fewer candidates are left out: where blocking leaves a record one or two, it
        has none in many a half, which looks as if a copy were gone.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> place = random.normal(size=(400, 5))
    >>> left, right = (side.astype(np.int32) for side in np.triu_indices(400, 1))
    >>> near = -((place[left] - place[right]) ** 2).sum(axis=1)
    >>> abs(pairs_of_copies(left, right, near, 400, 0).pairs) < 20
    True
    >>> place[200:] = place[:200] + random.normal(scale=0.01, size=(200, 5))
    >>> near = -((place[left] - place[right]) ** 2).sum(axis=1)
    >>> 180 < pairs_of_copies(left, right, near, 400, 0).pairs < 220
    True
    """
    order = np.argsort(-score, kind="stable")
    left, right = left[order], right[order]
    whole = _are_nearest(left, right, records)
    random = np.random.default_rng(seed)
    times, drawn = np.zeros(records), np.zeros(records)
    for _ in range(_DRAWS):
        half = random.random(records) < 0.5
        for part in (half, ~half):
            inside = part[left] & part[right]
            times[part] += _are_nearest(left[inside], right[inside], records)[part]
            drawn[part] += 1
    lost = whole - times / np.maximum(drawn, 1)
    if least:
        asked = np.bincount(np.concatenate([left, right]), minlength=records) >= least
        whole, lost, records = whole[asked], lost[asked], max(int(asked.sum()), 1)
    if not len(lost):
        return Copies(0.0, 0.0)
    # Each copy of a pair is alone in every second half.
    usual = min(max(float(whole.mean() - 2 * lost.mean()), 0.0), _MOST)
    scale = records / (1 - usual)
    return Copies(scale * float(lost.mean()), scale * float(lost.std() / np.sqrt(records)))


def mutual_places(left: IntArray, right: IntArray, records: int) -> npt.NDArray[np.int64]:
    """Return which pairs, from the nearest on, are each other's nearest; of equal ones the first.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1], np.int32), np.array([1, 2, 2], np.int32)
    >>> mutual_places(left, right, 3).tolist()
    [0]
    """
    place = np.arange(len(left))
    first = np.full(records, len(left), np.int64)
    for side in (left, right):
        np.minimum.at(first, side, place)
    return np.flatnonzero((first[left] == place) & (first[right] == place))


def _are_nearest(left: IntArray, right: IntArray, records: int) -> Bools:
    """Say which records are each other's nearest with another one."""
    places, out = mutual_places(left, right, records), np.zeros(records, np.bool_)
    out[left[places]] = out[right[places]] = True
    return out
