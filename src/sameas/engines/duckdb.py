"""One machine: rows are sorted in memory while they fit, by DuckDB on disk when they do not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import RunError
from sameas.engines.base import SortedRows

__all__ = ["DuckDBEngine"]


@dataclass(frozen=True)
class DuckDBEngine:
    """The engine of one machine.

    Parameters
    ----------
    threads : int
        Threads for the kernels and for DuckDB.
    rows_in_memory : int
        Up to this many rows of 13 bytes the exchange stays in memory.
    memory : str
        What DuckDB may use before it spills.
    folder : str, optional
        Where it spills; a temporary folder by default.
    """

    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    rows_in_memory: int = 100_000_000
    memory: str = "2GB"
    folder: str | None = None

    def exchange(
        self,
        key: npt.NDArray[np.uint64],
        record: npt.NDArray[np.int32],
        visitor: npt.NDArray[np.bool_],
    ) -> Iterator[SortedRows]:
        """Sort rows by key; give them in batches that end on a block border."""
        if len(key) <= self.rows_in_memory:
            order = _order(key, visitor)
            yield SortedRows(key[order], record[order], visitor[order])
            return
        yield from self._spill(key, record, visitor)

    def _spill(
        self,
        key: npt.NDArray[np.uint64],
        record: npt.NDArray[np.int32],
        visitor: npt.NDArray[np.bool_],
    ) -> Iterator[SortedRows]:
        import duckdb

        rows = pa.table({"key": key, "record": record, "visitor": visitor})
        with tempfile.TemporaryDirectory(dir=self.folder) as spill, duckdb.connect() as connection:
            connection.execute(f"SET threads TO {self.threads}")
            connection.execute(f"SET memory_limit = '{self.memory}'")
            connection.execute("SET temp_directory = ?", [spill])
            connection.register("rows", rows)
            sorted_rows = connection.sql("SELECT * FROM rows ORDER BY key, visitor")
            # The name before DuckDB 1.4 stands second.
            read = getattr(sorted_rows, "to_arrow_reader", None) or sorted_rows.fetch_arrow_reader
            try:
                yield from _on_borders(read(self.rows_in_memory))
            except (duckdb.Error, OSError) as error:
                raise RunError(
                    f"The rows of a blocking rule could not be sorted on disk in {spill}: {error}. "
                    "Make room there, or choose another folder."
                ) from error


def _order(
    key: npt.NDArray[np.uint64], visitor: npt.NDArray[np.bool_]
) -> npt.NDArray[np.integer[Any]]:
    """Return the order of rows by key (63 bits), anchors before visitors.

    The place of a row is written over the last bits of its key, for numbers are sorted twice as
    fast as places. Where keys differ in those bits alone, places are sorted after all.
    """
    one, bits = np.uint64(1), np.uint64(len(key).bit_length())
    packed = (key >> bits << one | visitor) << bits | np.arange(len(key), dtype=np.uint64)
    packed.sort()
    order = (packed & (one << bits) - one).astype(np.int64)
    ranked = key[order]
    if (ranked[1:] < ranked[:-1]).any():
        return np.argsort(key << one | visitor)
    return order


def _on_borders(reader: pa.RecordBatchReader) -> Iterator[SortedRows]:
    """Cut a sorted stream at block borders; a block longer than a batch stays whole."""
    schema = pa.schema([("key", pa.uint64()), ("record", pa.int32()), ("visitor", pa.bool_())])
    rest: list[pa.Table] = []
    open_key = -1
    for batch in reader:
        if not batch.num_rows:
            continue
        rows = pa.Table.from_batches([batch]).cast(schema)
        key = rows.column("key").to_numpy()
        border = int(np.searchsorted(key, key[-1], side="left"))
        if border or int(key[-1]) != open_key:
            if rest or border:
                yield _as_rows(pa.concat_tables([*rest, rows.slice(0, border)]))
            rest, open_key = [], int(key[-1])
        rest.append(rows.slice(border))
    if rest:
        yield _as_rows(pa.concat_tables(rest))


def _as_rows(rows: pa.Table) -> SortedRows:
    # Copies, for a view of Arrow is read-only, and kernels would be compiled for it anew.
    columns = (np.array(rows.column(name).to_numpy()) for name in ("key", "record", "visitor"))
    return SortedRows(*columns)
