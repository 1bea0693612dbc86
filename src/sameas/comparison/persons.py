"""Comparisons of names of persons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.prepared_values import Persons
from sameas.core.specs import register
from sameas.kernels.persons import person_similarity

__all__ = ["CrosswiseNames", "FullName", "PersonName"]

#: Names are alike from here on; in each other's place they are so many times as alike.
_ALIKE, _MOVED = np.float32(0.7), np.float32(0.95)


@register("comparison", "full_name")
@dataclass(frozen=True, slots=True)
class FullName:
    """How alike two names of persons are, word by word, in any order.

    Sees nicknames (Bob, Robert), initials (J., John), accents, other scripts, words that
    were mistyped, left out or put in another order; titles do not count. Some values:

    | one | two | similarity |
    |---|---|---|
    | Bob Smith | BOB SMITH | 1 |
    | Smith, Bob | Bob Smith | 0.99 |
    | Bob Smith | Robert Smith | 0.98 |
    | John Smith | Jon Smyth | 0.92 |
    | John Q. Smith | John Smith | 0.94 |
    | J. Smith | John Smith | 0.94 |
    | Smith | John Smith | 0.83 |
    | John Smith | John Brown | 0.5 |

    Range [0, 1]; NaN if a side is missing. Cost: 0.2 to 0.4 microseconds a pair.
    Nicknames are English; they need the library `nicknames` when a linker is fitted, other
    scripts need `anyascii` (both: extra "fields").

    Parameters
    ----------
    field : str
        A whole name, or only the given name or the surname.

    Examples
    --------
    >>> FullName("author").names()
    ('author_full_name',)
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_full_name",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("persons", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        return _compared(columns[self.needs()[0]], left, right)


@register("comparison", "person_name")
@dataclass(frozen=True, slots=True)
class PersonName:
    """How alike given name and surname are together, also when they are in each other's place.

    The mean of `FullName` of both fields; or 0.97 of `FullName` of all words together if that
    is more (swapped, or a word in the wrong field) or if a side lacks one of the two. Range
    [0, 1], 1 only if both are equal; NaN if a side has neither. Cost: about half
    a microsecond a pair.

    Parameters
    ----------
    given_name, surname : str

    Examples
    --------
    >>> PersonName().names()
    ('given_name_surname_person_name',)
    """

    given_name: str = "given_name"
    surname: str = "surname"

    def names(self) -> tuple[str, ...]:
        return (f"{self.given_name}_{self.surname}_person_name",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("persons", (self.given_name, self.surname)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        return _compared(columns[self.needs()[0]], left, right)


@register("comparison", "crosswise_names")
@dataclass(frozen=True, slots=True)
class CrosswiseNames:
    """How alike given names are and how alike surnames, also in each other's place.

    `FullName` of either field. Where neither is alike, but each is like the other one of the other
    record, they have changed places: then both are 0.95 times as alike as they are crosswise.
    Range [0, 1]; NaN if a side is missing. Cost: two of `FullName`, and a third one for pairs
    whose names differ.

    Parameters
    ----------
    given_name, surname : str

    Examples
    --------
    >>> CrosswiseNames().names()
    ('given_name_crosswise', 'surname_crosswise')
    """

    given_name: str = "given_name"
    surname: str = "surname"

    def names(self) -> tuple[str, ...]:
        return (f"{self.given_name}_crosswise", f"{self.surname}_crosswise")

    def needs(self) -> tuple[Need, ...]:
        return (Need("persons", (self.given_name, self.surname)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        both = columns[self.needs()[0]]
        # All names in one column: a given name, its surname, the next given name.
        names, one, two = replace(both, code=both.code.reshape(-1, 1)), 2 * left, 2 * right
        given = _compared(names, one, two)[0]
        surname = _compared(names, one + 1, two + 1)[0]
        pair = np.flatnonzero((given < _ALIKE) & (surname < _ALIKE))
        here = _compared(names, one[pair], two[pair] + 1)[0]
        pair, here = pair[here >= _ALIKE], here[here >= _ALIKE]
        there = _compared(names, one[pair] + 1, two[pair])[0]
        moved = there >= _ALIKE
        pair = pair[moved]
        # The mean, for which of the two is the given name is not known.
        given[pair] = surname[pair] = _MOVED * (here[moved] + there[moved]) / 2
        return [given, surname]


def _compared(persons: Persons, left: IntArray, right: IntArray) -> list[np.ndarray]:
    return [
        person_similarity(
            left,
            right,
            persons.code,
            (persons.start, persons.token),
            (persons.spelling_start, persons.spelling_units),
            (persons.formal_start, persons.formal),
        )
    ]
