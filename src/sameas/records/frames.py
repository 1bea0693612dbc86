"""The user's frames in, the same kind of frame out; the only place that knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError
from sameas.records.read import Source, read_table
from sameas.records.text_encoding import broken_rows
from sameas.records.values import as_strings, is_text, python_column, python_table

__all__ = ["ARROW", "FrameKind", "ReadTwice", "like", "to_arrow", "to_source"]


@dataclass(frozen=True, slots=True, eq=False)
class FrameKind:
    """What kind of frame the user has, so that results go back as the same kind.

    Parameters
    ----------
    name : {"arrow", "pandas", "polars", "polars-lazy", "duckdb"}
    origin : object, optional
        The DuckDB relation, whose connection the result must live on.
    """

    name: str
    origin: Any = None


ARROW = FrameKind("arrow")


class ReadTwice(PathLike[str]):
    """A path that two steps of one job read: the first table is kept for the second step.

    It is given away then, so that it does not stay in memory while the job goes on.

    Parameters
    ----------
    path : str
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._kept: Source | None = None

    def __fspath__(self) -> str:
        """Return the path."""
        return self.path

    def __str__(self) -> str:
        """Return the path."""
        return self.path

    def read(self) -> Source:
        """Read the table and keep it, or give away the kept one."""
        kept, self._kept = self._kept, None
        if kept is None:
            kept = self._kept = read_table(self.path)
        return kept


def to_source(frame: Any) -> tuple[Source, FrameKind]:
    """Turn a frame or file into a `Source`; see `to_arrow` for what may be given."""
    if isinstance(frame, Source):
        return frame, ARROW
    if isinstance(frame, ReadTwice):
        return frame.read(), ARROW
    if isinstance(frame, str | PathLike):
        return read_table(Path(frame) if isinstance(frame, PathLike) else frame), ARROW
    table, kind = _arrow_of(frame)
    repeated = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if repeated:
        raise DataError(f"The table has several columns named {', '.join(repeated)}.")
    columns = [_decoded(column) for column in table.columns]
    return Source.whole(pa.table(columns, names=table.column_names)), kind


def to_arrow(frame: Any) -> tuple[pa.Table, FrameKind]:
    """Turn the user's frame into an Arrow table.

    Parameters
    ----------
    frame : frame, path or Python data
        pandas or polars DataFrame, polars LazyFrame, Arrow table, record batch or reader,
        DuckDB relation, anything with ``__arrow_c_stream__``, a path of a file, a dict of
        lists, a list of dicts. It is not changed; the index of pandas is ignored.

    Returns
    -------
    table : pyarrow.Table
        Dictionary columns decoded; pandas' NaN is null.
    kind : FrameKind
        For `like`.

    Raises
    ------
    ArgumentError
        If it is not a table.
    DataError
        If it cannot be read, or some row of a file cannot.

    Examples
    --------
    >>> table, kind = to_arrow({"id": [1, 2]})
    >>> table.num_rows, kind.name
    (2, 'arrow')
    """
    source, kind = to_source(frame)
    if source.quarantine.num_rows:
        fault = source.quarantine.slice(0, 1).to_pylist()[0]
        raise DataError(
            f"{fault['source']}: {source.quarantine.num_rows:,} rows cannot be read; the first "
            f"is row {fault['row']} (counted from 0): {fault['reason']}."
        )
    for name in source.table.column_names:
        column = source.table[name]
        if is_text(column.type) and len(rows := broken_rows(as_strings(column))):
            raise DataError(f"Column {name!r}, row {rows[0]} (counted from 0): not valid UTF-8.")
    return source.table, kind


def like(table: pa.Table, kind: FrameKind) -> Any:
    """Turn an Arrow table into the kind of frame that the user gave.

    Examples
    --------
    >>> type(like(pa.table({"a": [1]}), ARROW)).__name__
    'Table'
    """
    if kind.name == "arrow":
        return table
    import narwhals as nw

    if kind.name == "duckdb":
        return _relation(table, kind.origin)
    if kind.name == "pandas":
        return nw.from_arrow(table, backend="pandas").to_native()
    frame = nw.from_arrow(table, backend="polars")
    return frame.lazy().to_native() if kind.name == "polars-lazy" else frame.to_native()


def _arrow_of(frame: Any) -> tuple[pa.Table, FrameKind]:
    if isinstance(frame, pa.Table):
        return frame, ARROW
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame]), ARROW
    import narwhals as nw  # a run over files needs none of it

    if nw.dependencies.is_pandas_dataframe(frame):
        return _from_pandas(frame), FrameKind("pandas")
    if nw.dependencies.is_polars_lazyframe(frame):
        return nw.from_native(frame).collect("pyarrow").to_native(), FrameKind("polars-lazy")
    if nw.dependencies.is_polars_dataframe(frame):
        return nw.from_native(frame).to_arrow(), FrameKind("polars")
    if nw.dependencies.is_duckdb_relation(frame):
        return frame.to_arrow_table(), FrameKind("duckdb", frame)
    if isinstance(frame, Mapping):
        return _from_lists(frame), ARROW
    if isinstance(frame, list | tuple) and all(isinstance(row, Mapping) for row in frame):
        return python_table(frame), ARROW
    if hasattr(frame, "__arrow_c_stream__"):
        try:
            return pa.table(frame), ARROW
        except pa.ArrowInvalid:
            pass  # a single column, such as a Series of pandas or polars
    raise ArgumentError(
        f"Expected a table (pandas, polars, Arrow, DuckDB relation, a path, a dict of lists or "
        f"a list of dicts), got {type(frame).__name__}."
    )


def _from_pandas(frame: Any) -> pa.Table:
    """Convert column by column: one odd column must not spoil the others."""
    names = [str(name) for name in frame.columns]
    arrays = []
    for place in range(len(names)):
        column = frame.iloc[:, place]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            arrays.append(python_column(column.tolist()))
    chunked = [a if isinstance(a, pa.ChunkedArray) else pa.chunked_array([a]) for a in arrays]
    return pa.table(chunked, names=names)


def _from_lists(lists: Mapping[Any, Sequence[Any]]) -> pa.Table:
    arrays = {}
    for name, values in lists.items():
        if isinstance(values, str) or not hasattr(values, "__len__"):
            raise ArgumentError(f"Column {name!r}: expected a list, got {type(values).__name__}.")
        arrow = isinstance(values, pa.Array | pa.ChunkedArray)
        arrays[str(name)] = values if arrow else python_column(values)
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"The columns differ in length: {lengths}.")
    return pa.table(arrays)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if isinstance(column.type, pa.BaseExtensionType):
        return _plain(column)
    if not pa.types.is_dictionary(column.type):
        return column
    chunks = [chunk.dictionary_decode() for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type.value_type)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Take an extension of Arrow for what it is made of; a UUID is text, as it is written."""
    if column.type.extension_name == "arrow.uuid":
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column.cast(column.type.storage_type)


def _relation(table: pa.Table, origin: Any) -> Any:
    """Make a relation on the connection of `origin`, which finds the table by its name here."""
    sameas_result = table  # noqa: F841
    result = origin.query("sameas_origin", "SELECT * FROM sameas_result")
    origin.query("sameas_origin", "DROP VIEW IF EXISTS sameas_origin")
    return result
