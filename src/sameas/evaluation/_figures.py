"""The formulas, from counts: one place for point figures and for bootstrap replicates.

Every function works on scalars and on arrays of counts alike; what is undefined is NaN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.prepared import FloatArray
from sameas.evaluation._inputs import BoolArray, CountArray

__all__ = [
    "RANKING",
    "Confusion",
    "confusion_figure",
    "f_name",
    "ranked_counts",
    "ranked_starts",
    "ranking_figure",
    "share",
    "split_names",
    "wilson_low",
]

#: The number of kinds of pairs: label x decision, as ``2 * label + decision``.
CELLS = 4
#: Figures of the whole order of scores, without a threshold.
RANKING = ("average_precision", "roc_auc", "gini")

_F_BETA = re.compile(r"f(\d+(?:\.\d+)?)")

Counts: TypeAlias = npt.NDArray[Any]


def share(part: Any, whole: Any) -> FloatArray:
    """Divide; 0/0 is NaN, without a warning."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    out: FloatArray = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion counts: arrays of one shape, or scalars."""

    true_positives: Counts
    false_positives: Counts
    false_negatives: Counts
    true_negatives: Counts

    @classmethod
    def from_cells(cls, cells: Counts) -> Confusion:
        """Take the last axis apart, which is numbered ``2 * label + decision``."""
        return cls(cells[..., 3], cells[..., 1], cells[..., 2], cells[..., 0])

    @property
    def positives(self) -> Counts:
        """Matches among the labels."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> Counts:
        """Non-matches among the labels."""
        return self.false_positives + self.true_negatives

    def f_beta(self, beta: float) -> FloatArray:
        """F-beta of the matches; NaN only if there is neither a match nor a decision for one."""
        weight = beta * beta
        hits = (1 + weight) * self.true_positives
        return share(hits, hits + weight * self.false_negatives + self.false_positives)

    def swapped(self) -> Confusion:
        """Return the same counts with the non-matches as the class of interest."""
        return Confusion(
            self.true_negatives, self.false_negatives, self.false_positives, self.true_positives
        )


def _macro_f1(counts: Confusion) -> FloatArray:
    matches, others = counts.f_beta(1.0), counts.swapped().f_beta(1.0)
    both = (matches + others) / 2
    one = np.where(np.isnan(matches), others, matches)
    return np.where(np.isnan(both), one, both)


def _balanced_accuracy(counts: Confusion) -> FloatArray:
    recall = share(counts.true_positives, counts.positives)
    specificity = share(counts.true_negatives, counts.negatives)
    return (recall + specificity) / 2


_CONFUSION: dict[str, Callable[[Confusion], FloatArray]] = {
    "accuracy": lambda c: share(c.true_positives + c.true_negatives, c.positives + c.negatives),
    "balanced_accuracy": _balanced_accuracy,
    "macro_f1": _macro_f1,
    "precision": lambda c: share(c.true_positives, c.true_positives + c.false_positives),
    "prevalence": lambda c: share(c.positives, c.positives + c.negatives),
    "recall": lambda c: share(c.true_positives, c.positives),
    "specificity": lambda c: share(c.true_negatives, c.negatives),
}


def confusion_figure(name: str, counts: Confusion) -> FloatArray:
    """Compute a figure that needs a threshold: ``"precision"``, ``"f0.5"``, ..."""
    if found := _F_BETA.fullmatch(name):
        return counts.f_beta(float(found[1]))
    return _CONFUSION[name](counts)


def f_name(beta: float) -> str:
    """Return the name of an F-beta: ``"f1"``, ``"f0.5"``."""
    return "f" + np.format_float_positional(beta, trim="-")


def split_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Part the figures that need a threshold from those of the ranking; refuse unknown names."""
    names = [names] if isinstance(names, str) else list(names)
    known = sorted([*_CONFUSION, *RANKING, "f1", "f0.5"])
    for name in names:
        if name not in known and not _F_BETA.fullmatch(name):
            raise ArgumentError(
                f"Unknown metric {name!r}.{choices_hint(name, known)} "
                f"Known: {', '.join(known)}, and f with any beta (f2)."
            )
    return [name for name in names if name not in RANKING], [n for n in names if n in RANKING]


def wilson_low(successes: Counts, n: Counts, *, level: float) -> FloatArray:
    """Return the lower ends of Wilson's intervals of proportions; NaN where `n` is 0."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rate, count = share(successes, n), np.maximum(n, 1e-300)
    spread = z * np.sqrt(rate * (1 - rate) / count + (z / (2 * count)) ** 2)
    low: FloatArray = (rate + z * z / (2 * count) - spread) / (1 + z * z / count)
    return np.where(np.asarray(successes) == 0, np.where(np.asarray(n) == 0, np.nan, 0.0), low)


def ranked_starts(scores: FloatArray) -> tuple[CountArray, CountArray]:
    """Return the order of falling scores (NaN last) and where each distinct score begins."""
    order = np.argsort(-scores, kind="stable").astype(np.int64, copy=False)
    ranked = scores[order]
    new = np.ones(len(ranked), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        new[1:] = (ranked[1:] != ranked[:-1]) & ~np.isnan(ranked[:-1])
    return order, np.flatnonzero(new).astype(np.int64, copy=False)


def ranked_counts(labels: BoolArray, scores: FloatArray) -> tuple[CountArray, CountArray]:
    """Count matches and non-matches at each distinct score, highest first, NaN last."""
    order, starts = ranked_starts(scores)
    matches = np.add.reduceat(labels[order].astype(np.int64), starts)
    return matches, np.diff(starts, append=len(scores)) - matches


def ranking_figure(name: str, matches: Counts, others: Counts) -> FloatArray:
    """Compute a figure of the ranking from counts at each distinct score (the last axis)."""
    if name == "average_precision":
        return _average_precision(matches, others)
    area = _roc_auc(matches, others)
    return area if name == "roc_auc" else 2 * area - 1


def _average_precision(matches: Counts, others: Counts) -> FloatArray:
    hits = np.cumsum(matches, axis=-1)
    accepted = hits + np.cumsum(others, axis=-1)
    steps = matches * np.divide(hits, np.maximum(accepted, 1))
    return share(steps.sum(axis=-1), matches.sum(axis=-1))


def _roc_auc(matches: Counts, others: Counts) -> FloatArray:
    """Share of (match, non-match) couples in the right order, a tie being half right."""
    all_others = others.sum(axis=-1, keepdims=True)
    below = all_others - np.cumsum(others, axis=-1)
    twice = (matches * (2 * below + others)).sum(axis=-1)
    return share(twice, 2 * matches.sum(axis=-1) * all_others[..., 0])
