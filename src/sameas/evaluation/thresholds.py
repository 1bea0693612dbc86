"""A threshold chosen by goal, between the scores and in the middle of its plateau.

``choose_threshold(labels, scores, goal=None, *, assigned=None, groups=None)`` chooses it on
labelled pairs; ``expected_threshold(scores, goal=None, *, weights=None, assigned=None)`` needs
calibrated probabilities instead of labels. Both return a `ThresholdChoice`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import FloatArray
from sameas.core.specs import to_dict
from sameas.evaluation._figures import Confusion, confusion_figure
from sameas.evaluation._inputs import BoolArray, CountArray, as_bools, as_scores, none_for_nan
from sameas.evaluation.bands import AnyGoal, ReviewBand, band_of, is_assigned, plain_goal
from sameas.evaluation.best_cuts import best_cuts, best_cuts_of_groups
from sameas.evaluation.curves import Cuts, observed_cuts
from sameas.evaluation.goals import FBeta, FixedThreshold, Goal

__all__ = ["ThresholdChoice", "choose_threshold", "expected_threshold"]

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


def choose_threshold(
    labels: BoolArray,
    scores: FloatArray,
    goal: AnyGoal | None = None,
    *,
    assigned: BoolArray | None = None,
    groups: npt.NDArray[np.integer] | None = None,
) -> ThresholdChoice:
    """Choose the threshold that serves a goal best on labelled pairs.

    Every distinct score above 0 is a possible cut: a score of 0 never means a match. A
    *plateau* is a run of neighbouring cuts that all have the best value; the widest plateau (in
    score, the higher one if equally wide) is taken, and in it the gap between two distinct
    scores that holds its middle. The threshold is the middle of that gap, so it sits on no score
    it was chosen on (unless no float64 is inside). The gap below the lowest score ends at 0.

    Parameters
    ----------
    labels : bool[n]
        At least one match.
    scores : float64[n]
        Within [0, 1]; NaN counts as a non-match at every threshold.
    goal : registered spec of the family ``"goal"``, optional
        `FBeta` with beta 1 if absent.
    assigned : bool[n], optional
        For `OneToOne`: whether an assignment of all candidate pairs keeps the pair.
    groups : int[n], optional
        Numbers of groups that stand or fall together: `FBeta` with replicates draws samples of
        these instead of pairs.

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
    >>> from sameas.evaluation import PrecisionAtLeast
    >>> labels = np.array([False, False, True, False, True, True])
    >>> scores = np.array([0.0, 0.1, 0.3, 0.5, 0.8, 0.9])
    >>> choose_threshold(labels, scores, PrecisionAtLeast(0.9)).threshold
    0.65
    >>> choose_threshold(labels, scores).note
    'precision 0.7500, recall 1.0000; the best value holds above 0.1 up to 0.3'
    """
    goal = FBeta() if goal is None else goal
    if by_hand := _by_hand(goal):
        return by_hand
    cuts = observed_cuts(labels, _assigned_only(scores, goal, assigned))
    if cuts.matches == 0:
        raise LabelError("A threshold can only be chosen with at least one pair labelled a match.")
    if groups is None:
        return _choose(cuts, goal)
    values, whose = as_scores(scores, length=len(scores)), np.asarray(groups)
    return _choose(
        cuts,
        goal,
        drawn=lambda plain: best_cuts_of_groups(np.asarray(labels), values, whose, plain),
    )


def expected_threshold(
    scores: FloatArray,
    goal: AnyGoal | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    assigned: BoolArray | None = None,
) -> ThresholdChoice:
    """Choose the threshold from calibrated probabilities instead of labels.

    A pair with the score p counts as p matches and 1 - p non-matches: an estimate, as good as
    the calibration, and the note says so. `FBeta` with replicates chooses the best cut.

    Parameters
    ----------
    scores : float64[n]
        Match probabilities within [0, 1]; NaN is left out.
    goal : optional
        As in `choose_threshold`.
    weights : float64[n], optional
        How many pairs each score stands for.
    assigned : bool[n], optional
        As in `choose_threshold`.

    Returns
    -------
    ThresholdChoice

    Raises
    ------
    ArgumentError
        As in `choose_threshold`.

    Examples
    --------
    >>> import numpy as np
    >>> from sameas.evaluation import ExpectedCost
    >>> choice = expected_threshold(np.array([0.1, 0.4, 0.6, 0.9]), ExpectedCost(1, 1))
    >>> choice.threshold
    0.5
    >>> choice.note[:53]
    'estimated from the scores, without labels: precision '
    """
    goal = FBeta() if goal is None else goal
    if by_hand := _by_hand(goal):
        return by_hand
    scores = as_scores(_assigned_only(scores, goal, assigned), length=len(scores))
    mass = np.ones(len(scores)) if weights is None else as_scores(weights, length=len(scores))
    if not (np.isfinite(mass).all() and (mass >= 0).all()):
        raise ArgumentError("weights must be finite numbers of at least 0.")
    known = ~np.isnan(scores) & (mass > 0)
    distinct, place = np.unique(scores[known], return_inverse=True)
    count = np.bincount(place, mass[known], minlength=len(distinct))[::-1]
    distinct = distinct[::-1]
    right, wrong = np.cumsum(count * distinct), np.cumsum(count * (1 - distinct))
    total = (float(right[-1]), float(wrong[-1])) if len(distinct) else (0.0, 0.0)
    choice = _choose(Cuts(distinct, right, wrong, *total), goal, replicates=False)
    note = f"estimated from the scores, without labels: {choice.note}"
    return replace(choice, note=note)


def _by_hand(goal: AnyGoal) -> ThresholdChoice | None:
    """Return the choice if there is nothing to choose and no band to find."""
    plain = plain_goal(goal)
    if isinstance(plain, FixedThreshold) and not isinstance(goal, ReviewBand):
        return ThresholdChoice(plain.threshold, float("nan"), goal, _HAND)
    return None


def _assigned_only(
    scores: npt.ArrayLike, goal: AnyGoal, assigned: npt.ArrayLike | None
) -> FloatArray:
    """Take the score from pairs that an assignment drops, if the goal is about one."""
    values = np.asarray(scores, np.float64)
    if not is_assigned(goal):
        return values
    if assigned is None:
        raise ArgumentError(
            "The goal OneToOne needs assigned=: which pairs an assignment of all candidates keeps."
        )
    return np.where(as_bools(assigned, name="assigned", length=len(values)), values, np.nan)


def _choose(
    cuts: Cuts,
    goal: AnyGoal,
    *,
    replicates: bool = True,
    drawn: Callable[[FBeta], list[float]] | None = None,
) -> ThresholdChoice:
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
    """Take the mean of the best cuts of samples, drawn towards 1/2 as far as the goal says."""
    mean = float(np.mean(best)) if best else 0.5
    threshold = mean + goal.shrink * (0.5 - mean)
    accepted = int(np.count_nonzero(cuts.threshold >= threshold))
    here = max(accepted - 1, 0)
    counts = cuts.confusion()
    note = (
        f"{_standing(counts, here)}; mean of the best cuts of "
        f"{len(best)} bootstrap samples (standard deviation {float(np.std(best or [0.0])):.4f})"
    )
    if goal.shrink:
        note += f", {mean:.4f}, drawn towards 0.5"
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
