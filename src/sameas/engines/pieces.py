"""What travels on Spark: Arrow tables as blobs, each for one part of a stage.

The JVM moves a few large rows instead of many small ones, so the exchange costs bytes, not
rows, and Arrow tables arrive as they were sent. Of a stage that is kept only the places of its
blobs travel: the worker that made one wrote it to a file, who wants it reads it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import NamedTuple, TypeAlias
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import fs

from sameas.engines.address import address_of

__all__ = [
    "PIECES",
    "Piece",
    "Task",
    "cut",
    "dealt",
    "each_part",
    "each_piece",
    "from_rows",
    "read_pieces",
    "tables",
    "to_rows",
    "written_rows",
]

#: The schema of every stage, in the words of Spark.
PIECES = "part long, kind string, origin long, rows long, place string, blob binary"
_SCHEMA = pa.schema(
    [
        ("part", pa.int64()),
        ("kind", pa.string()),
        ("origin", pa.int64()),
        ("rows", pa.int64()),
        ("place", pa.string()),
        ("blob", pa.binary()),
    ]
)
#: Compressed here, once, and not again by whoever moves it.
_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
_BYTES = 8_000_000
_BATCH_BYTES = 32_000_000
#: Smaller tables stay in their row, wherever it goes: a file is not worth opening for them.
_SMALL = 64_000
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


def each_piece(
    batches: Iterable[pa.RecordBatch], task: Task, folder: str = ""
) -> Iterator[pa.RecordBatch]:
    """Call `task` with every piece by itself; keep what it makes in a folder, if there is one."""
    made = (made for piece in read_pieces(batches) for made in task(piece.part, [piece]))
    return _written(made, folder)


def each_part(
    batches: Iterable[pa.RecordBatch], task: Task, folder: str = ""
) -> Iterator[pa.RecordBatch]:
    """Call `task` with all pieces of a part; parts may come in any order, and mixed."""
    # They are not sorted before: an engine may drop a sort that nothing seems to need (Sail does).
    parts: dict[int, list[pa.RecordBatch]] = {}
    for batch in batches:
        part = batch.column("part").to_numpy()
        for number in dict.fromkeys(part.tolist()):
            parts.setdefault(number, []).append(batch.filter(pa.array(part == number)))

    def made() -> Iterator[Piece]:
        for number in sorted(parts):
            yield from task(number, list(read_pieces(parts.pop(number))))

    return _written(made(), folder)


def from_rows(
    batches: Iterable[pa.RecordBatch], read: Callable[[pa.RecordBatch], Iterable[Piece]]
) -> Iterator[pa.RecordBatch]:
    """Turn rows of the user into pieces, batch by batch."""
    return _written(made for batch in batches for made in read(batch))


def to_rows(
    batches: Iterable[pa.RecordBatch], write: Callable[[pa.Table], pa.Table]
) -> Iterator[pa.RecordBatch]:
    """Turn pieces into rows for the user."""
    for piece in read_pieces(batches):
        yield from write(piece.table).to_batches(max_chunksize=_ROWS)


def written_rows(
    batches: Iterable[pa.RecordBatch], write: Callable[[Piece], None]
) -> Iterator[pa.RecordBatch]:
    """Give each piece to `write`, and of it only that it was written."""
    for piece in read_pieces(batches):
        write(piece)
        yield from _written([piece._replace(table=piece.table.slice(0, 0).select([]))])


def read_pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[Piece]:
    """Read pieces from their rows, or from where these say that they lie."""
    files: dict[str, pa.NativeFile] = {}
    for batch in batches:
        part, origin, kind, place = (
            batch.column(name).to_pylist() for name in ("part", "origin", "kind", "place")
        )
        blob = batch.column("blob")
        for row in range(batch.num_rows):
            there = place[row]
            buffer = _kept(there, files) if there else blob[row].as_buffer()
            with pa.ipc.open_stream(buffer) as reader:
                yield Piece(part[row], kind[row], origin[row], reader.read_all())


class _Store:
    """The file of one task, made when something is put into it."""

    def __init__(self, folder: str) -> None:
        self.address = f"{address_of(folder)}/{uuid4().hex}.arrows" if folder else ""
        self.file: pa.NativeFile | None = None

    def __enter__(self) -> _Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self.file is not None:
            self.file.close()

    def takes(self, table: pa.Table) -> bool:
        """Say whether a table is to be kept here."""
        return bool(self.address) and table.nbytes > _SMALL

    def put(self, table: pa.Table) -> str:
        """Write a table; return its place."""
        if self.file is None:
            system, path = fs.FileSystem.from_uri(self.address)
            self.file = system.open_output_stream(path)
        begin = self.file.tell()
        _write(self.file, table)
        return f"{self.address}#{begin}+{self.file.tell() - begin}"


def _kept(place: str, files: dict[str, pa.NativeFile]) -> pa.Buffer:
    """Read what a `_Store` wrote; files stay open in `files`."""
    address, _, span = place.rpartition("#")
    if address not in files:
        system, path = fs.FileSystem.from_uri(address)
        files[address] = system.open_input_file(path)
    begin, size = map(int, span.split("+"))
    return files[address].read_at(size, begin)


def _write(sink: pa.NativeFile, table: pa.Table) -> None:
    with pa.ipc.new_stream(sink, table.schema, options=_PACKED) as writer:
        writer.write_table(table)


def _written(pieces: Iterable[Piece], folder: str = "") -> Iterator[pa.RecordBatch]:
    rows: list[tuple[int, str, int, int, str | None]] = []
    sink, ends = pa.BufferOutputStream(), [0]
    with _Store(folder) as store:
        for piece in pieces:
            place = store.put(piece.table) if store.takes(piece.table) else None
            if place is None:
                _write(sink, piece.table)
            rows.append((piece.part, piece.kind, piece.origin, piece.table.num_rows, place))
            ends.append(sink.tell())
            if ends[-1] > _BATCH_BYTES:
                yield _batch(rows, ends, sink.getvalue())
                rows, sink, ends = [], pa.BufferOutputStream(), [0]
    if rows:
        yield _batch(rows, ends, sink.getvalue())


def _batch(
    rows: list[tuple[int, str, int, int, str | None]], ends: list[int], blobs: pa.Buffer
) -> pa.RecordBatch:
    """Return rows and the blobs that lie one after the other in a buffer."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    arrays = [pa.array(column, item.type) for column, item in zip(columns, _SCHEMA, strict=False)]
    edges = pa.py_buffer(np.array(ends, np.int32))
    blob = pa.Array.from_buffers(pa.binary(), len(rows), [None, edges, blobs])
    return pa.record_batch([*arrays, blob], schema=_SCHEMA)
