"""Curves over the threshold as Arrow tables, one row a distinct score."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import Confusion, confusion_figure, ranked_starts, share
from sameas.evaluation._inputs import BoolArray, CountArray, as_bools, as_scores

__all__ = ["Cuts", "observed_cuts", "precision_recall_curve", "roc_curve", "threshold_curve"]


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is accepted at each distinct score, highest first; pairs without a score never are.

    Attributes
    ----------
    threshold : float64[m]
        Distinct scores, falling.
    true_positives, false_positives : int64[m] or float64[m]
        Accepted at ``score >= threshold``; numbers with a fraction where they are expected only.
    matches, others : int or float
        All labelled matches and non-matches, those without a score among them.
    """

    threshold: FloatArray
    true_positives: CountArray | FloatArray
    false_positives: CountArray | FloatArray
    matches: float
    others: float

    def confusion(self) -> Confusion:
        """Return the confusion counts at each cut."""
        return Confusion(
            self.true_positives,
            self.false_positives,
            self.matches - self.true_positives,
            self.others - self.false_positives,
        )

    def midway(self, cut: int) -> float:
        """Return a threshold between this cut and the next; -1 is above all scores."""
        ends = np.concatenate([[1.0], self.threshold, [0.0]])
        high, low = float(ends[cut + 1]), float(ends[cut + 2])
        middle = low + (high - low) / 2
        return middle if low < middle <= high else high

    def thinned(self, points: int | None) -> Cuts:
        """Keep at most `points` cuts, evenly spaced by rank, the first and the last included."""
        if points is None or points >= len(self.threshold):
            return self
        if points < 2:
            raise ArgumentError(
                f"points must be at least 2 (both ends of the curve), got {points}."
            )
        kept = np.linspace(0, len(self.threshold) - 1, points).round().astype(np.int64)
        return Cuts(
            self.threshold[kept],
            self.true_positives[kept],
            self.false_positives[kept],
            self.matches,
            self.others,
        )


def observed_cuts(labels: BoolArray, scores: FloatArray) -> Cuts:
    """Count what is accepted at each distinct score."""
    labels = as_bools(labels, name="labels")
    scores = as_scores(scores, length=len(labels))
    matches = int(labels.sum())
    scored = ~np.isnan(scores)
    order, starts = ranked_starts(scores[scored])
    last = np.append(starts[1:], len(order))[: len(starts)] - 1
    hits = np.cumsum(labels[scored][order], dtype=np.int64)[last]
    threshold = scores[scored][order][starts]
    return Cuts(threshold, hits, last + 1 - hits, matches, len(labels) - matches)


def threshold_curve(
    labels: BoolArray, scores: FloatArray, *, points: int | None = None
) -> pa.Table:
    """Tabulate counts and figures at every distinct score.

    Parameters
    ----------
    labels : bool[n]
    scores : float64[n]
        NaN = cannot be scored: accepted at no threshold, so recall may end below 1.
    points : int, optional
        Keep at most so many rows, evenly spaced by rank, both ends included.

    Returns
    -------
    pyarrow.Table
        ``threshold`` (falling), ``true_positives``, ``false_positives``, ``false_negatives``,
        ``true_negatives``, ``precision``, ``recall``, ``f1``; null = undefined.

    Examples
    --------
    >>> import numpy as np
    >>> curve = threshold_curve(np.array([True, False, True]), np.array([0.9, 0.9, 0.4]))
    >>> curve["threshold"].to_pylist(), curve["recall"].to_pylist()
    ([0.9, 0.4], [0.5, 1.0])
    """
    cuts = observed_cuts(labels, scores).thinned(points)
    counts = cuts.confusion()
    return pa.table(
        {
            "threshold": cuts.threshold,
            "true_positives": counts.true_positives,
            "false_positives": counts.false_positives,
            "false_negatives": counts.false_negatives,
            "true_negatives": counts.true_negatives,
            **{name: _column(name, counts) for name in ("precision", "recall", "f1")},
        }
    )


def precision_recall_curve(
    labels: BoolArray, scores: FloatArray, *, points: int | None = None
) -> pa.Table:
    """Tabulate precision against recall: the columns ``threshold``, ``precision``, ``recall``.

    See `threshold_curve` for the parameters. The customary end point (recall 0, precision 1)
    belongs to no threshold and is not in the table.

    Examples
    --------
    >>> import numpy as np
    >>> curve = precision_recall_curve(np.array([True, False]), np.array([0.9, 0.4]))
    >>> curve["precision"].to_pylist()
    [1.0, 0.5]
    """
    return threshold_curve(labels, scores, points=points).select(
        ["threshold", "precision", "recall"]
    )


def roc_curve(labels: BoolArray, scores: FloatArray, *, points: int | None = None) -> pa.Table:
    """Tabulate the ROC curve: ``threshold``, ``false_positive_rate``, ``true_positive_rate``.

    See `threshold_curve` for the parameters. The first row is the origin, where nothing is
    accepted; its threshold is null.

    Examples
    --------
    >>> import numpy as np
    >>> curve = roc_curve(np.array([True, False]), np.array([0.9, 0.4]))
    >>> curve["true_positive_rate"].to_pylist(), curve["threshold"].to_pylist()
    ([0.0, 1.0, 1.0], [None, 0.9, 0.4])
    """
    cuts = observed_cuts(labels, scores).thinned(points)
    hits, alarms = (
        np.concatenate([[0], counts]) for counts in (cuts.true_positives, cuts.false_positives)
    )
    return pa.table(
        {
            "threshold": _nullable(np.concatenate([[np.nan], cuts.threshold])),
            "false_positive_rate": _nullable(share(alarms, cuts.others)),
            "true_positive_rate": _nullable(share(hits, cuts.matches)),
        }
    )


def _column(name: str, counts: Confusion) -> pa.Array:
    return _nullable(confusion_figure(name, counts))


def _nullable(values: FloatArray) -> pa.Array:
    """NaN inside, null outside."""
    return pa.array(values, type=pa.float64(), mask=np.isnan(values))
