"""Every word a name or address can hold, under one number each, and how they are spelled."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import stream
from sameas.datasets.places import words

__all__ = ["INVENTED", "JOINS", "PEOPLE", "Codes", "Vocabulary", "vocabulary"]

Codes = npt.NDArray[np.int32]

#: First names and invented words: each also as "Word's" and "Words".
INVENTED = 60_000
PEOPLE = len(words.FIRST_NAMES) + INVENTED
_NUMBERS = 10_000

#: What may stand between two words (or after the last).
JOINS = (" ", " & ", " and ", " of ", " at ", " - ", "-", "", ", ", "&", ".", "!")

_ONSETS = (
    "b", "br", "c", "ch", "cl", "d", "dr", "f", "fl", "g", "gl", "gr", "h", "j", "k", "kr", "l",
    "m", "n", "p", "pl", "pr", "r", "s", "sh", "sk", "sl", "st", "t", "th", "tr", "v", "w", "z",
)  # fmt: skip
_VOWELS = (*"aeiou" * 6, "ai", "ea", "ee", "ia", "io", "oo", "ou", "au")
_CODAS = (*[""] * 12, *"nrlstmdk", "nd", "rt", "ll", "ck", "rn", "lt", "sk")
_ENDS = ("", "", "", "a", "o", "i", "y", "er", "en", "el", "son", "ton", "ley", "ini", "ova",
         "berg", "ham", "ford", "ez", "ano", "wick", "ski", "man")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words.

    Attributes
    ----------
    spelling : string[...]
        Spelling by number: the words, and at the end the `JOINS`.
    start : dict
        Number of the first word of each list.
    joins : int
        Number of the first join.
    category_word : int32[categories, 6]
        Words of each category, institutions at the end; -1 where there are fewer.
    category_words : int64[categories]
        How many.
    """

    spelling: pa.Array
    start: dict[str, int]
    joins: int
    category_word: Codes
    category_words: npt.NDArray[np.int64]

    def possessive(self, word: Codes) -> Codes:
        """Return "Word's" for first names and invented words."""
        return word + np.int32(PEOPLE)

    def pick(self, rng: np.random.Generator, name: str, count: int) -> Codes:
        """Draw `count` words of a list, each as likely as the others."""
        size = len(getattr(words, name))
        return (self.start[name] + rng.integers(0, size, count)).astype(np.int32)

    def pick_category(self, rng: np.random.Generator, category: npt.NDArray[np.int64]) -> Codes:
        """Draw a word for each category; the usual word is the likeliest."""
        draw = (rng.random(len(category)) ** 1.5 * self.category_words[category]).astype(np.int64)
        return self.category_word[category, draw]

    def number(self, values: npt.ArrayLike) -> Codes:
        """Return the words for whole numbers below 10,000."""
        return (self.start["numbers"] + np.asarray(values)).astype(np.int32)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the vocabulary; it is the same for every seed."""
    people = pa.concat_arrays([pa.array(words.FIRST_NAMES), _invent(INVENTED)])
    lists = [people, _suffixed(people, "'s"), _suffixed(people, "s")]
    start = {"people": 0, "first": 0, "invented": len(words.FIRST_NAMES)}
    at = 3 * PEOPLE
    for name in ("ADJECTIVES", "NOUNS", "STREETS", "STREET_TYPES", "ABBREVIATIONS",
                 "COMPANY_FORMS", "DEPARTMENTS"):  # fmt: skip
        start[name] = at
        lists.append(pa.array(getattr(words, name)))
        at += len(lists[-1])
    groups = [texts for _, _, texts in words.CATEGORIES + words.INSTITUTIONS]
    counts = np.array([len(texts) for texts in groups])
    first = at + np.cumsum(counts) - counts
    column = np.arange(counts.max())
    category_word = np.where(column < counts[:, None], first[:, None] + column, -1)
    lists.append(pa.array([text for texts in groups for text in texts]))
    at += int(counts.sum())
    start["numbers"], start["The"], start["Unit"] = at, at + _NUMBERS, at + _NUMBERS + 1
    lists.append(pc.cast(pa.array(np.arange(_NUMBERS)), pa.string()))
    lists.append(pa.array(["The", "Unit", *JOINS]))
    spelling = pa.concat_arrays(lists)
    return Vocabulary(
        spelling, start, len(spelling) - len(JOINS), category_word.astype(np.int32), counts
    )


def _suffixed(texts: pa.Array, suffix: str) -> pa.Array:
    return pc.binary_join_element_wise(texts, suffix, "")


def _invent(count: int) -> pa.Array:
    """Build `count` different words of one to three syllables."""
    rng = stream(0x5A3E, 1)
    n = 3 * count
    parts: list[pa.Array] = []
    syllables = rng.choice([1, 2, 3], size=n, p=[0.15, 0.65, 0.2])
    for number in range(3):
        spoken = syllables > number
        for choices in (_ONSETS, _VOWELS, _CODAS):
            drawn = np.where(spoken, rng.integers(0, len(choices), n), len(choices))
            parts.append(pa.array([*choices, ""]).take(pa.array(drawn)))
    parts.append(pa.array(_ENDS).take(pa.array(rng.integers(0, len(_ENDS), n))))
    texts = pc.binary_join_element_wise(*parts, "")
    accented = pc.replace_substring_regex(texts, "e([nlrt])$", "é\\1")
    texts = pc.if_else(pa.array(rng.random(n) < 0.01), accented, texts)
    size = pc.utf8_length(texts)
    texts = texts.filter(pc.and_(pc.greater_equal(size, 4), pc.less_equal(size, 10)))
    return pc.utf8_capitalize(pc.unique(texts).slice(0, count))
