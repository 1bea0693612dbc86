"""Points, lines and polygons, pair by pair; by shapely, of the extra ``geo``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.optional import require

__all__ = ["compare_shapes"]

FloatArray = npt.NDArray[np.float64]


def compare_shapes(left: Any, right: Any) -> dict[str, FloatArray]:
    """Compare points, lines and polygons pair by pair.

    Parameters
    ----------
    left, right : array_like of shapely geometry or WKT text, length p
        Longitude and latitude in degrees, WGS 84; None is missing.

    Returns
    -------
    dict of str to float64[p]
        ``distance``: metres between the nearest points, 0 where they meet; ``overlap``: area of
        the intersection over that of the union, NaN unless both have an area; ``contained``: 1
        if one holds the other. NaN where a side is missing.

    Notes
    -----
    Shapes are laid out in an equirectangular plane at their common latitude: right to about a
    thousandth within 100 km, too long or too short beyond.

    Raises
    ------
    MissingExtraError
        Without shapely.
    """
    shapely = require("shapely", extra="geo", what="A comparison of shapes")
    a, b = _ordered(shapely, *(_geometries(shapely, side) for side in (left, right)))
    missing = shapely.is_missing(a) | shapely.is_missing(b)
    bounds = [np.atleast_2d(shapely.bounds(side)) for side in (a, b)]
    middle = (bounds[0][:, [1, 3]].mean(axis=1) + bounds[1][:, [1, 3]].mean(axis=1)) / 2
    middle, origin = np.nan_to_num(middle), np.nan_to_num(bounds[0][:, 0])
    a, b = (_plane(shapely, side, middle, origin) for side in (a, b))
    area = [shapely.area(side) for side in (a, b)]
    both = (area[0] > 0) & (area[1] > 0)
    overlap = np.full(len(a), np.nan)
    overlap[both] = shapely.area(shapely.intersection(a[both], b[both])) / shapely.area(
        shapely.union(a[both], b[both])
    )
    contained = (shapely.covers(a, b) | shapely.covers(b, a)).astype(np.float64)
    contained[missing] = np.nan
    return {"distance": shapely.distance(a, b), "overlap": overlap, "contained": contained}


def _ordered(shapely: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """Put the more western of two shapes first, so that swapping them changes no bit."""
    sides = [np.atleast_2d(shapely.bounds(side)).T for side in (left, right)]
    swap = np.zeros(len(left), bool)
    for west, east in reversed(list(zip(*sides, strict=True))):
        swap = np.where(west == east, swap, west > east)
    return np.where(swap, right, left), np.where(swap, left, right)


def _geometries(shapely: Any, given: Any) -> Any:
    """Return valid geometries; texts are read as WKT."""
    items = np.asarray(given, dtype=object)
    texts = np.array([isinstance(item, str) for item in items], bool)
    if texts.any():
        items = items.copy()
        items[texts] = shapely.from_wkt(items[texts].tolist())
    return shapely.make_valid(items)


def _plane(shapely: Any, shapes: Any, middle: FloatArray, origin: FloatArray) -> Any:
    """Turn degrees into metres east and north, over the shorter way around the globe."""
    shapes = np.array(shapes, dtype=object)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    metre = np.pi * 6_371_008.8 / 180.0
    east = (points[:, 0] - origin[owner] + 180.0) % 360.0 - 180.0
    flat = np.stack([east * np.cos(np.radians(middle[owner])), points[:, 1]], axis=1)
    return shapely.set_coordinates(shapes, flat * metre)
