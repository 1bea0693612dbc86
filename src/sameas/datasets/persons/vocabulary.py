"""Names under one number each, how they are spelled, and how often they are drawn."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import mix, unit
from sameas.datasets.persons import words
from sameas.datasets.places.vocabulary import INVENTED
from sameas.datasets.places.vocabulary import vocabulary as place_words

__all__ = ["FASHIONS", "SURNAME_COUNT", "Names", "names"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

#: Spans of years in which other given names are in fashion.
FASHIONS = 4
SURNAME_COUNT = 30_000
_RARE_GIVEN = 300


@dataclass(frozen=True, slots=True)
class Names:
    """All names.

    Attributes
    ----------
    given, surname, other : string[...]
        Spelling by number. Given names: men's, women's, the short forms; `other` are invented
        words for streets and cities.
    given_upto : float64[2, FASHIONS, given names of one sex]
        Cumulated shares by sex and fashion.
    given_start : int64[2]
        Number of the first given name of men and of women.
    surname_upto : float64[SURNAME_COUNT]
    short : int64[men's and women's names, 3]
        Numbers of the short forms; -1 where there are fewer.
    """

    given: pa.Array
    surname: pa.Array
    other: pa.Array
    given_upto: FloatArray
    given_start: IntArray
    surname_upto: FloatArray
    short: IntArray

    def draw_surnames(self, share: FloatArray) -> IntArray:
        """Return the surname at each share of the population."""
        return np.searchsorted(self.surname_upto, share, side="right")

    def draw_given(self, sex: IntArray, fashion: IntArray, share: FloatArray) -> IntArray:
        """Return the given name at each share of the people of a sex and a fashion."""
        drawn = np.empty(len(share), np.int64)
        for kind in range(2):
            for span in range(FASHIONS):
                rows = np.flatnonzero((sex == kind) & (fashion == span))
                upto = self.given_upto[kind, span]
                drawn[rows] = np.searchsorted(upto, share[rows], side="right")
        return drawn + self.given_start[sex]


@lru_cache(maxsize=4)
def names(given_offset: float, surname_offset: float) -> Names:
    """Return the names; they are the same for every seed."""
    known = place_words()
    invented = known.spelling.slice(known.start["invented"], INVENTED)
    most = max(len(words.MALE), len(words.FEMALE)) + _RARE_GIVEN
    cut = most - len(words.MALE)
    men = pa.concat_arrays([pa.array(words.MALE), invented.slice(0, cut)])
    women = pa.concat_arrays(
        [pa.array(words.FEMALE), invented.slice(cut, most - len(words.FEMALE))]
    )
    formal = [*words.MALE, *[""] * cut, *words.FEMALE]
    shorts = [entry.split() for entry in words.NICKNAMES.split(";")]
    spelled = sorted({name for _, *forms in shorts for name in forms})
    number = {name: 2 * most + at for at, name in enumerate(spelled)}
    short = np.full((2 * most, 3), -1, np.int64)
    for name, *forms in shorts:
        short[formal.index(name), : len(forms)] = [number[form] for form in forms]
    rare = SURNAME_COUNT - len(words.SURNAMES)
    surname = pa.concat_arrays([pa.array(words.SURNAMES), invented.slice(5_000, rare)])
    return Names(
        given=pa.concat_arrays([men, women, pa.array(spelled)]),
        surname=surname,
        other=invented,
        given_upto=_fashions(most, given_offset),
        given_start=np.array([0, most]),
        surname_upto=_upto(np.arange(1, SURNAME_COUNT + 1), surname_offset),
        short=short,
    )


def _fashions(count: int, offset: float) -> FloatArray:
    """Cumulate shares; in every fashion a name's rank is up to three times higher or lower."""
    rank = np.arange(1, count + 1)
    tables = [
        [_upto(rank * 3 ** (2 * unit(mix(61, sex, span, rank)) - 1), offset)
         for span in range(FASHIONS)]
        for sex in range(2)
    ]  # fmt: skip
    return np.array(tables)


def _upto(rank: npt.ArrayLike, offset: float) -> FloatArray:
    weight = 1 / (np.asarray(rank) + offset)
    upto: FloatArray = np.cumsum(weight / weight.sum())
    upto[-1] = 1.0
    return upto
