"""Goals about other goals: a review band about the threshold, and the pairs of an assignment."""

from __future__ import annotations

from dataclasses import field

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.specs import register
from sameas.evaluation._figures import Confusion
from sameas.evaluation.curves import Cuts
from sameas.evaluation.goals import (
    ExpectedCost,
    FBeta,
    FixedThreshold,
    Goal,
    PrecisionAtLeast,
    precise_enough,
)

__all__ = ["AnyGoal", "OneToOne", "ReviewBand", "band_of", "is_assigned", "plain_goal"]


@register("goal", "one_to_one")
@dataclass(frozen=True, slots=True)
class OneToOne:
    """A goal for the pairs that a one-to-one assignment keeps.

    A pair whose record has a better partner is refused at every threshold, so the threshold may
    be lower than for all pairs. The assignment by falling score at a threshold is a part of the
    one at any lower threshold, so the assigned pairs are found once.

    Parameters
    ----------
    goal : Goal
        What is to be reached.

    Examples
    --------
    >>> from sameas.evaluation import choose_threshold
    >>> labels = np.array([True, False, True, False])
    >>> scores = np.array([0.9, 0.8, 0.6, 0.2])
    >>> assigned = np.array([True, False, True, True])
    >>> choose_threshold(labels, scores, FBeta()).threshold
    0.4
    >>> choose_threshold(labels, scores, OneToOne(FBeta()), assigned=assigned).value
    1.0
    """

    goal: Goal | FixedThreshold = field(default_factory=lambda: FBeta(replicates=100))

    def __post_init__(self) -> None:
        if isinstance(self.goal, OneToOne | ReviewBand):
            raise ArgumentError("OneToOne: goal must be a plain goal; put OneToOne in ReviewBand.")


@register("goal", "review_band")
@dataclass(frozen=True, slots=True)
class ReviewBand:
    """A threshold by another goal, with a band about it that is to be looked at by hand.

    Parameters
    ----------
    goal : Goal
        What the threshold is chosen for.
    precision : float
        Pairs from the upper end of the band on have at least this precision.
    lost : float
        At most this share of the matches that have a score lies below the lower end.
    level : float or None
        As in `PrecisionAtLeast`, for the upper end.

    Examples
    --------
    >>> from sameas.evaluation import choose_threshold
    >>> labels = np.array([False, True, False, True, False, True, True, True])
    >>> scores = np.array([0.0, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9])
    >>> choice = choose_threshold(labels, scores, ReviewBand(FBeta(0.5), precision=0.8, lost=0))
    >>> [round(end, 2) for end in (choice.lower, choice.threshold, choice.upper)]
    [0.1, 0.65, 0.65]
    """

    goal: Goal | FixedThreshold | OneToOne = field(default_factory=lambda: FBeta(replicates=100))
    precision: float = 0.99
    lost: float = 0.01
    level: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.goal, ReviewBand):
            raise ArgumentError("ReviewBand: goal must be another goal than a ReviewBand.")
        PrecisionAtLeast(self.precision, self.level)
        if not 0 <= self.lost < 1:
            raise ArgumentError(f"ReviewBand: lost must lie in [0, 1), got {self.lost!r}.")


AnyGoal = Goal | FixedThreshold | OneToOne | ReviewBand


def plain_goal(goal: AnyGoal) -> Goal | FixedThreshold:
    """Return what a threshold is chosen for in the end."""
    if isinstance(goal, ReviewBand):
        goal = goal.goal
    return goal.goal if isinstance(goal, OneToOne) else goal


def is_assigned(goal: AnyGoal) -> bool:
    """Say whether a goal is about the pairs of an assignment.

    Examples
    --------
    >>> from sameas.evaluation import FBeta, OneToOne
    >>> is_assigned(OneToOne(FBeta())), is_assigned(FBeta())
    (True, False)
    """
    return isinstance(goal.goal if isinstance(goal, ReviewBand) else goal, OneToOne)


def band_of(goal: AnyGoal, cuts: Cuts, threshold: float) -> tuple[float, float] | None:
    """Return the ends of the review band, ``lower <= threshold <= upper``, if there is to be one.

    Raises
    ------
    ArgumentError
        If no cut is precise enough for the upper end.
    """
    counts = cuts.confusion()
    if isinstance(goal, ReviewBand):
        enough = np.flatnonzero(precise_enough(counts, goal.precision, goal.level))
        if not len(enough):
            raise ArgumentError(PrecisionAtLeast(goal.precision, goal.level).unmet(counts))
        upper = int(enough[-1])
        found = counts.true_positives[-1]
        lower = int(np.argmax(counts.true_positives >= found * (1 - goal.lost) - 1e-9))
    elif isinstance(inner := plain_goal(goal), ExpectedCost) and inner.review is not None:
        upper, lower = _cheapest(inner, inner.review, counts)
    else:
        return None
    return min(cuts.midway(lower), threshold), max(cuts.midway(upper), threshold)


def _cheapest(goal: ExpectedCost, review: float, counts: Confusion) -> tuple[int, int]:
    """Return the cuts from which to accept and from which to look; -1 is above all pairs."""
    looked = review * (counts.true_positives + counts.false_positives)
    above = np.append(0.0, goal.false_match * counts.false_positives - looked)
    below = np.append(
        goal.missed_match * counts.positives[0], goal.missed_match * counts.false_negatives + looked
    )
    return int(above.argmin()) - 1, int(below.argmin()) - 1
