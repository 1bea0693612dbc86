"""Tables of a PostgreSQL database, by its address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from sameas.core.addresses import without_password
from sameas.core.errors import ColumnError, DataError
from sameas.core.optional import require
from sameas.records.read_database import chosen_part, table_of_rows
from sameas.records.values import concat

__all__ = ["read_postgres"]

_ROWS_AT_ONCE = 50_000
#: Types that are taken as they are, and lists of them; all others are read as text.
_PLAIN = {"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bpchar", "name"}
_TABLES = """
    SELECT n.nspname, c.relname, c.oid FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
    SELECT a.attname, t.typname FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def read_postgres(address: str, name: str | None, columns: Sequence[str] | None) -> pa.Table:
    """Read ``postgresql://user@host/database::table`` or ``::schema.table``, views too.

    Parameters
    ----------
    address : str
        Without a password that of the environment or of ``~/.pgpass`` is taken.
    name : str or None
        The table; None if there is but one. Without a schema: of the schema "public".
    columns : sequence of str or None
        Read these only.

    Raises
    ------
    DataError
        If the server or the table cannot be read.
    ColumnError
        If one of `columns` is absent.
    """
    psycopg = require("psycopg", extra="postgres", what="Reading PostgreSQL tables")
    shown = without_password(address)
    try:
        with psycopg.connect(address) as connection:
            connection.read_only = True
            connection.execute("SET datestyle = 'ISO'")
            return _read(connection, name, columns, shown)
    except psycopg.Error as error:
        fault = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(f"{shown} cannot be read as a PostgreSQL database: {fault}") from error


def _read(connection: Any, name: str | None, columns: Sequence[str] | None, shown: str) -> pa.Table:
    from psycopg import sql

    tables = {
        (table if schema == "public" else f"{schema}.{table}"): (schema, table, oid)
        for schema, table, oid in connection.execute(_TABLES).fetchall()
    }
    plain = None if name is None else name.removeprefix("public.")
    chosen = chosen_part(plain, list(tables), where=shown, what="table")
    schema, table, oid = tables[chosen]
    types = dict(connection.execute(_COLUMNS, (oid,)).fetchall())
    for wanted in columns or ():
        if wanted not in types:
            raise ColumnError.missing(wanted, list(types), table=f"{shown}::{chosen}")
    names = list(types) if columns is None else list(columns)
    if not names:
        return pa.table({})
    listed = sql.SQL(", ").join(
        sql.Identifier(column)
        if types[column].removeprefix("_") in _PLAIN
        else sql.SQL("{}::text").format(sql.Identifier(column))
        for column in names
    )
    query = sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(schema, table))
    batches = []
    with connection.cursor(name="sameas") as cursor:  # on the server, so that memory is bounded
        cursor.execute(query)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            batches.append(table_of_rows(names, rows))
    if not batches:
        return pa.table({column: pa.nulls(0) for column in names})
    return concat(batches)
