"""Rules that choose one member of each cluster: its value becomes the golden value.

A rule sees the members of all clusters of two or more records, one cluster after another, in
the order of record numbers. It returns a member for each cluster, so every golden value is the
value of a record, and two fields under one `Medoid` come from the same record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.specs import register
from sameas.kernels.medoid import medoids
from sameas.kernels.most_frequent import most_frequent

__all__ = ["First", "Longest", "Median", "Medoid", "MostFrequent", "Rule", "present"]

Positions: TypeAlias = npt.NDArray[np.int64]


@runtime_checkable
class Rule(Protocol):
    """Chooses the member of each cluster that gives the golden value of a field."""

    def reads(self, field: str) -> tuple[str, ...]:
        """Return the columns that the rule looks at for a field."""

    def accepts(self, kind: pa.DataType) -> bool:
        """Say whether the rule can be used on a field of this type."""

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster.

        Parameters
        ----------
        columns : sequence of Array
            The columns of `reads`, one value a member.
        start : int64[k + 1]
            Where each cluster begins.

        Returns
        -------
        int64[k]
            Position of the chosen member, -1 where no member has a value.
        """


def present(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Say which values are neither null nor NaN."""
    if values.null_count == 0 and not pa.types.is_floating(values.type):
        return np.ones(len(values), np.bool_)
    mask: npt.NDArray[np.bool_] = np.asarray(pc.is_null(values, nan_is_null=True))
    return ~mask


def _best(group: npt.NDArray[Any], order: npt.NDArray[np.intp], k: int) -> Positions:
    """Return, for each group, the first position of `order` (sorted by group), or -1."""
    chosen = np.full(k, -1, np.int64)
    ordered = group[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)])
    chosen[ordered[first]] = order[first]
    return chosen


def _groups(start: Positions) -> Positions:
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


def _length(values: pa.Array) -> npt.NDArray[np.int64]:
    """Return the length of texts, 0 for other types."""
    if not _is_text(values.type):
        return np.zeros(len(values), np.int64)
    return np.asarray(pc.fill_null(pc.utf8_length(values), 0)).astype(np.int64)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _plain(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _is_flat(kind: pa.DataType) -> bool:
    return not bool(pa.types.is_nested(kind))


@register("survivor", "most_frequent")
@dataclass(frozen=True, slots=True)
class MostFrequent:
    """The value that most members have; ties: the longest text, then the first record.

    Examples
    --------
    >>> names = pa.array(["Joe's", "Joe's Diner", "Joe's", None])
    >>> MostFrequent().pick([names], np.array([0, 4])).tolist()
    [0]
    """

    def reads(self, field: str) -> tuple[str, ...]:
        """Return the field itself."""
        return (field,)

    def accepts(self, kind: pa.DataType) -> bool:
        """Any type but lists, structs and maps."""
        return _is_flat(kind)

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster; see `Rule.pick`."""
        values = _plain(columns[0])
        encoded = values.dictionary_encode()
        codes = np.asarray(encoded.indices.fill_null(-1)).astype(np.int32)
        codes[~present(values)] = -1  # NaN too
        length = _length(encoded.dictionary).astype(np.int32)
        chosen: Positions = most_frequent(codes, length, start.astype(np.int64))
        return chosen


@register("survivor", "longest")
@dataclass(frozen=True, slots=True)
class Longest:
    """The text with the most characters; ties go to the first record.

    Examples
    --------
    >>> Longest().pick([pa.array(["St", "Street", None])], np.array([0, 2, 3])).tolist()
    [1, -1]
    """

    def reads(self, field: str) -> tuple[str, ...]:
        """Return the field itself."""
        return (field,)

    def accepts(self, kind: pa.DataType) -> bool:
        """Texts only."""
        return _is_text(kind)

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster; see `Rule.pick`."""
        values = _plain(columns[0])
        return _least(-_length(values), present(values), start)


def _least(key: npt.NDArray[Any], valid: npt.NDArray[np.bool_], start: Positions) -> Positions:
    """Choose the present member with the least key; ties go to the first."""
    where = np.flatnonzero(valid)
    group = _groups(start)[where]
    best = _best(group, np.lexsort((where, key[where], group)), len(start) - 1)
    return np.where(best < 0, -1, where[best] if len(where) else -1)


@register("survivor", "first")
@dataclass(frozen=True, slots=True)
class First:
    """The value of the most trusted source that has one; ties go to the first record.

    Parameters
    ----------
    sources : tuple of str
        Sources, the most trusted first; those not named come after them, all alike. Empty:
        the first record by ``(source, id)``.

    Examples
    --------
    >>> values, sources = pa.array(["a", "b", "c"]), pa.array(["osm", "fsq", "yelp"])
    >>> First(("fsq", "osm")).pick([values, sources], np.array([0, 3])).tolist()
    [1]
    """

    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(self.sources))

    def reads(self, field: str) -> tuple[str, ...]:
        """Return the field, and the source when an order of sources is given."""
        return (field, "source") if self.sources else (field,)

    def accepts(self, kind: pa.DataType) -> bool:  # noqa: ARG002
        """Any type."""
        return True

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster; see `Rule.pick`."""
        valid = present(columns[0])
        rank = np.zeros(len(valid), np.int64)
        if self.sources:
            found = pc.index_in(columns[1].cast(pa.string()), pa.array(self.sources, pa.string()))
            rank = np.asarray(pc.fill_null(found, len(self.sources)))
        return _least(rank, valid, start)


@register("survivor", "median")
@dataclass(frozen=True, slots=True)
class Median:
    """The middle value of numbers or times; of two middle ones the lower.

    Examples
    --------
    >>> Median().pick([pa.array([4.0, 9.0, 1.0, 5.0])], np.array([0, 4])).tolist()
    [0]
    """

    def reads(self, field: str) -> tuple[str, ...]:
        """Return the field itself."""
        return (field,)

    def accepts(self, kind: pa.DataType) -> bool:
        """Numbers, dates and times."""
        return bool(
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_date(kind)
            or pa.types.is_time(kind)
            or pa.types.is_timestamp(kind)
            or pa.types.is_duration(kind)
        )

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster; see `Rule.pick`."""
        where = np.flatnonzero(present(columns[0]))
        key = _sortable(columns[0].take(pa.array(where)))
        group = _groups(start)[where]
        order = np.lexsort((where, key, group))
        count = np.bincount(group, minlength=len(start) - 1)
        begin = np.cumsum(count) - count
        chosen = np.full(len(start) - 1, -1, np.int64)
        some = count > 0
        chosen[some] = where[order[begin[some] + (count[some] - 1) // 2]]
        return chosen


def _sortable(values: pa.Array) -> npt.NDArray[Any]:
    """Turn present numbers or times into a plain array of the same order."""
    if pa.types.is_temporal(values.type):
        values = values.view(pa.int32() if values.type.bit_width == 32 else pa.int64())
    elif pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    return np.asarray(values)


@register("survivor", "medoid")
@dataclass(frozen=True, slots=True)
class Medoid:
    """The coordinates of the member that is closest to all others, ties to the first record.

    Give the same rule to both fields: latitude and longitude then come from one record. A
    member without both coordinates does not count.

    Parameters
    ----------
    latitude, longitude : str
        The two fields, decimal degrees.

    Examples
    --------
    >>> latitude, longitude = pa.array([47.0, 48.0, 47.1]), pa.array([8.0, 8.0, 8.0])
    >>> Medoid().pick([latitude, longitude], np.array([0, 3])).tolist()
    [2]
    """

    latitude: str = "latitude"
    longitude: str = "longitude"

    def reads(self, field: str) -> tuple[str, ...]:  # noqa: ARG002
        """Return both coordinates, whatever the field."""
        return (self.latitude, self.longitude)

    def accepts(self, kind: pa.DataType) -> bool:
        """Floating-point and whole numbers."""
        return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))

    def pick(self, columns: Sequence[pa.Array], start: Positions) -> Positions:
        """Choose a member for each cluster; see `Rule.pick`."""
        where = np.flatnonzero(present(columns[0]) & present(columns[1]))
        index = pa.array(where)
        latitude, longitude = (
            np.radians(np.asarray(column.take(index)).astype(np.float64)) for column in columns
        )
        flat = np.cos(latitude)
        xyz = np.column_stack(
            (flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude))
        )
        count = np.bincount(_groups(start)[where], minlength=len(start) - 1)
        best = medoids(xyz, np.concatenate(([0], np.cumsum(count))).astype(np.int64))
        return np.where(best < 0, -1, where[best] if len(where) else -1)
