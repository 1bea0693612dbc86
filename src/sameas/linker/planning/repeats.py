"""Rows that repeat another one in every field: a log or a list of mentions, no register."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["about_repeats", "rows_once"]

#: From this share of the rows on each wording is taken once. Fewer are copies like any others, and
#: show what copies look like.
_MANY = 0.2
#: Of fewer wordings all rows can be compared, and there is little else to learn from.
_LEAST = 100


def rows_once(key: npt.NDArray[np.uint64], *, always: bool = False) -> npt.NDArray[np.intp] | None:
    """Return the first row of each content, where many rows repeat others; otherwise None.

    Parameters
    ----------
    key : uint64[rows]
        Equal for equal rows.
    always : bool
        However few they are.

    Examples
    --------
    >>> len(rows_once(np.arange(900, dtype=np.uint64) % 300))
    300
    >>> rows_once(np.arange(900, dtype=np.uint64)) is None
    True
    """
    ranked = np.sort(key)
    again = int((ranked[1:] == ranked[:-1]).sum())
    few = again < _MANY * len(key) or len(key) - again < _LEAST
    if few and not always:
        return None
    return np.sort(np.unique(key, return_index=True)[1])


def about_repeats(wordings: int, rows: int) -> str:
    """Say what is done with rows that repeat others."""
    return (
        f"{rows - wordings:,} of {rows:,} rows repeat another one in every field: each wording is "
        'compared once, and all its rows get its entity. ("distinct": false in the plan takes '
        "each row by itself.)"
    )
