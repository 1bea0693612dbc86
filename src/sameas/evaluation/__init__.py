"""Figures of pairs, clusters and blocking, with curves, intervals and thresholds by goal.

Every figure at a threshold names its threshold; a figure that is undefined is NaN, or null
in tables and None in JSON, never an exception.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "AnyGoal": "bands",
    "BlockingMetrics": "blocking",
    "ClusterMetrics": "clusters",
    "Difference": "intervals",
    "Evaluation": "report",
    "ExpectedCost": "goals",
    "FBeta": "goals",
    "FixedThreshold": "goals",
    "Goal": "goals",
    "Interval": "intervals",
    "OneToOne": "bands",
    "PairMetrics": "pairs",
    "PrecisionAtLeast": "goals",
    "ReviewBand": "bands",
    "ThresholdChoice": "threshold_choice",
    "blocking_metrics": "blocking",
    "bootstrap": "intervals",
    "bootstrap_difference": "intervals",
    "brier_score": "calibration",
    "calibration_error": "calibration",
    "choose_threshold": "thresholds",
    "cluster_metrics": "clusters",
    "evaluate_scores": "report",
    "expected_threshold": "thresholds",
    "is_assigned": "bands",
    "pair_keys": "blocking",
    "pair_metrics": "pairs",
    "permutation_importance": "importance",
    "possible_pairs": "blocking",
    "precision_recall_curve": "curves",
    "reliability_curve": "calibration",
    "roc_curve": "curves",
    "size_distribution": "clusters",
    "threshold_curve": "curves",
    "wilson": "intervals",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: a run needs few of these modules."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.evaluation.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.evaluation' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
