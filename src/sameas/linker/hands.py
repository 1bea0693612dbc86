"""Whether partners were written by different hands.

One hand writes different things alike: the variants of a product in one shop have descriptions of
one length, and lack the same fields. What two hands wrote of one thing differs there more than
other records do that are alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray

__all__ = ["styles_of", "two_hands"]

Bools = npt.NDArray[np.bool_]

#: By so many standard errors partners differ more than others; by chance one column of a hundred.
_SURE = 2.33
_FEW = 20


def two_hands(styles: pa.Table, left: IntArray, right: IntArray, partners: Bools) -> bool:
    """Say whether partners differ more in how they are written than others that are alike.

    Parameters
    ----------
    styles : pyarrow.Table
        By `styles_of`, a row a record.
    left, right : int32[p]
        Pairs of rows that are alike.
    partners : bool[p]
        Those that are taken for copies.

    Examples
    --------
    >>> long, short = [f"a long description of {n}" for n in range(40)], [None] * 40
    >>> styles = styles_of(pa.table({"name": ["x"] * 80, "text": long + short}), ("name", "text"))
    >>> left, right = np.arange(80) % 40, np.r_[np.arange(40, 80), np.arange(1, 40), 0]
    >>> two_hands(styles, left, right, np.arange(80) < 40)
    True
    >>> two_hands(styles, left, right, np.arange(80) >= 40)
    False
    """
    if min(partners.sum(), (~partners).sum()) < _FEW:
        return False
    for column in styles.columns:
        style = column.to_numpy()
        apart = np.abs(style[left] - style[right])
        mine, others = apart[partners], apart[~partners]
        mine, others = mine[~np.isnan(mine)], others[~np.isnan(others)]
        if min(len(mine), len(others)) < _FEW:
            continue
        error = np.sqrt(mine.var() / len(mine) + others.var() / len(others))
        if mine.mean() - others.mean() > _SURE * max(float(error), 1 / len(mine)):
            return True
    return False


def styles_of(table: pa.Table, fields: Sequence[str]) -> pa.Table:
    """Return how the fields of records are written: is one missing, and how long is a text.

    Parameters
    ----------
    table : pyarrow.Table
    fields : sequence of str

    Returns
    -------
    pyarrow.Table
        Numbers; of texts the logarithm of their length, NaN where there is none.
    """
    found = {}
    for name in fields:
        column = table[name]
        found[f"{name} missing"] = pc.is_null(column).cast(pa.float64())
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            length = pc.log1p(pc.utf8_length(column).cast(pa.float64()))
            found[f"{name} length"] = pc.fill_null(length, np.nan)
    return pa.table(found)
