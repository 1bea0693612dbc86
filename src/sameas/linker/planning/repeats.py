"""Rows that repeat another one in every field: a log or a list of mentions, no register."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records import Field
from sameas.records.preparations.texts import hashes
from sameas.records.values import as_strings

__all__ = ["about_repeats"]

#: From this share of the rows on it is told.
_MANY = 0.2
_MIX = np.uint64(0x9E3779B97F4A7C15)


def about_repeats(records: pa.Table, fields: Sequence[Field]) -> list[str]:
    """Say how many rows of one table repeat others, where they are many.

    Such copies teach a matcher that copies never differ, and their blocks are too large to be
    compared.

    Examples
    --------
    >>> rows = pa.table({"name": ["Bar"] * 9 + ["Inn"]})
    >>> about_repeats(rows, [Field("name", "name")])[0][:52]
    '8 of 10 rows repeat another one in every field, so b'
    """
    if not len(records):
        return []
    code = np.zeros(len(records), np.uint64)
    for field in fields:
        column = records[field.name]
        if pa.types.is_nested(column.type):
            column = pa.chunked_array(
                [pc.binary_join(c.cast(pa.list_(pa.string())), ";") for c in column.chunks],
                pa.string(),
            )
        code = code * _MIX + hashes(as_strings(column).combine_chunks())
    ranked = np.sort(code)  # several times as fast as `numpy.unique`
    again = int(np.count_nonzero(ranked[1:] == ranked[:-1]))
    if again < _MANY * len(code):
        return []
    return [
        f"{again:,} of {len(code):,} rows repeat another one in every field, so blocks are large "
        "and copies look as if they never differed: give each such row once, and give the others "
        "its entity afterwards."
    ]
