"""Tables whose rows say their coordinate system: every row to WGS 84."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError
from sameas.records.geodesy import to_wgs84

__all__ = ["in_wgs84"]


def in_wgs84(
    table: pa.Table,
    *,
    crs: str = "crs",
    latitude: str = "latitude",
    longitude: str = "longitude",
    allow_zero_shift: bool = False,
) -> pa.Table:
    """Bring the positions of a table to WGS 84, each row from its own coordinate system.

    Parameters
    ----------
    table : pyarrow.Table
    crs : str
        Column with texts such as "EPSG:4267" (NAD 27); rows without one are WGS 84 already.
    latitude, longitude : str
        Columns in degrees.
    allow_zero_shift : bool
        As in `to_wgs84`.

    Returns
    -------
    pyarrow.Table
        With the same columns, positions shifted and `crs` "EPSG:4326" where there is a position,
        and with a column ``shift_accuracy``: metres, as the source of the operation states it; 0
        where nothing moved; null where nobody states it.

    Raises
    ------
    ColumnError
        If a column is absent.
    DataError, ArgumentError, MissingExtraError
        As `to_wgs84`.

    Examples
    --------
    >>> table = pa.table({"crs": ["EPSG:4326"], "latitude": [61.2], "longitude": [-149.9]})
    >>> in_wgs84(table)["shift_accuracy"].to_pylist()
    [0.0]
    """
    for name in (crs, latitude, longitude):
        if name not in table.column_names:
            raise ColumnError.missing(name, table.column_names, table="The table")
    systems = pc.fill_null(table[crs].cast(pa.string()), "").combine_chunks()
    position = [
        np.array(table[name].cast(pa.float64()).to_numpy()) for name in (latitude, longitude)
    ]
    accuracy = np.zeros(table.num_rows)
    for system in pc.unique(systems).to_pylist():
        if not system:
            continue
        rows = np.flatnonzero(pc.equal(systems, system).to_numpy(zero_copy_only=False))
        ends = position[0][rows], position[1][rows]
        moved = to_wgs84(*ends, system, allow_zero_shift=allow_zero_shift)
        position[0][rows], position[1][rows] = moved.latitude, moved.longitude
        accuracy[rows] = moved.accuracy
    named = pc.if_else(pc.equal(systems, ""), pa.scalar(None, pa.string()), "EPSG:4326")
    columns = {
        latitude: pa.array(position[0], from_pandas=True),
        longitude: pa.array(position[1], from_pandas=True),
        crs: named,
        "shift_accuracy": pa.array(accuracy, from_pandas=True),
    }
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = (
            table.append_column(name, values)
            if place < 0
            else table.set_column(place, name, values)
        )
    return table
