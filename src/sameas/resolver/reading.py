"""From a user's record to a cleaned one, and back from the store."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from sameas.core.errors import choices_hint
from sameas.linker.spec import LinkerSpec
from sameas.records import Field, collect
from sameas.resolver.errors import RecordError

__all__ = ["as_content", "as_table", "clean_record", "read_content"]

_PLACES = ("latitude", "longitude")
_WORD = re.compile("[^0-9]*[^\\W0-9_][^0-9]*")


def clean_record(spec: LinkerSpec, record: Mapping[str, Any], source: str, id: str) -> pa.Table:
    """Clean one record as a batch run would; one row of RECORDS.

    Raises
    ------
    RecordError
        If a field is unknown or absent, or a value cannot be used. It names the field.
    """
    names = [field.name for field in spec.fields]
    for name in record:
        if name not in names and name not in ("source", "id"):
            raise RecordError(
                f"The record has the field {name!r}, which the linker does not know."
                f"{choices_hint(str(name), names)} It knows: {', '.join(names)}.", str(name),
            )  # fmt: skip
    for name in names:
        if name not in record and name not in spec.optional:
            raise RecordError(
                f"The record lacks the field {name!r}; null says that it is unknown.", name
            )
    given: dict[str, Any] = {"id": [id]}
    for field in spec.fields:
        if field.name in record:
            value = record[field.name]
            _check_type(field, value)
            if isinstance(value, float) and math.isnan(value):
                value = None
            try:
                given[field.name] = pa.array([value])
            except (pa.ArrowException, OverflowError, TypeError) as error:
                raise RecordError(
                    f"The field {field.name!r} has a value that is none of a {field.kind}: "
                    f"{error}.", field.name,
                ) from error  # fmt: skip
    found = collect({source: pa.table(given)}, spec.fields)
    for row in found.quarantine.to_pylist():
        raise RecordError(
            f"The field {row['field'] or 'id'!r} cannot be used: {row['reason']}"
            f" ({row['value']!r}).", row["field"] or "id",
        )  # fmt: skip
    return found.table


def _check_type(field: Field, value: Any) -> None:
    """Refuse a value that can never be the field."""
    if field.kind in _PLACES and isinstance(value, str) and _WORD.fullmatch(value):
        raise RecordError(f"The field {field.name!r} is a number, got {value!r}.", field.name)
    many = field.kind in ("set", "aliases")
    items = value if many and isinstance(value, list | tuple) else [value]
    for item in items:
        if item is not None and not isinstance(item, str | int | float | date | datetime):
            wanted = "a text or a list of texts" if many else "one value"
            raise RecordError(
                f"The field {field.name!r} is {wanted}, got {type(item).__name__}.", field.name
            )


def as_content(table: pa.Table) -> list[str]:
    """Return the fields of records as JSON texts; absent values are left out."""
    fields = table.drop_columns(["source", "id"])
    columns = [_members(name, fields[name]) for name in fields.column_names]
    if not columns:
        return ["{}"] * len(table)
    return [
        "{" + ",".join([member for member in row if member]) + "}"
        for row in zip(*columns, strict=True)
    ]


def _members(name: str, column: pa.ChunkedArray) -> list[str]:
    """Return a column as members of JSON objects, empty where the value is absent."""
    values, start = column.to_pylist(), f"{json.dumps(name, ensure_ascii=False)}:"
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return ["" if value is None else start + _quoted(value) for value in values]
    if pa.types.is_float64(column.type):
        return ["" if value is None else start + _number(value) for value in values]
    if pa.types.is_list(column.type):
        return [
            "" if value is None else f"{start}[{','.join(map(_quoted, value))}]" for value in values
        ]
    return ["" if value is None else start + _json(value) for value in values]


_quoted = json.encoder.encode_basestring
_number = float.__repr__


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored")


def read_content(content: str) -> dict[str, Any]:
    """Read what `as_content` wrote."""
    found: dict[str, Any] = json.loads(content)
    return found


def as_table(
    spec: LinkerSpec, keys: Sequence[tuple[str, str]], contents: Sequence[str]
) -> pa.Table:
    """Return stored records as RECORDS, in the given order."""
    rows = [read_content(content) for content in contents]
    columns: dict[str, pa.Array] = {
        "source": pa.array([key[0] for key in keys], pa.string()),
        "id": pa.array([key[1] for key in keys], pa.string()),
    }
    for field in spec.fields:
        values = [row.get(field.name) for row in rows]
        columns[field.name] = pa.array(values, field.arrow_type)
    return pa.table(columns)
