"""Filters: cheap tests that a candidate pair must pass before it is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from sameas.blocking.base import BoolArray, Filter
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Columns, FloatArray, IntArray, Need, Vectors
from sameas.core.specs import register
from sameas.kernels.geo import distance
from sameas.kernels.sets import sparse_cosine
from sameas.kernels.strings import jaro_winkler_at_least
from sameas.kernels.tokens import shares_token

__all__ = [
    "AllOf",
    "AnyOf",
    "NoSeries",
    "SharedToken",
    "SimilarText",
    "SimilarWording",
    "Within",
    "also_filtered",
]

AnyRule = TypeVar("AnyRule", bound=Any)


@register("filter", "similar_text")
@dataclass(frozen=True, slots=True)
class SimilarText:
    """Keep pairs whose texts have a Jaro-Winkler similarity of at least `at_least`.

    Parameters
    ----------
    field : str
    at_least : float
        In [0, 1]; 0.7 in Cousseau & Barbosa (2020), section 3.1.

    Notes
    -----
    Cost: 30 to 100 ns a pair; bounds on length and letters decide most pairs.
    """

    field: str
    at_least: float = 0.7

    def __post_init__(self) -> None:
        if not 0 <= self.at_least <= 1:
            raise ArgumentError(f"at_least must lie in [0, 1], got {self.at_least}.")

    def needs(self) -> tuple[Need, ...]:
        return Need("text", (self.field,)), Need("letters", (self.field,))

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        text, letters = (columns[need] for need in self.needs())
        kept: BoolArray = jaro_winkler_at_least(
            text.code[left], text.code[right], text.start, text.units, letters.bits, self.at_least
        )
        return kept


@register("filter", "similar_wording")
@dataclass(frozen=True, slots=True)
class SimilarWording:
    """Keep pairs whose texts have a TF-IDF cosine of character n-grams of at least `at_least`.

    Parameters
    ----------
    fields : tuple of str
        Their normalised texts are joined.
    at_least : float
        In [0, 1].
    low, high : int
        Sizes of the n-grams.

    Notes
    -----
    Cost: a few nanoseconds an n-gram, about 300 ns a pair of titles. How rare an n-gram is, is
    frozen with the linker.
    """

    fields: tuple[str, ...]
    at_least: float = 0.1
    low: int = 2
    high: int = 4

    def __post_init__(self) -> None:
        if not self.fields or not isinstance(self.fields, tuple):
            raise ArgumentError(f"fields must be a tuple of field names, got {self.fields!r}.")
        if not 0 <= self.at_least <= 1:
            raise ArgumentError(f"at_least must lie in [0, 1], got {self.at_least}.")

    def needs(self) -> tuple[Need, ...]:
        return (Need("vectors", self.fields, (("low", self.low), ("high", self.high))),)

    def cosine(self, columns: Columns, left: IntArray, right: IntArray) -> FloatArray:
        """Return the cosine of pairs, NaN where a text is missing."""
        vectors: Vectors = columns[self.needs()[0]]
        codes = vectors.code[left], vectors.code[right]
        return np.asarray(sparse_cosine(*codes, vectors.start, vectors.index, vectors.value))

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        return np.asarray(self.cosine(columns, left, right) >= self.at_least)


@register("filter", "shared_token")
@dataclass(frozen=True, slots=True)
class SharedToken:
    """Keep pairs whose texts share a word.

    Parameters
    ----------
    field : str

    Notes
    -----
    Cost: 5 to 20 ns a pair; a bit a word decides most pairs.
    """

    field: str

    def needs(self) -> tuple[Need, ...]:
        return Need("tokens", (self.field,)), Need("token_bits", (self.field,))

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        tokens, signature = (columns[need] for need in self.needs())
        kept: BoolArray = shares_token(
            tokens.code[left], tokens.code[right], tokens.start, tokens.token, signature.bits
        )
        return kept


@register("filter", "within")
@dataclass(frozen=True, slots=True)
class Within:
    """Keep pairs at most `metres` apart.

    Parameters
    ----------
    metres : float
    latitude, longitude : str
        The fields with the position.
    """

    metres: float
    latitude: str = "latitude"
    longitude: str = "longitude"

    def needs(self) -> tuple[Need, ...]:
        return (Need("points", (self.latitude, self.longitude)),)

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        (need,) = self.needs()
        apart = distance(left, right, columns[need].xyz)
        return np.asarray(apart <= self.metres)


@register("filter", "no_series")
@dataclass(frozen=True, slots=True)
class NoSeries:
    """Keep pairs but those whose texts differ in a number and in nothing else.

    Seasons of a team, elections of a town and claims of a mine are more alike than most matches
    are, and are none. A number that is part of a word belongs to the wording. "2007" and "'07" are
    one number; a pair without a text is kept.

    Parameters
    ----------
    field : str
    words : tuple of tuples of str
        Words that stand for one another and tell things apart as numbers do, such as
        ``(("football", "baseball"), ("north", "south"))``.
    """

    field: str
    words: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if not all(map(_are_words, self.words)):
            raise ArgumentError(
                "words must be sets of two words and more that stand for one another, such as "
                f"(('north', 'south'),), got {self.words!r}."
            )

    def needs(self) -> tuple[Need, ...]:
        words = (("words", self.words),) if self.words else ()
        forms = "without_numbers", "numbers"
        return tuple(Need("codes", (self.field,), (("form", form), *words)) for form in forms)

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        wording, number = (columns[need].value for need in self.needs())
        alike = (wording[left] == wording[right]) & (wording[left] != 0)
        return np.asarray(~alike | (number[left] == number[right]))


def _are_words(alike: Sequence[str]) -> bool:
    """Say whether these are several single words."""
    each = [] if isinstance(alike, str) else [str(word).split() for word in alike]
    return len(each) > 1 and all(len(parts) == 1 for parts in each)


@register("filter", "any_of")
@dataclass(frozen=True, slots=True)
class AnyOf:
    """Keep pairs that pass one of the filters; the first are tried first."""

    filters: tuple[Filter, ...]

    def needs(self) -> tuple[Need, ...]:
        return tuple(need for item in self.filters for need in item.needs())

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        kept = np.zeros(len(left), bool)
        for item in self.filters:
            open_ = np.flatnonzero(~kept)
            kept[open_] = item.keep(columns, left[open_], right[open_])
        return kept


@register("filter", "all_of")
@dataclass(frozen=True, slots=True)
class AllOf:
    """Keep pairs that pass all the filters; the first are tried first."""

    filters: tuple[Filter, ...]

    def needs(self) -> tuple[Need, ...]:
        return tuple(need for item in self.filters for need in item.needs())

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        kept = np.ones(len(left), bool)
        for item in self.filters:
            open_ = np.flatnonzero(kept)
            kept[open_] = item.keep(columns, left[open_], right[open_])
        return kept


def also_filtered(rule: AnyRule, filters: Sequence[Filter]) -> AnyRule:
    """Give a rule further filters, which are asked before its own.

    Examples
    --------
    >>> from sameas.blocking import ExactKey
    >>> also_filtered(ExactKey(("city",)), [SharedToken("name")]).filter
    SharedToken(field='name')
    """
    if not filters:
        return rule
    every = (*filters, *(() if rule.filter is None else (rule.filter,)))
    return replace(rule, filter=every[0] if len(every) == 1 else AllOf(every))
