"""Checks of what comes in: labels, scores, group codes, thresholds."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import FloatArray

__all__ = [
    "BoolArray",
    "CountArray",
    "as_bools",
    "as_scores",
    "as_threshold",
    "as_units",
    "none_for_nan",
]

BoolArray: TypeAlias = npt.NDArray[np.bool_]
CountArray: TypeAlias = npt.NDArray[np.int64]


def as_bools(values: Any, *, name: str, length: int | None = None) -> BoolArray:
    """Return true/false values (or 0/1) as a flat bool array."""
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.bool_)
    if array.dtype.kind in "iuf" and bool(np.isin(array, (0, 1)).all()):
        array = array.astype(np.bool_)
    if array.dtype != np.bool_:
        raise LabelError(
            f"{name} must hold true or false (or 1 and 0) for every pair, without nulls; "
            f"got {array.dtype}. Leave undecided pairs out."
        )
    _check_flat(array, name=name, length=length)
    return array


def as_scores(values: Any, *, length: int, name: str = "scores") -> FloatArray:
    """Return scores as a flat float64 array, NaN where a pair cannot be scored."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} must be numbers, NaN or null if unknown: {error}.") from error
    _check_flat(array, name=name, length=length)
    return array


def as_units(groups: Any, *, length: int) -> tuple[CountArray, int]:
    """Return dense numbers of the groups, in the order of their codes, and how many there are."""
    array = np.asarray(groups)
    _check_flat(array, name="groups", length=length)
    distinct, unit = np.unique(array, return_inverse=True)
    return unit.astype(np.int64, copy=False), len(distinct)


def as_threshold(threshold: float) -> float:
    """Return the threshold as a float; NaN is refused."""
    value = float(threshold)
    if math.isnan(value):
        raise ArgumentError("threshold must be a number, got NaN.")
    return value


def none_for_nan(value: Any) -> Any:
    """Replace an undefined figure by None, for JSON."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _check_flat(array: npt.NDArray[Any], *, name: str, length: int | None) -> None:
    if array.ndim != 1:
        raise ArgumentError(f"{name} must be one-dimensional, got the shape {array.shape}.")
    if length is not None and len(array) != length:
        raise ArgumentError(f"{name} must have one entry per pair: {length}, got {len(array)}.")
