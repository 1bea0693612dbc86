"""Columns of texts joined row by row."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["join_known"]


def join_known(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Join the values of each row, without the missing ones; null where all are missing.

    Parameters
    ----------
    parts : sequence of large_string arrays
        All of one length.
    separator : str

    Notes
    -----
    With ``null_handling="skip"`` Arrow (26.0) leaves out the rows whose values are all null.

    Examples
    --------
    >>> texts = pa.large_string()
    >>> one, other = pa.array(["a", None, "b"], texts), pa.array(["x", None, None], texts)
    >>> join_known([one, other], " ").to_pylist()
    ['a x', None, 'b']
    """
    between = pa.scalar(separator, pa.large_string())
    joined = parts[0]
    for part in parts[1:]:
        both = pc.binary_join_element_wise(joined, part, between)
        joined = pc.coalesce(both, joined, part)
    return joined
