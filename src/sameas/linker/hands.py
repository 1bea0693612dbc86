"""Whether partners were written by different hands.

One hand writes different things alike: the variants of a product in one shop have descriptions of
one length, and lack the same fields. What two hands wrote of one thing differs there more than
other records do that are alike.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray

__all__ = ["two_hands"]

Bools = npt.NDArray[np.bool_]
Wide = npt.NDArray[np.float64]

#: By so many standard errors partners differ more than others; by chance one column of a hundred.
_SURE = 2.33
_FEW = 20


def two_hands(table: pa.Table, left: IntArray, right: IntArray, partners: Bools) -> bool:
    """Say whether partners differ more in how they are written than others that are alike.

    Parameters
    ----------
    table : pyarrow.Table
        The fields of the records: what is missing, and how long texts are.
    left, right : int32[p]
        Pairs of rows that are alike.
    partners : bool[p]
        Those that are taken for copies.

    Examples
    --------
    >>> long, short = [f"a long description of {n}" for n in range(40)], [None] * 40
    >>> table = pa.table({"name": ["x"] * 80, "text": long + short})
    >>> left, right = np.arange(80) % 40, np.r_[np.arange(40, 80), np.arange(1, 40), 0]
    >>> two_hands(table, left, right, np.arange(80) < 40)
    True
    >>> two_hands(table, left, right, np.arange(80) >= 40)
    False
    """
    if min(partners.sum(), (~partners).sum()) < _FEW:
        return False
    for name in table.column_names:
        for style in _styles(table[name]):
            apart = np.abs(style[left] - style[right])
            mine, others = apart[partners], apart[~partners]
            mine, others = mine[~np.isnan(mine)], others[~np.isnan(others)]
            if min(len(mine), len(others)) < _FEW:
                continue
            error = np.sqrt(mine.var() / len(mine) + others.var() / len(others))
            if mine.mean() - others.mean() > _SURE * max(float(error), 1 / len(mine)):
                return True
    return False


def _styles(column: pa.ChunkedArray) -> list[Wide]:
    """Return whether values are missing, and of a text the logarithm of its length."""
    found = [np.asarray(pc.is_null(column).to_numpy(), np.float64)]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        length = pc.utf8_length(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        found.append(np.log1p(length))
    return found
