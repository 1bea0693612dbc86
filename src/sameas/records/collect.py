"""Step 1: from the user's tables to one table of records, and a quarantine."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.tables import QUARANTINE
from sameas.kernels.arrays import wake
from sameas.records.columns import Mapped, find_columns, mapping_of
from sameas.records.coordinates import clean_coordinates, coordinate_pairs
from sameas.records.fields import Field, as_fields
from sameas.records.frames import to_source
from sameas.records.identifiers import (
    as_id_type,
    clean_ids,
    common_id_type,
    distinct_rows,
    order_of,
)
from sameas.records.joined import column_of
from sameas.records.numbered import Records
from sameas.records.quarantine import Notes, commonest_reasons, sort_quarantine
from sameas.records.read import Source
from sameas.records.validate import clean_column

__all__ = ["collect"]

_logger = logging.getLogger(__name__)

_ROWS_AT_ONCE = 4_000_000  # so that the texts taken together stay below Arrow's 2 GiB a chunk


@dataclass(slots=True)
class _Part:
    """One source while it is collected."""

    name: str
    ids: pa.Array
    order: npt.NDArray[np.int64]
    columns: list[pa.ChunkedArray]
    notes: Notes
    row: npt.NDArray[np.int64]
    unread: pa.Table


def collect(
    tables: Mapping[str, Any],
    fields: Mapping[str, str] | Iterable[Field],
    *,
    id_column: str | None = "id",
    mapping: Mapped | None = None,
    required: Collection[str] = frozenset(),
    threads: int = 1,
) -> Records:
    """Read, map, clean and check tables, and put them together as records.

    Parameters
    ----------
    tables : mapping of str to table
        By the name of the source: a frame (pandas, polars, Arrow, DuckDB relation), a path,
        a `Source`, a dict of lists or a list of dicts. None of them is changed.
    fields : mapping or iterable of Field
        ``{"title": "text", "year": "number"}``.
    id_column : str or None
        The column of the ids; None: the row number is the id, counted from 0.
    mapping : mapping, optional
        From a field, or ``"id"``, to the user's column: ``{"name": "title"}`` for all
        sources or ``{"left": {"name": "title"}}`` for one.
    required : collection of str
        Fields that every table must have. Others may be absent and are then null.
    threads : int
        Columns are cleaned beside each other.

    Returns
    -------
    Records
        Every row of the input is a record or in the quarantine, whatever the order of rows.

    Raises
    ------
    ColumnError
        If a mapped, required or id column is absent, or a column cannot be what it should.
    DataError
        If a file cannot be read, or latitude and longitude are swapped in a whole table.
    ArgumentError
        If an argument names an unknown field or source.

    Notes
    -----
    Cost: about 2 CPU seconds for a million rows with ten fields.

    Examples
    --------
    >>> table = {"key": [2, 1, 1], "title": ["Bar ", "Inn", "Pub"]}
    >>> records = collect({"a": table}, {"name": "name"}, mapping={"id": "key", "name": "title"})
    >>> records.table.to_pylist()
    [{'source': 'a', 'id': 2, 'name': 'Bar'}]
    >>> records.quarantine["reason"].to_pylist()
    ['the id is used by 2 different rows', 'the id is used by 2 different rows']
    """
    fields = as_fields(fields)
    _check_arguments(tables, fields, required)
    names = sorted(tables)
    parts, quarantine = [], []
    with ThreadPoolExecutor(threads) as pool:
        if threads > 1:
            pool.submit(wake)  # the kernels come soon, and reading waits for the disk
        for name in names:
            columns = mapping_of(name, mapping, sources=names, fields=fields)
            source, _ = to_source(tables[name])
            found = find_columns(
                source.table.column_names,
                fields,
                id_column=id_column,
                mapping=columns,
                required=required,
                table=name,
            )
            parts.append(_clean(name, source, fields, found, pool))
            del source
        id_type = common_id_type(part.ids for part in parts)
        for part in parts:
            if part.ids.type != id_type:  # numbers as text have another order
                part.ids = as_id_type(part.ids, id_type)
                part.order = order_of(part.ids)
            kept = distinct_rows(part.ids, part.columns, notes=part.notes, order=part.order)
            noted = part.notes.table(part.name, part.row, _id_text(part.ids))
            quarantine += [_with_ids(part), noted]
            part.ids = part.ids.take(pa.array(kept))
            part.columns = list(pool.map(_taken, part.columns, repeat(kept)))
    return _put_together(parts, fields, id_type, pa.concat_tables(quarantine))


def _check_arguments(
    tables: Mapping[str, Any], fields: Sequence[Field], required: Collection[str]
) -> None:
    if not isinstance(tables, Mapping) or not tables:
        raise ArgumentError("Tables are given by the name of their source: {'places': table}.")
    for name in tables:
        if not isinstance(name, str) or not name:
            raise ArgumentError(f"The name of a source is a text, got {name!r}.")
    known = [field.name for field in fields]
    for name in required:
        if name not in known:
            raise ArgumentError(f"Unknown required field {name!r}.{choices_hint(name, known)}")


def _clean(
    name: str,
    source: Source,
    fields: Sequence[Field],
    found: Mapping[str, str],
    pool: ThreadPoolExecutor,
) -> _Part:
    table, notes = source.table, Notes()

    def cleaned(field: Field) -> tuple[pa.ChunkedArray | pa.Array, Notes]:
        own = Notes()
        if field.name not in found:
            return pa.nulls(table.num_rows, field.arrow_type), own
        column = column_of(table, found[field.name], kind=field.kind)
        return clean_column(column, field, notes=own, table=name), own

    def identified() -> tuple[pa.Array, npt.NDArray[np.int64]]:
        if "id" in found:
            ids = clean_ids(table[found["id"]], notes=notes, table=name)
        else:
            ids = pa.array(source.row)
        return ids, order_of(ids)

    numbering = pool.submit(identified)
    # Sets take the longest, so they begin first.
    first = sorted(fields, key=lambda field: field.kind not in ("set", "aliases"))
    jobs = {field.name: pool.submit(cleaned, field) for field in first}
    ids, order = numbering.result()
    clean: dict[str, Any] = {}
    for field in fields:
        clean[field.name], own = jobs[field.name].result()
        notes.extend(own)
    for pair in coordinate_pairs(fields):
        two = (pair[0].name, pair[1].name)
        latitude, longitude = clean_coordinates(
            clean[two[0]], clean[two[1]], names=two, notes=notes, table=name
        )
        clean[two[0]], clean[two[1]] = latitude, longitude
    columns = [
        column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        for column in clean.values()
    ]
    return _Part(name, ids, order, columns, notes, source.row, source.quarantine)


def _id_text(ids: pa.Array) -> pa.Array:
    return ids.cast(pa.string())


def _with_ids(part: _Part) -> pa.Table:
    """Return the rows that could not even be read, under the name of the source."""
    name = pa.repeat(pa.scalar(part.name, pa.string()), part.unread.num_rows)
    return part.unread.set_column(0, QUARANTINE.field("source"), name)


def _taken(column: pa.ChunkedArray, rows: npt.NDArray[np.int64]) -> pa.ChunkedArray:
    if len(rows) == len(column) and (rows == np.arange(len(rows))).all():
        return column
    chunks: list[pa.Array] = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        chunks.extend(column.take(pa.array(rows[start : start + _ROWS_AT_ONCE])).chunks)
    return pa.chunked_array(chunks, column.type)


def _put_together(
    parts: Sequence[_Part], fields: tuple[Field, ...], id_type: pa.DataType, quarantine: pa.Table
) -> Records:
    sizes = [len(part.ids) for part in parts]
    source_code = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    sources = tuple(part.name for part in parts)
    source = pa.DictionaryArray.from_arrays(pa.array(source_code), pa.array(sources, pa.string()))
    columns: dict[str, pa.ChunkedArray] = {
        "source": pa.chunked_array([source]),
        "id": pa.chunked_array([part.ids for part in parts], id_type),
    }
    for place, field in enumerate(fields):
        chunks = [chunk for part in parts for chunk in part.columns[place].chunks]
        columns[field.name] = pa.chunked_array(chunks, field.arrow_type)
    quarantine = sort_quarantine(quarantine)
    if quarantine.num_rows:
        whole = quarantine["field"].null_count
        _logger.warning(
            "%d rows and %d values were set aside (%s); see the quarantine.",
            whole,
            quarantine.num_rows - whole,
            commonest_reasons(quarantine),
        )
    return Records(pa.table(columns), fields, sources, source_code, quarantine, id_type)
