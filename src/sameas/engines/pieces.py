"""What travels on Spark: Arrow tables as blobs, each for one part of a stage.

The JVM moves a few large rows instead of many small ones, so the exchange costs bytes, not
rows, and Arrow tables arrive as they were sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "PIECES",
    "Piece",
    "Task",
    "cut",
    "dealt",
    "each_part",
    "each_piece",
    "from_rows",
    "tables",
    "to_rows",
    "written_rows",
]

#: The schema of every stage, in the words of Spark.
PIECES = "part long, kind string, origin long, rows long, blob binary"
_SCHEMA = pa.schema(
    [
        ("part", pa.int64()),
        ("kind", pa.string()),
        ("origin", pa.int64()),
        ("rows", pa.int64()),
        ("blob", pa.binary()),
    ]
)
#: Compressed here, once, and not again by whoever moves it.
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
_BYTES = 8_000_000
_BATCH_BYTES = 32_000_000
_ROWS = 50_000


class Piece(NamedTuple):
    """A table on its way.

    Attributes
    ----------
    part : int
        Where it goes.
    kind : str
        What it holds.
    origin : int
        Where it comes from: a part, or the first row of the table within its part.
    table : pyarrow.Table
    """

    part: int
    kind: str
    origin: int
    table: pa.Table


#: Work on all pieces of one part.
Task: TypeAlias = Callable[[int, list[Piece]], Iterable[Piece]]


def cut(part: int, kind: str, table: pa.Table, *, origin: int | None = None) -> Iterator[Piece]:
    """Cut a table into pieces of at most about 8 MB; `origin` is the first row by default.

    Examples
    --------
    >>> [(piece.origin, piece.table.num_rows) for piece in cut(3, "pairs", pa.table({"a": [1]}))]
    [(0, 1)]
    """
    rows = max(1, int(table.num_rows * _BYTES / max(table.nbytes, 1)))
    for first in range(0, table.num_rows, rows):
        yield Piece(part, kind, first if origin is None else origin, table.slice(first, rows))


def dealt(
    kind: str, there: npt.NDArray[np.int64], table: pa.Table, *, origin: int | None = None
) -> Iterator[Piece]:
    """Send each row of a table to its part, in the order of the rows.

    Examples
    --------
    >>> found = dealt("edges", np.array([2, 0, 2]), pa.table({"a": [1, 2, 3]}))
    >>> [(piece.part, piece.table["a"].to_pylist()) for piece in found]
    [(0, [2]), (2, [1, 3])]
    """
    order = np.argsort(there, kind="stable")
    table, part = table.take(pa.array(order)), there[order]
    edges = np.flatnonzero(np.diff(part, prepend=-1, append=-1))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield from cut(int(part[begin]), kind, table.slice(begin, end - begin), origin=origin)


def tables(pieces: Iterable[Piece], kind: str) -> list[pa.Table]:
    """Return the tables of one kind, in the order of their origin."""
    chosen = sorted((piece for piece in pieces if piece.kind == kind), key=lambda one: one.origin)
    return [piece.table for piece in chosen]


def each_piece(batches: Iterable[pa.RecordBatch], task: Task) -> Iterator[pa.RecordBatch]:
    """Call `task` with every piece by itself."""
    return _written(made for piece in _read(batches) for made in task(piece.part, [piece]))


def each_part(batches: Iterable[pa.RecordBatch], task: Task) -> Iterator[pa.RecordBatch]:
    """Call `task` with all pieces of a part; parts may come in any order, and mixed."""
    # They are not sorted before: an engine may drop a sort that nothing seems to need (Sail does).
    parts: dict[int, list[pa.RecordBatch]] = {}
    for batch in batches:
        part = batch.column("part").to_numpy()
        for number in dict.fromkeys(part.tolist()):
            parts.setdefault(number, []).append(batch.filter(pa.array(part == number)))

    def made() -> Iterator[Piece]:
        for number in sorted(parts):
            yield from task(number, list(_read(parts.pop(number))))

    return _written(made())


def from_rows(
    batches: Iterable[pa.RecordBatch], read: Callable[[pa.RecordBatch], Iterable[Piece]]
) -> Iterator[pa.RecordBatch]:
    """Turn rows of the user into pieces, batch by batch."""
    return _written(made for batch in batches for made in read(batch))


def to_rows(
    batches: Iterable[pa.RecordBatch], write: Callable[[pa.Table], pa.Table]
) -> Iterator[pa.RecordBatch]:
    """Turn pieces into rows for the user."""
    for piece in _read(batches):
        yield from write(piece.table).to_batches(max_chunksize=_ROWS)


def written_rows(
    batches: Iterable[pa.RecordBatch], write: Callable[[Piece], None]
) -> Iterator[pa.RecordBatch]:
    """Give each piece to `write`, and of it only that it was written."""
    for piece in _read(batches):
        write(piece)
        yield from _written([piece._replace(table=piece.table.slice(0, 0).select([]))])


def _read(batches: Iterable[pa.RecordBatch]) -> Iterator[Piece]:
    for batch in batches:
        part, origin = (batch.column(name).to_pylist() for name in ("part", "origin"))
        kind, blob = batch.column("kind").to_pylist(), batch.column("blob")
        for row in range(batch.num_rows):
            with pa.ipc.open_stream(blob[row].as_buffer()) as reader:
                yield Piece(part[row], kind[row], origin[row], reader.read_all())


def _written(pieces: Iterable[Piece]) -> Iterator[pa.RecordBatch]:
    rows: list[tuple[int, str, int, int, bytes]] = []
    size = 0
    for piece in pieces:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, piece.table.schema, options=_PACKED) as writer:
            writer.write_table(piece.table)
        blob = sink.getvalue().to_pybytes()
        rows.append((piece.part, piece.kind, piece.origin, piece.table.num_rows, blob))
        size += len(blob)
        if size > _BATCH_BYTES:
            yield _batch(rows)
            rows, size = [], 0
    if rows:
        yield _batch(rows)


def _batch(rows: list[tuple[int, str, int, int, bytes]]) -> pa.RecordBatch:
    columns = [list(column) for column in zip(*rows, strict=True)]
    arrays = [pa.array(column, item.type) for column, item in zip(columns, _SCHEMA, strict=True)]
    return pa.record_batch(arrays, schema=_SCHEMA)
