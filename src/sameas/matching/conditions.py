"""Conditions on comparison columns, and the search for their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.specs import register
from sameas.matching.base import Training

__all__ = ["Condition", "best_thresholds"]

#: Most combinations of thresholds that `best_thresholds` weighs with grids of its own.
_COMBINATIONS = 1_000_000
#: Most thresholds tried for one condition without a grid of its own.
_CANDIDATES = 64


@register("condition", "condition")
@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison column against one threshold.

    Parameters
    ----------
    column : str
        The comparison column.
    operator : {">=", "<=", "=="}
    value : float, optional
        The threshold; rounded to float32, as comparison columns are. If not given it is found
        by `RuleMatcher.fit` (not for ``"=="``).
    missing : {"fail", "pass"}
        What a missing value does.
    grid : tuple of float
        The thresholds to try; without it, quantiles of the column.

    Examples
    --------
    >>> print(Condition("distance", "<=", 250, missing="pass"))
    distance <= 250 or missing
    """

    column: str
    operator: str
    value: float | None = None
    missing: str = "fail"
    grid: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.operator not in (">=", "<=", "=="):
            raise ArgumentError(f"operator must be '>=', '<=' or '==', got {self.operator!r}.")
        if self.missing not in ("pass", "fail"):
            raise ArgumentError(f"missing must be 'pass' or 'fail', got {self.missing!r}.")
        if self.value is None and self.operator == "==":
            raise ArgumentError(f"The condition on {self.column!r} with '==' needs a value.")
        if self.value is not None and self.grid:
            raise ArgumentError(
                f"The condition on {self.column!r} has a value; its grid would never be used."
            )
        if not np.isfinite([self.value or 0.0, *self.grid]).all():
            raise ArgumentError(f"The condition on {self.column!r} needs finite thresholds.")

    def __str__(self) -> str:
        """Return the condition as a formula."""
        value = "?" if self.value is None else f"{np.float32(self.value):.7g}"
        missing = " or missing" if self.missing == "pass" else ""
        return f"{self.column} {self.operator} {value}{missing}"

    def holds(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Say for which values the condition holds; its threshold must be known."""
        threshold = np.float32(np.nan if self.value is None else self.value)
        if self.operator == ">=":
            result = values >= threshold
        elif self.operator == "<=":
            result = values <= threshold
        else:
            result = values == threshold
        return result | np.isnan(values) if self.missing == "pass" else result


def best_thresholds(
    training: Training,
    passed: npt.NDArray[np.bool_],
    searched: Sequence[Condition],
    *,
    names: tuple[str, ...],
    beta: float,
) -> list[Condition]:
    """Weigh all combinations of thresholds at once and return the best.

    Only pairs that have `passed` the other conditions can become matches; all pairs count
    for recall. Thresholds run from strict to loose, so a pair passes from some position of each
    grid on.
    The pairs are counted at these positions; running sums along every axis then are the pairs
    that pass each combination.
    """
    if not searched:
        return []
    size = min(_CANDIDATES, int(_COMBINATIONS ** (1 / len(searched))) - 1)
    grids, positions = [], []
    for condition in searched:
        values = training.features[:, names.index(condition.column)]
        grid = _grid(condition, values, size)
        grids.append(grid)
        positions.append(_positions(condition, values, grid))
    shape = tuple(len(grid) + 1 for grid in grids)
    if np.prod(shape, dtype=np.float64) > 10 * _COMBINATIONS:
        raise ArgumentError(
            f"The grids of {len(searched)} conditions make too many combinations "
            f"{tuple(len(grid) for grid in grids)}: give shorter grids or more thresholds."
        )
    cell = np.ravel_multi_index(tuple(positions), shape)
    mass = np.ones(len(cell)) if training.weights is None else training.weights
    counts = []
    for label in (True, False):
        chosen = passed & (training.labels == label)
        count = np.bincount(cell[chosen], mass[chosen], minlength=int(np.prod(shape)))
        count = count.reshape(shape)
        for axis in range(count.ndim):
            count = np.cumsum(count, axis=axis)
        counts.append(count[tuple(slice(0, -1) for _ in shape)])
    total = float(mass[training.labels].sum())
    hits, false_alarms = counts
    below = (1 + beta**2) * hits + beta**2 * (total - hits) + false_alarms
    quality = np.divide((1 + beta**2) * hits, below, out=np.zeros_like(hits), where=below > 0)
    best = np.unravel_index(int(np.argmax(quality)), quality.shape)
    return [
        replace(condition, value=float(grid[place]), grid=())
        for condition, grid, place in zip(searched, grids, best, strict=True)
    ]


def _grid(
    condition: Condition, values: npt.NDArray[np.float32], size: int
) -> npt.NDArray[np.float32]:
    """Return the thresholds to try, from strict to loose."""
    if condition.grid:
        grid = np.unique(np.array(condition.grid, np.float32))
    else:
        present = np.unique(values[np.isfinite(values)])
        if not len(present):
            raise ColumnError(
                f"The comparison column {condition.column!r} has no values to find a threshold in."
            )
        chosen = np.linspace(0, len(present) - 1, min(size, len(present)))
        grid = present[np.round(chosen).astype(np.int64)]
    return grid[::-1] if condition.operator == ">=" else grid


def _positions(
    condition: Condition, values: npt.NDArray[np.float32], grid: npt.NDArray[np.float32]
) -> npt.NDArray[np.int64]:
    """Return the first threshold that each value passes; ``len(grid)`` if none."""
    sign = np.float32(-1 if condition.operator == ">=" else 1)
    position = np.searchsorted(sign * grid, sign * values, side="left")
    position[np.isnan(values)] = 0 if condition.missing == "pass" else len(grid)
    return position
