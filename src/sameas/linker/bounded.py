"""Score candidates only as far as it takes to see that they are no matches.

The weights of a Fellegi-Sunter model add up, so after the cheap comparisons it is known how far a
pair can still come. One that cannot reach the floor is not compared any further. No match can be
lost: the floor lies below the threshold. Where the score of a pair is itself asked for, as in
`Linker.score`, there is no floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clusterer, ConnectedComponents, OneToOne
from sameas.comparison import (
    Comparison,
    FullName,
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

__all__ = ["bounded_scores", "dear", "floor_for"]

#: Comparisons that cost 300 ns a pair and more; the others cost 20 to 200.
_DEAR = (FullName, NgramCosine, PersonName, SoftTfidf, TokenSetRatio, WordCosine)
#: The floor, as a share of the lowest score that is looked at.
_SHARE = 0.25


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


def dear(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Return the comparisons that are worth being left out, unless there are no others."""
    found = tuple(item for item in comparisons if isinstance(item, _DEAR))
    return found if len(found) < len(comparisons) else ()


def bounded_scores(
    job: Job,
    matcher: FittedFellegiSunter,
    left: IntArray,
    right: IntArray,
    rows: slice,
    floor: float,
) -> npt.NDArray[np.float64]:
    """Score the candidates `rows` of a job, those that can reach the floor to the end.

    Returns
    -------
    float64[p]
        Where the floor is out of reach, the score without the dear comparisons; it is below
        the floor too.
    """
    later = dear(job.spec.comparisons)
    listed = np.ones(len(left), bool)
    features = job.features(left, right, listed, rows, later=later)
    names = [name for item in later for name in item.names()]
    reach = np.flatnonzero(matcher.most(features, names) >= floor)
    score = np.minimum(matcher.score(features), floor)
    if len(reach):
        whole, ends = features[reach], (left[reach], right[reach])
        fill(whole, job.columns, job.spec.comparisons, *ends, chosen=later)
        score[reach] = matcher.score(whole)
    return score
