"""How far two verdicts on the same pairs agree, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError
from sameas.evaluation import Interval, wilson

__all__ = ["Agreement", "agreement"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two verdicts on the same pairs agree; intervals are bootstrap percentiles.

    Attributes
    ----------
    pairs, matches : int
        Pairs that both decided, and matches among the second's verdicts.
    share : float
        Of equal verdicts; its interval is Wilson's, or the bootstrap's where pairs have weights.
    kappa : float
        Cohen's: 0 is chance, 1 is full agreement; NaN where both only say one thing.
    macro_f1 : float
        Mean of the F1 of matches and of non-matches, the second verdict taken as true.
    precision, recall : float
    intervals : dict of str to Interval
    weighted : bool
        Pairs count by their weights, so the figures stand for all candidates.
    """

    pairs: int
    matches: int
    share: float
    kappa: float
    macro_f1: float
    precision: float
    recall: float
    intervals: dict[str, Interval]
    weighted: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        names = ("share", "kappa", "macro_f1", "precision", "recall")
        figures = {name: _none(getattr(self, name)) for name in names}
        return {
            "pairs": self.pairs,
            "matches": self.matches,
            **figures,
            "intervals": {name: one.to_dict() for name, one in self.intervals.items()},
            "weighted": self.weighted,
        }

    def lines(self) -> list[str]:
        """Return the figures in words."""
        head = f"{self.pairs:,} pairs, {self.matches:,} matches"
        if self.weighted:
            head += ", weighted to stand for all candidates"
        found = [head]
        for name, called in (("share", "agreement"), ("kappa", "kappa"), ("macro_f1", "macro-F1"),
                             ("precision", "precision"), ("recall", "recall")):  # fmt: skip
            one = self.intervals[name]
            found.append(f"{called} {getattr(self, name):.3f} ({one.low:.3f} to {one.high:.3f})")
        return found


def agreement(
    ours: Bools,
    theirs: Bools,
    *,
    weights: Floats | None = None,
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Agreement:
    """Compare two verdicts on the same pairs.

    Parameters
    ----------
    ours, theirs : bool[n]
        `theirs` is taken as the truth.
    weights : float64[n], optional
        How many pairs each stands for.
    replicates, seed : int
        Of the bootstrap over pairs.
    level : float

    Examples
    --------
    >>> ours = np.array([True] * 40 + [False] * 60)
    >>> theirs = np.array([True] * 30 + [False] * 70)
    >>> found = agreement(ours, theirs)
    >>> round(found.share, 2), round(found.kappa, 3), round(found.macro_f1, 3)
    (0.9, 0.783, 0.89)
    """
    if len(ours) != len(theirs):
        raise ArgumentError(f"ours has {len(ours)} pairs and theirs has {len(theirs)}.")
    if not len(ours):
        raise LabelError("There is no pair that both decided.")
    mass = np.ones(len(ours)) if weights is None else np.asarray(weights, np.float64)
    kind = 2 * ours.astype(np.int64) + theirs
    point = _figures(np.bincount(kind, mass, minlength=4)[None].astype(np.float64))
    random = np.random.default_rng(seed)
    cells = np.empty((replicates, 4))
    for one in range(replicates):
        rows = random.integers(0, len(kind), len(kind))
        cells[one] = np.bincount(kind[rows], mass[rows], minlength=4)
    drawn = _figures(cells)
    intervals = {name: _interval(values, level) for name, values in drawn.items()}
    if weights is None:
        intervals["share"] = wilson(int((ours == theirs).sum()), len(ours), level=level)
    value = {name: float(found[0]) for name, found in point.items()}
    return Agreement(
        len(ours), int(theirs.sum()), **value, intervals=intervals, weighted=weights is not None
    )


def _figures(cells: Floats) -> dict[str, Floats]:
    """Return figures of rows (both no, only theirs yes, only ours yes, both yes)."""
    none, missed, wrong, both = cells.T
    total = cells.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (none + both) / total
        chance = (both + wrong) * (both + missed) + (none + wrong) * (none + missed)
        chance = chance / total**2
        kappa = np.where(chance < 1, (share - chance) / (1 - chance), np.nan)
        sides = [2 * hits / (2 * hits + missed + wrong) for hits in (both, none)]
        return {
            "share": share,
            "kappa": kappa,
            "macro_f1": np.nanmean(np.stack(sides), axis=0)
            if not np.isnan(np.stack(sides)).all() else np.full(len(cells), np.nan),
            "precision": both / (both + wrong),
            "recall": both / (both + missed),
        }  # fmt: skip


def _interval(values: Floats, level: float) -> Interval:
    known = values[~np.isnan(values)]
    if not len(known):
        return Interval(float("nan"), float("nan"), level)
    low, high = np.quantile(known, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high), level)


def _none(value: float) -> float | None:
    return None if np.isnan(value) else value
