"""Which pairs to ask about: a random share with known weights, then the pairs that teach most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.core.specs import register
from sameas.labeling.splits import scramble

__all__ = ["DRAWN", "Chosen", "PairSelection", "choose_pairs", "disagreement", "score_strata"]

#: Why a pair was drawn; only the first has weights that stand for all candidates.
DRAWN = ("random", "score", "doubt", "hard")

#: Shares of the strata of likely matches, likely non-matches, and doubtful pairs. Most lie among
#: the likely non-matches, for where a score is wrong it cannot say so.
_MASS = (1 / 6, 2 / 3, 1 / 6)

Scores = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@register("selection", "pairs")
@dataclass(frozen=True, slots=True)
class PairSelection:
    """Shares of a budget by the reason a pair is drawn for; they add up to 1.

    Parameters
    ----------
    random : float
        At random within strata of the score, with known chances: for honest estimates. These
        pairs are not for training.
    score : float
        Spread over the same strata, for training.
    doubt : float
        Where a committee disagrees most, or without one where the score is most doubtful.
    hard : float
        Hard negatives: the best other candidates of records that have a better one.
    strata : int
        Strata of the score. A sixth of their mass lies on likely matches, two thirds on likely
        non-matches, a sixth where the score is in doubt.
    per_record : int
        Pairs of one record at most among those of doubt, and among hard negatives.
    seed : int

    Examples
    --------
    >>> PairSelection(random=0.25, score=0.75, doubt=0, hard=0).counts(100)
    {'random': 25, 'score': 75, 'doubt': 0, 'hard': 0}
    """

    random: float = 0.25
    score: float = 0.55
    doubt: float = 0.1
    hard: float = 0.1
    strata: int = 10
    per_record: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        shares = [getattr(self, name) for name in DRAWN]
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise ArgumentError(
                "PairSelection: random, score, doubt and hard must be at least 0 and add up to 1, "
                f"got {shares}."
            )
        if self.strata < 1 or self.per_record < 1:
            raise ArgumentError("PairSelection needs strata and per_record of at least 1.")

    def counts(self, pairs: int) -> dict[str, int]:
        """Say how many of so many pairs are drawn for each reason."""
        shares = np.cumsum([getattr(self, name) for name in DRAWN])
        ends = np.round(shares * pairs).astype(int)
        return dict(zip(DRAWN, np.diff(ends, prepend=0).tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The pairs that were drawn, in the order of the rows.

    Attributes
    ----------
    rows : int64[n]
        Positions among the candidates.
    drawn : int8[n]
        Position in `DRAWN`.
    weight : float64[n]
        How many candidates a random pair stands for; NaN for the others.
    """

    rows: Rows
    drawn: npt.NDArray[np.int8]
    weight: Scores


def choose_pairs(
    left: IntArray,
    right: IntArray,
    score: Scores,
    *,
    pairs: int,
    selection: PairSelection | None = None,
    committee: Scores | None = None,
    taken: npt.NDArray[np.bool_] | None = None,
) -> Chosen:
    """Draw the pairs to ask about.

    Parameters
    ----------
    left, right : int32[n]
        Record numbers of the candidates.
    score : float64[n]
        Of a cheap matcher, in [0, 1].
    pairs : int
        So many at most.
    selection : PairSelection, optional
    committee : float64[n, k], optional
        Scores of several matchers; where they disagree is what is asked for doubt.
    taken : bool[n], optional
        Pairs that were asked already. The random share is drawn from the others too, and
        its weights then stand for the others only.

    Returns
    -------
    Chosen
        Each pair once. It depends on the pairs, their scores and the seed, not on their order.

    Examples
    --------
    >>> left = np.arange(1000, dtype=np.int32)
    >>> score = np.linspace(0, 1, 1000) ** 4
    >>> chosen = choose_pairs(left, left + 1000, score, pairs=80)
    >>> len(chosen.rows), int(np.nansum(chosen.weight).round())
    (80, 1000)
    """
    how = selection or PairSelection()
    free = np.ones(len(score), bool) if taken is None else ~taken
    counts = how.counts(min(pairs, int(free.sum())))
    key = pair_key(left, right)
    luck = scramble(key, how.seed)
    stratum = score_strata(score, how.strata)
    drawn = np.full(len(score), -1, np.int8)
    weight = np.full(len(score), np.nan)

    def take(rows: Rows, reason: int) -> None:
        drawn[rows] = reason
        free[rows] = False

    take(_spread(stratum, luck, free, counts["random"], weight), 0)
    ranked = {
        2: disagreement(committee) if committee is not None else score * (1 - score),
        3: _rivals(left, right, score),
    }
    for reason in (2, 3):
        rows = _best(left, right, np.where(free, ranked[reason], -np.inf), luck, how.per_record)
        take(rows[: counts[DRAWN[reason]]], reason)
    missing = sum(counts.values()) - int((drawn >= 0).sum())  # what the others could not fill, too
    take(_spread(stratum, luck, free, missing, None), 1)
    rows = np.flatnonzero(drawn >= 0)
    return Chosen(rows, drawn[rows], weight[rows])


def score_strata(score: Scores, strata: int) -> Rows:
    """Cut scores into strata, rising; two thirds of their mass lie on the likely non-matches, a
    sixth each on the likely matches and the doubtful.

    Equal scores share a stratum, so there may be fewer. The doubtful count by the standard
    deviation of their label, sqrt(p (1 - p)), as in Neyman's allocation.

    Examples
    --------
    >>> score_strata(np.array([0.9, 0.0, 0.5, 0.0, 0.1]), 3)
    array([2, 0, 2, 0, 1])
    """  # noqa: D205 (one sentence)
    if not len(score):
        return np.zeros(0, np.int64)
    if np.isnan(score).any() or score.min() < 0 or score.max() > 1:
        raise ArgumentError("Scores must lie within [0, 1] to choose pairs by them.")
    mass = np.zeros(len(score))
    parts = (score >= 0.5, score < 0.5, np.sqrt(score * (1 - score)))
    for part, share in zip(parts, _MASS, strict=True):
        total = part.sum()
        mass += share * part / total if total > 0 else 0.0
    place = np.unique(score, return_inverse=True)[1]
    heap = np.bincount(place, mass)
    middle = (np.cumsum(heap) - heap / 2) / heap.sum()
    cut = np.minimum((middle * strata).astype(np.int64), strata - 1)
    return np.unique(cut, return_inverse=True)[1].astype(np.int64)[place]


def disagreement(committee: Scores) -> Scores:
    """Return how far the members of a committee differ about each pair: the variance of scores.

    Examples
    --------
    >>> disagreement(np.array([[0.5, 0.5], [0.0, 1.0]]))
    array([0.  , 0.25])
    """
    if committee.ndim != 2 or committee.shape[1] < 2:
        raise ArgumentError("A committee needs scores of at least two members, pairs by members.")
    return np.asarray(committee.var(axis=1))


def _spread(
    stratum: Rows,
    luck: npt.NDArray[np.uint64],
    free: npt.NDArray[np.bool_],
    count: int,
    weight: Scores | None,
) -> Rows:
    """Draw about equally many free pairs of every stratum; fill in what each stands for."""
    rows = np.flatnonzero(free)
    if not count or not len(rows):
        return rows[:0]
    order = rows[np.lexsort((luck[rows], stratum[rows]))]
    sizes = np.bincount(stratum[order])
    quota = _quota(sizes, count)
    rank = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[stratum[order]]
    chosen = order[rank < quota[stratum[order]]]
    if weight is not None:
        weight[chosen] = (sizes / np.maximum(quota, 1))[stratum[chosen]]
    return np.asarray(chosen)


def _quota(sizes: Rows, count: int) -> Rows:
    """Deal a count out equally; what a small stratum cannot take goes to the others."""
    quota = np.zeros(len(sizes), np.int64)
    left = min(count, int(sizes.sum()))
    while left > 0:
        open_ = np.flatnonzero(quota < sizes)
        share = np.full(len(open_), left // len(open_))
        share[: left % len(open_)] += 1
        added = np.minimum(share, sizes[open_] - quota[open_])
        quota[open_] += added
        left -= int(added.sum())
    return quota


def _best(
    left: IntArray, right: IntArray, value: Scores, luck: npt.NDArray[np.uint64], per_record: int
) -> Rows:
    """Order pairs by value, falling; no record stands in more than `per_record` of them."""
    order = np.lexsort((luck, -value))
    order = order[value[order] > 0]
    for ends in (left, right):
        order = order[_count_before(ends[order]) < per_record]
    return order


def _count_before(codes: npt.NDArray[np.int32]) -> Rows:
    """Say how often each value came before."""
    order = np.argsort(codes, kind="stable")
    first = np.flatnonzero(np.diff(codes[order], prepend=-1))
    size = np.diff(first, append=len(codes))
    out = np.empty(len(codes), np.int64)
    out[order] = np.arange(len(codes)) - np.repeat(first, size)
    return out


def _rivals(left: IntArray, right: IntArray, score: Scores) -> Scores:
    """Return the score of pairs that are not the best of either record, -1 of the others."""
    best = np.full(int(max(left.max(initial=0), right.max(initial=0))) + 1, -1.0)
    np.maximum.at(best, left, score)
    np.maximum.at(best, right, score)
    behind = (score < best[left]) | (score < best[right])
    return np.where(behind, score, -1.0)
