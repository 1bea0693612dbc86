"""The filter by what all fields together say of a pair, whatever the key is made of."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from sameas.blocking.base import BoolArray
from sameas.blocking.composite import Part
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, FloatArray, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.lanes import compare_lanes, outweigh

__all__ = ["Agreement", "Evidence", "without_fields"]

AnyRule = TypeVar("AnyRule")

_LANES = 8  # fields, a byte each

Fields: TypeAlias = npt.NDArray[np.uint8]


class Agreement(NamedTuple):
    """In which fields pairs agree, and in which they differ: bit f for the field f."""

    same: Fields
    differ: Fields


@register("filter", "evidence")
@dataclass(frozen=True, slots=True)
class Evidence:
    """Keep pairs whose fields together speak for a match.

    A loose key (how a surname sounds and a postal code) brings together many records that have
    nothing else in common. A field agrees if one of its parts does, and differs if both records
    have it and none does; what a field says is added up, and a missing one says nothing.

    Parameters
    ----------
    parts : tuple of Part
        Of at most eight fields; several parts of a field stand for each other.
    agree, differ : tuple of float
        What each field says if it agrees and if it differs, in the order of `fields`.
    least : float
        A pair with less is no candidate; nor is one that agrees in nothing.

    Notes
    -----
    Cost: about 10 ns a pair. A part is held as one byte of its hash, so of 255 pairs that
    differ in a part one passes for equal.

    Examples
    --------
    >>> parts = Part("surname", "sound"), Part("city"), Part("city", "first", 3)
    >>> Evidence(parts, (4.0, 1.0), (-3.0, -0.5), 2.0).fields
    ('surname', 'city')
    """

    parts: tuple[Part, ...]
    agree: tuple[float, ...]
    differ: tuple[float, ...]
    least: float

    def __post_init__(self) -> None:
        whole = isinstance(self.parts, tuple) and all(isinstance(p, Part) for p in self.parts)
        if not whole or not self.parts:
            raise ArgumentError(f"parts must be a tuple of Part, got {self.parts!r}.")
        count = len(_by_field(self.parts))
        if count > _LANES:
            raise ArgumentError(f"parts may be of {_LANES} fields at most, got {count}.")
        for name, given in (("agree", self.agree), ("differ", self.differ)):
            if len(given) != count:
                raise ArgumentError(f"{name} needs a number for each of {count} fields: {given!r}.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are asked, those of a part that reads several joined by a space."""
        return tuple(" ".join(name) for name in _by_field(self.parts))

    def without(self, absent: Set[str]) -> Evidence | None:
        """Leave fields out; None if no field is left."""
        kept = [
            number for number, names in enumerate(_by_field(self.parts)) if absent.isdisjoint(names)
        ]
        parts = tuple(part for part in self.parts if absent.isdisjoint(part.fields))
        if not parts:
            return None
        agree, differ = (
            tuple(given[number] for number in kept) for given in (self.agree, self.differ)
        )
        return replace(self, parts=parts, agree=agree, differ=differ)

    def needs(self) -> tuple[Need, ...]:
        return _needs(self.parts)

    def agreement(self, columns: Columns, left: IntArray, right: IntArray) -> Agreement:
        """Say in which fields pairs agree, and in which they differ."""
        same, known = self._compared(columns, left, right)
        return Agreement(same, known & ~same)

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        compared = self._compared(columns, left, right)
        said = outweigh(*compared, _sums(self.agree), _sums(self.differ), self.least)
        return np.asarray(said)

    def _compared(self, columns: Columns, left: IntArray, right: IntArray) -> tuple[Fields, Fields]:
        """Say in which fields pairs agree, and which both records have."""
        same, known = np.zeros(len(left), np.uint8), np.zeros(len(left), np.uint8)
        for need in self.needs():
            compare_lanes(columns[need].value, left, right, same, known)
        return same, known


def _by_field(parts: tuple[Part, ...]) -> dict[tuple[str, ...], list[Part]]:
    held: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        held.setdefault(part.fields, []).append(part)
    return held


@lru_cache(maxsize=16)
def _needs(parts: tuple[Part, ...]) -> tuple[Need, ...]:
    held = list(_by_field(parts).values())
    return tuple(
        _need([parts[min(turn, len(parts) - 1)] for parts in held])
        for turn in range(max(map(len, held)))
    )


def without_fields(rule: AnyRule, absent: Set[str]) -> AnyRule:
    """Leave fields out of those that the filter of a rule asks."""
    chosen = getattr(rule, "filter", None)
    if not isinstance(chosen, Evidence) or absent.isdisjoint(" ".join(chosen.fields).split()):
        return rule
    return replace(rule, filter=chosen.without(absent))  # type: ignore[type-var]


def _need(lanes: list[Part]) -> Need:
    fields = tuple(dict.fromkeys(name for part in lanes for name in part.fields))
    parts = tuple((part.fields, part.take, part.size, part.form) for part in lanes)
    return Need("agreement", fields, (("parts", parts),))


@lru_cache(maxsize=16)
def _sums(said: tuple[float, ...]) -> FloatArray:
    """Add up what the fields of each of the 256 sets say."""
    fields = (np.arange(1 << _LANES)[:, None] >> np.arange(len(said))) & 1
    return np.asarray((fields * np.array(said)).sum(axis=1))
