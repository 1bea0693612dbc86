"""How sure a figure is: bootstrap intervals, Wilson's interval, differences of two scorers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import (
    CELLS,
    Confusion,
    confusion_figure,
    ranked_counts,
    ranking_figure,
    split_names,
)
from sameas.evaluation._inputs import (
    BoolArray,
    as_bools,
    as_scores,
    as_threshold,
    as_units,
    none_for_nan,
)
from sameas.evaluation._resampling import Units, confusion_draws, ranking_draws
from sameas.evaluation.pairs import cells_of

__all__ = ["Difference", "Interval", "bootstrap", "bootstrap_difference", "wilson"]

DEFAULT_METRICS = ("precision", "recall", "f0.5", "f1")


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval with its level, e.g. 0.95; NaN ends if the figure is undefined."""

    low: float
    high: float
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "low": none_for_nan(self.low),
            "high": none_for_nan(self.high),
            "level": self.level,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Left minus right of one figure on the same pairs, and its interval."""

    value: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {"value": none_for_nan(self.value), **self.interval.to_dict()}


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion (Wilson 1927, JASA 22).

    Unlike the textbook interval it stays within [0, 1] and is sound at 0 and at `n`.

    Parameters
    ----------
    successes, n : int
        E.g. true positives and accepted pairs, for precision.
    level : float

    Examples
    --------
    >>> interval = wilson(97, 100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.9155, 0.9897)
    """
    _check_level(level)
    if not 0 <= successes <= n:
        raise ArgumentError(f"successes must be from 0 to n = {n}, got {successes}.")
    if n == 0:
        return Interval(math.nan, math.nan, level)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = successes / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(low, high, level)


def bootstrap(
    labels: BoolArray,
    scores: FloatArray,
    *,
    threshold: float,
    metrics: Sequence[str] = DEFAULT_METRICS,
    replicates: int = 1000,
    seed: int = 0,
    groups: Any = None,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Bootstrap percentile intervals of figures (Efron and Tibshirani 1993, chapter 13).

    Parameters
    ----------
    labels, scores : bool[n], float64[n]
        As in `pair_metrics`.
    threshold : float
        Held fixed: the interval does not cover its choice.
    metrics : sequence of str
        ``"precision"``, ``"recall"``, ``"specificity"``, ``"accuracy"``,
        ``"balanced_accuracy"``, ``"macro_f1"``, ``"prevalence"``, ``"f1"``, ``"f0.5"`` (any
        beta), ``"average_precision"``, ``"roc_auc"``, ``"gini"``.
    replicates, seed : int
    groups : array[n], optional
        Codes of groups that are drawn whole, e.g. the connected records of a pair. Pairs that
        share a record are not independent; without groups the interval is then too narrow.
    level : float

    Returns
    -------
    dict of str to Interval
        In the order asked for. Replicates in which a figure is undefined are left out.

    Notes
    -----
    An interval depends neither on the order of rows nor on which other figures are asked for.
    Figures at a threshold cost next to nothing, as only the kinds of pairs (or of groups) are
    drawn; figures of the ranking cost about 20 ns per replicate and pair.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.arange(200) % 2 == 0
    >>> scores = np.where(np.arange(200) % 10 < 2, ~labels, labels).astype(float)
    >>> found = bootstrap(labels, scores, threshold=0.5, metrics=["f1"])["f1"]
    >>> found.low < 0.8 < found.high
    True
    """
    drawn = _Bootstrap(labels, (scores,), (threshold,), replicates, seed, groups)
    _check_level(level)
    return {name: _percentiles(drawn.replicates(name)[0], level) for name in _names(metrics)}


def bootstrap_difference(
    labels: BoolArray,
    left: FloatArray,
    right: FloatArray,
    *,
    thresholds: tuple[float, float],
    metrics: Sequence[str] = DEFAULT_METRICS,
    replicates: int = 1000,
    seed: int = 0,
    groups: Any = None,
) -> dict[str, Difference]:
    """Bootstrap the difference of two scorers on the same pairs, at the level 0.95.

    Each replicate draws the same pairs for both, so what both find hard cancels out.

    Parameters
    ----------
    labels : bool[n]
    left, right : float64[n]
        Two scores of the same pairs.
    thresholds : (float, float)
        Of `left` and of `right`.
    metrics, replicates, seed, groups
        As in `bootstrap`.

    Returns
    -------
    dict of str to Difference
        Figure of `left` minus figure of `right`.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([True, False] * 50)
    >>> same = bootstrap_difference(labels, labels * 1.0, labels * 0.9, thresholds=(0.5, 0.5))
    >>> same["f1"].value, same["f1"].interval.low
    (0.0, 0.0)
    """
    if len(thresholds) != 2:
        raise ArgumentError(f"thresholds must be two numbers, got {thresholds!r}.")
    drawn = _Bootstrap(labels, (left, right), tuple(thresholds), replicates, seed, groups)
    found: dict[str, Difference] = {}
    for name in _names(metrics):
        points = drawn.points(name)
        ours, theirs = drawn.replicates(name)
        interval = _percentiles(ours - theirs, 0.95)
        found[name] = Difference(points[0] - points[1], interval)
    return found


class _Bootstrap:
    """One or two score vectors over the same pairs, and the replicates drawn from them."""

    def __init__(
        self,
        labels: BoolArray,
        scores: tuple[FloatArray, ...],
        thresholds: tuple[float, ...],
        replicates: int,
        seed: int,
        groups: Any,
    ) -> None:
        if replicates < 1:
            raise ArgumentError(f"replicates must be at least 1, got {replicates}.")
        self.labels = as_bools(labels, name="labels")
        length = len(self.labels)
        self.scores = tuple(as_scores(score, length=length) for score in scores)
        self.thresholds = tuple(as_threshold(threshold) for threshold in thresholds)
        units = None if groups is None else as_units(groups, length=length)
        self.units = Units(replicates, seed, units)
        self._tables: tuple[Confusion, ...] | None = None
        self._rankings: list[dict[str, FloatArray]] | None = None

    def points(self, name: str) -> list[float]:
        """Return the figure itself for each score vector."""
        if split_names([name])[1]:
            counts = (ranked_counts(self.labels, scores) for scores in self.scores)
            return [float(ranking_figure(name, *both)) for both in counts]
        cells = (
            np.bincount(cells_of(self.labels, scores, threshold), minlength=CELLS)
            for scores, threshold in zip(self.scores, self.thresholds, strict=True)
        )
        return [float(confusion_figure(name, Confusion.from_cells(cell))) for cell in cells]

    def replicates(self, name: str) -> list[FloatArray]:
        """Return the figure in every replicate for each score vector."""
        if split_names([name])[1]:
            if self._rankings is None:
                self._rankings = ranking_draws(self.labels, self.scores, self.units)
            return [ranking[name] for ranking in self._rankings]
        if self._tables is None:
            self._tables = self._draw_tables()
        return [confusion_figure(name, counts) for counts in self._tables]

    def _draw_tables(self) -> tuple[Confusion, ...]:
        """Draw joint kinds of pairs (label x every decision), then sum up for each scorer."""
        joint = self.labels.astype(np.int64)
        for scores, threshold in zip(self.scores, self.thresholds, strict=True):
            joint = 2 * joint + cells_of(self.labels, scores, threshold) % 2
        shape = (2,) * (1 + len(self.scores))
        drawn = confusion_draws(joint, 2 ** len(shape), self.units).reshape(-1, *shape)
        tables = []
        for scorer in range(len(self.scores)):
            others = tuple(2 + axis for axis in range(len(self.scores)) if axis != scorer)
            tables.append(Confusion.from_cells(drawn.sum(axis=others).reshape(-1, CELLS)))
        return tuple(tables)


def _names(metrics: Sequence[str]) -> list[str]:
    split_names(metrics)
    return [metrics] if isinstance(metrics, str) else list(metrics)


def _percentiles(values: FloatArray, level: float) -> Interval:
    defined = values[~np.isnan(values)]
    if len(defined) == 0:
        return Interval(math.nan, math.nan, level)
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(low), float(high), level)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ArgumentError(f"level must lie between 0 and 1 (0.95 is usual), got {level!r}.")
