"""Reporting: explanations, plots and the report of a run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "Change": "explanation",
    "ColumnPart": "explanation",
    "Explanation": "explanation",
    "Part": "explanation",
    "Step": "explanation",
    "plot_links": "plots",
    "plot_precision_recall": "plots",
    "plot_reliability": "plots",
    "plot_scores": "plots",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: a run draws no plots."""
    if name in _HOMES:
        return getattr(import_module(f"sameas.reporting.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'sameas.reporting' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
