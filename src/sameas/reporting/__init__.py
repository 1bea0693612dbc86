"""Reporting: explanations, plots and the report of a run."""

from sameas.reporting.explanation import Change, ColumnPart, Explanation, Part, Step
from sameas.reporting.plots import plot_links, plot_precision_recall, plot_reliability, plot_scores

__all__ = [
    "Change",
    "ColumnPart",
    "Explanation",
    "Part",
    "Step",
    "plot_links",
    "plot_precision_recall",
    "plot_reliability",
    "plot_scores",
]
