"""Where records go so that every pair that a rule brings together meets in one part.

Rules by place share one route: the world is cut into zones, ranges of wide cells, and a record
also visits the later zones that its radius touches. Every other rule by keys has a route of its
own: a key belongs to a part. What is too large for one task is cut into tiles: its records are
dealt into groups, and each task looks at two groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.blocking import KeyRule, Radius, SharedTokenNearby
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need, Points
from sameas.kernels.geo import cell_keys, cell_visits, cell_width

__all__ = ["Plan", "Route", "routes_of", "tiles_for"]

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
_NO_MARKS = np.zeros(0, np.uint64)
_MISSING = np.uint64(0xFFFFFFFFFFFFFFFF)
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Route:
    """Some rules that send records the same way.

    Attributes
    ----------
    rules : tuple of int
        Positions of the rules among those of the linker.
    place : (latitude, longitude) or None
        Of rules by place.
    metres : float
        The widest radius of rules by place.
    """

    rules: tuple[int, ...]
    place: tuple[str, str] | None = None
    metres: float = 0.0

    def bins(self, columns: Columns, rule: KeyRule) -> tuple[Keys, IntArray]:
        """Return the wide cells, or the keys, in which each record takes part."""
        if self.place is None:
            rows = rule.rows(columns)
            return rows.key, rows.record
        own = self.cells(columns, slice(None))
        record = np.flatnonzero(own != _MISSING).astype(np.int32)
        xyz = self._points(columns).xyz
        there, guest = cell_visits(xyz, self.metres, self._width, _NO_MARKS, 0, False)
        return np.concatenate([own[record], there]), np.concatenate([record, guest])

    def cells(self, columns: Columns, rows: IntArray | slice) -> Keys:
        """Return the wide cell of each record."""
        cells: Keys = cell_keys(self._points(columns).xyz[rows], self._width)
        return cells

    def needs(self, rules: Sequence[Any]) -> tuple[Need, ...]:
        """Name the prepared columns that say where records go."""
        if self.place is not None:
            return (Need("points", self.place),)
        return tuple(need for rule in self.rules for need in rules[rule].needs())

    @property
    def _width(self) -> float:
        return cell_width(self.metres)

    def _points(self, columns: Columns) -> Points:
        assert self.place is not None
        points = columns[Need("points", self.place)]
        assert isinstance(points, Points)
        return points


def routes_of(rules: Sequence[object]) -> tuple[Route, ...]:
    """Put the rules by place together; each other rule by keys goes its own way.

    Examples
    --------
    >>> from sameas.blocking import ExactKey
    >>> [route.rules for route in routes_of([Radius(250.0), ExactKey(("phone",)), Radius(90.0)])]
    [(0, 2), (1,)]
    """
    routes: list[Route] = []
    for number, rule in enumerate(rules):
        if isinstance(rule, Radius | SharedTokenNearby):
            place = rule.latitude, rule.longitude
            at = next((n for n, one in enumerate(routes) if one.place == place), None)
            if at is None:
                routes.append(Route((number,), place, rule.metres))
            else:
                metres = max(routes[at].metres, rule.metres)
                routes[at] = Route((*routes[at].rules, number), place, metres)
        elif isinstance(rule, KeyRule):
            routes.append(Route((number,)))
    return tuple(routes)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which part each bin of a route belongs to.

    Attributes
    ----------
    begin, parts : int
        The parts of the route, tiles aside: ``begin`` to ``begin + parts - 1``.
    cuts : uint64[parts - 1] or None
        First bins of the second and further zones; None: bins are dealt out by their hash.
    heavy : uint64[h]
        Sorted bins that are cut into tiles.
    tiles : int64[h]
        Number of groups of each.
    refused : uint64[...]
        Bins above the budget.
    """

    begin: int
    parts: int
    cuts: Keys | None = None
    heavy: Keys = field(default_factory=lambda: _NO_MARKS)
    tiles: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    refused: Keys = field(default_factory=lambda: _NO_MARKS)

    @property
    def end(self) -> int:
        """The part after the last one."""
        return self.begin + self.parts + int((self.tiles * (self.tiles + 1) // 2).sum())

    def part(self, bins: Keys) -> Ints:
        """Return the part of each bin; of one in tiles, minus its place among them, minus 1."""
        if self.cuts is None:
            part = ((bins * _MIX) >> np.uint64(33)).astype(np.int64) % self.parts
        else:
            part = np.searchsorted(self.cuts, bins, side="right").astype(np.int64)
        part += self.begin
        if len(self.heavy):
            place = np.minimum(np.searchsorted(self.heavy, bins), len(self.heavy) - 1)
            part = np.where(self.heavy[place] == bins, -1 - place, part)
        return part

    def send(self, bins: Keys, record: IntArray, number: Ints) -> tuple[Ints, IntArray]:
        """Return the parts and the records that go there, each once.

        Parameters
        ----------
        bins : uint64[r]
        record : int32[r]
            By row of the table at hand.
        number : int64[n]
            Record numbers of the table at hand; they deal records into groups.
        """
        if len(self.refused):
            kept = ~np.isin(bins, self.refused)
            bins, record = bins[kept], record[kept]
        part = self.part(bins)
        whole = part >= 0
        parts, records = [part[whole]], [record[whole]]
        for place in np.unique(-1 - part[~whole]).tolist():
            mine = record[part == -1 - place]
            groups = int(self.tiles[place])
            group = number[mine] % groups
            for other in range(groups):
                tile = _tile(np.minimum(group, other), np.maximum(group, other))
                parts.append(self._first_tile(place) + tile)
                records.append(mine)
        joint = np.unique(np.concatenate(parts) << 32 | np.concatenate(records))
        return joint >> 32, (joint & 0xFFFFFFFF).astype(np.int32)

    def tile_of(self, part: int) -> tuple[int, int, int, int] | None:
        """Return place among the heavy bins, number of groups, and the two groups of a part."""
        if part < self.begin + self.parts:
            return None
        for place in range(len(self.heavy)):
            tile = part - self._first_tile(place)
            groups = int(self.tiles[place])
            if tile < groups * (groups + 1) // 2:
                high = int((np.sqrt(8 * tile + 1) - 1) / 2)
                return place, groups, tile - high * (high + 1) // 2, high
        return None

    def _first_tile(self, place: int) -> int:
        tiles = self.tiles[:place]
        return self.begin + self.parts + int((tiles * (tiles + 1) // 2).sum())


def tiles_for(records: int, limit: int) -> int:
    """Return how many groups make every two of them at most `limit` records.

    Examples
    --------
    >>> tiles_for(200_000, 50_000), tiles_for(10, 50_000)
    (8, 1)
    """
    return 1 if records <= limit else -(-2 * records // limit)


def _tile(low: Ints, high: Ints) -> Ints:
    return high * (high + 1) // 2 + low
