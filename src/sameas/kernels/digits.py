"""Whole numbers digit by digit: errors of typing, and telephone numbers over pairs of records."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain

__all__ = ["phone_agreement", "typing_error"]

_NINE = 10**9
_SEVEN = 10**7


def phone_agreement(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    full: npt.NDArray[np.int64],
    national: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Return a level of agreement for each pair of telephone numbers.

    Parameters
    ----------
    left, right : int32[p]
        Record numbers.
    full, national : int64[n]
        As in `sameas.core.prepared.Phones`.

    Returns
    -------
    float32[p]
        1 equal; 0.9 the last nine digits are equal; 0.8 the last seven; 0.7 one digit differs or
        two neighbouring digits are swapped; else 0. NaN where a number is missing.

    Examples
    --------
    >>> full, national = np.array([441315569999, 0, 0]), np.array([1315569999, 5569999, 5569998])
    >>> print(phone_agreement(np.array([0, 1]), np.array([1, 2]), full, national))
    [0.8 0.7]
    """
    found: npt.NDArray[np.float32] = _phone_agreement(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(full, np.int64),
        plain(national, np.int64),
    )[0]
    return found


@inner
def typing_error(one: Any, two: Any) -> Any:
    """Say whether one digit differs or two neighbours are swapped."""
    differ = 0
    swapped = False
    before_one = np.int64(-1)
    before_two = np.int64(-1)
    last = -2
    place = 0
    while one > 0 or two > 0:
        digit = one % 10
        other = two % 10
        if digit != other:
            differ += 1
            if differ > 2:
                return False
            if last == place - 1 and digit == before_two and other == before_one:
                swapped = True
            last = place
        before_one = digit
        before_two = other
        one //= 10
        two //= 10
        place += 1
    return differ == 1 or (differ == 2 and swapped)


@inner
def _level(full_one: Any, full_two: Any, one: Any, two: Any) -> Any:
    if full_one > 0 and full_two > 0:
        if full_one == full_two:
            return 1.0
    elif one == two:
        return 1.0
    least = min(one, two)
    if least >= _NINE // 10 and one % _NINE == two % _NINE:
        return 0.9
    if least >= _SEVEN // 10 and one % _SEVEN == two % _SEVEN:
        return 0.8
    same_length = least >= _SEVEN // 10 and max(one, two) < 10 * least
    return 0.7 if same_length and typing_error(one, two) else 0.0


@jit
def _phone_agreement(left: Any, right: Any, full: Any, national: Any) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    touched = np.int64(0)
    for first in range(0, left.shape[0], AHEAD):
        last = min(first + AHEAD, left.shape[0])
        for pair in range(first, last):
            touched ^= full[right[pair]] ^ national[right[pair]]
        for pair in range(first, last):
            a = left[pair]
            b = right[pair]
            if national[a] > 0 and national[b] > 0:
                out[pair] = _level(full[a], full[b], national[a], national[b])
    return out, touched
