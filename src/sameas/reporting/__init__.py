"""Reporting: explanations, plots and the report of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sameas.core.when_used import import_when_used

if TYPE_CHECKING:
    from sameas.reporting.explanation import Change, ColumnPart, Explanation, Part, Step
    from sameas.reporting.plots import (
        plot_links,
        plot_precision_recall,
        plot_reliability,
        plot_scores,
    )

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

__getattr__, __dir__ = import_when_used(
    __name__,
    {
        "explanation": ["Change", "ColumnPart", "Explanation", "Part", "Step"],
        "plots": ["plot_links", "plot_precision_recall", "plot_reliability", "plot_scores"],
    },
)
