"""Prepared columns of values with parts: dates, names of persons, telephone numbers, quantities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass

__all__ = ["Dates", "Persons", "Phones", "Quantities"]


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates, also those of which only the year, or year and month, are known.

    Attributes
    ----------
    parts : int32[n, 3]
        Year, month, day; 0 where not known. A missing date has the year 0.
    day_number : float64[n]
        Days since 1970-01-01; NaN unless the date is a whole one of the calendar.
    """

    parts: npt.NDArray[np.int32]
    day_number: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Persons:
    """Names of persons as words in their order, with the formal names of each word.

    Attributes
    ----------
    code : int32[n, k]
        Distinct text of each record in each of k fields (given name, surname), -1 if missing.
    start : int64[m + 1]
        Where each distinct text begins in `token`.
    token : int32[...]
        Word numbers, in the order of the text.
    spelling_start, spelling_units :
        The words' own characters, as in `Texts`.
    formal_start : int64[v + 1]
        Where each word begins in `formal`.
    formal : int32[...]
        Rising numbers of the names that the word may stand for, itself among them; empty for
        a word that is neither a nickname nor has any.
    """

    code: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    token: npt.NDArray[np.int32]
    spelling_start: npt.NDArray[np.int64]
    spelling_units: npt.NDArray[np.uint16]
    formal_start: npt.NDArray[np.int64]
    formal: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Phones:
    """Telephone numbers as whole numbers, 0 if missing.

    Attributes
    ----------
    full : int64[n]
        With the country code; 0 also where the country is not known.
    national : int64[n]
        Without the country code, where that could be told apart, and without leading zeros.
    """

    full: npt.NDArray[np.int64]
    national: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Quantities:
    """Numbers with what they count.

    Attributes
    ----------
    value : float64[n]
        In the base unit of its dimension (gram, millilitre, metre, ...); NaN if missing.
    dimension : uint64[n]
        Hash of the name of the dimension or currency; 0 for a bare number.
    """

    value: npt.NDArray[np.float64]
    dimension: npt.NDArray[np.uint64]
