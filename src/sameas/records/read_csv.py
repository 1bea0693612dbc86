"""CSV as it is met in the world: any usual separator, broken rows set aside, all text."""

from __future__ import annotations

import csv as python_csv
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from sameas.core.errors import ColumnError, DataError
from sameas.records.headless import is_record
from sameas.records.missing_marks import without_marks
from sameas.records.quarantine import MAX_CHARACTERS, quarantine_table
from sameas.records.read import Source

__all__ = ["read_csv"]

logger = logging.getLogger(__name__)

_BLOCKS = (1 << 24, 1 << 30)  # bytes read at once; the second for values of many megabytes
_SEPARATORS = ",;\t|"
_SHOWN = 60  # letters of a header that cannot be read
_LOOKED_AT = 2_000  # rows that show whether the first line is one


def read_csv(file: Path, *, columns: Sequence[str] | None, encoding: str) -> Source:
    """Read CSV or TSV; see `read_table`.

    The separator of CSV is the one of ``, ; tab |`` that the first line has most of. Words that
    stand for missing values (`without_marks`) are null. Where the first line is a record
    (`is_record`), columns are named ``column_1`` and so on.
    """
    layout = _layout(file, encoding)
    for name in columns or ():
        if name not in layout.names:
            raise ColumnError.missing(name, layout.names, table=file.name)
    wanted = list(columns) if columns is not None else layout.names
    if not layout.rows_follow:
        empty = pa.table({name: pa.array([], pa.string()) for name in wanted})
        return Source.whole(empty)
    bad: list[Any] = []
    table = _read(file, layout, wanted, bad=bad)
    _refuse_open_quote(file, table, bad)
    if not bad:
        return Source.whole(without_marks(table, name=file.name))
    # Rows are numbered only when one thread reads.
    bad.clear()
    table = _read(file, layout, wanted, bad=bad, threads=False)
    table = without_marks(table, name=file.name)
    return _with_quarantine(file, table, bad, headless=layout.headless)


@dataclass(frozen=True)
class _Layout:
    """How a file is written, as its first lines show."""

    names: list[str]
    separator: str
    encoding: str
    rows_follow: bool = True
    headless: bool = False


def _open(file: Path) -> Any:
    return pa.input_stream(str(file), compression="detect")


def _layout(file: Path, encoding: str) -> _Layout:
    # A few rows are decoded here; broken text further down is found by `collect`.
    with (
        _open(file) as raw,
        io.TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as text,
    ):
        line = text.readline().lstrip("\ufeff")
        while line and not line.strip():
            line = text.readline()
        if not line:
            raise DataError(f"{file} is empty: expected a header line.")
        if ".tsv" in (suffix.lower() for suffix in file.suffixes):
            separator = "\t"
        else:
            separator = max(_SEPARATORS, key=line.count)
        while line.count('"') % 2 and (more := text.readline()):
            line += more
        try:
            names = next(python_csv.reader(io.StringIO(line, newline=""), delimiter=separator))
        except python_csv.Error as error:
            raise DataError(
                f"{file} is no table: its first line, {_some(line)}, is no header ({error})."
            ) from error
        rows = _some_rows(text, separator)
    if any("\ud800" <= letter <= "\udfff" for letter in line):
        raise DataError(
            f"{file}: the header line is not valid {encoding}: {_some(line)}. Name the encoding, "
            f"{file}::ENCODING, if this is a table at all."
        )
    if is_record(names, rows):
        logger.warning(
            "%s: the first line, %s, looks like a record, not like names of columns: it is read "
            "as one, and columns are named column_1 to column_%d.", file.name, _some(line.strip()),
            len(names),
        )  # fmt: skip
        numbered = [f"column_{place}" for place in range(1, len(names) + 1)]
        return _Layout(numbered, separator, encoding, headless=True)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"{file} has several columns named {', '.join(map(repr, repeated))}.")
    return _Layout(names, separator, encoding, rows_follow=bool(rows))


def _some_rows(text: io.TextIOWrapper, separator: str) -> list[list[str]]:
    """Read the rows behind the first line that tell whether it is one, as far as they can be."""
    rows: list[list[str]] = []
    try:
        rows.extend(islice(python_csv.reader(text, delimiter=separator), _LOOKED_AT))
    except python_csv.Error:  # told where the whole file is read
        rows.append([])
    return rows


def _some(line: str) -> str:
    """Show the beginning of a line, whatever it holds."""
    return f"{line[:_SHOWN]!a}" + ("..." if len(line) > _SHOWN else "")


def _read(
    file: Path, layout: _Layout, wanted: Sequence[str], *, bad: list[Any], threads: bool = True
) -> pa.Table:
    def set_aside(row: Any) -> str:
        bad.append(row)
        return "skip"

    for block in _BLOCKS:
        bad.clear()
        try:
            with _open(file) as stream:
                return csv.read_csv(
                    stream,
                    csv.ReadOptions(
                        use_threads=threads,
                        block_size=block,
                        encoding=layout.encoding,
                        column_names=layout.names if layout.headless else None,
                    ),
                    csv.ParseOptions(
                        delimiter=layout.separator,
                        newlines_in_values=True,
                        invalid_row_handler=set_aside,
                    ),
                    csv.ConvertOptions(
                        column_types={name: pa.string() for name in layout.names},
                        include_columns=list(wanted),
                        check_utf8=False,
                        null_values=[""],
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=True,
                    ),
                )
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or block == _BLOCKS[-1]:
                raise
    raise AssertionError("unreachable")


def _refuse_open_quote(file: Path, table: pa.Table, bad: Sequence[Any]) -> None:
    """Refuse a quotation mark that is never closed: it swallows the rest of the file."""
    opened = [row for row in bad if row.text and row.text.count('"') % 2 and "\n" in row.text]
    last_cell = table.column(table.num_columns - 1).slice(max(table.num_rows - 1, 0))
    swallowed = "".join((cell or b"").decode("utf-8", "replace") for cell in _bytes(last_cell))
    if opened or ("\n" in swallowed and not _ends_with_quote(file)):
        text = opened[0].text if opened else swallowed
        raise DataError(
            f"{file} has a quotation mark that is never closed; the rest of the file, "
            f"{text.count(chr(10)):,} lines, would become one value. It begins: {text[:60]!r}."
        )


def _bytes(column: pa.ChunkedArray) -> list[bytes | None]:
    return [value for chunk in column.chunks for value in chunk.cast(pa.binary()).to_pylist()]


def _ends_with_quote(file: Path) -> bool:
    end = b""
    with _open(file) as stream:
        while block := stream.read(1 << 20):
            end = (end + block)[-64:]
    return bool(end.rstrip().endswith(b'"'))


def _with_quarantine(file: Path, table: pa.Table, bad: Sequence[Any], *, headless: bool) -> Source:
    # Row 0 is row 1 of the parser, or its row 2 where the header is row 1.
    rows = np.array([row.number - (1 if headless else 2) for row in bad], np.int64)
    first = "first line" if headless else "header"
    kept = np.ones(table.num_rows + len(bad), np.bool_)
    kept[rows] = False
    reasons = [
        f"line {row.number} has {row.actual_columns} values, the {first} {row.expected_columns}"
        for row in bad
    ]
    values = [row.text[:MAX_CHARACTERS] for row in bad]
    quarantine = quarantine_table(
        file.name, rows, reason=pa.array(reasons, pa.string()), value=pa.array(values, pa.string())
    )
    return Source(table, np.flatnonzero(kept).astype(np.int64), quarantine)
