"""Figures of pairs, clusters and blocking, with curves, intervals and thresholds by goal.

Every figure at a threshold names its threshold; a figure that is undefined is NaN, or null
in tables and None in JSON, never an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

if TYPE_CHECKING:
    from sameas.evaluation.bands import AnyGoal, OneToOne, ReviewBand, is_assigned
    from sameas.evaluation.blocking import (
        BlockingMetrics,
        blocking_metrics,
        pair_keys,
        possible_pairs,
    )
    from sameas.evaluation.calibration import brier_score, calibration_error, reliability_curve
    from sameas.evaluation.clusters import ClusterMetrics, cluster_metrics, size_distribution
    from sameas.evaluation.curves import precision_recall_curve, roc_curve, threshold_curve
    from sameas.evaluation.goals import ExpectedCost, FBeta, FixedThreshold, Goal, PrecisionAtLeast
    from sameas.evaluation.importance import permutation_importance
    from sameas.evaluation.intervals import (
        Difference,
        Interval,
        bootstrap,
        bootstrap_difference,
        wilson,
    )
    from sameas.evaluation.pairs import PairMetrics, pair_metrics
    from sameas.evaluation.report import Evaluation, evaluate_scores
    from sameas.evaluation.threshold_choice import ThresholdChoice
    from sameas.evaluation.thresholds import choose_threshold, expected_threshold

__all__ = [
    "AnyGoal",
    "BlockingMetrics",
    "ClusterMetrics",
    "Difference",
    "Evaluation",
    "ExpectedCost",
    "FBeta",
    "FixedThreshold",
    "Goal",
    "Interval",
    "OneToOne",
    "PairMetrics",
    "PrecisionAtLeast",
    "ReviewBand",
    "ThresholdChoice",
    "blocking_metrics",
    "bootstrap",
    "bootstrap_difference",
    "brier_score",
    "calibration_error",
    "choose_threshold",
    "cluster_metrics",
    "evaluate_scores",
    "expected_threshold",
    "is_assigned",
    "pair_keys",
    "pair_metrics",
    "permutation_importance",
    "possible_pairs",
    "precision_recall_curve",
    "reliability_curve",
    "roc_curve",
    "size_distribution",
    "threshold_curve",
    "wilson",
]

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "bands": ["AnyGoal", "OneToOne", "ReviewBand", "is_assigned"],
        "blocking": ["BlockingMetrics", "blocking_metrics", "pair_keys", "possible_pairs"],
        "calibration": ["brier_score", "calibration_error", "reliability_curve"],
        "clusters": ["ClusterMetrics", "cluster_metrics", "size_distribution"],
        "curves": ["precision_recall_curve", "roc_curve", "threshold_curve"],
        "goals": ["ExpectedCost", "FBeta", "FixedThreshold", "Goal", "PrecisionAtLeast"],
        "importance": ["permutation_importance"],
        "intervals": ["Difference", "Interval", "bootstrap", "bootstrap_difference", "wilson"],
        "pairs": ["PairMetrics", "pair_metrics"],
        "report": ["Evaluation", "evaluate_scores"],
        "threshold_choice": ["ThresholdChoice"],
        "thresholds": ["choose_threshold", "expected_threshold"],
    },
)
