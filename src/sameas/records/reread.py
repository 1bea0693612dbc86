"""Tables that are read more than once, piece by piece."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.tables import QUARANTINE
from sameas.records.frames import to_source
from sameas.records.joined import parts_of

__all__ = ["Scan", "open_scan"]

#: Rows that are read at once.
_ROWS = 400_000


@dataclass(slots=True)
class Scan:
    """One table that can be read again and again, piece by piece.

    Attributes
    ----------
    name : str
        Of the source.
    found : dict of str to str
        The user's column of each field that has one, and of ``"id"``.
    columns : collection of str
        All columns of the table.
    row : int64[n] or None
        Row of the input of each row; None: its position.
    unread : pyarrow.Table
        QUARANTINE of rows that could not be read.
    """

    name: str
    found: dict[str, str]
    columns: Collection[str]
    row: npt.NDArray[np.int64] | None
    unread: pa.Table
    read: Callable[[Sequence[str]], Iterator[pa.Table]]

    def column(self, name: str) -> pa.ChunkedArray:
        """Return the whole column of an id or a coordinate."""
        user = self.found[name]
        return pa.concat_tables(self.read([user]))[user]

    def parts(self, names: Iterable[str]) -> list[str]:
        """Return the user's columns that hold some fields, each once."""
        columns = [part for name in names for part in parts_of(self.found[name], self.columns)]
        return list(dict.fromkeys(columns))


def open_scan(name: str, table: Any, found: Callable[[Sequence[str]], dict[str, str]]) -> Scan:
    """Open one table; Parquet is read piece by piece, everything else is held in memory."""
    path = Path(table) if isinstance(table, str | os.PathLike) else None
    if path is not None and path.exists() and (path.is_dir() or path.suffix.lower() == ".parquet"):
        import pyarrow.parquet as pq

        dataset = pq.ParquetDataset(path)

        def read(columns: Sequence[str]) -> Iterator[pa.Table]:
            for fragment in dataset.fragments:
                batches = fragment.to_batches(
                    schema=dataset.schema, columns=list(columns), batch_size=_ROWS,
                    use_threads=False, batch_readahead=0, fragment_readahead=0,
                )  # fmt: skip
                yield from _gathered(batches)

        names = dataset.schema.names
        return Scan(name, found(names), names, None, QUARANTINE.empty_table(), read)
    source, _ = to_source(table)

    def cut(columns: Sequence[str]) -> Iterator[pa.Table]:
        chosen = source.table.select(list(columns))
        for begin in range(0, source.table.num_rows, _ROWS):
            yield chosen.slice(begin, _ROWS)

    names = source.table.column_names
    return Scan(name, found(names), names, source.row, source.quarantine, cut)


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Put small batches together, so that a piece is worth its overhead."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count >= _ROWS:
            yield pa.Table.from_batches(held)
            held, count = [], 0
    if count:
        yield pa.Table.from_batches(held)
