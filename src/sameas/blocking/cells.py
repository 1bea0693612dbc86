"""Rules by place: geohash cells, with or without their neighbours, and a radius in metres."""

from __future__ import annotations

import numpy as np

from sameas.blocking.base import BoolArray, Bound, Filter, KeyArray, Rows
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, IntArray, Need, Points
from sameas.core.specs import register
from sameas.kernels.geo import cell_keys, cell_visits, cell_width, chord_limit
from sameas.kernels.hashing import bitmap

__all__ = ["Geohash", "Radius", "bitmap_bits", "within"]

_NO_MARKS = np.zeros(0, np.uint64)
_MISSING = np.uint64(0xFFFFFFFFFFFFFFFF)


def bitmap_bits(keys: int) -> int:
    """Return the size of a bitmap in which about one key in sixteen is a false alarm."""
    return int(max(10, np.ceil(np.log2(max(keys, 1) * 16))))


@register("blocking", "geohash")
@dataclass(frozen=True, slots=True)
class Geohash:
    """Records in one geohash cell, or in adjacent cells, meet.

    Parameters
    ----------
    precision : int
        Number of geohash characters, 1 to 10; 6 (about 1.2 km × 0.6 km) in the paper.
    neighbours : bool
        Whether records of adjacent cells meet too. The grid closes at the antimeridian;
        across a pole there is no neighbour.
    filter : Filter, optional
    latitude, longitude : str

    Notes
    -----
    Source: Cousseau & Barbosa (2020), section 3.1. One cell without its neighbours loses
    about a tenth of the true matches of real places.
    """

    precision: int = 6
    neighbours: bool = False
    filter: Filter | None = None
    latitude: str = "latitude"
    longitude: str = "longitude"

    def __post_init__(self) -> None:
        if not 1 <= self.precision <= 10:
            raise ArgumentError(f"precision must lie between 1 and 10, got {self.precision}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        around = " or in a cell beside it" if self.neighbours else ""
        return f"in one cell of geohash {self.precision}{around}"

    def needs(self) -> tuple[Need, ...]:
        return (Need("points", (self.latitude, self.longitude)),)

    def rows(self, columns: Columns) -> Rows:
        row, column, known = self._cells(columns, slice(None))
        record = np.flatnonzero(known).astype(np.int32)
        row, column = row[record], column[record]
        key = _geohash_key(row, column)
        if not self.neighbours:
            return Rows(key, record, np.zeros(len(record), bool))
        keys, records = [key], [record]
        tall, wide = self._shape()
        for north in (-1, 0, 1):
            for east in (-1, 0, 1):
                there = _geohash_key(row + north, (column + east) % wide)
                visit = (row + north >= 0) & (row + north < tall) & (there > key)
                keys.append(there[visit])
                records.append(record[visit])
        visitor = np.ones(sum(map(len, keys)), bool)
        visitor[: len(key)] = False
        return Rows(np.concatenate(keys), np.concatenate(records), visitor)

    def bound(self, columns: Columns) -> None:
        return None

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> None:
        return None

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        keys = [_geohash_key(*self._cells(columns, rows)[:2]) for rows in (left, right)]
        return np.maximum(*keys)

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        row, column, known = self._cells(columns, left)
        other_row, other_column, other_known = self._cells(columns, right)
        north, east = np.abs(row - other_row), np.abs(column - other_column)
        if self.neighbours:
            east = np.minimum(east, self._shape()[1] - east)
        reach = int(self.neighbours)
        return np.asarray((north <= reach) & (east <= reach) & known & other_known)

    def around(self, columns: Columns) -> tuple[KeyArray, IntArray]:
        """Give the cells in which the neighbours of each record stand: keys, records."""
        row, column, known = self._cells(columns, slice(None))
        record = np.flatnonzero(known).astype(np.int32)
        row, column = row[record], column[record]
        keys, records = [], []
        tall, wide = self._shape()
        for north in (-1, 0, 1):
            for east in (-1, 0, 1):
                there = (row + north >= 0) & (row + north < tall)
                keys.append(_geohash_key(row + north, (column + east) % wide)[there])
                records.append(record[there])
        return np.concatenate(keys), np.concatenate(records)

    def _shape(self) -> tuple[int, int]:
        bits = 5 * self.precision
        return 1 << (bits // 2), 1 << (bits - bits // 2)

    def _cells(
        self, columns: Columns, rows: IntArray | slice
    ) -> tuple[np.ndarray, np.ndarray, BoolArray]:
        points = columns[self.needs()[0]]
        tall, wide = self._shape()
        latitude, longitude = points.latitude[rows], points.longitude[rows]
        known = ~(np.isnan(latitude) | np.isnan(longitude))
        latitude, longitude = np.where(known, latitude, 0.0), np.where(known, longitude, 0.0)
        row = np.clip(np.floor((latitude + 90.0) / 180.0 * tall).astype(np.int64), 0, tall - 1)
        column = np.clip(np.floor((longitude + 180.0) / 360.0 * wide).astype(np.int64), 0, wide - 1)
        return row, column, known


def _geohash_key(row: np.ndarray, column: np.ndarray) -> KeyArray:
    return (row.astype(np.uint64) << np.uint64(31)) | column.astype(np.uint64)


@register("blocking", "radius")
@dataclass(frozen=True, slots=True)
class Radius:
    """Records at most `metres` apart meet, everywhere on the sphere.

    Parameters
    ----------
    metres : float
    filter : Filter, optional
    latitude, longitude : str

    Notes
    -----
    Complete: also at the poles and the antimeridian. Cost: 10 to 40 ns a pair within the
    radius, filter aside.
    """

    metres: float
    filter: Filter | None = None
    latitude: str = "latitude"
    longitude: str = "longitude"

    def __post_init__(self) -> None:
        if not self.metres > 0:
            raise ArgumentError(f"metres must be positive, got {self.metres}.")

    @property
    def label(self) -> str:
        """The rule in words."""
        return f"at most {self.metres:g} m apart"

    def needs(self) -> tuple[Need, ...]:
        return (Need("points", (self.latitude, self.longitude)),)

    def rows(self, columns: Columns) -> Rows:
        points: Points = columns[self.needs()[0]]
        width = cell_width(self.metres)
        key = cell_keys(points.xyz, width)
        record = np.flatnonzero(key != _MISSING).astype(np.int32)
        key = key[record]
        bits = bitmap_bits(len(key))
        marked = bitmap(key, bits)
        visit_key, visit_record = cell_visits(points.xyz, self.metres, width, marked, bits, False)
        visitor = np.zeros(len(key) + len(visit_key), bool)
        visitor[len(key) :] = True
        return Rows(
            np.concatenate([key, visit_key]), np.concatenate([record, visit_record]), visitor
        )

    def cells(self, columns: Columns, *, around: bool) -> tuple[KeyArray, IntArray]:
        """Give the own cell of each record, or all that its radius touches: keys, records."""
        xyz, width = columns[self.needs()[0]].xyz, cell_width(self.metres)
        if around:
            keys, records = cell_visits(xyz, self.metres, width, _NO_MARKS, 0, True)
            return keys, records
        key = cell_keys(xyz, width)
        record = np.flatnonzero(key != _MISSING).astype(np.int32)
        return key[record], record

    def bound(self, columns: Columns) -> Bound:
        return Bound(columns[self.needs()[0]].xyz, chord_limit(self.metres))

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> None:
        return None

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        xyz, width = columns[self.needs()[0]].xyz, cell_width(self.metres)
        return np.asarray(np.maximum(cell_keys(xyz[left], width), cell_keys(xyz[right], width)))

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        bound = self.bound(columns)
        return within(left, right, bound)


def within(left: IntArray, right: IntArray, bound: Bound) -> BoolArray:
    """Say which pairs lie within a bound, with the arithmetic of the enumeration."""
    gap = bound.xyz[left] - bound.xyz[right]
    square = gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] + gap[:, 2] * gap[:, 2]
    return np.asarray(square <= bound.limit)
