"""Read and clean tables piece by piece, where the whole would not fit into memory.

First the keys alone: ids, positions, and what the caller computes of a few fields. They number
the records. Then all fields, piece by piece, with the numbers of their records. The same rows
become records, with the same values and the same notes, as `collect` makes of whole tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.tables import QUARANTINE
from sameas.records.columns import Mapped, find_columns, mapping_of
from sameas.records.coordinates import clean_coordinates, coordinate_pairs
from sameas.records.fields import Field
from sameas.records.identifiers import (
    as_id_type,
    clean_ids,
    common_id_type,
    distinct_rows,
    order_of,
    repeated_ids,
)
from sameas.records.joined import column_of
from sameas.records.quarantine import Notes, sort_quarantine
from sameas.records.reread import Scan, open_scan
from sameas.records.validate import clean_column

__all__ = ["Scanned", "scan"]

IntArray = npt.NDArray[np.int32]


@dataclass(slots=True)
class Scanned:
    """All tables with their records numbered, and their keys at hand.

    Attributes
    ----------
    scans : tuple of Scan
        By the name of the source.
    fields : tuple of Field
    ids : pyarrow.Array
        Of each record.
    source_code : int32[n]
    record : tuple of int32[rows]
        Number of the record of each row of each table, -1 for rows that are set aside.
    places : dict of str to float64[n]
        The coordinates of each record, NaN if missing.
    notes : list of Notes
        Of each table, so far.
    row_ids : list of pyarrow.Array
        Ids of the rows of each table as text, for the quarantine.
    """

    scans: tuple[Scan, ...]
    fields: tuple[Field, ...]
    ids: pa.Array
    source_code: IntArray
    record: tuple[IntArray, ...]
    places: dict[str, npt.NDArray[np.float64]]
    notes: list[Notes]
    row_ids: list[pa.Array] = field(default_factory=list)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources."""
        return tuple(item.name for item in self.scans)

    def pieces(
        self, names: Collection[str], *, keep_notes: bool = False
    ) -> Iterator[tuple[int, IntArray, dict[str, pa.Array]]]:
        """Give the cleaned fields `names` of the records of each piece.

        Yields
        ------
        source : int
        record : int32[m]
        columns : dict of str to pyarrow.Array
        """
        wanted = [item for item in self.fields if item.name in names]
        for code, table in enumerate(self.scans):
            read = [item for item in wanted if item.name in table.found]
            fresh = [item for item in read if item.name not in self.places]
            columns = table.parts(item.name for item in fresh)
            begin = 0
            for piece in table.read(columns):
                rows = slice(begin, begin + piece.num_rows)
                begin = rows.stop
                own = Notes()
                clean = {}
                for item in fresh:
                    column = column_of(piece, table.found[item.name], kind=item.kind)
                    clean[item.name] = clean_column(column, item, notes=own, table=table.name)
                if keep_notes:
                    self.notes[code].extend(own, first=rows.start)
                yield code, *self._kept(wanted, clean, self.record[code][rows])

    def _kept(
        self, wanted: Sequence[Field], clean: Mapping[str, Any], record: IntArray
    ) -> tuple[IntArray, dict[str, pa.Array]]:
        """Keep the rows that are records, with all fields in their types."""
        kept = np.flatnonzero(record >= 0)
        every = len(kept) == len(record)
        record = record[kept]
        columns = {}
        for item in wanted:
            if item.name in self.places:
                value = self.places[item.name][record]
                columns[item.name] = pa.array(value, mask=np.isnan(value))
            elif item.name in clean:
                column = clean[item.name]
                column = column if every else column.take(pa.array(kept))
                whole = isinstance(column, pa.ChunkedArray)
                columns[item.name] = column.combine_chunks() if whole else column
            else:
                columns[item.name] = pa.nulls(len(record), item.arrow_type)
        return record, columns

    def quarantine(self) -> pa.Table:
        """Return what was set aside, once all fields were read with their notes."""
        parts = [QUARANTINE.empty_table()]
        for table, notes, ids in zip(self.scans, self.notes, self.row_ids, strict=True):
            row = np.arange(len(ids)) if table.row is None else table.row
            name = pa.repeat(pa.scalar(table.name, pa.string()), table.unread.num_rows)
            parts.append(table.unread.set_column(0, QUARANTINE.field("source"), name))
            parts.append(notes.table(table.name, row, ids))
        return sort_quarantine(pa.concat_tables(parts))


def scan(
    tables: Mapping[str, Any],
    fields: tuple[Field, ...],
    *,
    id_column: str | None = "id",
    mapping: Mapped | None = None,
    required: Collection[str] = frozenset(),
) -> Scanned:
    """Read the ids and positions of tables, and number the records; arguments as in `collect`."""
    names = sorted(tables)
    scans = []
    for name in names:
        columns = mapping_of(name, mapping, sources=names, fields=fields)

        def found(user: Sequence[str], name: str = name, columns: Any = columns) -> dict[str, str]:
            return find_columns(
                user, fields, id_column=id_column, mapping=columns, required=required, table=name
            )

        scans.append(open_scan(name, tables[name], found))
    notes = [Notes() for _ in scans]
    given = [_ids(item, own) for item, own in zip(scans, notes, strict=True)]
    id_type = common_id_type(given)
    given = [as_id_type(ids, id_type) for ids in given]
    made = Scanned(
        tuple(scans), fields, pa.nulls(0, id_type), np.zeros(0, np.int32),
        tuple(np.arange(len(ids), dtype=np.int32) for ids in given), {}, notes,
    )  # fmt: skip
    by_row = [_coordinates(item, fields, own) for item, own in zip(scans, notes, strict=True)]
    record, kept, begin = [], [], 0
    for code, ids in enumerate(given):
        rows = _rows_kept(made, code, ids, by_row[code])
        number = np.full(len(ids), -1, np.int32)
        number[rows] = np.arange(begin, begin + len(rows), dtype=np.int32)
        record.append(number)
        kept.append(rows)
        begin += len(rows)
    made.row_ids = [ids.cast(pa.string()) for ids in given]
    made.record = tuple(record)
    pairs = list(zip(given, kept, strict=True))
    made.ids = pa.concat_arrays([ids.take(pa.array(rows)) for ids, rows in pairs])
    made.source_code = np.repeat(np.arange(len(kept), dtype=np.int32), list(map(len, kept)))
    for name in [item.name for pair in coordinate_pairs(fields) for item in pair]:
        parts = [each[name][rows] for each, rows in zip(by_row, kept, strict=True)]
        made.places[name] = np.concatenate(parts)
    return made


def _ids(table: Scan, notes: Notes) -> pa.Array:
    if "id" in table.found:
        return clean_ids(table.column("id"), notes=notes, table=table.name)
    if table.row is not None:
        return pa.array(table.row)
    return pa.array(np.arange(sum(piece.num_rows for piece in table.read([]))))


def _coordinates(
    table: Scan, fields: Sequence[Field], notes: Notes
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the cleaned coordinates of all rows of a table, NaN if missing."""
    found: dict[str, npt.NDArray[np.float64]] = {}
    for pair in coordinate_pairs(fields):
        names = (pair[0].name, pair[1].name)
        if names[0] not in table.found:
            count = sum(piece.num_rows for piece in table.read([]))
            found |= {name: np.full(count, np.nan) for name in names}
            continue
        both = [
            clean_column(table.column(item.name), item, notes=notes, table=table.name)
            for item in pair
        ]
        cleaned = clean_coordinates(*both, names=names, notes=notes, table=table.name)
        for name, values in zip(names, cleaned, strict=True):
            values = values.cast(pa.float64())
            found[name] = np.array(pc.fill_null(values, np.nan).to_numpy(zero_copy_only=False))
    return found


def _rows_kept(
    made: Scanned, code: int, ids: pa.Array, places: Mapping[str, npt.NDArray[np.float64]]
) -> npt.NDArray[np.int64]:
    """Return the rows of a table that are records, in the order of their ids."""
    order = order_of(ids)
    repeated = repeated_ids(ids, order)
    if not len(repeated):
        return order
    rows = np.sort(repeated)
    names = [item.name for item in made.fields if item.name not in places]
    inside, begin = [], 0
    for source, record, columns in made.pieces(names):
        if source != code:
            continue
        mine = rows[(rows >= begin) & (rows < begin + len(record))] - begin
        inside.append(pa.table(columns).take(pa.array(mine)) if columns else None)
        begin += len(record)
    parts = [part for part in inside if part is not None]
    fields = list(pa.concat_tables(parts).columns) if parts else []
    for values in places.values():
        fields.append(pa.chunked_array([pa.array(values[rows], mask=np.isnan(values[rows]))]))
    notes = Notes()
    kept = rows[distinct_rows(ids.take(pa.array(rows)), fields, notes=notes)]
    made.notes[code].extend(notes, rows=rows)
    dropped = np.zeros(len(ids), bool)
    dropped[rows] = True
    dropped[kept] = False
    return order[~dropped[order]]
