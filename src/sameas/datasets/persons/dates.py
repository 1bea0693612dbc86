"""Dates of birth as text, "1961-04-09", with the errors of writing them down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.datasets.persons.people import People
from sameas.datasets.persons.records import Records
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.texts import blank, fixed_width

__all__ = ["swap_or_change_digit", "write_dates"]

Characters = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]

_DIGITS = np.array([0, 1, 2, 3, 5, 6, 8, 9])
#: Where a digit is mistyped: mostly in the last of the year, in month and day.
_SPOTS = np.array([2, 3, 3, 5, 6, 6, 8, 9, 9])


def write_dates(
    people: People, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    """Write the date of birth of each record."""
    born = people.born[records.person].astype("datetime64[D]")
    year = born.astype("datetime64[Y]").astype(np.int64) + 1970
    month = born.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (born - born.astype("datetime64[M]")).astype(np.int64) + 1
    off = records.careless(settings.year_wrong, rng)
    year = np.where(off, year + rng.choice([-1, 1], len(year)), year)
    unknown = records.careless(settings.first_of_january, rng)
    month, day = np.where(unknown, 1, month), np.where(unknown, 1, day)
    swapped = (day <= 12) & records.careless(settings.date_swapped, rng)
    month, day = np.where(swapped, day, month), np.where(swapped, month, day)
    number = (year * 100 + month) * 100 + day
    written = np.full((len(number), 10), ord("-"), np.uint8)
    written[:, _DIGITS] = ord("0") + number[:, None] // 10 ** np.arange(7, -1, -1) % 10
    wrong = np.flatnonzero(records.careless(settings.date_typo, rng))
    written[wrong] = swap_or_change_digit(written[wrong], rng.choice(_SPOTS, len(wrong)), rng)
    return blank(fixed_width(written), records.careless(settings.date_missing, rng))


def swap_or_change_digit(texts: Characters, spot: IntArray, rng: np.random.Generator) -> Characters:
    """Write another digit at a spot, or in two of five swap it with the character before.

    The character before is swapped only if it is another digit.

    Examples
    --------
    >>> texts = np.frombuffer(b"12", np.uint8).reshape(1, 2)
    >>> bool((swap_or_change_digit(texts, np.array([1]), np.random.default_rng(0)) != texts).any())
    True
    """
    typed, row = texts.copy(), np.arange(len(texts))
    here, before = texts[row, spot], texts[row, spot - 1]
    digit = (before >= ord("0")) & (before <= ord("9"))
    swap = digit & (before != here) & (rng.random(len(texts)) < 0.4)
    other = ord("0") + (here - ord("0") + rng.integers(1, 10, len(texts))) % 10
    typed[row, spot] = np.where(swap, before, other)
    typed[row[swap], spot[swap] - 1] = here[swap]
    return typed
