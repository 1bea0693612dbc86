"""How many pairs two tables have in common, by the pairs inside each of them.

If two tables have nothing in common, the record that is nearest to another one lies as often in its
own table as in the other, as far as both are equally large: who would be nearest if all records
stood in one table does not know where it stands. Two hands write less alike than one, and tables of
different regions have fewer neighbours in each other; that makes pairs across rarer still. Only
pairs of one thing make them more frequent. So by how many there are more than the pairs inside show
is a low estimate of the pairs in common, at every score.

How much rarer two hands make them shows in what is left over: when the nearest pairs are taken
away, the next ones hold hardly any pair of one thing. Beside these the estimate is less low, and
less sure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.linker.halves import Copies, mutual_places

__all__ = ["InCommon", "beside_next", "pairs_in_common"]

Bools = npt.NDArray[np.bool_]
Wide = npt.NDArray[np.float64]


class InCommon(NamedTuple):
    """What pairs across two tables show beside those inside, from the nearest on.

    Attributes
    ----------
    score : float64[k]
        Of pairs that are each other's nearest among all records, falling.
    across : int64[k]
        How many pairs across have at least that score.
    pairs : float64[k]
        How many of them are in common.
    error : float64[k]
        Its standard error.
    """

    score: Wide
    across: npt.NDArray[np.int64]
    pairs: Wide
    error: Wide


def pairs_in_common(
    left: IntArray, right: IntArray, score: Wide, inside: Bools, sizes: npt.NDArray[np.int64]
) -> InCommon:
    """Estimate how many pairs two tables have in common, by the pairs inside them.

    Parameters
    ----------
    left, right : int32[p]
        Pairs of records of both tables.
    score : float64[p]
        The higher, the nearer.
    inside : bool[p]
        Which pairs are of one table.
    sizes : int64[2]
        Records of each table.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> place = random.normal(size=(400, 5))
    >>> left, right = (side.astype(np.int32) for side in np.triu_indices(400, 1))
    >>> inside, sizes = (left < 200) == (right < 200), np.array([200, 200])
    >>> near = -((place[left] - place[right]) ** 2).sum(axis=1)
    >>> bool(abs(pairs_in_common(left, right, near, inside, sizes).pairs[-1]) < 25)
    True
    >>> place[200:260] = place[:60] + random.normal(scale=0.01, size=(60, 5))
    >>> near = -((place[left] - place[right]) ** 2).sum(axis=1)
    >>> bool(40 < pairs_in_common(left, right, near, inside, sizes).pairs[-1] < 80)
    True
    """
    nearest = _nearest(left, right, score, int(sizes.sum()))
    one, two = (int(size) for size in sizes)
    # So many pairs across there are for one inside.
    ratio = one * two / max((one * (one - 1) + two * (two - 1)) / 2, 1)
    own = inside[nearest].astype(np.int64)
    within, across = np.cumsum(own), np.cumsum(1 - own)
    error = np.sqrt(across + ratio**2 * within)
    return InCommon(score[nearest], across, across - ratio * within, error)


def beside_next(
    left: IntArray, right: IntArray, score: Wide, inside: Bools, records: int
) -> Copies:
    """Estimate how many pairs two tables have in common, by what is left without the nearest pairs.

    Parameters
    ----------
    left, right, score, inside
        As for `pairs_in_common`.
    records : int
        Of both tables.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> place = random.normal(size=(400, 5))
    >>> place[200:] += 1  # another hand
    >>> place[200:300] = place[:100] + [1, 1, 1, 1, 1]
    >>> left, right = (side.astype(np.int32) for side in np.triu_indices(400, 1))
    >>> inside = (left < 200) == (right < 200)
    >>> near = -((place[left] - place[right]) ** 2).sum(axis=1)
    >>> beside_next(left, right, near, inside, 400).pairs > 0
    True
    """
    nearest = _nearest(left, right, score, records)
    rest = np.delete(np.arange(len(score)), nearest)
    after = rest[_nearest(left[rest], right[rest], score[rest], records)]
    across, own = (int(side) for side in np.bincount(inside[nearest], minlength=2))
    more, less = (max(int(side), 1) for side in np.bincount(inside[after], minlength=2))
    usual = more / less
    chance = across + usual**2 * own + (own * usual) ** 2 * (1 / more + 1 / less)
    return Copies(across - own * usual, float(np.sqrt(chance)))


def _nearest(left: IntArray, right: IntArray, score: Wide, records: int) -> npt.NDArray[np.int64]:
    """Return which pairs are each other's nearest, from the nearest on."""
    order = np.argsort(-score, kind="stable")
    return np.asarray(order[mutual_places(left[order], right[order], records)])
