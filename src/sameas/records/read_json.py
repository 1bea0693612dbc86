"""JSON lines and JSON lists; a line that is not an object is set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from sameas.core.errors import DataError
from sameas.records.quarantine import MAX_CHARACTERS, quarantine_table
from sameas.records.read import Source
from sameas.records.values import concat, python_table

__all__ = ["read_json"]

_LINES_AT_ONCE = 50_000
_EXACT = 2.0**53


def read_json(file: Path) -> Source:
    """Read JSON lines or, where the file begins with ``[``, a list of objects."""
    with _open(file) as stream:
        start = stream.read(1 << 12).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"[" and ".json" in (suffix.lower() for suffix in file.suffixes):
        return _list(file)
    try:
        table = _fast(file)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return _careful(file)
    return _careful(file) if _imprecise(table) else Source.whole(table)


def _open(file: Path) -> Any:
    return pa.input_stream(str(file), compression="detect")


def _fast(file: Path) -> pa.Table:
    """Arrow's reader; texts that look like dates stay texts."""
    with _open(file) as stream:
        table = arrow_json.read_json(stream)
    dates = [field for field in table.schema if _holds_dates(field.type)]
    if not dates:
        return table
    texts = pa.schema([field.with_type(_with_texts(field.type)) for field in dates])
    with _open(file) as stream:
        return arrow_json.read_json(
            stream, parse_options=arrow_json.ParseOptions(explicit_schema=texts)
        ).select(table.column_names)


def _holds_dates(type_: pa.DataType) -> bool:
    return bool(_with_texts(type_) != type_)


def _with_texts(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_temporal(type_):
        return pa.string()
    if pa.types.is_list(type_):
        return pa.list_(_with_texts(type_.value_type))
    return type_


def _imprecise(table: pa.Table) -> bool:
    """Say whether a number is so large that its digits may have been lost."""
    columns = [column for column in table.columns if pa.types.is_floating(column.type)]
    largest = [pc.max(pc.abs(column)).as_py() or 0.0 for column in columns]
    return max(largest, default=0.0) >= _EXACT


def _list(file: Path) -> Source:
    with _open(file) as stream:
        rows = json.loads(stream.read())
    good = [isinstance(row, dict) for row in rows]
    if not any(good):
        raise DataError(f"{file}: expected a JSON list of objects, such as [{{'id': 1}}].")
    table = python_table([row for row in rows if isinstance(row, dict)])
    bad = [(k, "not a JSON object", repr(row)) for k, row in enumerate(rows) if not good[k]]
    return _source(file, table, bad)


def _careful(file: Path) -> Source:
    """Line by line: slower, and each bad line is known."""
    tables: list[pa.Table] = []
    bad: list[tuple[int, str, str]] = []
    batch: list[dict[str, Any]] = []
    for place, row in enumerate(_parsed(file)):
        if isinstance(row, dict):
            batch.append(row)
        else:
            bad.append((place, *row))
        if len(batch) >= _LINES_AT_ONCE:
            tables.append(python_table(batch))
            batch.clear()
    if batch:
        tables.append(python_table(batch))
    if not tables:
        raise DataError(f"{file} holds no JSON object: expected one a line.")
    return _source(file, concat(tables), bad)


def _parsed(file: Path) -> Iterator[dict[str, Any] | tuple[str, str]]:
    """Yield each line that is not blank as an object, or as (reason, text)."""
    with _open(file) as stream:
        for number, line in enumerate(_lines(stream), start=1):
            if not line.strip():
                continue
            text = line.decode("utf-8-sig", errors="backslashreplace").rstrip("\r\n")
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except UnicodeDecodeError:
                yield f"line {number} is not valid UTF-8", text
            except (ValueError, RecursionError) as error:
                yield f"line {number} is not JSON: {error}", text
            else:
                yield row if isinstance(row, dict) else (f"line {number} is no JSON object", text)


def _lines(stream: Any) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(1 << 22):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _source(file: Path, table: pa.Table, bad: list[tuple[int, str, str]]) -> Source:
    kept = np.ones(table.num_rows + len(bad), np.bool_)
    rows = np.array([place for place, _, _ in bad], np.int64)
    kept[rows] = False
    quarantine = quarantine_table(
        file.name,
        rows,
        reason=pa.array([reason for _, reason, _ in bad], pa.string()),
        value=pa.array([text[:MAX_CHARACTERS] for _, _, text in bad], pa.string()),
    )
    return Source(table, np.flatnonzero(kept).astype(np.int64), quarantine)
