"""A threshold chosen by goal, between the scores and in the middle of its plateau."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import FloatArray
from sameas.core.specs import register, to_dict
from sameas.evaluation._figures import Confusion, confusion_figure
from sameas.evaluation._inputs import BoolArray, CountArray
from sameas.evaluation.curves import Cuts, observed_cuts

__all__ = [
    "FBeta",
    "FixedThreshold",
    "Goal",
    "PrecisionAtLeast",
    "ThresholdChoice",
    "choose_threshold",
]


class Goal(Protocol):
    """What a threshold shall reach: a registered spec of the family ``"goal"``."""

    def values(self, counts: Confusion) -> FloatArray:
        """Return what is to be as large as possible at each cut; NaN where it is not allowed."""

    def unmet(self, counts: Confusion) -> str:
        """Say, as a sentence, why no cut is allowed."""


@register("goal", "f_beta")
@dataclass(frozen=True, slots=True)
class FBeta:
    """The largest F-beta.

    Parameters
    ----------
    beta : float
        Below 1 leans to precision, above 1 to recall.
    replicates : int
        0: the best cut on these labels. Above: the mean of the best cuts of that many
        bootstrap samples of the labels, which is steadier on new pairs (on six public sets
        it gave 0.1 to 0.3 points of F1 more) but may miss the best cut on these.

    Examples
    --------
    >>> FBeta(0.5)
    FBeta(beta=0.5, replicates=0)
    """

    beta: float = 1.0
    replicates: int = 0

    def __post_init__(self) -> None:
        if self.replicates < 0:
            raise ArgumentError(f"FBeta: replicates must be at least 0, got {self.replicates!r}.")
        if not 0 < self.beta < float("inf"):
            raise ArgumentError(f"FBeta: beta must be a number above 0, got {self.beta!r}.")

    def values(self, counts: Confusion) -> FloatArray:
        """Return F-beta at each cut."""
        return counts.f_beta(self.beta)

    def unmet(self, counts: Confusion) -> str:
        """Say why F-beta is nowhere defined."""
        return f"F-beta is undefined at all {len(counts.true_positives)} cuts."


@register("goal", "precision_at_least")
@dataclass(frozen=True, slots=True)
class PrecisionAtLeast:
    """The largest recall among thresholds whose precision is at least this, on these labels.

    The precision is that of the labels at hand; on new pairs it may be lower. Where a promise
    is needed, check the lower end of its interval (`wilson`).

    Parameters
    ----------
    precision : float
        Above 0, at most 1.

    Examples
    --------
    >>> PrecisionAtLeast(0.99)
    PrecisionAtLeast(precision=0.99)
    """

    precision: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.precision <= 1:
            raise ArgumentError(
                "PrecisionAtLeast: precision must be a share above 0 and at most 1, "
                f"got {self.precision!r}."
            )

    def values(self, counts: Confusion) -> FloatArray:
        """Return recall at each cut that is precise enough."""
        enough = confusion_figure("precision", counts) >= self.precision
        return np.where(enough, confusion_figure("recall", counts), np.nan)

    def unmet(self, counts: Confusion) -> str:
        """Name the best precision that there is."""
        reached = confusion_figure("precision", counts)
        best = int(reached.argmax())
        return (
            f"No threshold reaches a precision of {self.precision:g}: the best on these labels is "
            f"{float(reached[best]):.4f}, with {int(counts.true_positives[best]):,} right of "
            f"{int(counts.true_positives[best] + counts.false_positives[best]):,} accepted pairs. "
            "Ask for less, or give more labels."
        )


@register("goal", "fixed")
@dataclass(frozen=True, slots=True)
class FixedThreshold:
    """A threshold that is set by hand, whatever the labels say.

    Parameters
    ----------
    threshold : float
        In [0, 1].

    Examples
    --------
    >>> choose_threshold(np.array([True]), np.array([0.9]), FixedThreshold(0.95)).threshold
    0.95
    """

    threshold: float

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ArgumentError(
                f"FixedThreshold: threshold must lie in [0, 1], got {self.threshold!r}."
            )


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A chosen threshold and what it reaches on the labels it was chosen on.

    Attributes
    ----------
    threshold : float
        In [0, 1]; a pair is accepted if ``score >= threshold``.
    value : float
        F-beta for `FBeta`, recall for `PrecisionAtLeast`, NaN for `FixedThreshold`.
    goal : registered spec
    note : str
        Where precision and recall stand, and how wide the plateau is.
    """

    threshold: float
    value: float
    goal: Goal | FixedThreshold
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "threshold": self.threshold,
            "value": self.value,
            "goal": to_dict(self.goal),
            "note": self.note,
        }


def choose_threshold(
    labels: BoolArray, scores: FloatArray, goal: Goal | FixedThreshold | None = None
) -> ThresholdChoice:
    """Choose the threshold that serves a goal best.

    Every distinct score is a possible cut. A *plateau* is a run of neighbouring cuts that all
    have the best value; the widest plateau (in score, the higher one if equally wide) is taken,
    and in it the gap between two distinct scores that holds its middle. The threshold is the
    middle of that gap, so it never sits on a score it was chosen on (unless the gap has no
    float64 inside). The gap below the lowest score ends at 0.

    Parameters
    ----------
    labels : bool[n]
        At least one match.
    scores : float64[n]
        Within [0, 1]; NaN counts as a non-match at every threshold.
    goal : FBeta, PrecisionAtLeast, FixedThreshold, optional
        `FBeta` with beta 1 if absent.

    Returns
    -------
    ThresholdChoice

    Raises
    ------
    LabelError
        If no pair is labelled a match.
    ArgumentError
        If the goal cannot be met, no pair has a score, or a score lies outside [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([False, False, True, False, True, True])
    >>> scores = np.array([0.0, 0.1, 0.3, 0.5, 0.8, 0.9])
    >>> choose_threshold(labels, scores, PrecisionAtLeast(0.9)).threshold
    0.65
    >>> choose_threshold(labels, scores).note
    'precision 0.7500, recall 1.0000; the best value holds above 0.1 up to 0.3'
    """
    goal = FBeta() if goal is None else goal
    if isinstance(goal, FixedThreshold):
        return ThresholdChoice(goal.threshold, float("nan"), goal, "the threshold was set by hand")
    cuts = observed_cuts(labels, scores)
    _check(cuts)
    counts = cuts.confusion()
    values = goal.values(counts)
    if np.isnan(values).all():
        raise ArgumentError(goal.unmet(counts))
    if isinstance(goal, FBeta) and goal.replicates:
        return _steady(cuts, goal)
    first, last = _widest_plateau(values == np.nanmax(values), cuts.threshold)
    low, high = _gap(cuts.threshold, first, last)
    middle = low + (high - low) / 2
    chosen = int(np.count_nonzero(cuts.threshold[first : last + 1] >= middle)) + first - 1
    chosen = max(first, chosen)
    precision = float(confusion_figure("precision", counts)[chosen])
    recall = float(confusion_figure("recall", counts)[chosen])
    note = (
        f"precision {precision:.4f}, recall {recall:.4f}; "
        f"the best value holds above {low:.6g} up to {high:.6g}"
    )
    return ThresholdChoice(_between(cuts.threshold, chosen), float(values[chosen]), goal, note)


def _steady(cuts: Cuts, goal: FBeta) -> ThresholdChoice:
    """Take the mean of the best cuts of bootstrap samples; the order of pairs is no matter."""
    random = np.random.default_rng(0)
    right = np.diff(cuts.true_positives, prepend=0)
    wrong = np.diff(cuts.false_positives, prepend=0)
    below = np.append(cuts.threshold[1:], 0.0)
    best = []
    for _ in range(goal.replicates):
        true, false = random.poisson(right).cumsum(), random.poisson(wrong).cumsum()
        missed = random.poisson(cuts.matches - int(right.sum())) + true[-1] - true
        values = Confusion(true, false, missed, np.zeros_like(true)).f_beta(goal.beta)
        if not np.isnan(values).all():
            place = int(np.nanargmax(values))
            best.append((cuts.threshold[place] + below[place]) / 2)
    threshold = float(np.mean(best)) if best else 0.5
    accepted = int(np.count_nonzero(cuts.threshold >= threshold))
    here = max(accepted - 1, 0)
    counts = cuts.confusion()
    precision = float(confusion_figure("precision", counts)[here])
    recall = float(confusion_figure("recall", counts)[here])
    note = (
        f"precision {precision:.4f}, recall {recall:.4f}; mean of the best cuts of "
        f"{len(best)} bootstrap samples (standard deviation {float(np.std(best or [0.0])):.4f})"
    )
    return ThresholdChoice(threshold, float(goal.values(counts)[here]), goal, note)


def _check(cuts: Cuts) -> None:
    if cuts.matches == 0:
        raise LabelError("A threshold can only be chosen with at least one pair labelled a match.")
    if len(cuts.threshold) == 0:
        raise ArgumentError("A threshold can only be chosen if pairs have scores: all are NaN.")
    low, high = float(cuts.threshold[-1]), float(cuts.threshold[0])
    if low < 0 or high > 1:
        raise ArgumentError(f"scores must lie within [0, 1] here, got {low:g} to {high:g}.")


def _widest_plateau(best: BoolArray, threshold: FloatArray) -> tuple[int, int]:
    """Return the first and last cut of the widest run of true values."""
    edges = np.flatnonzero(np.diff(best.astype(np.int8), prepend=0, append=0))
    firsts: CountArray = edges[0::2]
    lasts: CountArray = edges[1::2] - 1
    width = threshold[firsts] - np.append(threshold, 0.0)[lasts + 1]
    widest = int(width.argmax())
    return int(firsts[widest]), int(lasts[widest])


def _gap(threshold: FloatArray, first: int, last: int) -> tuple[float, float]:
    """Return the interval (low, high] of thresholds that give the cuts from first to last."""
    low = float(threshold[last + 1]) if last + 1 < len(threshold) else 0.0
    return low, float(threshold[first])


def _between(threshold: FloatArray, cut: int) -> float:
    low, high = _gap(threshold, cut, cut)
    middle = low + (high - low) / 2
    return middle if low < middle <= high else high
