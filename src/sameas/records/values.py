"""Python values and Arrow columns of any type into the few types that records need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["as_strings", "concat", "is_text", "python_column", "python_table"]

_LARGEST_CHUNK = 2**31 - 1
_EXACT = 2.0**53


def is_text(type_: pa.DataType) -> bool:
    """Say whether a type holds text or bytes, directly or by a dictionary."""
    if pa.types.is_dictionary(type_):
        return is_text(type_.value_type)
    known = {pa.string(), pa.large_string(), pa.binary(), pa.large_binary()}
    views = {pa.string_view(), pa.binary_view()}
    return type_ in known or type_ in views


def as_strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cast a column of single values to string, without a check of its UTF-8.

    Whole numbers are written without a fraction even when they are held as floats
    (as pandas does where one is missing), so 12.0 is ``"12"``.

    Raises
    ------
    pyarrow.ArrowNotImplementedError
        If the values are lists, structs or the like.
    """
    chunks: list[pa.Array] = []
    for chunk in column.chunks:
        chunks.extend(_strings(chunk))
    return pa.chunked_array(chunks, pa.string())


def _strings(chunk: pa.Array) -> list[pa.Array]:
    if isinstance(chunk, pa.ExtensionArray):
        chunk = chunk.storage
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    if pa.types.is_string(chunk.type):
        return [chunk]
    if pa.types.is_null(chunk.type):
        return [pa.nulls(len(chunk), pa.string())]
    if pa.types.is_floating(chunk.type):
        return [_float_strings(chunk)]
    if not is_text(chunk.type):
        return [chunk.cast(pa.string())]
    if len(chunk) > 1 and chunk.nbytes > _LARGEST_CHUNK:
        half = len(chunk) // 2
        return [*_strings(chunk.slice(0, half)), *_strings(chunk.slice(half))]
    # As bytes first: the cast from bytes to text would refuse the chunk for one bad row.
    as_bytes = chunk.cast(pa.binary())
    return [
        pa.Array.from_buffers(
            pa.string(), len(as_bytes), as_bytes.buffers(), offset=as_bytes.offset
        )
    ]


def _float_strings(chunk: pa.Array) -> pa.Array:
    chunk = chunk.cast(pa.float64())
    values = chunk.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        whole = (values == np.floor(values)) & (np.abs(values) < _EXACT)
    if not whole.any():
        return chunk.cast(pa.string())
    integers = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pa.array(whole), integers, chunk.cast(pa.string()))


def _text_of(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return str(value)


def python_column(values: Sequence[Any]) -> pa.Array:
    """Turn Python values into an Arrow array; values of mixed types become text.

    Examples
    --------
    >>> python_column([1, "1a", None]).to_pylist()
    ['1', '1a', None]
    """
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([_text_of(value) for value in values], pa.string())


def python_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Turn dictionaries into a table whose columns are all their keys, first seen first."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: python_column([row.get(name) for row in rows]) for name in names})


def concat(tables: Iterable[pa.Table]) -> pa.Table:
    """Join tables row after row; a column whose types disagree becomes text.

    Examples
    --------
    >>> concat([pa.table({"a": [1]}), pa.table({"a": ["x"]})])["a"].to_pylist()
    ['1', 'x']
    """
    tables = list(tables)
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        pass
    for name in dict.fromkeys(name for table in tables for name in table.column_names):
        held = [pa.schema([t.schema.field(name)]) for t in tables if name in t.column_names]
        try:
            pa.unify_schemas(held, promote_options="permissive")
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            tables = [_with_strings(table, name) for table in tables]
    return pa.concat_tables(tables, promote_options="permissive")


def _with_strings(table: pa.Table, name: str) -> pa.Table:
    if name not in table.column_names:
        return table
    column = table[name]
    try:
        text = as_strings(column)
    except pa.ArrowNotImplementedError:
        text = pa.chunked_array([pa.array([_text_of(v) for v in column.to_pylist()], pa.string())])
    return table.set_column(table.column_names.index(name), name, text)
