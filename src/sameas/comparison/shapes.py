"""Comparisons of areas: deposits, parcels and properties as points, lines and polygons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.optional import require
from sameas.core.prepared import Columns, IntArray, Need, Points, Texts
from sameas.core.specs import register
from sameas.kernels.shapes import compare_shapes

__all__ = ["ShapeComparison"]


@register("comparison", "shape_comparison")
@dataclass(frozen=True, slots=True)
class ShapeComparison:
    """Distance between two shapes, their overlap, and whether one holds the other.

    Three columns: ``_distance``, metres between the nearest points, 0 where they meet;
    ``_overlap``, area of the intersection over that of the union, in [0, 1], 0 unless both
    have an area; ``_contained``, 1 if one holds the other, else 0. A record without a shape is
    the point of its coordinates; NaN if it has neither. Cost: some 10 µs a pair.

    Parameters
    ----------
    field : str
        Well-known text (WKT) in degrees, WGS 84.
    latitude, longitude : str

    Notes
    -----
    Needs shapely (the extra ``geo``). Shapes are laid out in a plane; see
    `sameas.records.compare_shapes`.

    Examples
    --------
    >>> ShapeComparison("geometry").names()
    ('geometry_distance', 'geometry_overlap', 'geometry_contained')
    """

    field: str
    latitude: str = "latitude"
    longitude: str = "longitude"

    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.field}_{part}" for part in ("distance", "overlap", "contained"))

    def needs(self) -> tuple[Need, ...]:
        return (
            Need("text", (self.field,), (("form", "as_is"),)),
            Need("points", (self.latitude, self.longitude)),
        )

    def values(
        self, columns: Columns, left: IntArray, right: IntArray
    ) -> list[npt.NDArray[np.floating]]:
        texts, points = (columns[need] for need in self.needs())
        assert isinstance(texts, Texts)
        assert isinstance(points, Points)
        known: dict[int, Any] = {}
        found = compare_shapes(*(_shapes(texts, points, side, known) for side in (left, right)))
        overlap = np.where(np.isnan(found["distance"]), np.nan, np.nan_to_num(found["overlap"]))
        return [found["distance"], overlap, found["contained"]]


def _shapes(texts: Texts, points: Points, records: IntArray, known: dict[int, Any]) -> Any:
    """Return the shape of each record; each distinct text is read once."""
    shapely = require("shapely", extra="geo", what="A comparison of shapes")
    code = texts.code[records]
    fresh = [one for one in np.unique(code).tolist() if one >= 0 and one not in known]
    known |= zip(
        fresh, shapely.from_wkt(list(_written(texts, fresh)), on_invalid="ignore"), strict=True
    )
    shapes = np.empty(len(records), object)
    there = np.flatnonzero(code >= 0)
    distinct, place = np.unique(code[there], return_inverse=True)
    read = np.empty(len(distinct), object)
    read[:] = [known[one] for one in distinct.tolist()]
    shapes[there] = read[place]
    bare = np.flatnonzero(code < 0)
    bare = bare[~np.isnan(points.latitude[records[bare]])]
    shapes[bare] = shapely.points(points.longitude[records[bare]], points.latitude[records[bare]])
    return shapes


def _written(texts: Texts, codes: Iterable[int]) -> Iterable[str]:
    for one in codes:
        units = texts.units[texts.start[one] : texts.start[one + 1]]
        yield units.astype(np.uint16).tobytes().decode("utf-16-le")
