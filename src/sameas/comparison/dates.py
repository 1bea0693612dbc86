"""Comparisons of dates."""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.core.prepared_values import Dates
from sameas.core.specs import register
from sameas.kernels.dates import date_agreement, digits_apart

__all__ = ["DateDifference", "DateSimilarity"]


@register("comparison", "date_similarity")
@dataclass(frozen=True, slots=True)
class DateSimilarity:
    """How well two dates agree, in levels, forgiving what people mistype.

    1 equal; 0.9 day and month swapped, or one digit differs, or two neighbouring digits are
    swapped; 0.8 equal as far as year and month are known; 0.7 year and month are equal, or
    month and day; 0.6 equal as far as only the year is known; 0.5 at most a year apart; else
    0. NaN if a side is missing or no date. Cost: about 10 ns a pair.

    Parameters
    ----------
    field : str
        Dates in any common writing. Whether 3/9/1987 is in March or September follows from
        the other dates of the source.

    Examples
    --------
    >>> DateSimilarity("born").names()
    ('born_date_similarity',)
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return (f"{self.field}_date_similarity",)

    def needs(self) -> tuple[Need, ...]:
        return (Need("dates", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        dates: Dates = columns[self.needs()[0]]
        return [date_agreement(left, right, dates.parts, dates.day_number)]


@register("comparison", "date_difference")
@dataclass(frozen=True, slots=True)
class DateDifference:
    """How far two dates are apart: in days, in years, in digits, and day and month swapped.

    Four columns: ``_days`` (absolute), ``_years`` (absolute difference of the year alone),
    ``_digits`` (how many of the eight digits differ), ``_swapped`` (1 if the dates differ and
    become equal when day and month of one change places, else 0). NaN if a side is missing or
    lacks what the column is about: the year alone suffices for ``_years``.

    Parameters
    ----------
    field : str
    """

    field: str

    def names(self) -> tuple[str, ...]:
        return tuple(f"{self.field}_{part}" for part in ("days", "years", "digits", "swapped"))

    def needs(self) -> tuple[Need, ...]:
        return (Need("dates", (self.field,)),)

    def values(self, columns: Columns, left: IntArray, right: IntArray) -> list[np.ndarray]:
        dates: Dates = columns[self.needs()[0]]
        a, b = dates.parts[left], dates.parts[right]
        missing = (a[:, 0] == 0) | (b[:, 0] == 0)
        years = np.where(missing, np.nan, np.abs(a[:, 0] - b[:, 0]))
        digits = digits_apart(left, right, dates.parts)
        swapped = ((a == b[:, [0, 2, 1]]).all(axis=1) & (digits > 0)).astype(np.float64)
        days = np.abs(dates.day_number[left] - dates.day_number[right])
        return [days, years, digits, np.where(np.isnan(digits), np.nan, swapped)]
