"""The folder of a run in pieces: records, candidates, scores. A file is whole or not there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import RunError
from sameas.core.prepared import Codes, IntArray, Need
from sameas.linker.pieces.layout import Piece
from sameas.records import Field, Records
from sameas.records.write import write_table

__all__ = ["Router", "Store", "Tables", "open_router", "read_sorted"]

_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


class Router:
    """Deals rows out to the files of their pieces."""

    def __init__(self, writers: Sequence[Any]) -> None:
        self._writers = writers

    def write(self, table: pa.Table, piece: np.ndarray) -> None:
        """Write rows that stand piece by piece."""
        if not table.num_rows:
            return
        table = table.combine_chunks()
        first = np.flatnonzero(np.append(True, piece[1:] != piece[:-1]))
        ends = np.append(first[1:], len(piece))
        for begin, end in zip(first.tolist(), ends.tolist(), strict=True):
            self._writers[int(piece[begin])].write_table(table.slice(begin, end - begin))


@contextmanager
def open_router(folder: Path, schema: pa.Schema, count: int) -> Iterator[Router]:
    """Open one file a piece; the folder has its name only when all of them are whole.

    Raises
    ------
    RunError
        If the disk is full or cannot be written.
    """
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        with ExitStack() as stack:
            writers = [
                stack.enter_context(
                    pa.ipc.new_stream(
                        stack.enter_context(pa.OSFile(str(part / f"{n}.arrow"), "wb")),
                        schema,
                        options=_PACKED,
                    )
                )
                for n in range(count)
            ]
            yield Router(writers)
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise RunError(
            f"The records cannot be laid out in {folder}: {error.strerror or error}. It takes "
            "about 250 bytes a record. Make room there, or choose another folder."
        ) from error


def read_sorted(file: Path) -> pa.Table:
    """Read a file of a piece, in the order of the records; it has a column ``record``."""
    with pa.OSFile(str(file)) as source:
        table = pa.ipc.open_stream(source).read_all()
    order = np.argsort(table["record"].to_numpy())
    return table.combine_chunks().take(pa.array(order))


@dataclass(frozen=True)
class Tables:
    """The records of a run, laid out in pieces on disk.

    Attributes
    ----------
    folder : Path
    pieces : tuple of Piece
    keyed : dict of int to (rows, unreachable)
    codes : dict of Need to Codes
        Of all records: what counts in the whole table.
    ids : pyarrow.Array
    source_code : int32[n]
    sources : tuple of str
    fields : tuple of Field
    quarantine : pyarrow.Table
    """

    folder: Path
    pieces: tuple[Piece, ...]
    keyed: dict[int, tuple[int, int]]
    codes: dict[Need, Codes]
    ids: pa.Array
    source_code: IntArray
    sources: tuple[str, ...]
    fields: tuple[Field, ...]
    quarantine: pa.Table

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.source_code)

    def piece(self, number: int) -> pa.Table:
        """Return the rows of a piece: record, source, id, fields, and whether it is their home."""
        return read_sorted(self.folder / f"{number}.arrow")

    def records(self, table: pa.Table) -> Records:
        """Make records of some rows of a piece."""
        code = table["source"].to_numpy().astype(np.int32)
        named = pa.DictionaryArray.from_arrays(pa.array(code), pa.array(self.sources, pa.string()))
        names = ["id", *(item.name for item in self.fields)]
        columns = {"source": named} | {name: table[name] for name in names}
        return Records(
            pa.table(columns), self.fields, self.sources, code, self.quarantine.slice(0, 0),
            self.ids.type,
        )  # fmt: skip


@dataclass(frozen=True)
class Store:
    """Where a run keeps its stages."""

    folder: Path

    def tables_folder(self) -> Path:
        """Return where the records lie by piece."""
        return self.folder / "records"

    def keep(self, tables: Tables) -> None:
        """Write what is known of the records beside them; after that they are all there."""
        folder = self.folder
        write_table(pa.table({"id": tables.ids}), folder / "ids.arrow")
        write_table(tables.quarantine, folder / "quarantine.arrow")
        np.save(folder / "sources.npy", tables.source_code)
        for place, codes in enumerate(tables.codes.values()):
            np.save(folder / f"codes_{place}.npy", codes.value)
        about = {
            "pieces": [asdict(piece) for piece in tables.pieces],
            "keyed": {str(place): figures for place, figures in tables.keyed.items()},
            "sources": tables.sources,
            "frequent": [codes.frequent for codes in tables.codes.values()],
        }
        part = folder / ".records.json.part"
        part.write_text(json.dumps(about), encoding="utf-8")
        part.replace(folder / "records.json")

    def tables(self, needs: Sequence[Need], fields: tuple[Field, ...]) -> Tables | None:
        """Open the records, if they are all there."""
        folder = self.folder
        if not (folder / "records.json").exists():
            return None
        about = json.loads((folder / "records.json").read_text(encoding="utf-8"))
        return Tables(
            self.tables_folder(),
            tuple(
                Piece(tuple(p["rules"]), p["records"], p["home"], p["keys"] and tuple(p["keys"]))
                for p in about["pieces"]
            ),
            {int(place): tuple(figures) for place, figures in about["keyed"].items()},
            {
                need: Codes(np.load(folder / f"codes_{place}.npy"), about["frequent"][place])
                for place, need in enumerate(needs)
            },
            _arrow(folder / "ids.arrow")["id"].combine_chunks(),
            np.load(folder / "sources.npy"),
            tuple(about["sources"]),
            fields,
            _arrow(folder / "quarantine.arrow"),
        )

    def part(self, stage: str, number: int) -> Path:
        """Return the file of one piece of a stage."""
        return self.folder / stage / f"{number}.arrow"

    def write(self, stage: str, number: int, table: pa.Table, about: Any = None) -> None:
        """Write one piece of a stage."""
        table = table.replace_schema_metadata({"about": json.dumps(about)})
        write_table(table, self.part(stage, number))

    def read(self, stage: str, number: int) -> tuple[pa.Table, Any]:
        """Read one piece of a stage."""
        table = _arrow(self.part(stage, number))
        return table, json.loads(table.schema.metadata[b"about"])

    def about(self, stage: str, number: int) -> Any:
        """Read what is known of one piece of a stage, without its rows."""
        with pa.OSFile(str(self.part(stage, number))) as source:
            return json.loads(pa.ipc.open_file(source).schema.metadata[b"about"])

    def has(self, stage: str, number: int) -> bool:
        """Say whether a piece of a stage is there."""
        return self.part(stage, number).exists()

    def remove(self, stage: str) -> None:
        """Remove a stage, or those of a pattern, that is not needed any more."""
        for folder in self.folder.glob(stage):
            shutil.rmtree(folder, ignore_errors=True)


def _arrow(file: Path) -> pa.Table:
    with pa.OSFile(str(file)) as source:
        return pa.ipc.open_file(source).read_all()
