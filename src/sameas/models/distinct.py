"""Texts as Arrow strings, each distinct one once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError
from sameas.models.base import Texts

__all__ = ["as_texts", "distinct_texts"]


def as_texts(texts: Texts) -> pa.Array:
    """Return texts as one Arrow array of trimmed strings; blank ones and NaN become null.

    Raises
    ------
    ArgumentError
        If a value is not a text.

    Examples
    --------
    >>> as_texts(["Rex ", None, " "]).to_pylist()
    ['Rex', None, None]
    """
    if isinstance(texts, str):
        raise ArgumentError(f"texts must be a sequence of texts, got one text: {texts[:40]!r}.")
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    if not isinstance(texts, pa.Array):
        try:
            texts = pa.array(texts, pa.large_string(), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError) as error:
            raise ArgumentError(f"texts must hold texts or nulls only: {error}") from error
    if pa.types.is_dictionary(texts.type):
        texts = texts.dictionary_decode()
    if not (pa.types.is_null(texts.type) or _is_text(texts.type)):
        raise ArgumentError(f"texts must hold texts or nulls only, got the type {texts.type}.")
    trimmed = pc.utf8_trim_whitespace(texts.cast(pa.large_string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed)


def _is_text(kind: Any) -> bool:
    view = getattr(pa.types, "is_string_view", lambda _: False)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or view(kind)


def distinct_texts(texts: Texts) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """Return the distinct texts by first appearance, and each text's number in them.

    Returns
    -------
    values : large_string array without nulls
    code : int32[n]
        -1 where the text is missing.

    Examples
    --------
    >>> values, code = distinct_texts(["b", None, "a", "b"])
    >>> values.to_pylist(), code.tolist()
    (['b', 'a'], [0, -1, 1, 0])
    """
    encoded = pc.dictionary_encode(as_texts(texts))
    code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return encoded.dictionary.cast(pa.large_string()), code
