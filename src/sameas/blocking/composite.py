"""The rule by a key of several parts: first letters, a year, how a name sounds."""

from __future__ import annotations

import numpy as np

from sameas.blocking.base import BoolArray, Filter, KeyArray, Rows
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, check_one_of
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.specs import register
from sameas.kernels.blocks import same_key

__all__ = ["TAKES", "Key", "Part"]

#: What a part may take, and whether it needs a size.
TAKES = {
    "value": False, "first": True, "last": True, "sound": False, "first_word": False,
    "last_word": False, "sorted_words": False, "year": False, "month_and_day": False,
    "digits_sorted": False,
}  # fmt: skip


@register("key_part", "part")
@dataclass(frozen=True, slots=True)
class Part:
    """A part of a `Key`: what is taken from one field, or from several joined by a space.

    Parameters
    ----------
    field : str or tuple of str
    take : str
        "value": all of it; "first", "last": so many characters, spaces aside; "sound": its
        consonants, those that sound alike as one; "first_word", "last_word";
        "sorted_words": all words in alphabetical order; "year", "month_and_day": of a date
        written year first; "digits_sorted": its digits in whatever order.
    size : int
        Number of characters of "first", "last" and "sound" (0: all of the sound).
    form : str
        Normal form that it is taken from, as in `ExactKey`; "date": a date in any common
        writing, written year first.

    Examples
    --------
    >>> Part("surname", "first", 3).label
    'first 3 of surname'
    """

    field: str | tuple[str, ...]
    take: str = "value"
    size: int = 0
    form: str = "normalise"

    def __post_init__(self) -> None:
        if not self.field or not all(isinstance(name, str) and name for name in self.fields):
            raise ArgumentError(f"field must be a name or a tuple of names, got {self.field!r}.")
        check_one_of("take", self.take, TAKES)
        if self.size < 0 or (TAKES[self.take] and self.size < 1):
            raise ArgumentError(f"size must be at least 1 for {self.take!r}, got {self.size}.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it is taken from."""
        return (self.field,) if isinstance(self.field, str) else tuple(self.field)

    @property
    def label(self) -> str:
        """What is taken, in words."""
        fields = " and ".join(self.fields)
        if self.take == "value":
            plain = self.form in (
                "normalise",
                "date",
                "email",
                "postal_code",
                "url",
                "organisation",
            )
            return fields if plain else f"{self.form.replace('_', ' ')} of {fields}"
        size = f" {self.size}" if self.size else ""
        return f"{self.take.replace('_', ' ')}{size} of {fields}"


@register("blocking", "key")
@dataclass(frozen=True, slots=True)
class Key:
    """Records with the same key of several parts meet; a missing part makes no key.

    Parameters
    ----------
    parts : tuple of Part
    filter : Filter, optional
    at_most : int, optional
        A key that more records than this bear is none: the pairs of a block grow with its
        square, and a frequent key says little. Counted in the tables at hand.

    Examples
    --------
    >>> Key((Part("surname", "sound"), Part("born", "year"))).label
    'sound of surname + year of born'
    """

    parts: tuple[Part, ...]
    filter: Filter | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.parts, tuple) and all(isinstance(p, Part) for p in self.parts)
        if not whole or not self.parts:
            raise ArgumentError(f"parts must be a tuple of Part, got {self.parts!r}.")
        if self.at_most is not None and self.at_most < 2:
            raise ArgumentError(f"at_most must be at least 2 or None, got {self.at_most}.")

    @property
    def label(self) -> str:
        """The parts, in words."""
        return " + ".join(part.label for part in self.parts)

    def needs(self) -> tuple[Need, ...]:
        fields = dict.fromkeys(name for part in self.parts for name in part.fields)
        parts = tuple((part.fields, part.take, part.size, part.form) for part in self.parts)
        limit = () if self.at_most is None else (("at_most", self.at_most),)
        return (Need("key", tuple(fields), (*limit, ("parts", parts))),)

    def rows(self, columns: Columns) -> Rows:
        key = self._key(columns)
        record = np.flatnonzero(key).astype(np.int32)
        return Rows(key[record] >> np.uint64(1), record, np.zeros(len(record), bool))

    def bound(self, columns: Columns) -> None:
        return None

    def owns(self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray) -> None:
        return None

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        return np.asarray(self._key(columns)[left] >> np.uint64(1))

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        return np.asarray(same_key(self._key(columns), left, right))

    def _key(self, columns: Columns) -> KeyArray:
        key: KeyArray = columns[self.needs()[0]].value
        return key
