"""A threshold chosen by goal: on labelled pairs, or from calibrated probabilities.

``choose_threshold(labels, scores, goal=None, *, assigned=None, groups=None)`` chooses it on
labelled pairs; ``expected_threshold(scores, goal=None, *, weights=None, assigned=None,
chance=None)`` needs calibrated probabilities instead of labels. Both return a `ThresholdChoice`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import FloatArray
from sameas.evaluation._inputs import BoolArray, as_bools, as_scores
from sameas.evaluation.bands import AnyGoal, is_assigned
from sameas.evaluation.best_cuts import best_cuts_of_groups
from sameas.evaluation.curves import Cuts, observed_cuts
from sameas.evaluation.goals import FBeta
from sameas.evaluation.threshold_choice import ThresholdChoice, by_hand, choose_cut

__all__ = ["choose_threshold", "expected_threshold"]


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
    if given := by_hand(goal):
        return given
    cuts = observed_cuts(labels, _assigned_only(scores, goal, assigned))
    if cuts.matches == 0:
        raise LabelError("A threshold can only be chosen with at least one pair labelled a match.")
    if groups is None:
        return choose_cut(cuts, goal)
    values, whose = as_scores(scores, length=len(scores)), np.asarray(groups)
    return choose_cut(
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
    chance: npt.ArrayLike | None = None,
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
    chance : float64[n], optional
        Match probabilities, where the scores only say in which order pairs are taken.

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
    >>> believed = np.array([0.0, 0.1, 0.9, 0.9])
    >>> expected_threshold(np.array([0.1, 0.4, 0.4, 0.9]), chance=believed).threshold
    0.25
    """
    goal = FBeta() if goal is None else goal
    if given := by_hand(goal):
        return given
    scores = as_scores(_assigned_only(scores, goal, assigned), length=len(scores))
    mass = (
        np.ones(len(scores))
        if weights is None
        else as_scores(weights, length=len(scores), name="weights")
    )
    if not (np.isfinite(mass).all() and (mass >= 0).all()):
        raise ArgumentError("weights must be finite numbers of at least 0.")
    believed = scores if chance is None else as_scores(chance, length=len(scores), name="chance")
    known = ~np.isnan(scores) & ~np.isnan(believed) & (mass > 0)
    distinct, place = np.unique(scores[known], return_inverse=True)
    count = np.bincount(place, mass[known], minlength=len(distinct))
    share = distinct
    if chance is not None:
        share = np.bincount(place, (mass * believed)[known], minlength=len(distinct)) / count
    count, share, distinct = count[::-1], share[::-1], distinct[::-1]
    right, wrong = np.cumsum(count * share), np.cumsum(count * (1 - share))
    total = (float(right[-1]), float(wrong[-1])) if len(distinct) else (0.0, 0.0)
    choice = choose_cut(Cuts(distinct, right, wrong, *total), goal, replicates=False)
    note = f"estimated from the scores, without labels: {choice.note}"
    return replace(choice, note=note)


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
