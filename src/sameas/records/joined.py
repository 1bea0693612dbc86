"""Columns that hold a field together: given name and surname, street, town and postal code."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError
from sameas.records.values import as_strings

__all__ = ["JOIN", "column_of", "joined_name", "parts_of", "with_joined"]

#: What stands between the names of columns that hold one field together.
JOIN = " + "


def joined_name(parts: Sequence[str]) -> str:
    """Write several columns as one.

    Examples
    --------
    >>> joined_name(["given_name", "surname"])
    'given_name + surname'
    """
    return JOIN.join(parts)


def parts_of(column: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that a name stands for, of those that a table has.

    Parameters
    ----------
    column : str
        A column, or several with ``+`` between them. A column that is really called so goes first.
    columns : collection of str
        Of the table.

    Examples
    --------
    >>> parts_of("given_name+surname", ["given_name", "surname", "a + b"])
    ('given_name', 'surname')
    >>> parts_of("a + b", ["given_name", "surname", "a + b"])
    ('a + b',)
    """
    if column in columns or "+" not in column:
        return (column,)
    return tuple(part.strip() for part in column.split("+"))


def column_of(table: pa.Table, column: str, *, kind: str) -> pa.ChunkedArray:
    """Return the values of a column, or of several that hold a field together.

    Texts are joined by a space, years, months and days by a hyphen; what is missing or empty is
    left out, and where all is, the value is missing.

    Raises
    ------
    ColumnError
        If one of several columns holds lists or the like.

    Examples
    --------
    >>> table = pa.table({"first": ["Ada", None], "last": ["King", "Hill"]})
    >>> column_of(table, "first + last", kind="person").to_pylist()
    ['Ada King', 'Hill']
    """
    parts = parts_of(column, table.column_names)
    if len(parts) == 1:
        return table[parts[0]]
    try:
        texts = [pc.ascii_trim_whitespace(as_strings(table[part])) for part in parts]
    except pa.ArrowNotImplementedError as error:
        raise ColumnError(f"{column!r} has a column of lists or the like: {error}") from error
    known = [pc.if_else(pc.equal(text, ""), None, text) for text in texts]
    known[0] = pc.fill_null(known[0], "")  # Arrow leaves a row out whose texts are all missing
    between = "-" if kind == "date" else " "
    together = pc.binary_join_element_wise(*known, between, null_handling="skip")
    together = pc.ascii_trim(together, between)
    return pc.if_else(pc.equal(together, ""), None, together)


def with_joined(table: pa.Table, column: str, *, kind: str) -> pa.Table:
    """Return a table with several columns as one more, under their joined name."""
    return table.append_column(column, column_of(table, column, kind=kind))
