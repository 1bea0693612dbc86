"""The best cuts of bootstrap samples of labelled pairs, or of whole groups of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import Confusion
from sameas.evaluation._inputs import BoolArray
from sameas.evaluation.curves import Cuts
from sameas.evaluation.goals import FBeta

__all__ = ["best_cuts", "best_cuts_of_groups"]


def best_cuts(cuts: Cuts, goal: FBeta) -> list[float]:
    """Draw samples of pairs and return the best cut of each; the order of pairs is no matter."""
    random = np.random.default_rng(0)
    right = np.diff(cuts.true_positives, prepend=0)
    wrong = np.diff(cuts.false_positives, prepend=0)
    below = np.append(cuts.threshold[1:], 0.0)
    best = []
    for _ in range(goal.replicates):
        true, false = random.poisson(right).cumsum(), random.poisson(wrong).cumsum()
        missed = random.poisson(cuts.matches - int(right.sum())) + true[-1] - true
        place = _best(true, false, missed, goal)
        if place is not None:
            best.append(float((cuts.threshold[place] + below[place]) / 2))
    return best


def best_cuts_of_groups(
    labels: BoolArray, scores: FloatArray, groups: npt.NDArray[np.integer], goal: FBeta
) -> list[float]:
    """Draw samples of groups and return the best cut of each.

    The pairs of one group are right or wrong together, and a giant group has many of them: drawn
    by pairs, samples are too much alike.

    Parameters
    ----------
    labels : bool[n]
    scores : float64[n]
    groups : int[n]
        Group of each pair, numbers from 0 on. Samples depend on these numbers.
    goal : FBeta
    """
    random = np.random.default_rng(0)
    count = int(groups.max(initial=-1)) + 1
    rows = np.flatnonzero(scores > 0)
    rows = rows[np.argsort(-scores[rows], kind="stable")]
    known, label, group = scores[rows], labels[rows], groups[rows]
    last = np.flatnonzero(np.diff(known, append=-1.0))  # of pairs with equal scores
    below = np.append(known[last][1:], 0.0)
    lost = np.bincount(groups[labels], minlength=count) - np.bincount(group[label], minlength=count)
    best = []
    for _ in range(goal.replicates if len(rows) else 0):
        drawn = random.poisson(1.0, count)
        weight = drawn[group]
        true, false = ((weight * kind).cumsum()[last] for kind in (label, ~label))
        place = _best(true, false, int(drawn @ lost) + true[-1] - true, goal)
        if place is not None:
            best.append(float((known[last[place]] + below[place]) / 2))
    return best


def _best(
    true: npt.NDArray[np.integer],
    false: npt.NDArray[np.integer],
    missed: npt.NDArray[np.integer],
    goal: FBeta,
) -> int | None:
    values = Confusion(true, false, missed, np.zeros_like(true)).f_beta(goal.beta)
    return None if np.isnan(values).all() else int(np.nanargmax(values))
