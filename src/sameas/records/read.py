"""Read a file or a database table, whatever its format, as it stands."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.addresses import is_address, parted
from sameas.core.dataclass import dataclass
from sameas.core.errors import ColumnError, DataError, SameasError, choices_hint, path_hint
from sameas.core.tables import QUARANTINE

__all__ = ["READABLE", "Source", "read_table"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One table as it came, and the rows of its file that could not be read.

    Attributes
    ----------
    table : pyarrow.Table
        Texts are not checked yet: they may hold broken UTF-8, which `collect` sets aside.
    row : int64[n]
        Which row of the input each row is, counted from 0 below the header.
    quarantine : pyarrow.Table
        QUARANTINE: the rows that could not be read; ``source`` is the name of the file.
    """

    table: pa.Table
    row: npt.NDArray[np.int64]
    quarantine: pa.Table

    @classmethod
    def whole(cls, table: pa.Table) -> Source:
        """Make the source of a table of which every row could be read."""
        return cls(table, np.arange(table.num_rows), QUARANTINE.empty_table())


Reader = Callable[[Path, str | None, Sequence[str] | None, str | None], Source]

#: First bytes of formats, to say what a file is when it is not what its suffix says.
_MAGIC = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"PK\x03\x04": "an Excel workbook or another zip file",
    b"SQLite format 3": "an SQLite database",
    b"\x1f\x8b": "a gzip file",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_TEXT = ("a gzip file", "UTF-16 text")  # what a CSV file may be


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    encoding: str | None = None,
) -> Source:
    """Read a table by the suffix of its path.

    Parameters
    ----------
    path : path or address
        ``.parquet`` (or a folder of them), ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` (these
        also ``.gz``), ``.json``, ``.xlsx``, ``.arrow``, ``.feather``; ``file.csv::encoding``,
        ``file.duckdb::table``, ``file.sqlite::table``, ``book.xlsx::sheet``;
        ``postgresql://user@host/db::table`` (extra
        ``postgres``). Two databases of mineral sites are known by their layout and come as
        `read_mrds` and `read_usmin` give them: a CSV with the columns ``dep_id`` and
        ``site_name``; ``.gdb``, ``.gpkg`` or a folder with the layer Site.
    columns : sequence of str, optional
        Read these only.
    encoding : str, optional
        Of CSV and TSV. By default the one that the path names, or else UTF-8, UTF-16 or
        windows-1252, whichever the file seems to be written in (`encoding_of`).

    Returns
    -------
    Source
        Rows of CSV and JSON lines that cannot be read are in its quarantine. All columns of
        CSV are text, so postal codes and ids keep their leading zeros; where its first line
        is a record, not a header (`is_record`), they are named ``column_1`` and so on.

    Raises
    ------
    DataError
        If the path, or the table in it, does not exist, is empty, or is not what it says.
    ColumnError
        If one of `columns` is absent.

    Examples
    --------
    >>> read_table("nowhere.csv")
    Traceback (most recent call last):
    sameas.core.errors.DataError: nowhere.csv does not exist.
    """
    if is_address(os.fspath(path)):
        from sameas.records.read_postgres import read_postgres

        return Source.whole(read_postgres(*parted(os.fspath(path)), columns))
    text, _, part = os.fspath(path).partition("::")
    file = Path(text)
    if not file.exists():
        raise DataError(f"{file} does not exist.{path_hint(file)}")
    kind, reader = _reader_of(file)
    if part and reader not in _PARTED:
        raise DataError(f"{path}: what stands behind :: has no meaning for {kind}.")
    if file.is_file() and not file.stat().st_size:
        raise DataError(f"{file} is empty: expected {kind}.")
    try:
        source = reader(file, part or None, columns, encoding)
    except SameasError:
        raise
    except (pa.ArrowException, sqlite3.Error, OSError, ValueError, EOFError) as error:
        fault = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(f"{file} cannot be read as {kind}: {_looks_like(file)}{fault}") from error
    if not source.table.num_columns:
        raise DataError(f"{file} has no columns: expected {kind}.")
    return source


def _reader_of(file: Path) -> tuple[str, Reader]:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    packed = bool(suffixes) and suffixes[-1] in (".gz", ".bz2", ".zst")
    suffix = (suffixes[-2] if packed and len(suffixes) > 1 else suffixes[-1]) if suffixes else ""
    if file.is_dir():
        suffix = ".gdb" if _has_usmin(file) else ".parquet"
    if suffix not in READABLE or (packed and suffix not in _PACKABLE):
        near = choices_hint(suffix, READABLE)
        raise DataError(
            f"{file} has an unknown suffix.{near} Readable: {', '.join(READABLE)}, a folder of "
            f"Parquet files, and {', '.join(_PACKABLE)} with .gz, .bz2 or .zst."
        )
    return READABLE[suffix]


def _looks_like(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as handle:
        start = handle.read(16)
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            return f"it looks like {what}. "
    return ""


def _parquet(file: Path, _: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    import pyarrow.parquet as pq

    if file.is_file():  # much lighter than a data set of one file
        with pq.ParquetFile(file) as opened:
            _check_columns(columns, opened.schema_arrow.names, file)
            return Source.whole(opened.read(columns))
    if not any(file.rglob("*.parquet")):
        raise DataError(
            f"{file} is a folder without any .parquet file: expected a table in one file, or a "
            "folder of Parquet files."
        )
    _check_columns(columns, pq.ParquetDataset(file).schema.names, file)
    return Source.whole(pq.read_table(file, columns=columns))


def _arrow(file: Path, _: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    import pyarrow.feather as feather

    with pa.memory_map(str(file)) as handle:
        if handle.read(6) == b"ARROW1":
            handle.seek(0)
            table = feather.read_table(handle, memory_map=False)
        else:
            handle.seek(0)
            table = pa.ipc.open_stream(handle).read_all()
    return Source.whole(_selected(table, columns, file))


def _csv(
    file: Path, part: str | None, columns: Sequence[str] | None, encoding: str | None
) -> Source:
    from sameas.records.encodings import checked, encoding_of
    from sameas.records.read_csv import read_csv

    magic = _looks_like(file)
    if magic and not any(what in magic for what in _TEXT):
        raise DataError(f"{file} cannot be read as text: {magic.rstrip()}")
    named = encoding or part
    encoding = checked(named, file=file) if named else encoding_of(file)
    source = read_csv(file, columns=columns, encoding=encoding)
    from sameas.records.mineral_tables import is_mrds, mrds_table

    if columns is None and is_mrds(source.table):
        return replace(source, table=mrds_table(source.table))
    return source


def _json(file: Path, _: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    from sameas.records.read_json import read_json

    source = read_json(file)
    return Source(_selected(source.table, columns, file), source.row, source.quarantine)


def _excel(file: Path, sheet: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    from sameas.records.read_database import read_excel

    return Source.whole(_selected(read_excel(file, sheet), columns, file))


def _duckdb(file: Path, name: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    from sameas.records.read_database import read_duckdb

    return Source.whole(_selected(read_duckdb(file, name), columns, file))


def _sqlite(file: Path, name: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    from sameas.records.read_database import read_sqlite

    return Source.whole(_selected(read_sqlite(file, name), columns, file))


def _has_usmin(folder: Path) -> bool:
    from sameas.records.mineral_tables import has_usmin

    return has_usmin(folder)


def _usmin(file: Path, _: str | None, columns: Sequence[str] | None, __: str | None) -> Source:
    from sameas.records.mineral_tables import read_usmin

    return Source.whole(_selected(read_usmin(file), columns, file))


def _selected(table: pa.Table, columns: Sequence[str] | None, file: Path) -> pa.Table:
    _check_columns(columns, table.column_names, file)
    return table if columns is None else table.select(list(columns))


def _check_columns(wanted: Sequence[str] | None, names: Sequence[str], file: Path) -> None:
    for name in wanted or ():
        if name not in names:
            raise ColumnError.missing(name, names, table=file.name)


#: What each suffix should hold, in words, and its reader.
READABLE: dict[str, tuple[str, Reader]] = {
    ".parquet": ("a Parquet file", _parquet),
    ".csv": ("a CSV table with a header line", _csv),
    ".tsv": ("a tab-separated table with a header line", _csv),
    ".jsonl": ("one JSON object a line", _json),
    ".ndjson": ("one JSON object a line", _json),
    ".json": ("a JSON list of objects, or one object a line", _json),
    ".xlsx": ("an Excel workbook", _excel),
    ".arrow": ("an Arrow file", _arrow),
    ".feather": ("an Arrow (Feather) file", _arrow),
    ".duckdb": ("a DuckDB database", _duckdb),
    ".sqlite": ("an SQLite database", _sqlite),
    ".sqlite3": ("an SQLite database", _sqlite),
    ".gdb": ("a geodatabase of USMIN", _usmin),
    ".gpkg": ("a GeoPackage of USMIN", _usmin),
}
_PARTED = (_csv, _excel, _duckdb, _sqlite)  # the path may go on: file::table, file.csv::encoding
_PACKABLE = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
