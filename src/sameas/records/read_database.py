"""Tables inside a file that holds several: DuckDB, SQLite, Excel."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from sameas.core.errors import DataError, choices_hint
from sameas.core.optional import require
from sameas.records.values import concat, python_column

__all__ = ["chosen_part", "read_duckdb", "read_excel", "read_sqlite", "table_of_rows"]

_ROWS_AT_ONCE = 50_000


def read_duckdb(file: Path, name: str | None) -> pa.Table:
    """Read ``file.duckdb::table``; the database is opened for reading only."""
    import duckdb

    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        fault = str(error).splitlines()[0]
        raise DataError(f"{file} cannot be read as a DuckDB database: {fault}") from error
    with closing(connection):
        query = (
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'main' ORDER BY table_name"
        )
        tables = [row[0] for row in connection.execute(query).fetchall()]
        name = chosen_part(name, tables, where=str(file), what="table")
        return connection.sql(f"SELECT * FROM main.{_quoted(name)}").to_arrow_table()


def read_sqlite(file: Path, name: str | None) -> pa.Table:
    """Read ``file.sqlite::table``; a column of mixed types becomes text."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        connection.text_factory = bytes
        tables = [row[0].decode("utf-8", "backslashreplace") for row in connection.execute(query)]
        name = chosen_part(name, tables, where=str(file), what="table")
        cursor = connection.execute(f"SELECT * FROM {_quoted(name)}")
        names = [column[0] for column in cursor.description]
        batches = []
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            batches.append(table_of_rows(names, rows))
    if not batches:
        return pa.table({column: pa.nulls(0) for column in names})
    return concat(batches)


def read_excel(file: Path, name: str | None) -> pa.Table:
    """Read a sheet of a workbook, the first if none is named; its first row is the header."""
    calamine = require("python_calamine", extra="excel", what="Reading Excel files")
    try:
        book = calamine.CalamineWorkbook.from_path(str(file))
        sheets = list(book.sheet_names)
        name = chosen_part(name or sheets[0], sheets, where=str(file), what="sheet")
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
    except calamine.CalamineError as error:
        raise DataError(f"{file} cannot be read as an Excel workbook: {error}") from error
    if not rows:
        raise DataError(f"{file}, sheet {name!r} is empty: expected a header row.")
    header = [str(value) for value in python_column(rows[0]).cast(pa.string()).to_pylist()]
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise DataError(f"{file} has several columns named {', '.join(map(repr, repeated))}.")
    return table_of_rows(
        header, [[None if cell == "" else cell for cell in row] for row in rows[1:]]
    )


def table_of_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Turn the rows of a query into a table."""
    values = zip(*rows, strict=True) if rows else [()] * len(names)
    return pa.table({name: _column(column) for name, column in zip(names, values, strict=True)})


def _column(values: Sequence[Any]) -> pa.Array:
    """Whole floats, which is all that Excel has, become whole numbers; dates become text."""
    array = python_column(values)
    if pa.types.is_binary(array.type):
        return pa.Array.from_buffers(pa.string(), len(array), array.buffers())
    if pa.types.is_floating(array.type):
        try:
            return array.cast(pa.int64())
        except pa.ArrowInvalid:
            return array
    return array.cast(pa.string()) if pa.types.is_temporal(array.type) else array


def chosen_part(name: str | None, known: Sequence[str], *, where: str, what: str) -> str:
    """Return the table or sheet that is meant: the named one, or the only one.

    Raises
    ------
    DataError
        If there is none of this name, or several and no name.
    """
    if name is None and len(known) == 1:
        return known[0]
    if name in known and name is not None:
        return name
    said = f"has no {what} {name!r}.{choices_hint(name, known)}" if name else f"needs a {what}: "
    if name is None:
        said += f"write {where.rpartition('/')[2]}::{what.upper()}."
    raise DataError(f"{where} {said} It has: {', '.join(known) or 'none'}.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
