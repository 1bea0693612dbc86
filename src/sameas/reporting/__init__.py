"""Pictures of what was found."""

from sameas.reporting.plots import plot_links, plot_precision_recall, plot_scores

__all__ = ["plot_links", "plot_precision_recall", "plot_scores"]
