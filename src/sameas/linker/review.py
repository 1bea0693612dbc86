"""Pairs that are to be looked at by hand: those in the review band, most doubtful first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.clustering import OneToOne
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.linker.job import Job
from sameas.matching import FittedMatcher

__all__ = ["assigned_pairs", "doubtful"]


def doubtful(
    score: npt.NDArray[np.float64], threshold: float, band: tuple[float, float]
) -> npt.NDArray[np.intp]:
    """Return the pairs of a band ``[lower, upper)``, the nearest to the threshold first.

    The band is widened to hold the threshold. Equally near pairs stay in their order.

    Examples
    --------
    >>> doubtful(np.array([0.1, 0.4, 0.9, 0.55]), 0.5, (0.3, 0.8)).tolist()
    [3, 1]
    """
    lower, upper = min(band[0], threshold), max(band[1], threshold)
    inside = np.flatnonzero((score >= lower) & (score < upper))
    return inside[np.argsort(np.abs(score[inside] - threshold), kind="stable")]


def assigned_pairs(
    job: Job, matcher: FittedMatcher, left: IntArray, right: IntArray
) -> npt.NDArray[np.bool_]:
    """Say which pairs the assignment by falling score keeps among all candidates.

    Pairs that are no candidates are not kept.
    """
    found = job.candidates
    score = job.scores(matcher, found.left, found.right)
    kept = OneToOne("greedy").select(
        found.left, found.right, score, score > 0, job.records.source_code
    )
    keys = pair_key(found.left[kept], found.right[kept])
    return np.isin(pair_key(left, right), keys)
