"""Coordinate systems: everything to WGS 84, by pyproj, of the extra ``geo``."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError
from sameas.core.optional import require

__all__ = ["Shift", "to_wgs84"]

FloatArray = npt.NDArray[np.float64]
_WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Shift:
    """Positions in WGS 84, and how they came there.

    Attributes
    ----------
    latitude, longitude : float64[n]
        Decimal degrees; NaN stays NaN.
    accuracy : float
        Of the shift, metres, as its source states it; 0 where nothing was to be shifted, NaN
        where nobody states it.
    how : str
        Name of the operation.
    largest : float
        How far the farthest point moved, metres.
    """

    latitude: FloatArray
    longitude: FloatArray
    accuracy: float
    how: str
    largest: float


def to_wgs84(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike, crs: str, *, allow_zero_shift: bool = False
) -> Shift:
    """Bring positions to WGS 84.

    Parameters
    ----------
    latitude, longitude : array_like of float, length n
        Degrees, or northing and easting where `crs` is projected.
    crs : str
        Such as "EPSG:4267" (NAD 27).
    allow_zero_shift : bool
        Accept the "ballpark" operation that leaves the numbers as they are, where no real one
        is known here: off by up to 200 m for NAD 27 in Alaska.

    Returns
    -------
    Shift

    Raises
    ------
    DataError
        If only a zero shift is at hand and it is not allowed, or a point lies outside the area
        of the operation.
    ArgumentError
        If there is no such coordinate system.
    MissingExtraError
        Without pyproj.

    Notes
    -----
    Grids that are not installed are not fetched; then PROJ takes the best operation by
    parameters over the area of the points.

    Examples
    --------
    >>> shift = to_wgs84([39.0], [-117.0], "EPSG:4267")
    >>> 10 < shift.largest < 200  # metres between NAD 27 and WGS 84 in Nevada
    True
    """
    pyproj = require("pyproj", extra="geo", what="A change of coordinate system")
    lat, lon = (np.atleast_1d(np.asarray(side, np.float64)) for side in (latitude, longitude))
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ArgumentError(
            f"crs: expected a coordinate system such as 'EPSG:4267', got {crs!r}."
        ) from error
    if system == pyproj.CRS(_WGS84):
        return Shift(lat, lon, 0.0, "none", 0.0)
    known = ~(np.isnan(lat) | np.isnan(lon))
    if not known.any():
        return Shift(lat, lon, 0.0, "none", 0.0)
    transformer = _operation(pyproj, system, lat[known], lon[known], allow_zero_shift)
    moved_lon, moved_lat = np.full(len(lat), np.nan), np.full(len(lat), np.nan)
    moved_lon[known], moved_lat[known] = transformer.transform(lon[known], lat[known])
    if not np.isfinite(moved_lat[known]).all():
        lost = int((~np.isfinite(moved_lat[known])).sum())
        raise DataError(f"{lost} points lie outside the area of {crs}.")
    accuracy = float(transformer.accuracy)
    largest = _moved(pyproj, system, (lon[known], lat[known]), (moved_lon[known], moved_lat[known]))
    return Shift(
        moved_lat, moved_lon, accuracy if accuracy >= 0 else float("nan"),
        transformer.description, largest,
    )  # fmt: skip


def _operation(pyproj: Any, system: Any, lat: FloatArray, lon: FloatArray, zero: bool) -> Any:
    """Return the best operation over the area of the points."""
    area = None
    if system.is_geographic:
        area = pyproj.aoi.AreaOfInterest(
            float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
        )
    with warnings.catch_warnings():
        # That a better grid exists elsewhere is told by the accuracy of what was taken.
        warnings.filterwarnings("ignore", "Best transformation is not available")
        group = pyproj.transformer.TransformerGroup(
            system, _WGS84, always_xy=True, area_of_interest=area, allow_ballpark=zero
        )
    if not group.transformers:
        raise DataError(
            f"No shift from {system.to_string()} to WGS 84 is known here but the zero shift, which "
            "can be off by 200 m. Install the grids of PROJ (projsync), or allow it: "
            "allow_zero_shift=True."
        )
    return group.transformers[0]


def _moved(pyproj: Any, system: Any, old: Any, new: Any) -> float:
    if not system.is_geographic:
        return float("nan")
    apart = pyproj.Geod(ellps="WGS84").inv(*old, *new)[2]
    return float(np.max(apart))
