"""Ids: one type for all tables, no id missing, no id used by two different rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError
from sameas.kernels.hashing import eight_bytes
from sameas.records.quarantine import Notes
from sameas.records.text_encoding import mend
from sameas.records.validate import NOT_UTF8
from sameas.records.values import as_strings, is_text

__all__ = [
    "EXACT_DUPLICATE",
    "NO_ID",
    "as_id_type",
    "clean_ids",
    "common_id_type",
    "distinct_rows",
    "order_of",
    "repeated_ids",
]

NO_ID = "the id is missing"
EXACT_DUPLICATE = "exact duplicate row: another row with this id has the same fields"

IntArray = npt.NDArray[np.int64]

#: From so many texts on, sorting by their first bytes is several times as fast.
_MANY = 100_000


def clean_ids(column: pa.ChunkedArray, *, notes: Notes, table: str) -> pa.Array:
    """Return ids as int64 (whole numbers) or string, null where a row has no usable id.

    Ids are left as they are, not stripped, so that results can be joined to the user's table.

    Raises
    ------
    ColumnError
        If the column holds lists, structs or the like.
    """
    if pa.types.is_null(column.type):
        ids = pa.nulls(len(column), pa.string())
    else:
        ids = _whole_numbers(column)
        if ids is None:
            ids = _id_strings(column, notes=notes, table=table)
    rows = pc.indices_nonzero(pc.is_null(ids)).to_numpy()
    notes.add(rows, NO_ID)
    return ids


def _whole_numbers(column: pa.ChunkedArray) -> pa.Array | None:
    """Return int64, or None when some id is not a whole number of that size."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    elif not pa.types.is_integer(column.type):
        return None
    try:
        return column.cast(pa.int64()).combine_chunks()
    except pa.ArrowInvalid:
        return None


def _id_strings(column: pa.ChunkedArray, *, notes: Notes, table: str) -> pa.Array:
    try:
        text, rows, values = mend(as_strings(column))
    except pa.ArrowNotImplementedError as error:
        raise ColumnError(
            f"{table} has ids of the type {column.type}: use text or numbers."
        ) from error
    notes.add(rows, f"the id is {NOT_UTF8}", values=values)
    text = text.combine_chunks()
    if is_text(column.type):
        empty = pc.fill_null(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(text)), 0), False)
        if pc.any(empty).as_py():
            text = pc.if_else(empty, pa.scalar(None, pa.string()), text)
    return text


def common_id_type(columns: Iterable[pa.Array]) -> pa.DataType:
    """Return the type all tables agree on, else string; tables without ids do not vote."""
    types = {ids.type for ids in columns if len(ids) > ids.null_count}
    return types.pop() if len(types) == 1 else pa.string()


def as_id_type(ids: pa.Array, id_type: pa.DataType) -> pa.Array:
    """Cast ids to the common type: numbers become text, never the other way."""
    if ids.type == id_type:
        return ids
    if ids.null_count == len(ids):
        return pa.nulls(len(ids), id_type)
    return ids.cast(id_type)


def distinct_rows(
    ids: pa.Array,
    fields: Sequence[pa.ChunkedArray],
    *,
    notes: Notes,
    order: IntArray | None = None,
) -> IntArray:
    """Return the rows to keep, in the order of their ids.

    Of rows that have one id and are equal in every field the first is kept. If rows with
    one id differ, none of them is: which is right cannot be known.

    Parameters
    ----------
    ids : pyarrow.Array, length n
    fields : sequence of pyarrow.ChunkedArray, length n
        The cleaned fields.
    notes : Notes
        Is told of the others.
    order : int64[k], optional
        What `order_of` gives, if it is known.

    Returns
    -------
    int64[m]
        Sorted by id: text by its bytes, numbers by size.
    """
    order = order_of(ids) if order is None else order
    first, size = _groups(ids.take(pa.array(order)))
    repeated = size > 1
    if not repeated.any():
        return order
    positions = np.flatnonzero(repeated)
    same = _equal_rows(fields, order[positions], order[first[positions]])
    # A group is exact when all of its rows equal its first.
    group_differs = np.zeros(len(order), np.bool_)
    group_differs[first[positions[~same]]] = True
    differs = group_differs[first]
    twin = repeated & ~differs & (first != np.arange(len(order)))
    notes.add(order[twin], EXACT_DUPLICATE)
    rows = np.flatnonzero(differs)
    notes.add(
        order[rows],
        pc.binary_join_element_wise(
            "the id is used by", pa.array(size[rows]).cast(pa.string()), "different rows", " "
        )
        if len(rows)
        else "",
    )
    kept: IntArray = order[~differs & ~twin]
    return kept


def order_of(ids: pa.Array) -> IntArray:
    """Rows with an id, by id; rows with equal ids stay in the order of the input."""
    ordered = len(ids) < 2 or pc.all(pc.less_equal(ids[:-1], ids[1:]), skip_nulls=False).as_py()
    if ordered and not ids.null_count:
        return np.arange(len(ids))
    if pa.types.is_string(ids.type) and len(ids) >= _MANY:
        return _order_of_texts(ids)
    order: IntArray = pc.sort_indices(ids).to_numpy().astype(np.int64)
    return order[: len(ids) - ids.null_count]


def _order_of_texts(ids: pa.Array) -> IntArray:
    """Sort by eight bytes that tell most ids apart, then those that share them by the whole."""
    present = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
    if not len(present):
        return present
    lowest, highest = pc.min_max(ids).as_py().values()
    both = zip(lowest.encode(), highest.encode(), strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))
    _, starts, content = ids.buffers()
    ends = np.frombuffer(starts, np.int32)[ids.offset : ids.offset + len(ids) + 1]
    data = np.frombuffer(content, np.uint8) if content is not None else np.zeros(1, np.uint8)
    key = eight_bytes(ends, data, present, shared)
    place = np.argsort(key)
    key = key[place]
    equal = key[1:] == key[:-1]
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    order: IntArray = present[place].astype(np.int64)
    rows = np.sort(order[tied])
    order[tied] = rows[pc.sort_indices(ids.take(pa.array(rows))).to_numpy().astype(np.int64)]
    return order


def repeated_ids(ids: pa.Array, order: IntArray) -> IntArray:
    """Return the rows whose id another row has too, in the order that `order_of` gives."""
    return order[_groups(ids.take(pa.array(order)))[1] > 1]


def _groups(ids: pa.Array) -> tuple[IntArray, IntArray]:
    """First position and size of the group of equal ids that each position belongs to."""
    count = len(ids)
    new = np.ones(count, np.bool_)
    if count > 1:
        new[1:] = pc.not_equal(ids[:-1], ids[1:]).to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, count))
    return np.repeat(starts, sizes), np.repeat(sizes, sizes)


def _equal_rows(
    fields: Sequence[pa.ChunkedArray], left: IntArray, right: IntArray
) -> npt.NDArray[np.bool_]:
    """Say of pairs of rows whether all fields are equal; null equals null."""
    same = np.ones(len(left), np.bool_)
    for column in fields:
        a, b = (_comparable(column.take(pa.array(rows)).combine_chunks()) for rows in (left, right))
        equal = pc.fill_null(pc.equal(a, b), False)
        both_null = pc.and_(pc.is_null(a), pc.is_null(b))
        same &= pc.or_(equal, both_null).to_numpy(zero_copy_only=False)
    return same


def _comparable(column: pa.Array) -> pa.Array:
    """Make sets one text: their items hold no control characters, so a separator is safe."""
    return pc.binary_join(column, "\x1f") if pa.types.is_list(column.type) else column
