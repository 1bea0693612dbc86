"""Goals of a threshold: what is to be as large as possible at the cut."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.core.specs import register
from sameas.evaluation._figures import Confusion, confusion_figure, wilson_low
from sameas.evaluation._inputs import BoolArray

__all__ = ["ExpectedCost", "FBeta", "FixedThreshold", "Goal", "PrecisionAtLeast", "precise_enough"]


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
    shrink : float
        How far that mean is drawn to `towards`, in [0, 1]. Where few groups of matches decide,
        the best cut of one sample is far from that of another, and scores of a matcher that
        was fitted by likelihood say most of it already.
    towards : float
        Where it is drawn. With scores that are probabilities the largest F1 lies at half of
        itself; those of trees that saw few groups are too sure, which brings it nearer to 1/2.

    Notes
    -----
    Source of the half: Lipton, Elkan & Naryanaswamy (2014), "Optimal thresholding of classifiers
    to maximize F1 measure".

    Examples
    --------
    >>> FBeta(0.5)
    FBeta(beta=0.5, replicates=0, shrink=0.0, towards=0.5)
    """

    beta: float = 1.0
    replicates: int = 0
    shrink: float = 0.0
    towards: float = 0.5

    def __post_init__(self) -> None:
        if self.replicates < 0:
            raise ArgumentError(f"FBeta: replicates must be at least 0, got {self.replicates!r}.")
        if not 0 <= self.shrink <= 1:
            raise ArgumentError(f"FBeta: shrink must lie in [0, 1], got {self.shrink!r}.")
        if not 0 < self.towards < 1:
            raise ArgumentError(f"FBeta: towards must lie in (0, 1), got {self.towards!r}.")
        if self.shrink and not self.replicates:
            raise ArgumentError("FBeta: shrink draws the mean of replicates; set replicates too.")
        if not 0 < self.beta < float("inf"):
            raise ArgumentError(f"FBeta: beta must be a number above 0, got {self.beta!r}.")

    def values(self, counts: Confusion) -> FloatArray:
        """Return F-beta at each cut."""
        return counts.f_beta(self.beta)

    def drawn(self, mean: float) -> float:
        """Draw the mean of best cuts as far as `shrink` says."""
        return mean + self.shrink * (self.towards - mean)

    def unmet(self, counts: Confusion) -> str:
        """Say why F-beta is nowhere defined."""
        return f"F-beta is undefined at all {len(counts.true_positives)} cuts."


@register("goal", "precision_at_least")
@dataclass(frozen=True, slots=True)
class PrecisionAtLeast:
    """The largest recall among thresholds whose precision is at least this.

    Parameters
    ----------
    precision : float
        Above 0, at most 1.
    level : float or None
        None: the precision of these labels, which may be lower on new pairs. A level such as
        0.95: the lower end of the interval of Wilson at that level must reach it, so few labels
        ask for a higher threshold. The threshold is the best of many, so the promise is a
        little weaker than its level.

    Examples
    --------
    >>> PrecisionAtLeast(0.99)
    PrecisionAtLeast(precision=0.99, level=None)
    """

    precision: float = 0.95
    level: float | None = None

    def __post_init__(self) -> None:
        _check_share("PrecisionAtLeast: precision", self.precision)
        _check_level("PrecisionAtLeast", self.level)

    def values(self, counts: Confusion) -> FloatArray:
        """Return recall at each cut that is precise enough."""
        enough = precise_enough(counts, self.precision, self.level)
        return np.where(enough, confusion_figure("recall", counts), np.nan)

    def unmet(self, counts: Confusion) -> str:
        """Name the best precision that there is."""
        reached = confusion_figure("precision", counts)
        what = "precision"
        if self.level is not None:
            reached = wilson_low(
                counts.true_positives,
                counts.true_positives + counts.false_positives,
                level=self.level,
            )
            what = f"lower bound ({self.level:.0%}) of the precision"
        best = int(np.nanargmax(reached))
        return (
            f"No threshold reaches a {what} of {self.precision:g}: the best on these labels is "
            f"{float(reached[best]):.4f}, with {counts.true_positives[best]:,.0f} right of "
            f"{counts.true_positives[best] + counts.false_positives[best]:,.0f} accepted pairs. "
            "Ask for less, or give more labels."
        )


@register("goal", "expected_cost")
@dataclass(frozen=True, slots=True)
class ExpectedCost:
    """The smallest cost of mistakes, and of looking at pairs by hand.

    Parameters
    ----------
    false_match, missed_match : float
        What a wrongly accepted pair and a wrongly refused one cost, in any unit, above 0.
    review : float or None
        What it costs to look at a pair by hand. Where that is cheaper than a mistake, the
        choice has a review band about the threshold. None: nobody looks.

    Notes
    -----
    With calibrated probabilities the threshold is ``false_match / (false_match +
    missed_match)``. A share of labelled pairs that is not that of the candidates shifts it.

    Examples
    --------
    >>> labels = np.array([False, False, True, False, True, True])
    >>> scores = np.array([0.0, 0.1, 0.3, 0.5, 0.8, 0.9])
    >>> from sameas.evaluation import choose_threshold
    >>> choose_threshold(labels, scores, ExpectedCost(false_match=10)).threshold
    0.65
    """

    false_match: float = 1.0
    missed_match: float = 1.0
    review: float | None = None

    def __post_init__(self) -> None:
        for name in ("false_match", "missed_match", "review"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ArgumentError(f"ExpectedCost: {name} must be a number above 0, got {value}.")

    def values(self, counts: Confusion) -> FloatArray:
        """Return the cost, negative, at each cut."""
        cost = self.false_match * counts.false_positives
        return -np.asarray(cost + self.missed_match * counts.false_negatives, np.float64)

    def unmet(self, counts: Confusion) -> str:
        """Say why no cut has a cost."""
        return f"The cost is undefined at all {len(counts.true_positives)} cuts."


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
    >>> from sameas.evaluation import choose_threshold
    >>> choose_threshold(np.array([True]), np.array([0.9]), FixedThreshold(0.95)).threshold
    0.95
    """

    threshold: float

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ArgumentError(
                f"FixedThreshold: threshold must lie in [0, 1], got {self.threshold!r}."
            )


def precise_enough(counts: Confusion, precision: float, level: float | None) -> BoolArray:
    """Say at which cuts the precision, or its lower bound at a level, is at least this."""
    if level is None:
        reached = confusion_figure("precision", counts)
    else:
        accepted = counts.true_positives + counts.false_positives
        reached = wilson_low(counts.true_positives, accepted, level=level)
    enough: BoolArray = reached >= precision
    return enough


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise ArgumentError(f"{name} must be a share above 0 and at most 1, got {value!r}.")


def _check_level(name: str, level: float | None) -> None:
    if level is not None and not 0 < level < 1:
        raise ArgumentError(f"{name}: level must lie between 0 and 1, got {level!r}.")
