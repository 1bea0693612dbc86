"""Score candidates only as far as it takes to see that they are no matches.

The weights of a Fellegi-Sunter model add up, so after each comparison it is known how far a pair
can still come. One that cannot reach the floor is not compared any further, and the comparisons
that speak most against a non-match for their cost come first. No match can be lost: the floor lies
below the threshold. Where the score of a pair is itself asked for, as in `Linker.score`, there is
no floor, and `SplitChains`, which weighs non-matches between records that matches join, gets the
scores of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clusterer, ConnectedComponents, OneToOne, SplitChains
from sameas.comparison import (
    Comparison,
    CrosswiseNames,
    FullName,
    JaroWinkler,
    NgramCosine,
    PersonName,
    SoftTfidf,
    TokenSetRatio,
    WordCosine,
    fill,
)
from sameas.linker.chunks import each_chunk
from sameas.matching import FittedFellegiSunter, FittedMatcher

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["Known", "Step", "bounded_scores", "floor_for", "score_weighed", "steps_of"]

#: Comparisons that cost 250 ns a pair and more. `JaroWinkler` takes some 100, others 60.
_DEAR = (CrosswiseNames, FullName, NgramCosine, PersonName, SoftTfidf, TokenSetRatio, WordCosine)
#: The floor, as a share of the lowest score that is looked at.
_SHARE = 0.25
_SLACK = 1e-6  # bits: sums in another order


def floor_for(
    matcher: FittedMatcher,
    clusterer: Clusterer,
    threshold: float,
    band: tuple[float, float] | None = None,
) -> float:
    """Return the score below which a run does not ask how low the score of a pair is.

    0 for other matchers, and for clusterers that may weigh any pair which is no match. For
    `SplitChains` the scores that it weighs are made by `score_weighed`.
    """
    if not isinstance(matcher, FittedFellegiSunter):
        return 0.0
    if not isinstance(clusterer, ConnectedComponents | OneToOne | SplitChains):
        return 0.0
    lowest = threshold if band is None else min(threshold, band[0])
    return max(_SHARE * lowest, 0.0)


class Known(NamedTuple):
    """Scores that a matcher has given before.

    Attributes
    ----------
    matcher : FittedMatcher
    score : float64[p]
    rows : int64[p], optional
        Of which candidates; of all by default.
    """

    matcher: FittedMatcher
    score: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64] | None = None


class Step(NamedTuple):
    """Comparisons that are made together, and what the model knows of a pair after them.

    Attributes
    ----------
    comparisons : tuple of Comparison
    part : FittedFellegiSunter
        The levels that are known with them, and not before.
    """

    comparisons: tuple[Comparison, ...]
    part: FittedFellegiSunter


def steps_of(matcher: FittedFellegiSunter, comparisons: Sequence[Comparison]) -> tuple[Step, ...]:
    """Order comparisons by what they are expected to say against a non-match, for their cost.

    The first step makes none: it is of what the context says.
    """

    def fall(item: Comparison) -> float:
        own = matcher.part(item.names())
        times = 4.0 if isinstance(item, _DEAR) else 1.5 if isinstance(item, JaroWinkler) else 1.0
        return own.expected_fall() / times

    made = {name for item in comparisons for name in item.names()}
    known = [name for name in matcher.names if name not in made]
    steps = [Step((), matcher.part(known))]
    for item in sorted(comparisons, key=fall, reverse=True):
        before, known = known, [*known, *item.names()]
        steps.append(Step((item,), matcher.part(known, besides=before)))
    return tuple(steps)


def bounded_scores(
    job: Job, matcher: FittedFellegiSunter, floor: float, known: Known | None = None
) -> npt.NDArray[np.float64]:
    """Score the candidates of a job, those that can reach the floor to the end.

    Parameters
    ----------
    job : Job
    matcher : FittedFellegiSunter
    floor : float
    known : Known, optional
        The scores that are there already.

    Returns
    -------
    float64[p]
        Where the floor is out of reach, what was still possible when that was seen; it is
        below the floor too.
    """
    steps = steps_of(matcher, job.spec.comparisons)
    score = np.empty(len(job.candidates), np.float64)
    rest: npt.NDArray[np.int64] | None = None
    if known is not None and known.rows is not None:
        score[known.rows] = known.score
        open_to = np.ones(len(score), np.bool_)
        open_to[known.rows] = False
        rest = np.flatnonzero(open_to)
    made = score if rest is None else np.empty(len(rest), np.float64)

    def work(rows: slice) -> tuple[npt.NDArray[np.float64]]:
        return (_bounded(job, matcher, steps, rows if rest is None else rest[rows], floor),)

    each_chunk("score", len(made), work, (made,), threads=job.engine.threads)
    if rest is not None:
        score[rest] = made
    return score


def score_weighed(
    job: Job,
    matcher: FittedMatcher,
    clusterer: Clusterer,
    threshold: float,
    score: npt.NDArray[np.float64],
    floor: float,
) -> None:
    """Score the candidates to the end that a clusterer weighs though they are no matches.

    Parameters
    ----------
    job : Job
    matcher : FittedMatcher
    clusterer : Clusterer
    threshold : float
    score : float64[p]
        Of all candidates, from `bounded_scores`; in place.
    floor : float
    """
    if not isinstance(clusterer, SplitChains) or not floor:
        return
    found = job.candidates
    rows = clusterer.weighed(found.left, found.right, score >= threshold, len(job.records))
    rows = rows[score[rows] < floor]
    made = np.empty(len(rows), np.float64)
    job.each_candidate("score", matcher.score, made, rows)
    score[rows] = made


def _bounded(
    job: Job,
    matcher: FittedFellegiSunter,
    steps: Sequence[Step],
    rows: slice | npt.NDArray[np.int64],
    floor: float,
) -> npt.NDArray[np.float64]:
    """Score some candidates."""
    left, right = job.candidates.left[rows], job.candidates.right[rows]
    every, context = job.spec.comparisons, job.spec.context
    read = {column for item in matcher.levels for column in item.columns()}
    ranks = context is not None and not read.isdisjoint(context.ranks())
    listed = np.ones(len(left), bool)
    features = job.features(left, right, listed, rows, later=every, ranks=ranks)
    least = np.log2(floor) - np.log2(1 - floor) - _SLACK
    open_to = np.arange(len(left))
    reach = np.full(len(left), matcher.prior_weight + sum(step.part.highest() for step in steps))
    for step in steps:
        fill(features, job.columns, every, left, right, chosen=step.comparisons)
        reach[open_to] += step.part.bits(features) - step.part.highest()
        still = np.flatnonzero(reach[open_to] >= least)
        if len(still) < len(open_to):
            open_to, features = open_to[still], features.take(still, axis=0)
            left, right = left[still], right[still]
    score = np.minimum(1 / (1 + np.exp2(-np.clip(reach, -1000, 1000))), np.nextafter(floor, 0))
    score[open_to] = matcher.score(features)
    return np.asarray(score)
