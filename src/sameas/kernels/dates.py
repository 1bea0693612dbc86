"""Dates over pairs of records: how well year, month and day agree, typing errors aside."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain
from sameas.kernels.digits import typing_error

__all__ = ["date_agreement", "digits_apart"]

_YEAR = 366.0


def date_agreement(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    parts: npt.NDArray[np.int32],
    day_number: npt.NDArray[np.float64],
) -> npt.NDArray[np.float32]:
    """Return a level of agreement for each pair of dates.

    Parameters
    ----------
    left, right : int32[p]
        Record numbers.
    parts : int32[n, 3]
    day_number : float64[n]
        As in `sameas.core.prepared.Dates`.

    Returns
    -------
    float32[p]
        1 equal; 0.9 day and month swapped, one digit differs or two neighbouring digits are
        swapped; 0.8 equal as far as year and month go, 0.7 year and month or month and day are
        equal; 0.6 equal as far as the year goes; 0.5 at most a year apart; else 0. NaN where a
        year is missing.

    Examples
    --------
    >>> parts = np.array([[1987, 3, 9], [1987, 9, 3], [1987, 0, 0]])
    >>> day_number = np.array([6276.0, 6454.0, np.nan])
    >>> print(date_agreement(np.array([0, 0]), np.array([1, 2]), parts, day_number))
    [0.9 0.6]
    """
    out = np.full(len(left), np.nan, np.float32)
    _date_agreement(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(parts, np.int32),
        plain(day_number, np.float64),
        out,
    )
    return out


def digits_apart(
    left: npt.NDArray[np.int32], right: npt.NDArray[np.int32], parts: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32]:
    """Return how many of the eight digits of two dates differ.

    Parameters
    ----------
    left, right : int32[p]
        Record numbers.
    parts : int32[n, 3]
        As in `sameas.core.prepared.Dates`.

    Returns
    -------
    float32[p]
        NaN where a part is missing.

    Examples
    --------
    >>> parts = np.array([[1987, 3, 9], [1978, 3, 9]])
    >>> print(digits_apart(np.array([0]), np.array([1]), parts))
    [2.]
    """
    return _digits_apart(  # type: ignore[no-any-return]
        plain(left, np.int32), plain(right, np.int32), plain(parts, np.int32)
    )


@inner
def _whole(parts: Any, record: Any) -> Any:
    return parts[record, 0] > 0 and parts[record, 1] > 0 and parts[record, 2] > 0


@inner
def _as_number(parts: Any, record: Any) -> Any:
    """Return the eight digits of a date as one number."""
    return np.int64(parts[record, 0]) * 10000 + parts[record, 1] * 100 + parts[record, 2]


@inner
def _whole_level(parts: Any, a: Any, b: Any, apart: Any) -> Any:
    """Return the level of two dates with day, month and year."""
    same_year = parts[a, 0] == parts[b, 0]
    same_month = parts[a, 1] == parts[b, 1]
    same_day = parts[a, 2] == parts[b, 2]
    if same_year and same_month and same_day:
        return 1.0
    if same_year and parts[a, 1] == parts[b, 2] and parts[a, 2] == parts[b, 1]:
        return 0.9
    if typing_error(_as_number(parts, a), _as_number(parts, b)):
        return 0.9
    if same_month and (same_year or same_day):
        return 0.7
    return 0.5 if same_year or apart <= _YEAR else 0.0


@inner
def _part_level(parts: Any, a: Any, b: Any) -> Any:
    """Return the level of two dates of which one lacks the day or the month."""
    years = abs(parts[a, 0] - parts[b, 0])
    if parts[a, 1] == 0 or parts[b, 1] == 0:
        if years == 0:
            return 0.6
        return 0.5 if years == 1 else 0.0
    months = abs((parts[a, 0] - parts[b, 0]) * 12 + parts[a, 1] - parts[b, 1])
    if months == 0:
        return 0.8
    return 0.5 if years == 0 or months <= 12 else 0.0


@jit
def _date_agreement(left: Any, right: Any, parts: Any, day_number: Any, out: Any) -> Any:
    """Write the levels; what comes back only keeps the reading ahead."""
    touched = 0.0
    for first in range(0, left.shape[0], AHEAD):
        last = min(first + AHEAD, left.shape[0])
        for pair in range(first, last):
            touched += parts[right[pair], 0] + day_number[right[pair]]
        for pair in range(first, last):
            a = left[pair]
            b = right[pair]
            if parts[a, 0] == 0 or parts[b, 0] == 0:
                continue
            if _whole(parts, a) and _whole(parts, b):
                apart = abs(day_number[a] - day_number[b])
                out[pair] = _whole_level(parts, a, b, apart)
            else:
                out[pair] = _part_level(parts, a, b)
    return touched


@jit
def _digits_apart(left: Any, right: Any, parts: Any) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if not (_whole(parts, a) and _whole(parts, b)):
            continue
        one = _as_number(parts, a)
        two = _as_number(parts, b)
        differ = 0
        while one != two:
            differ += one % 10 != two % 10
            one //= 10
            two //= 10
        out[pair] = differ
    return out
