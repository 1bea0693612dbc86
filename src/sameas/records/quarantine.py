"""What could not be used, gathered while a table is read and cleaned."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.tables import QUARANTINE

__all__ = [
    "MAX_CHARACTERS",
    "Notes",
    "commonest_reasons",
    "quarantine_table",
    "sort_quarantine",
]

#: Longer texts are cut: in the records, and where they are quoted in the quarantine.
MAX_CHARACTERS = 1_000

Rows = npt.NDArray[np.int64]


class Notes:
    """Values and rows of one table that were set aside, with the reason.

    Rows are positions in the table while it is cleaned; `table` turns them into the rows of
    the input as it came. A note without a field means that the whole row is set aside.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Rows, pa.Array, pa.Array, pa.Array]] = []

    def add(
        self,
        rows: npt.ArrayLike | pa.Array,
        reason: str | pa.Array,
        *,
        field: str | None = None,
        values: pa.Array | pa.ChunkedArray | None = None,
    ) -> None:
        """Note that `values` of `field` in these rows were set aside.

        Parameters
        ----------
        rows : int64[k]
            Positions in the table.
        reason : str or pyarrow.Array of string, length k
        field : str, optional
            The canonical field; None when the whole row is set aside.
        values : pyarrow.Array of string, length k, optional
            What stood there.
        """
        rows = np.asarray(rows, np.int64)
        count = len(rows)
        if not count:
            return
        if isinstance(reason, str):
            reason = pa.repeat(pa.scalar(reason, pa.string()), count)
        if values is None:
            values = pa.nulls(count, pa.string())
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        name = pa.repeat(pa.scalar(field, pa.string()), count)
        self._parts.append((rows, name, reason, _shortened(values)))

    def extend(self, other: Notes, *, first: int = 0, rows: Rows | None = None) -> None:
        """Add what another has noted of the same table, or of some of its rows.

        Parameters
        ----------
        other : Notes
        first : int
            Where the rows of the other begin in this table.
        rows : int64[m], optional
            Position in this table of each row of the other.
        """
        for part in other._parts:
            place = part[0] + first if rows is None else rows[part[0]]
            self._parts.append((place, *part[1:]))

    def table(self, source: str, row: Rows, ids: pa.Array) -> pa.Table:
        """Return the notes as a QUARANTINE table.

        Parameters
        ----------
        source : str
        row : int64[n]
            Row of the input behind each position.
        ids : pyarrow.Array of string, length n
        """
        if not self._parts:
            return QUARANTINE.empty_table()
        rows = np.concatenate([part[0] for part in self._parts])
        fields, reasons, values = (
            pa.chunked_array([part[k] for part in self._parts], pa.string()) for k in (1, 2, 3)
        )
        return quarantine_table(
            source,
            row[rows],
            ids=ids.take(pa.array(rows)),
            field=fields,
            reason=reasons,
            value=values,
        )


def quarantine_table(
    source: str,
    row: npt.ArrayLike,
    *,
    reason: pa.Array,
    value: pa.Array,
    ids: pa.Array | None = None,
    field: pa.Array | None = None,
) -> pa.Table:
    """Put columns together as a QUARANTINE table of one source."""
    row = np.asarray(row, np.int64)
    nothing = pa.nulls(len(row), pa.string())
    return pa.table(
        [
            pa.repeat(pa.scalar(source, pa.string()), len(row)),
            pa.array(row),
            nothing if ids is None else ids,
            nothing if field is None else field,
            reason,
            value,
        ],
        schema=QUARANTINE,
    )


def sort_quarantine(table: pa.Table) -> pa.Table:
    """Sort by source, row, field and reason."""
    keys = [(name, "ascending") for name in ("source", "row", "field", "reason")]
    return table.take(pc.sort_indices(table, sort_keys=keys))


def _shortened(values: pa.Array) -> pa.Array:
    if (pc.max(pc.binary_length(values)).as_py() or 0) <= MAX_CHARACTERS:
        return values
    start = pc.utf8_slice_codeunits(values, 0, MAX_CHARACTERS)
    marked = pc.binary_join_element_wise(start, "…", "")
    return pc.if_else(pc.greater(pc.utf8_length(values), MAX_CHARACTERS), marked, values)


def commonest_reasons(quarantine: pa.Table, most: int = 3) -> str:
    """Return the commonest reasons with their numbers, for a message."""
    counted = quarantine["reason"].value_counts().to_pylist()
    counted.sort(key=lambda one: (-one["counts"], str(one["values"])))
    found = [f"{one['values']}: {one['counts']:,}" for one in counted[:most]]
    return ", ".join([*found, "..."] if len(counted) > most else found)
