"""From similarities to probabilities and a cut, and words on how both came about."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.evaluation import AnyGoal, FBeta, FixedThreshold, expected_threshold
from sameas.frames._partners import Partners
from sameas.frames._probability import ENOUGH, Mixture

__all__ = ["AUTO", "Cut", "Threshold", "decide"]

Threshold = str | float | AnyGoal | None
AUTO = "auto"
#: The cut in similarity where too little is known for probabilities.
_PLAIN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Which candidates are good enough.

    Attributes
    ----------
    kept : bool[c]
    score : float64[c] or None
        Match probabilities, if they could be learned.
    about : dict
        Plain data on how the cut was chosen, with a ``note`` in words.
    """

    kept: npt.NDArray[np.bool_]
    score: FloatArray | None
    about: dict[str, Any]


def decide(
    similarity: FloatArray,
    score: FloatArray | None,
    threshold: Threshold,
    mixture: Mixture | Partners | None,
) -> Cut:
    """Cut candidates by similarity (a number), or by probability (``"auto"`` or a goal)."""
    if score is not None and mixture is not None:
        how = (
            f"probabilities learned from similarities alone: {mixture.share:.0%} of the texts "
            f"have a match, at a similarity of {mixture.match[0]:.2f}; the best of the others "
            f"has {mixture.other[0]:.2f}"
        )
    else:
        how = (
            f"no probabilities: they need {ENOUGH} texts that have two candidates each, and "
            "matches that are alike, and more so than the others"
        )
    kept, chosen, value = _cut(similarity, score, threshold)
    about = {"threshold": value, "threshold_on": chosen[0], "note": f"{how}; {chosen[1]}"}
    return Cut(kept & ~np.isnan(similarity), score, about)


def _cut(
    similarity: FloatArray, score: FloatArray | None, threshold: Threshold
) -> tuple[npt.NDArray[np.bool_], tuple[str, str], float | None]:
    if threshold is None:
        return np.ones(len(similarity), bool), ("nothing", "every candidate is kept"), None
    if isinstance(threshold, bool | np.bool_) or (isinstance(threshold, str) and threshold != AUTO):
        raise ArgumentError(
            f"threshold must be 'auto', a least similarity (a number from -1 to 1), a goal such "
            f"as sameas.evaluation.PrecisionAtLeast(0.95), or None, got {threshold!r}."
        )
    if isinstance(threshold, int | float | np.number):
        least = float(threshold)
        if not -1 <= least <= 1:
            raise ArgumentError(
                f"threshold: a number is the least similarity, from -1 to 1, got {threshold!r}."
            )
        return similarity >= least, ("similarity", "the threshold was set by hand"), least
    goal = FBeta() if isinstance(threshold, str) else threshold
    if score is None:
        if threshold != AUTO and len(similarity):
            raise ArgumentError(
                f"threshold: {goal!r} needs match probabilities, which could not be learned from "
                "these tables; give a number, the least similarity."
            )
        words = f"kept from a similarity of {_PLAIN} on"
        return similarity >= _PLAIN, ("similarity", words), _PLAIN
    if isinstance(goal, FixedThreshold):
        words = "the threshold was set by hand"
        return score >= goal.threshold, ("score", words), goal.threshold
    choice = expected_threshold(score, goal)
    return score >= choice.threshold, ("score", choice.note), choice.threshold
