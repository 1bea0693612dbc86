"""Texts of which each is written down once."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.core.texts import buffers, of_buffers
from sameas.kernels.spelled import numbered_texts

__all__ = ["Encoded", "encoded"]


class Encoded(NamedTuple):
    """The distinct texts of an array, in the order in which they first occur.

    Attributes
    ----------
    code : int32[n]
        Which of them; -1 for a missing one.
    values : pyarrow.LargeStringArray
    """

    code: IntArray
    values: pa.LargeStringArray


def encoded(texts: pa.Array | pa.ChunkedArray) -> Encoded:
    """Give texts numbers, three times as fast as Arrow's dictionaries where most are distinct.

    Examples
    --------
    >>> encoded(pa.array(["mill", None, "inn", "mill"])).code.tolist()
    [0, -1, 1, 0]
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    known = texts.is_valid().to_numpy(zero_copy_only=False)
    number, spelled = numbered_texts(*buffers(texts), known)
    return Encoded(number, of_buffers(*spelled))
