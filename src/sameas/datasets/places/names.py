"""True names: chains, independent places, institutions and the places inside them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import UIntArray, mix, stream
from sameas.datasets.places import words
from sameas.datasets.places.phrases import Phrases
from sameas.datasets.places.vocabulary import INVENTED, Codes, vocabulary

__all__ = [
    "CATEGORY_COUNT",
    "Chains",
    "Surroundings",
    "chains",
    "draw_categories",
    "hash_names",
    "independent_names",
    "inner_names",
    "institution_names",
]

IntArray = npt.NDArray[np.int64]

CATEGORY_COUNT = len(words.CATEGORIES)

#: Share, and words in order; a sign before a word is how it is joined, see `_BEFORE`.
_INDEPENDENT: tuple[tuple[float, str], ...] = (
    (0.15, "owner's category"),
    (0.09, "owner category"),
    (0.13, "invented category"),
    (0.15, "invented"),
    (0.07, "street type category"),
    (0.10, "adjective noun category"),
    (0.05, "The adjective noun"),
    (0.05, "owner &owner"),
    (0.05, "owner &owner category"),
    (0.03, "city category"),
    (0.02, "district category"),
    (0.04, "first owner category"),
    (0.01, "category"),
    (0.03, "invented category /district"),
    (0.03, "adjective invented category &other -city"),
)
_CHAINS = (
    (0.50, "invented"),
    (0.20, "invented category"),
    (0.15, "invented invented"),
    (0.08, "owner's"),
    (0.07, "owner &owner"),
)
_INSTITUTIONS = (
    (0.35, "invented category"),
    (0.20, "district category"),
    (0.20, "adjective noun category"),
    (0.15, "street category"),
    (0.10, "city invented category"),
)
_BEFORE = {"&": " & ", "/": " of ", "-": " - "}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Words of the place where each entity stands.

    Attributes
    ----------
    city, district, street, street_type : int32[n]
        Word numbers; the type is an index of the street types.
    """

    city: Codes
    district: Codes
    street: Codes
    street_type: Codes

    def take(self, rows: IntArray) -> Surroundings:
        """Return the given rows."""
        return Surroundings(
            self.city[rows], self.district[rows], self.street[rows], self.street_type[rows]
        )


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of the world, the largest first: names and categories."""

    names: Phrases
    category: IntArray


@lru_cache(maxsize=4)
def chains(count: int) -> Chains:
    """Return the chains; they are the same for every seed."""
    rng = stream(0xC4A1, count)
    category = draw_categories(count, rng)
    nowhere = np.full(count, -1, np.int32)
    around = Surroundings(nowhere, nowhere, nowhere, nowhere)
    return Chains(_compose(_CHAINS, category, around, rng), category)


def draw_categories(count: int, rng: np.random.Generator) -> IntArray:
    """Draw categories; common ones are about six times as frequent as rare ones."""
    weight = 1 / np.sqrt(np.arange(2, CATEGORY_COUNT + 2))
    return rng.choice(CATEGORY_COUNT, count, p=weight / weight.sum())


def independent_names(
    category: IntArray, around: Surroundings, rng: np.random.Generator
) -> Phrases:
    """Draw names of places that belong to nobody else."""
    return _compose(_INDEPENDENT, category, around, rng)


def institution_names(
    category: IntArray, around: Surroundings, rng: np.random.Generator
) -> Phrases:
    """Draw names of places that hold others."""
    return _compose(_INSTITUTIONS, category, around, rng)


def inner_names(own: Phrases, outer: Phrases, turn: IntArray, rng: np.random.Generator) -> Phrases:
    """Name places inside others: "<own> at <outer>" or "<outer> <department>".

    Parameters
    ----------
    own, outer : Phrases
        A name of its own for each place, and the name of the institution.
    turn : int64[n]
        Running number within the institution; two departments of one differ.
    """
    known = vocabulary()
    names = outer.take(np.arange(len(turn)))
    department = rng.random(len(turn)) < 0.5
    rows = np.flatnonzero(department)
    choice = (mix(11, outer.words[rows, 0]).astype(np.int64) + turn[rows]) % len(words.DEPARTMENTS)
    part = (known.start["DEPARTMENTS"] + choice).astype(np.int32)
    names.append(rows, part, " - ")
    half = rows[rng.random(len(rows)) < 0.7]
    names.joins[half, names.length[half] - 2] = 0
    rows = np.flatnonzero(~department)
    names.put(rows, own.take(rows))
    short = rows[own.length[rows] <= 4]
    names.append(short, outer.words[short, 0], " at ")
    names.append(short, outer.words[short, 1])
    return names


def hash_names(names: Phrases) -> UIntArray:
    """Return one number a name; equal names have equal numbers."""
    return mix(5, *(names.words[:, column] + 2 for column in range(names.words.shape[1])))


def _compose(
    patterns: tuple[tuple[float, str], ...],
    category: IntArray,
    around: Surroundings,
    rng: np.random.Generator,
) -> Phrases:
    """Draw a pattern for each name, then its words."""
    share = np.array([share for share, _ in patterns])
    chosen = rng.choice(len(patterns), len(category), p=share / share.sum())
    names = Phrases.empty(len(category))
    for number, (_, pattern) in enumerate(patterns):
        rows = np.flatnonzero(chosen == number)
        for item in pattern.split():
            word = _draw(item.lstrip("&/-"), rows, category, around, rng)
            names.append(rows, word, _BEFORE.get(item[0], " "))
    return names


def _draw(
    slot: str,
    rows: IntArray,
    category: IntArray,
    around: Surroundings,
    rng: np.random.Generator,
) -> Codes:
    """Draw one word for each of the given rows."""
    known, count = vocabulary(), len(rows)
    if slot in ("invented", "owner", "owner's"):
        # Frequencies of surnames fall slowly: the n-th has a share of n to the power -2/3.
        word = known.start["invented"] + (rng.random(count) ** 3 * INVENTED).astype(np.int32)
        if slot != "invented":
            given = rng.integers(0, len(words.FIRST_NAMES), count)
            word = np.where(rng.random(count) < 0.2, given, word).astype(np.int32)
        return known.possessive(word) if slot == "owner's" else word.astype(np.int32)
    if slot == "first":
        return rng.integers(0, len(words.FIRST_NAMES), count).astype(np.int32)
    if slot == "The":
        return np.full(count, known.start["The"], np.int32)
    if slot == "category":
        return known.pick_category(rng, category[rows])
    if slot == "other":
        return known.pick_category(rng, draw_categories(count, rng))
    if slot == "type":
        return (known.start["STREET_TYPES"] + around.street_type[rows]).astype(np.int32)
    if slot in ("adjective", "noun"):
        return known.pick(rng, f"{slot.upper()}S", count)
    local: Codes = getattr(around, slot)[rows]
    return local
