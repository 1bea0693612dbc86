"""Rows that repeat another one in every field: a log or a list of mentions, no register."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["about_repeats", "first_rows", "rows_repeat"]

#: From this share of the rows on each wording is taken once. Fewer are copies like any others, and
#: show what copies look like.
_MANY = 0.2
#: Of fewer wordings all rows can be compared, and there is little else to learn from.
_LEAST = 100


def rows_repeat(key: npt.NDArray[np.uint64]) -> bool:
    """Say whether many rows repeat others, of enough wordings.

    Parameters
    ----------
    key : uint64[rows]
        Equal for equal rows.

    Examples
    --------
    >>> rows_repeat(np.arange(900, dtype=np.uint64) % 300)
    True
    >>> rows_repeat(np.arange(900, dtype=np.uint64))
    False
    """
    ranked = np.sort(key)
    again = int((ranked[1:] == ranked[:-1]).sum())
    return again >= _MANY * len(key) and len(key) - again >= _LEAST


def first_rows(key: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """Return the first row of each content.

    Examples
    --------
    >>> first_rows(np.array([7, 5, 7, 7], np.uint64)).tolist()
    [0, 1]
    """
    return np.sort(np.unique(key, return_index=True)[1])


def about_repeats(wordings: int, rows: int, *, tables: int) -> str:
    """Say what is done with rows that repeat others."""
    where = " of its table" if tables > 1 else ""
    return (
        f"{rows - wordings:,} of {rows:,} rows repeat another one{where} in every field: each "
        'wording is compared once, and all its rows get its entity. ("distinct": false in the plan '
        "takes each row by itself.)"
    )
