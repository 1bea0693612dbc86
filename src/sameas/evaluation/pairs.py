"""Figures of pair decisions at one threshold, and of the ranking behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import (
    CELLS,
    RANKING,
    Confusion,
    confusion_figure,
    f_name,
    ranked_counts,
    ranking_figure,
)
from sameas.evaluation._inputs import (
    BoolArray,
    CountArray,
    as_bools,
    as_scores,
    as_threshold,
    none_for_nan,
)

__all__ = ["PairMetrics", "cells_of", "pair_metrics"]


@dataclass(frozen=True, slots=True)
class PairMetrics:
    """Figures of labelled pairs; NaN means "undefined" (None in `to_dict`).

    Attributes
    ----------
    threshold : float
        A pair counts as a match if its score is at least this.
    n, unscored : int
        Labelled pairs, and those among them without a score (NaN), which count as non-matches.
    true_positives, false_positives, false_negatives, true_negatives : int
    prevalence : float
        Share of matches among the labels.
    precision : float
        Undefined if nothing was accepted.
    recall : float
        Undefined if there is no match among the labels.
    f_beta : dict of float to float
        F-beta of the matches by beta. 0 if nothing right was accepted; undefined only if
        there is no match and nothing was accepted.
    macro_f1 : float
        Mean of the F1 of matches and of non-matches; if one of them is undefined, the other.
    balanced_accuracy : float
        Mean of recall and specificity; undefined unless both classes are there.
    accuracy : float
    average_precision : float
        Sum of precision times gain in recall over the distinct scores, highest first
        (no interpolation). Undefined without a match.
    roc_auc : float
        Probability that a match scores higher than a non-match, a tie counting half.
        Undefined unless both classes are there.
    gini : float
        Normalised Gini, ``2 * roc_auc - 1``: ties thus count half here too, and the value does
        not depend on the order of rows (competition code that breaks ties by row does).

    Notes
    -----
    The last three use no threshold. In them pairs without a score stand below every scored
    pair and are tied with each other.
    """

    threshold: float
    n: int
    unscored: int
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    prevalence: float
    precision: float
    recall: float
    f_beta: dict[float, float]
    macro_f1: float
    balanced_accuracy: float
    accuracy: float
    average_precision: float
    roc_auc: float
    gini: float

    @property
    def f1(self) -> float:
        """F1 of the matches."""
        missed = self.false_positives + self.false_negatives
        hits = 2 * self.true_positives
        return hits / (hits + missed) if hits + missed else float("nan")

    def figures(self) -> dict[str, float]:
        """Return the figures by the names that `bootstrap` knows (``"f0.5"``, ``"recall"``)."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            **{f_name(beta): value for beta, value in self.f_beta.items()},
            **{name: getattr(self, name) for name in _AFTER_F},
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; undefined figures are None."""
        counts = {name: getattr(self, name) for name in (*_COUNTS, "prevalence")}
        return {key: none_for_nan(value) for key, value in {**counts, **self.figures()}.items()}


_COUNTS = (
    "threshold",
    "n",
    "unscored",
    "true_positives",
    "false_positives",
    "false_negatives",
    "true_negatives",
)
_AFTER_F = ("macro_f1", "balanced_accuracy", "accuracy", *RANKING)


def pair_metrics(
    labels: BoolArray,
    scores: FloatArray,
    *,
    threshold: float,
    betas: Sequence[float] = (0.5, 1.0),
) -> PairMetrics:
    """Measure scores against labels.

    Parameters
    ----------
    labels : bool[n]
        True for a match. Leave undecided pairs out.
    scores : float64[n]
        Higher means more alike. NaN means "cannot be scored" and counts as a non-match.
    threshold : float
        A pair is accepted if ``score >= threshold``.
    betas : sequence of float
        The F-betas to give; beta below 1 leans to precision, above 1 to recall.

    Returns
    -------
    PairMetrics
        Undefined figures are NaN; nothing raises or warns because a class is absent.

    Raises
    ------
    LabelError
        If the labels are not true or false.
    ArgumentError
        If lengths differ, the threshold is NaN or a beta is not above 0.

    Notes
    -----
    Cost: one sort of the scores.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([True, True, False, False, True])
    >>> scores = np.array([0.9, 0.8, 0.7, 0.2, np.nan])
    >>> found = pair_metrics(labels, scores, threshold=0.75)
    >>> found.precision, round(found.recall, 3), round(found.f_beta[0.5], 3)
    (1.0, 0.667, 0.909)
    >>> pair_metrics(labels[:2], scores[:2], threshold=0.75).to_dict()["roc_auc"] is None
    True
    """
    labels = as_bools(labels, name="labels")
    scores = as_scores(scores, length=len(labels))
    threshold = as_threshold(threshold)
    cells = np.bincount(cells_of(labels, scores, threshold), minlength=CELLS)
    counts = Confusion.from_cells(cells)
    matches, others = ranked_counts(labels, scores)
    return PairMetrics(
        threshold=threshold,
        n=len(labels),
        unscored=int(np.isnan(scores).sum()),
        true_positives=int(counts.true_positives),
        false_positives=int(counts.false_positives),
        false_negatives=int(counts.false_negatives),
        true_negatives=int(counts.true_negatives),
        f_beta={beta: float(counts.f_beta(beta)) for beta in map(_beta, betas)},
        **{
            name: float(confusion_figure(name, counts))
            for name in (
                "prevalence",
                "precision",
                "recall",
                "macro_f1",
                "balanced_accuracy",
                "accuracy",
            )
        },
        **{name: float(ranking_figure(name, matches, others)) for name in RANKING},
    )


def cells_of(labels: BoolArray, scores: FloatArray, threshold: float) -> CountArray:
    """Return ``2 * label + decision`` of each pair; NaN is never accepted."""
    with np.errstate(invalid="ignore"):
        accepted = scores >= threshold
    return 2 * labels.astype(np.int64) + accepted


def _beta(beta: float) -> float:
    if not 0 < beta < float("inf"):
        raise ArgumentError(f"beta must be a number above 0, got {beta!r}.")
    return float(beta)
