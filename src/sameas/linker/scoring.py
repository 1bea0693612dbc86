"""Scores of the pairs of a job, in chunks, on all threads, by whatever kind of matcher."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.linker.bounded import Known, bounded_scores
from sameas.linker.cascade import FittedCascade
from sameas.linker.chunks import each_chunk
from sameas.linker.passes import Passes
from sameas.linker.rivals import FittedRivals
from sameas.matching import FittedFellegiSunter, FittedMatcher

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["score_pairs"]

Scores = npt.NDArray[np.float64]


def score_pairs(
    job: Job,
    matcher: FittedMatcher,
    left: IntArray,
    right: IntArray,
    listed: npt.NDArray[np.bool_] | None,
    *,
    floor: float,
    known: Known | None,
) -> Scores:
    """Score pairs; see `Job.scores`.

    Parameters
    ----------
    job : Job
    matcher : FittedMatcher
    left, right : int32[p]
        left < right.
    listed : bool[p] or None
        Which are candidates; None: all.
    floor : float
        How low the scores of candidates are that cannot reach it need not be right.
    known : Known or None
        Scores that this matcher has given before.
    """
    every = left is job.candidates.left and right is job.candidates.right
    if every and known is not None and known.rows is None:
        return known.score
    _ = job.columns, job.windows  # computed once, before the threads start
    if every and floor and isinstance(matcher, FittedFellegiSunter):
        return bounded_scores(job, matcher, floor, known)
    if every and isinstance(matcher, FittedRivals):  # what each is worth alone is asked for once
        own = matcher.own(job)
        return matcher.scores(own, left, right, job.window_of(matcher, own))
    out = np.empty(len(left), np.float64)
    passes = matcher if isinstance(matcher, Passes) else None
    window = job.window_of(passes) if passes is not None else None
    cascade = matcher if isinstance(matcher, FittedCascade) else None

    def work(rows: slice) -> tuple[Scores]:
        size = rows.stop - rows.start
        flags = np.ones(size, bool) if listed is None else listed[rows]
        here = rows if every else None
        if cascade is not None:
            return (cascade.score_pairs(job, left[rows], right[rows], flags, here),)
        features = job.features(left[rows], right[rows], flags, here)
        if passes is not None:
            features = passes.complete(features, left[rows], right[rows], flags, window)
        return (matcher.score(features),)

    each_chunk("score", len(left), work, (out,), threads=job.engine.threads)
    return out
