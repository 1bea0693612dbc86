"""Columns of texts joined row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["join_known"]


def join_known(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Join the values of each row, without the missing ones; null where all are missing or empty.

    Parameters
    ----------
    parts : sequence of large_string arrays
        All of one length.
    separator : str

    Notes
    -----
    Arrow (26.0) leaves rows out whose values are all null when it is told to skip nulls, so
    such a row is given an empty text first.

    Examples
    --------
    >>> texts = pa.large_string()
    >>> one, other = pa.array(["a", None, "b"], texts), pa.array(["x", None, None], texts)
    >>> join_known([one, other], " ").to_pylist()
    ['a x', None, 'b']
    """
    kind = pa.large_string()
    known = reduce(pc.or_, [part.is_valid() for part in parts])
    first = pc.if_else(known, parts[0], pa.scalar("", kind))
    between = pa.scalar(separator, kind)
    joined = pc.binary_join_element_wise(first, *parts[1:], between, null_handling="skip")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, kind), joined)
