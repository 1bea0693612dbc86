"""Coordinates that cannot be true are set aside; they are never repaired by guessing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import DataError
from sameas.records.fields import Field
from sameas.records.quarantine import Notes

__all__ = [
    "LOOKS_SWAPPED",
    "NULL_ISLAND",
    "clean_coordinates",
    "coordinate_pairs",
]

NULL_ISLAND = "null island: the point (0, 0) stands for missing coordinates"
LOOKS_SWAPPED = "latitude and longitude look swapped"

_FEW = 10  # fewer rows than this say nothing about a whole table
_SUSPECT = 0.1  # share of impossible latitudes from which a swap is suspected
_SURE = 0.5  # share from which the whole table is refused

_logger = logging.getLogger(__name__)

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def coordinate_pairs(fields: Sequence[Field]) -> list[tuple[Field, Field]]:
    """Pair the latitude fields with the longitude fields, in the order they are given.

    Examples
    --------
    >>> coordinate_pairs([Field("lat", "latitude"), Field("lon", "longitude")])
    [(Field(name='lat', kind='latitude'), Field(name='lon', kind='longitude'))]
    """
    latitudes = [field for field in fields if field.kind == "latitude"]
    longitudes = [field for field in fields if field.kind == "longitude"]
    return list(zip(latitudes, longitudes, strict=False))


def clean_coordinates(
    latitude: pa.Array, longitude: pa.Array, *, names: tuple[str, str], notes: Notes, table: str
) -> tuple[pa.Array, pa.Array]:
    """Set impossible and half given coordinates to null, both numbers together.

    Parameters
    ----------
    latitude, longitude : pyarrow.Array of float64, length n
        Decimal degrees, finite or null.
    names : (str, str)
        Names of the two fields.
    notes : Notes
        Is told of each record whose coordinates are set aside; the value is both numbers.
    table : str
        Name of the table, for messages.

    Returns
    -------
    latitude, longitude : pyarrow.Array of float64, length n
        Both present or both null in each row.

    Raises
    ------
    DataError
        If more than half of the coordinates are impossible and possible when swapped: then
        the two columns were mixed up, and the rest would be wrong without a sign of it.
    """
    lat, lon = _floats(latitude), _floats(longitude)
    both = ~np.isnan(lat) & ~np.isnan(lon)
    swap = _look_swapped(lat, lon, both, names=names, table=table)
    outside = "outside [-90, 90]" + (f"; {LOOKS_SWAPPED}" if swap else "")
    faults: list[tuple[BoolArray, str, str]] = [
        (np.abs(lat) > 90, names[0], outside),
        (np.abs(lon) > 180, names[1], "outside [-180, 180]"),
        (both & (lat == 0) & (lon == 0), names[0], NULL_ISLAND),
        (~np.isnan(lat) & np.isnan(lon), names[1], f"missing while {names[0]} is given"),
        (np.isnan(lat) & ~np.isnan(lon), names[0], f"missing while {names[1]} is given"),
    ]
    bad = np.zeros(len(lat), np.bool_)
    for mask, name, reason in faults:
        rows = np.flatnonzero(mask)
        bad |= mask
        if len(rows):
            notes.add(rows, reason, field=name, values=_quoted(lat[rows], lon[rows]))
    if not bad.any():
        return latitude, longitude
    return pa.array(lat, mask=bad | np.isnan(lat)), pa.array(lon, mask=bad | np.isnan(lon))


def _floats(numbers: pa.Array) -> FloatArray:
    found: FloatArray = pc.fill_null(numbers, float("nan")).to_numpy(zero_copy_only=False)
    return found


def _quoted(lat: FloatArray, lon: FloatArray) -> pa.Array:
    texts = [
        pc.fill_null(pa.array(numbers, from_pandas=True).cast(pa.string()), "")
        for numbers in (lat, lon)
    ]
    return pc.binary_join_element_wise(*texts, ", ")


def _look_swapped(
    lat: FloatArray, lon: FloatArray, both: BoolArray, *, names: tuple[str, str], table: str
) -> bool:
    """Say whether many latitudes are impossible and would be possible as longitudes."""
    total = int(both.sum())
    swapped = int((both & (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)).sum())
    if total < _FEW or swapped < _SUSPECT * total:
        return False
    found = (
        f"{table}: {LOOKS_SWAPPED}: {swapped:,} of {total:,} latitudes are outside [-90, 90] and "
        f"would be possible as longitudes"
    )
    if swapped > _SURE * total:
        raise DataError(
            f"{found}. Map the field {names[0]!r} to the column that holds the latitude, "
            f"and {names[1]!r} to the other."
        )
    _logger.warning("%s; these coordinates are set aside.", found)
    return True
