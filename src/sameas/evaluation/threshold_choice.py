"""Which cut of scored pairs serves a goal: the middle of the best plateau, or a mean of samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.core.specs import to_dict
from sameas.evaluation._figures import Confusion, confusion_figure
from sameas.evaluation._inputs import BoolArray, CountArray, none_for_nan
from sameas.evaluation.bands import AnyGoal, ReviewBand, band_of, plain_goal
from sameas.evaluation.best_cuts import best_cuts
from sameas.evaluation.curves import Cuts
from sameas.evaluation.goals import FBeta, FixedThreshold, Goal

__all__ = ["ThresholdChoice", "by_hand", "choose_cut"]

_HAND = "the threshold was set by hand"


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A chosen threshold and what it reaches on the labels it was chosen on.

    Attributes
    ----------
    threshold : float
        In [0, 1]; a pair is accepted if ``score >= threshold``.
    value : float
        F-beta for `FBeta`, recall for `PrecisionAtLeast`, the negative cost for
        `ExpectedCost`, NaN for `FixedThreshold`.
    goal : registered spec
    note : str
        Where precision and recall stand, and how wide the plateau is.
    lower, upper : float or None
        The review band: pairs with ``lower <= score < upper`` are to be looked at by hand.
        None if the goal asks for none.
    """

    threshold: float
    value: float
    goal: AnyGoal
    note: str
    lower: float | None = None
    upper: float | None = None

    @property
    def band(self) -> tuple[float, float] | None:
        """Both ends of the review band, if there is one."""
        return None if self.lower is None or self.upper is None else (self.lower, self.upper)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "threshold": self.threshold,
            "value": none_for_nan(self.value),
            "goal": to_dict(self.goal),
            "note": self.note,
            "lower": self.lower,
            "upper": self.upper,
        }


def by_hand(goal: AnyGoal) -> ThresholdChoice | None:
    """Return the choice if there is nothing to choose and no band to find."""
    plain = plain_goal(goal)
    if isinstance(plain, FixedThreshold) and not isinstance(goal, ReviewBand):
        return ThresholdChoice(plain.threshold, float("nan"), goal, _HAND)
    return None


def choose_cut(
    cuts: Cuts,
    goal: AnyGoal,
    *,
    replicates: bool = True,
    drawn: Callable[[FBeta], list[float]] | None = None,
) -> ThresholdChoice:
    """Choose the cut that serves a goal best; `drawn` gives the best cuts of samples."""
    plain = plain_goal(goal)
    cuts = _above_zero(cuts)
    if len(cuts.threshold) == 0:
        note = "no pair has a score above 0, so none is a match"
        return ThresholdChoice(0.5, 0.0, goal, note)
    if isinstance(plain, FixedThreshold):
        choice = ThresholdChoice(plain.threshold, float("nan"), goal, _HAND)
    elif isinstance(plain, FBeta) and plain.replicates and replicates:
        choice = _steady(cuts, plain, drawn(plain) if drawn else best_cuts(cuts, plain))
    else:
        choice = _best(cuts, plain)
    band = band_of(goal, cuts, choice.threshold)
    if band is None:
        return replace(choice, goal=goal)
    note = f"{choice.note}; to be looked at: {band[0]:.4f} up to {band[1]:.4f}"
    return replace(choice, goal=goal, lower=band[0], upper=band[1], note=note)


def _best(cuts: Cuts, goal: Goal) -> ThresholdChoice:
    """Take the middle of the widest plateau of best cuts."""
    counts = cuts.confusion()
    values = goal.values(counts)
    if np.isnan(values).all():
        raise ArgumentError(goal.unmet(counts))
    first, last = _widest_plateau(values == np.nanmax(values), cuts.threshold)
    low = float(cuts.threshold[last + 1]) if last + 1 < len(cuts.threshold) else 0.0
    high = float(cuts.threshold[first])
    middle = low + (high - low) / 2
    chosen = int(np.count_nonzero(cuts.threshold[first : last + 1] >= middle)) + first - 1
    chosen = max(first, chosen)
    note = f"{_standing(counts, chosen)}; the best value holds above {low:.6g} up to {high:.6g}"
    return ThresholdChoice(cuts.midway(chosen), float(values[chosen]), goal, note)


def _standing(counts: Confusion, cut: int) -> str:
    precision = float(confusion_figure("precision", counts)[cut])
    recall = float(confusion_figure("recall", counts)[cut])
    return f"precision {precision:.4f}, recall {recall:.4f}"


def _steady(cuts: Cuts, goal: FBeta, best: list[float]) -> ThresholdChoice:
    """Take the mean of the best cuts of samples, drawn as far as the goal says."""
    mean = float(np.mean(best)) if best else 0.5
    threshold = goal.drawn(mean)
    accepted = int(np.count_nonzero(cuts.threshold >= threshold))
    here = max(accepted - 1, 0)
    counts = cuts.confusion()
    note = (
        f"{_standing(counts, here)}; mean of the best cuts of "
        f"{len(best)} bootstrap samples (standard deviation {float(np.std(best or [0.0])):.4f})"
    )
    if goal.shrink:
        note += f", {mean:.4f}, drawn towards {goal.towards:g}"
    return ThresholdChoice(threshold, float(goal.values(counts)[here]), goal, note)


def _above_zero(cuts: Cuts) -> Cuts:
    """Check the scores and leave out the cut at 0, which would accept every pair."""
    if len(cuts.threshold) == 0:
        raise ArgumentError("A threshold can only be chosen if pairs have scores: all are NaN.")
    low, high = float(cuts.threshold[-1]), float(cuts.threshold[0])
    if low < 0 or high > 1:
        raise ArgumentError(f"scores must lie within [0, 1] here, got {low:g} to {high:g}.")
    end = len(cuts.threshold) - (low == 0)
    return replace(
        cuts,
        threshold=cuts.threshold[:end],
        true_positives=cuts.true_positives[:end],
        false_positives=cuts.false_positives[:end],
    )


def _widest_plateau(best: BoolArray, threshold: FloatArray) -> tuple[int, int]:
    """Return the first and last cut of the widest run of true values."""
    edges = np.flatnonzero(np.diff(best.astype(np.int8), prepend=0, append=0))
    firsts: CountArray = edges[0::2]
    lasts: CountArray = edges[1::2] - 1
    width = threshold[firsts] - np.append(threshold, 0.0)[lasts + 1]
    widest = int(width.argmax())
    return int(firsts[widest]), int(lasts[widest])
