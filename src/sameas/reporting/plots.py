"""Plots as files: scores with the threshold, precision against recall, a map of the links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require
from sameas.core.prepared import FloatArray
from sameas.evaluation import calibration_error, precision_recall_curve, reliability_curve

__all__ = ["plot_links", "plot_precision_recall", "plot_reliability", "plot_scores"]

_MATCH, _OTHER, _INK = "#1b7f79", "#c8553d", "#333333"


@contextmanager
def _axes(path: str | os.PathLike[str], *, wide: bool = False) -> Iterator[Any]:
    """Open a figure without a screen, and save it when the drawing is done."""
    figures = require("matplotlib.figure", extra="plots", what="Drawing")
    figure = figures.Figure(figsize=(11, 5.5) if wide else (7, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=_INK)
    yield axes
    figure.savefig(path, dpi=130)


def plot_scores(
    scores: FloatArray,
    path: str | os.PathLike[str],
    *,
    threshold: float,
    labels: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Draw a histogram of scores with the threshold.

    Matches and non-matches are two outlines over one another, not a stack, which would mislead
    on a log scale.

    Parameters
    ----------
    scores : float64[n]
        Match probabilities.
    path : path
        The suffix chooses the format: ``.png``, ``.svg``, ``.pdf``.
    threshold : float
    labels : bool[n], optional
        Where the truth is known, matches and non-matches are told apart.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed (extra ``plots``).
    """
    edges = np.linspace(0, 1, 41)
    with _axes(path) as axes:
        if labels is None:
            _steps(axes, scores, edges, color=_MATCH, label="candidate pairs")
        else:
            _steps(axes, scores[~labels], edges, color=_OTHER, label="non-matches")
            _steps(axes, scores[labels], edges, color=_MATCH, label="matches")
        axes.axvline(threshold, color=_INK, linestyle="--", label=f"threshold {threshold:.3f}")
        axes.set_yscale("log")
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(bottom=0.7)  # a single pair shows
        axes.set_xlabel("match probability")
        axes.set_ylabel("pairs (log scale)")
        axes.legend(loc="upper center", framealpha=0.9, edgecolor="none")


def _steps(axes: Any, scores: FloatArray, edges: FloatArray, *, color: str, label: str) -> None:
    """Draw a histogram as an outline over the log scale: outlines side by side stay readable."""
    counts, _ = np.histogram(scores, edges)
    name = f"{label} ({int(np.isfinite(scores).sum()):,})"
    axes.stairs(counts, edges, baseline=0.5, fill=True, color=color, alpha=0.15)
    axes.stairs(counts, edges, baseline=0.5, color=color, linewidth=1.5, label=name)


def plot_precision_recall(
    labels: npt.NDArray[np.bool_],
    scores: FloatArray,
    path: str | os.PathLike[str],
    *,
    threshold: float,
) -> None:
    """Draw precision against recall, with the point of the threshold."""
    curve = precision_recall_curve(labels, scores)
    decided = scores >= threshold
    right = int((decided & labels).sum())
    precision, recall = right / max(int(decided.sum()), 1), right / max(int(labels.sum()), 1)
    with _axes(path) as axes:
        axes.plot(curve["recall"].to_numpy(), curve["precision"].to_numpy(), color=_MATCH)
        axes.plot([recall], [precision], "o", color=_OTHER, label=f"threshold {threshold:.3f}")
        axes.annotate(
            f"precision {precision:.3f}\nrecall {recall:.3f}",
            (recall, precision), xytext=(-12, -12), textcoords="offset points",
            ha="right", va="top", color=_INK,
        )  # fmt: skip
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)
        axes.legend(frameon=False, loc="lower left")


def plot_reliability(
    labels: npt.NDArray[np.bool_],
    scores: FloatArray,
    path: str | os.PathLike[str],
    *,
    bins: int = 15,
) -> None:
    """Draw the share of matches against the score, with intervals; perfect is the diagonal."""
    curve = reliability_curve(labels, scores, bins=bins)
    score, share, low, high = (curve[name].to_numpy() for name in ("score", "share", "low", "high"))
    error = calibration_error(labels, scores, bins=bins)
    with _axes(path) as axes:
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
        axes.vlines(score, low, high, color=_MATCH, linewidth=1)
        axes.plot(score, share, "o-", color=_MATCH, label=f"calibration error {error:.3f}")
        axes.set_xlabel("score")
        axes.set_ylabel("share of matches")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.02)
        axes.legend(frameon=False, loc="upper left")


def plot_links(
    left: FloatArray, right: FloatArray, path: str | os.PathLike[str], *, title: str
) -> None:
    """Draw links on a map without a tile server: one line a link, near links as dots.

    Parameters
    ----------
    left, right : float64[n, 2]
        Latitude and longitude of the two records of each link, decimal degrees.
    path : path
    title : str
    """
    collections = require("matplotlib.collections", extra="plots", what="Drawing")
    with _axes(path, wide=True) as axes:
        axes.scatter(left[:, 1], left[:, 0], s=1.5, color=_MATCH, alpha=0.5, linewidths=0)
        ends = np.stack([left[:, ::-1], right[:, ::-1]], axis=1)
        short = np.abs(ends[:, 0, 0] - ends[:, 1, 0]) < 180
        axes.add_collection(
            collections.LineCollection(ends[short], colors=_OTHER, linewidths=0.8, alpha=0.8)
        )
        axes.set_xlim(-180, 180)
        axes.set_ylim(-90, 90)
        axes.set_aspect("equal")
        axes.set_xlabel("longitude")
        axes.set_ylabel("latitude")
        axes.set_title(title, color=_INK, fontsize=11)
