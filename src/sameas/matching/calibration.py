"""Calibration: of the pairs with a score of 0.8, eight in ten shall be matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, SavedLinkerError, choices_hint
from sameas.core.specs import register
from sameas.kernels.isotonic import rising_blocks
from sameas.matching.base import (
    Features,
    FittedMatcher,
    Labels,
    Matcher,
    Training,
    Weights,
    check_training,
    saved_table,
)
from sameas.matching.parts import part_of, tables_of_parts

__all__ = ["CALIBRATION", "Calibrated", "FittedCalibrated", "fit_isotonic", "fit_platt"]

#: The curve of a calibrator: points of a rising line, or slope and intercept in log-odds.
CALIBRATION = pa.schema(
    [
        pa.field("method", pa.string(), nullable=False),
        pa.field("x", pa.float64(), nullable=False),
        pa.field("y", pa.float64(), nullable=False),
    ]
)
_METHODS = ("isotonic", "platt")
_SURE = 1e-12


@dataclass(frozen=True, slots=True)
class FittedCalibrated:
    """A fitted matcher and the rising curve that its scores go through.

    Parameters
    ----------
    matcher : FittedMatcher
    method : {"isotonic", "platt"}
    x, y : tuple of float
        For isotonic the points of the curve, joined by straight lines. For Platt one point:
        slope and intercept in log-odds.

    Examples
    --------
    >>> from sameas.matching import TreeEnsemble
    >>> plain = TreeEnsemble.constant(0.5, names=("name",))
    >>> FittedCalibrated(plain, "isotonic", (0.0, 1.0), (0.0, 0.5)).score(np.zeros((1, 1)))
    array([0.25])
    """

    matcher: FittedMatcher
    method: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The comparison columns of the matcher."""
        return self.matcher.names

    def score(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Score pairs; see `FittedMatcher.score`."""
        return _through(self.matcher.score(features, names=names), self.method, self.x, self.y)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables of the matcher, under a prefix, and CALIBRATION."""
        rows = [[self.method] * len(self.x), list(self.x), list(self.y)]
        curve = pa.table(rows, schema=CALIBRATION)
        return tables_of_parts({"matcher": self.matcher}) | {"calibration": curve}

    def describe(self) -> str:
        """Say what was learned."""
        about = f"{len(self.x)} points"
        if self.method == "platt":
            about = f"slope {self.x[0]:.4g}, intercept {self.y[0]:.4g} in log-odds"
        return f"{self.matcher.describe()}\ncalibrated: {self.method}, {about}"


@register("matcher", "calibrated")
@dataclass(frozen=True, slots=True)
class Calibrated:
    """Any matcher, with scores that are shares of matches.

    The curve from scores to shares is learned on scores of pairs that the matcher that gave
    them has not seen (cross-fitting); the matcher that is kept learns from all pairs. The curve
    rises strictly, so the order of scores stays as it is.

    Parameters
    ----------
    matcher : Matcher
    method : {"isotonic", "platt"}
        ``"isotonic"``: a rising curve of any shape; better from about a thousand matches on.
        ``"platt"``: a straight line in log-odds, two numbers; for fewer labels.
    folds : int
        Parts for cross-fitting, at least 2; fewer if a class has fewer pairs. The matcher is
        trained once more than that.

    Notes
    -----
    Shares are those of the labelled pairs. If matches are rarer among the candidates, so are
    they among the candidates of a score. Sources: Zadrozny and Elkan, "Transforming classifier
    scores into accurate multiclass probability estimates", KDD 2002; Platt, "Probabilistic
    outputs for support vector machines", 1999.

    Examples
    --------
    >>> from sameas.matching import Condition, RuleMatcher
    >>> rule = RuleMatcher((Condition("name", ">=", 0.5),))
    >>> features = np.array([[0.1], [0.2], [0.3], [0.7], [0.8], [0.9]] * 9, np.float32)
    >>> labels = np.array([False, False, False, True, True, False] * 9)
    >>> fitted = Calibrated(rule).fit(features, labels, names=("name",), seed=0)
    >>> fitted.score(np.array([[0.1], [0.9]], np.float32)).round(3)
    array([0.018, 0.667])
    """

    matcher: Matcher
    method: str = "isotonic"
    folds: int = 5

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise ArgumentError(
                f"method must be 'isotonic' or 'platt', got {self.method!r}."
                f"{choices_hint(self.method, _METHODS)}"
            )
        if self.folds < 2:
            raise ArgumentError(f"folds must be at least 2, got {self.folds}.")

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,
        weights: Weights | None = None,
    ) -> FittedCalibrated:
        """Learn from labelled pairs; see `Matcher.fit`.

        With a single match or non-match there is nothing to calibrate on: scores stay.
        """
        training = check_training(features, labels, names=names, weights=weights)
        final = self.matcher.fit(features, labels, names=names, seed=seed, weights=weights)
        matches = int(training.labels.sum())
        folds = min(self.folds, matches, len(training.labels) - matches)
        if folds < 2:
            return FittedCalibrated(final, "isotonic", (0.0, 1.0), (0.0, 1.0))
        score = self._unseen(training, names, seed, folds)
        learn = fit_isotonic if self.method == "isotonic" else fit_platt
        x, y = learn(score, training.labels, weights=training.weights)
        return FittedCalibrated(final, self.method, tuple(x.tolist()), tuple(y.tolist()))

    def _unseen(
        self, training: Training, names: tuple[str, ...], seed: int, folds: int
    ) -> npt.NDArray[np.float64]:
        """Score every pair by a matcher that has not seen it."""
        fold = np.empty(len(training.labels), np.int64)
        random = np.random.default_rng(seed)
        for value in (False, True):
            rows = np.flatnonzero(training.labels == value)
            fold[random.permutation(rows)] = np.arange(len(rows)) % folds
        score = np.empty(len(fold), np.float64)
        for number in range(folds):
            rest = fold != number
            weights = None if training.weights is None else training.weights[rest]
            fitted = self.matcher.fit(
                training.features[rest],
                training.labels[rest],
                names=names,
                seed=seed + number,
                weights=weights,
            )
            score[~rest] = fitted.score(training.features[~rest])
        return score

    def load(self, tables: Mapping[str, pa.Table]) -> FittedCalibrated:
        """Read a calibrated matcher; see `Matcher.load`."""
        curve = saved_table(tables, "calibration", CALIBRATION)
        x, y = (curve[name].to_numpy() for name in ("x", "y"))
        methods = set(curve["method"].to_pylist())
        rising = len(x) == 1 or (len(x) > 1 and (np.diff(x) > 0).all() and (np.diff(y) >= 0).all())
        if len(methods) != 1 or not methods <= set(_METHODS) or not rising:
            raise SavedLinkerError("The curve of the calibrated matcher does not rise.")
        matcher = self.matcher.load(part_of(tables, "matcher"))
        return FittedCalibrated(matcher, methods.pop(), tuple(x.tolist()), tuple(y.tolist()))

    def without(self, names: Set[str]) -> Calibrated:
        """Leave out what the matcher says of columns that are gone; `names` are left."""
        inner: Any = self.matcher
        return replace(self, matcher=inner.without(names)) if hasattr(inner, "without") else self


def fit_isotonic(
    score: npt.NDArray[np.float64], labels: Labels, *, weights: Weights | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find a curve that rises strictly from scores to shares of matches.

    Points are the blocks of isotonic regression (mean score, share), joined by straight lines;
    shares of 0 and 1 are drawn in by one pair in all, and the ends are (0, 0) and (1, 1).

    Examples
    --------
    >>> x, y = fit_isotonic(np.array([0.2, 0.4, 0.6, 0.8]), np.array([0, 1, 0, 1], bool))
    >>> x.tolist(), y.round(2).tolist()
    ([0.0, 0.2, 0.5, 0.8, 1.0], [0.0, 0.17, 0.5, 0.83, 1.0])
    """
    mass = np.ones(len(score)) if weights is None else weights
    distinct, place = np.unique(score, return_inverse=True)
    count = np.bincount(place, mass)
    hits = np.bincount(place, mass * labels)
    kept = count > 0
    distinct, count, hits = distinct[kept], count[kept], hits[kept]
    start = rising_blocks(hits / count, count)[:-1]
    size = np.add.reduceat(count, start)
    x = np.add.reduceat(count * distinct, start) / size
    least = 1 / (size.sum() + 2)
    y = np.clip(np.add.reduceat(hits, start) / size, least, 1 - least)
    low, high = int(x[0] > 0), int(x[-1] < 1)
    return (
        np.concatenate([[0.0] * low, x, [1.0] * high]),
        np.concatenate([[0.0] * low, y, [1.0] * high]),
    )


def fit_platt(
    score: npt.NDArray[np.float64], labels: Labels, *, weights: Weights | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Find slope and intercept in log-odds by maximum likelihood; the slope is above 0.

    Examples
    --------
    >>> score = np.repeat([0.1, 0.9], 100)
    >>> slope, intercept = fit_platt(score, np.arange(200) % 100 < np.where(score < 0.5, 30, 70))
    >>> bool(0 < slope[0] < 0.5)
    True
    """
    mass = np.ones(len(score)) if weights is None else weights
    odds = _log_odds(score)
    hits, others = float(mass[labels].sum()), float(mass[~labels].sum())
    goal = np.where(labels, (hits + 1) / (hits + 2), 1 / (others + 2))  # as Platt has it
    rows = np.stack([odds, np.ones(len(odds))])
    found = np.array([1.0, 0.0])
    for _ in range(50):
        share = _share(found @ rows)
        slope = rows @ (mass * (goal - share)) - [1e-6 * (found[0] - 1), 0]
        bend = (rows * (mass * share * (1 - share))) @ rows.T + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found = found + step / max(1.0, float(np.abs(step).max()) / 2)
        if np.abs(step).max() < 1e-9:
            break
    return np.maximum(found[:1], 1e-3), found[1:]


def _through(
    score: npt.NDArray[np.float64], method: str, x: tuple[float, ...], y: tuple[float, ...]
) -> npt.NDArray[np.float64]:
    if method == "isotonic":
        return np.asarray(np.interp(score, x, y), np.float64)
    return _share(x[0] * _log_odds(score) + y[0])


def _log_odds(score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sure = np.clip(score, _SURE, 1 - _SURE)
    return np.asarray(np.log(sure) - np.log1p(-sure))


def _share(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(odds / 2)))
