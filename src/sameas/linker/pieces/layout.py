"""Which records meet in which piece of a run.

Rules by distance get pieces of space: boxes, cut where few records lie, with a border as wide as
the farthest rule reaches. A record is at home in one of them, and a pair belongs to the home of
its smaller record. A rule by keys or by shared words gets pieces of its own: ranges of keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.blocking import Geohash, KeyRule, PairRule, SharedWord
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Codes, IntArray, Need, Points
from sameas.core.specs import spec_name
from sameas.kernels.geo import to_xyz
from sameas.linker.found import rule_name

__all__ = ["Layout", "Piece", "key_needs", "lay_out", "places_of", "points_of", "reach_of"]

Keyed = tuple[npt.NDArray[np.uint64], IntArray]
#: Metres more than a rule reaches: positions are looked at in half precision here.
_SLACK = 3.0
#: Where a box may be cut, as shares of its records.
_CUTS = np.linspace(0.35, 0.65, 31)
#: A cut is worth it only if both sides hold at most this share of the box, borders included.
_WORTH = 0.8
#: A cut is chosen on about this many records.
_SAMPLE = 100_000
#: Metres of half a turn around the Earth, and how far a geohash of one bit reaches.
_HALF_TURN = 20_015_200.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a run.

    Attributes
    ----------
    rules : tuple of int
        Places of the blocking rules that are at work in it.
    records : int
        Those that meet in it.
    home : bool
        Whether it is the home of records.
    keys : (int, int) or None
        Of a rule by keys: the blocks from the first key to below the second.
    """

    rules: tuple[int, ...]
    records: int
    home: bool
    keys: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The pieces of a run, and who goes where.

    Attributes
    ----------
    pieces : tuple of Piece
    home : int16[n]
        Piece in which each record is at home.
    guest, guest_piece : int32[g], int16[g]
        Records that also meet in other pieces; by record.
    keyed : dict of int to (rows, unreachable)
        Of each rule by keys: how many records have one, and how many have none.
    """

    pieces: tuple[Piece, ...]
    home: npt.NDArray[np.int16]
    guest: IntArray
    guest_piece: npt.NDArray[np.int16]
    keyed: dict[int, tuple[int, int]]

    def targets(self, record: IntArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int16]]:
        """Return rows of `record` and the piece that each goes to, piece by piece."""
        first = np.searchsorted(self.guest, record)
        count = np.searchsorted(self.guest, record, side="right") - first
        row = np.repeat(np.arange(len(record)), count)
        step = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        rows = np.concatenate([np.arange(len(record)), row])
        piece = np.concatenate([self.home[record], self.guest_piece[first[row] + step]])
        order = np.argsort(piece, kind="stable")
        return rows[order], piece[order]


def reach_of(rule: KeyRule | PairRule) -> float | None:
    """Return how many metres apart records of a pair may lie; None: as far as can be.

    Examples
    --------
    >>> from sameas.blocking import Radius
    >>> reach_of(Radius(250.0))
    250.0
    """
    if isinstance(rule, Geohash):
        bits = 5 * rule.precision
        tall, wide = _HALF_TURN / 2 ** (bits // 2), 2 * _HALF_TURN / 2 ** (bits - bits // 2)
        return float(np.hypot(tall, wide)) * (2 if rule.neighbours else 1)
    metres = getattr(rule, "metres", None)
    return None if metres is None else float(metres)


def key_needs(rules: Sequence[KeyRule | PairRule]) -> tuple[Need, ...]:
    """Return what the keys of the rules without a reach are made of, words aside.

    Raises
    ------
    ArgumentError
        If a rule can only be run in one piece.
    """
    needs: list[Need] = []
    for rule in rules:
        if isinstance(rule, SharedWord):
            continue
        if isinstance(rule, KeyRule) and reach_of(rule) is not None:
            continue
        known = isinstance(rule, KeyRule) and {n.kind for n in rule.needs()} <= {"codes", "key"}
        if not known:
            raise ArgumentError(
                f"memory=: the rule {rule_name(rule)!r} ({spec_name(rule)}) cannot be run in "
                "pieces; only rules by distance, by equal keys and by shared words can. Fit a "
                "linker with such rules (plan_tables(..., by_keys=True), or sameas fit --by-keys), "
                "or leave out memory=."
            )
        needs += rule.needs()
    return tuple(dict.fromkeys(needs))


def places_of(rules: Sequence[Any]) -> set[tuple[str, str]]:
    """Return the fields of the position that rules by distance read; it must be the same.

    Raises
    ------
    ArgumentError
        If they read several.
    """
    found = {(rule.latitude, rule.longitude) for rule in rules}
    if len(found) > 1:
        raise ArgumentError(
            "memory=: the blocking rules read several positions, "
            f"{', '.join(map(str, sorted(found)))}; in pieces they must read the same."
        )
    return found


def lay_out(
    rules: Sequence[Any],
    codes: Mapping[Need, Codes],
    points: Points | None,
    records: int,
    *,
    most: int,
    words: Mapping[int, Keyed] | None = None,
) -> Layout:
    """Decide which records meet in which piece.

    Parameters
    ----------
    rules : sequence of KeyRule
    codes : mapping of Need to Codes
        Of `key_needs`, for all records.
    points : Points or None
        Positions of all records, with `xyz`; None if no rule reaches by distance.
    records : int
    most : int
        Records of a piece, at most, where they can be cut.
    words : mapping of int to (key uint64[r], record int32[r]), optional
        The rows of the rules by shared words, by their places.
    """
    near = tuple(n for n, rule in enumerate(rules) if reach_of(rule) is not None)
    home = np.full(records, -1, np.int16)
    pieces: list[Piece] = []
    guests: list[IntArray] = []
    if near and points is not None:
        reach = max(reach_of(rules[n]) or 0.0 for n in near) + _SLACK
        xyz = points.xyz.astype(np.float32)
        placed = np.flatnonzero(~np.isnan(xyz[:, 0])).astype(np.int32)
        for inside, own in _boxes(xyz, placed, np.ones(len(placed), bool), reach, most):
            home[inside[own]] = len(pieces)
            guests.append(inside[~own])
            pieces.append(Piece(near, len(inside), home=True))
    rest = np.flatnonzero(home < 0).astype(np.int32)
    for begin in range(0, len(rest), most):
        some = rest[begin : begin + most]
        home[some] = len(pieces)
        guests.append(np.zeros(0, np.int32))
        pieces.append(Piece((), len(some), home=True))
    keyed, words = {}, words or {}
    for place in (n for n in range(len(rules)) if n not in near):
        key, record = words[place] if place in words else rules[place].rows(codes)[:2]
        reached = np.zeros(records, bool)
        reached[record] = True
        keyed[place] = len(record), records - int(reached.sum())
        for members, keys in _ranges(key, record, most):
            guests.append(members)
            pieces.append(Piece((place,), len(members), home=False, keys=keys))
    guest = np.concatenate([np.zeros(0, np.int32), *guests])
    piece = np.repeat(np.arange(len(guests), dtype=np.int16), list(map(len, guests)))
    order = np.argsort(guest, kind="stable")
    return Layout(tuple(pieces), home, guest[order], piece[order], keyed)


def _boxes(
    xyz: npt.NDArray[np.float32],
    inside: IntArray,
    own: npt.NDArray[np.bool_],
    reach: float,
    most: int,
) -> Iterator[tuple[IntArray, npt.NDArray[np.bool_]]]:
    """Cut a box until it holds at most so many records, or no cut makes it much smaller."""
    cut = _best_cut(xyz, inside[own], reach) if len(inside) > most else None
    if cut is not None:
        axis, place = cut
        along = xyz[inside, axis]
        low, high = along < place + reach, along >= place - reach
        if max(int(low.sum()), int(high.sum())) <= _WORTH * len(inside):
            below = along < place
            for side, mine in ((low, own & below), (high, own & ~below)):
                yield from _boxes(xyz, inside[side], mine[side], reach, most)
            return
    if len(inside):
        yield inside, own


def _best_cut(
    xyz: npt.NDArray[np.float32], own: IntArray, reach: float
) -> tuple[int, float] | None:
    """Choose axis and place of a cut near the middle with the fewest records at its border."""
    best: tuple[float, int, float] | None = None
    some = own[:: max(1, len(own) // _SAMPLE)]
    if not len(some):
        return None
    for axis in range(3):
        along = np.sort(xyz[some, axis])
        places = along[(_CUTS * len(along)).astype(np.int64)]
        ends = np.searchsorted(along, places + reach) - np.searchsorted(along, places - reach)
        chosen = int(np.argmin(ends))
        if best is None or ends[chosen] < best[0]:
            best = float(ends[chosen]), axis, float(places[chosen])
    return None if best is None else best[1:]


def _ranges(
    key: npt.NDArray[np.uint64], record: IntArray, most: int
) -> Iterator[tuple[IntArray, tuple[int, int]]]:
    """Cut the records that share a key into ranges of keys."""
    order = np.argsort(key, kind="stable")
    key, record = key[order], record[order]
    new = np.append(True, key[1:] != key[:-1])[: len(key)]
    first = np.flatnonzero(new)
    size = np.diff(np.append(first, len(key)))
    kept = np.repeat(size > 1, size)
    key, record, first = key[kept], record[kept], np.flatnonzero(new[kept])
    if not len(record):
        return
    cuts = np.searchsorted(first, np.arange(0, len(record), most))
    edges = np.unique(np.append(first[np.minimum(cuts, len(first) - 1)], len(record)))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield np.unique(record[begin:end]), (int(key[begin]), int(key[end - 1]) + 1)


def points_of(latitude: npt.NDArray[np.float64], longitude: npt.NDArray[np.float64]) -> Points:
    """Return positions as the rules read them."""
    return Points(latitude, longitude, to_xyz(latitude, longitude))
