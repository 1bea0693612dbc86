"""Write a table so that its file is either whole or not there."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, RunError, choices_hint

__all__ = ["parquet_packing", "write_pieces", "write_table"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson", ".arrow", ".feather")
_ROWS_AT_ONCE = 10_000


def write_table(
    table: pa.Table,
    path: str | os.PathLike[str],
    *,
    compression: str = "zstd",
    prefixed: Sequence[str] = (),
) -> None:
    """Write a table in the format that the suffix of the path names.

    The table is written beside the path and moved there when it is whole, so that a run that
    is stopped never leaves half a file, nor harms an older one.

    Parameters
    ----------
    table : pyarrow.Table
        In CSV the items of a list are joined with ``;``.
    path : path
        ``.parquet`` (zstd), ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``, ``.arrow`` or
        ``.feather``. The folder is made if need be.
    compression : str
        Of Parquet; "none" for a file that is soon dropped.
    prefixed : sequence of str
        Columns that hardly repeat, and begin like the one before: of texts, Parquet holds what
        follows only, and least and greatest values of the first of them alone.

    Raises
    ------
    ArgumentError
        If the suffix is none of these.
    RunError
        If the disk is full or the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "places.csv")
    >>> write_table(pa.table({"id": [1], "labels": [["bar", "cafe"]]}), path)
    >>> path.read_text().splitlines()
    ['"id","labels"', '1,"bar;cafe"']
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise ArgumentError(
            f"{path}: cannot write the suffix {suffix!r}.{choices_hint(suffix, _SUFFIXES)} "
            f"Known: {', '.join(_SUFFIXES)}."
        )
    with _whole(path, lambda: table.nbytes) as file:
        _write(table, file, suffix, (compression, prefixed))


@contextmanager
def write_pieces(
    path: Path, schema: pa.Schema, *, prefixed: Sequence[str] = ()
) -> Iterator[Callable[[pa.Table], None]]:
    """Give a function that writes the next piece of a Parquet table; at the end it is whole.

    Parameters
    ----------
    path : Path
    schema : pyarrow.Schema
        Of every piece.
    prefixed : sequence of str
        Columns of texts that begin like the one before: only what follows is written.

    Raises
    ------
    RunError
        If the disk is full or the file cannot be written.
    """
    import pyarrow.parquet as pq

    size = 0
    encoding = dict.fromkeys(prefixed, "DELTA_BYTE_ARRAY")

    def write(piece: pa.Table) -> None:
        nonlocal size
        size += piece.nbytes
        writer.write_table(piece)

    with (
        _whole(path, lambda: size) as file,
        # Golden records hardly repeat: a dictionary is begun for each column and then given up.
        pq.ParquetWriter(
            file, schema, compression="zstd", use_dictionary=False, column_encoding=encoding or None
        ) as writer,
    ):
        yield write


@contextmanager
def _whole(path: Path, size: Callable[[], int]) -> Iterator[Any]:
    """Open a part file, moved to its place when all went well; `size` is what it needs."""
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        # First of all, also when it was interrupted: the half file takes room.
        if part.exists():
            part.unlink()
        if isinstance(error, OSError):
            raise _run_error(error, size(), path) from error
        raise


def _is_text(field: pa.Field) -> bool:
    return bool(pa.types.is_string(field.type) or pa.types.is_large_string(field.type))


def parquet_packing(table: pa.Table, prefixed: Sequence[str]) -> dict[str, Any]:
    """Return how Parquet packs the columns of a table: options of `pyarrow.parquet.write_table`.

    Numbers hardly repeat: a dictionary is begun for each column and then given up. Least and
    greatest texts help to find a row in the column that is in order, the first of `prefixed`.
    """
    texts = {field.name for field in table.schema if not pa.types.is_primitive(field.type)}
    named = [name for name in prefixed if name in texts and _is_text(table.schema.field(name))]
    return {
        "use_dictionary": sorted(texts.difference(named)),
        "column_encoding": dict.fromkeys(named, "DELTA_BYTE_ARRAY") or None,
        "write_statistics": [name for name in table.column_names if name not in named[1:]],
    }


def _write(table: pa.Table, file: Any, suffix: str, packing: tuple[str, Sequence[str]]) -> None:
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        compression, prefixed = packing
        pq.write_table(table, file, compression=compression, **parquet_packing(table, prefixed))
    elif suffix in (".arrow", ".feather"):
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    elif suffix in (".csv", ".tsv"):
        import pyarrow.csv as csv

        options = csv.WriteOptions(delimiter="\t" if suffix == ".tsv" else ",")
        csv.write_csv(_flat(table), file, options)
    else:
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                file.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")


def _flat(table: pa.Table) -> pa.Table:
    """Join lists of text, decode dictionaries: CSV has neither."""
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_list(field.type):
            texts = column.cast(pa.list_(pa.string()))
            table = table.set_column(place, field.name, pc.binary_join(texts, ";"))
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, column.cast(field.type.value_type))
    return table


def _run_error(error: OSError, size: int, path: Path) -> RunError:
    if error.errno not in _FULL:
        return RunError(f"{path} cannot be written: {error.strerror or error}.")
    folder = next(folder for folder in (path.parent, *path.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    return RunError(
        f"The disk is full: {path} needs up to {size / 1e6:,.1f} MB and {folder} has "
        f"{free / 1e6:,.1f} MB free. Nothing was lost: no half file is left, and an older "
        f"{path.name} is untouched. Make room, or choose another folder, and run again."
    )
