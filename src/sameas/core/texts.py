"""Columns of texts: joined row by row, or as the bytes that kernels read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["buffers", "join_known", "may_hold", "of_buffers"]


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


def buffers(values: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Return offsets and bytes of an array of strings without nulls.

    Examples
    --------
    >>> offsets, content = buffers(pa.array(["ab", "c"]))
    >>> offsets.tolist(), content[:3].tobytes()
    ([0, 2, 3], b'abc')
    """
    values = values.cast(pa.large_string())
    if values.offset:
        values = pa.concat_arrays([values])
    _, offsets, data = values.buffers()
    if offsets is None or len(values) == 0:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int64)[values.offset : values.offset + len(values) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return ends, content


def of_buffers(start: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> pa.Array:
    """Return the array of strings of offsets and bytes."""
    written = pa.py_buffer(start), pa.py_buffer(data)
    return pa.LargeStringArray.from_buffers(len(start) - 1, *written)


def may_hold(texts: pa.Array | pa.ChunkedArray, part: str) -> bool:
    """Say whether any of the texts may hold a part: one look at all their bytes.

    What asks text by text costs ten times as much, and mostly no text holds it.

    Examples
    --------
    >>> texts = pa.array(["a+b", None, "c"])
    >>> may_hold(texts, "+"), may_hold(texts, "(0)")
    (True, False)
    """
    if isinstance(texts, pa.ChunkedArray):
        return any(may_hold(chunk, part) for chunk in texts.chunks)
    ends, content = buffers(texts)
    return part.encode() in content[ends[0] : ends[-1]].tobytes()
