"""Hashes of what a column holds, whatever its type."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.preparations.texts import hashes
from sameas.records.values import as_strings

__all__ = ["column_hashes"]


def column_hashes(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Return a 64-bit hash of each value as a text; what is missing is an empty one.

    Examples
    --------
    >>> found = column_hashes(pa.chunked_array([["Inn", None], ["Inn", ""]]))
    >>> bool(found[0] == found[2]), bool(found[1] == found[3]), bool(found[0] == found[1])
    (True, True, False)
    """
    parts = map(hashes, _texts(column).chunks)
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        plain = column.cast(pa.list_(pa.string()))
        return pa.chunked_array([pc.binary_join(c, ";") for c in plain.chunks], pa.string())
    return as_strings(column)
