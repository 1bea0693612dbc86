"""Score candidates only as far as it takes to see that they are no matches.

The weights of a Fellegi-Sunter model add up, so after each comparison it is known how far a pair
can still come. One that cannot reach the floor is not compared any further, and the comparisons
that speak most against a non-match for their cost come first. No match can be lost: the floor lies
below the threshold. Where the score of a pair is itself asked for, as in `Linker.score`, there is
no floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clusterer, ConnectedComponents, OneToOne
from sameas.comparison import (
    Comparison,
    FullName,
    JaroWinkler,
    NgramCosine,
    PersonName,
    SoftTfidf,
    TokenSetRatio,
    WordCosine,
    fill,
)
from sameas.core.prepared import IntArray
from sameas.matching import FittedFellegiSunter, FittedMatcher

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["Step", "bounded_scores", "floor_for", "steps_of"]

#: Comparisons that cost 250 ns a pair and more. `JaroWinkler` takes some 100, others 60.
_DEAR = (FullName, NgramCosine, PersonName, SoftTfidf, TokenSetRatio, WordCosine)
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

    0 for other matchers, and for clusterers that weigh pairs which are no matches.
    """
    if not isinstance(matcher, FittedFellegiSunter):
        return 0.0
    if not isinstance(clusterer, ConnectedComponents | OneToOne):
        return 0.0
    lowest = threshold if band is None else min(threshold, band[0])
    return max(_SHARE * lowest, 0.0)


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
    job: Job,
    matcher: FittedFellegiSunter,
    steps: Sequence[Step],
    ends: tuple[IntArray, IntArray],
    rows: slice,
    floor: float,
) -> npt.NDArray[np.float64]:
    """Score the candidates `rows` of a job, those that can reach the floor to the end.

    Returns
    -------
    float64[p]
        Where the floor is out of reach, what was still possible when that was seen; it is
        below the floor too.
    """
    left, right = ends
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
