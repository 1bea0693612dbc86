"""Dates as people write them, into year, month and day.

Reads whole columns of distinct texts. What is not known is 0: "1987" has no month. A date in
digits whose month or day cannot be is kept as it stands (19871332): a typing error is still
closer to the true date than nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.texts import buffers

__all__ = ["DateTexts", "day_numbers", "read_dates"]

#: Beginnings of the names of months in English, German, French, Spanish, Italian, Portuguese
#: and Dutch; a word that starts so is that month.
_MONTHS = (
    "jan|ene|gen", "feb|fev|fév", "mar|mär|mrz|maa", "apr|avr|abr", "may|mai|mei|mag",
    "jun|juin|giu", "jul|juil|lug", "aug|aoû|aou|ago", "sep|set", "oct|okt|oto|ott|out",
    "nov", "dec|dez|déc|dic",
)  # fmt: skip
#: Names of Tuesday that begin like March.
_TUESDAYS = r"mar(di|tes|ted[iì])"
#: Years that a date of eight digits may have in front.
_FIRST_YEAR, _LAST_YEAR = 1500, 2199
#: Two digits up to this one are a year of this century.
_THIS_CENTURY = 30
_FORMS = (
    r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})$",
    r"^(?P<y>\d{4})-?m(?P<m>\d\d)-?(?P<d>\d{1,2})$",
    r"^(?P<d>\d{1,2})-?m(?P<m>\d\d)-?(?P<y>\d{4}|\d\d)$",
    r"^m(?P<m>\d\d)-?(?P<d>\d{1,2})-(?P<y>\d{4}|\d\d)$",
    r"^(?P<y>\d{4})-?m(?P<m>\d\d)(?P<d>)$",
    r"^(?P<y>\d{4})-(?P<m>\d{1,2})(?P<d>)$",
    r"^m(?P<m>\d\d)-?(?P<y>\d{4})(?P<d>)$",
    r"^(?P<m>\d{1,2})-(?P<y>\d{4})(?P<d>)$",
    r"^(?P<y>\d{4})(?P<m>)(?P<d>)$",
)
_OPEN = r"^(?P<first>\d{1,2})-(?P<second>\d{1,2})-(?P<third>\d{4}|\d\d)$"
#: Where digits and dashes stand in 1987-03-09, and what each digit is worth in year, month, day.
_DIGITS, _DASHES = [0, 1, 2, 3, 5, 6, 8, 9], [4, 7]
_WORTH = np.array(
    [[1000, 0, 0], [100, 0, 0], [10, 0, 0], [1, 0, 0], [0, 10, 0], [0, 1, 0], [0, 0, 10], [0, 0, 1]]
)
_LENGTHS = np.array([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

Parts = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


class DateTexts(NamedTuple):
    """What distinct texts say as dates.

    Attributes
    ----------
    parts : int32[m, 3]
        Year, month, day; 0 where not known, all 0 where the text is no date.
    either : bool[m]
        The month may as well be the day: read with the day first.
    vote : int8[m]
        1 where the text can only have the day first, -1 where only the month, else 0.
    """

    parts: Parts
    either: Mask
    vote: npt.NDArray[np.int8]


def read_dates(texts: pa.Array) -> DateTexts:
    """Read texts as dates: ISO, with any separator, eight digits, with names of months.

    A time of day, the name of the weekday and the ending of "9th" are passed over. Two digits
    are a year from 1931 to 2030.

    Parameters
    ----------
    texts : pyarrow.Array of string, length m, without nulls

    Returns
    -------
    DateTexts

    Examples
    --------
    >>> read_dates(pa.array(["1987-03-09", "Mar 9, 1987", "19870309", "3/1987", "?"])).parts
    array([[1987,    3,    9],
           [1987,    3,    9],
           [1987,    3,    9],
           [1987,    3,    0],
           [   0,    0,    0]], dtype=int32)
    """
    plain, parts = _plain(texts)
    either, vote = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.int8)
    if not plain.all():
        rest = np.flatnonzero(~plain)
        parts[rest], either[rest], vote[rest] = _read(texts.take(pa.array(rest)))
    parts[(parts[:, 1] == 0)[:, None] & (np.arange(3) == 2)] = 0
    return DateTexts(parts, either, vote)


def _plain(texts: pa.Array) -> tuple[Mask, Parts]:
    """Say which texts are written like 1987-03-09, and read those from their bytes."""
    start, content = buffers(texts)
    parts = np.zeros((len(texts), 3), np.int32)
    plain = np.diff(start) == len("1987-03-09")
    held = content[start[:-1][plain, None] + np.arange(10)]
    digit = held[:, _DIGITS] - np.uint8(ord("0"))
    written = (digit <= 9).all(axis=1) & (held[:, _DASHES] == ord("-")).all(axis=1)
    plain[plain] = written
    parts[plain] = digit[written] @ _WORTH
    return plain, parts


def _read(texts: pa.Array) -> DateTexts:
    """Read texts that are written in any way."""
    clean = _clean(texts.cast(pa.large_string()))
    count = len(clean)
    parts = np.zeros((count, 3), np.int32)
    either, vote = np.zeros(count, np.bool_), np.zeros(count, np.int8)
    left = np.arange(count)
    for form in _FORMS:
        found, (year, month, day) = _match(clean, left, form, "ymd")
        parts[left[found]] = np.stack([year, month, day], axis=1)
        left = left[~found]
    found, (first, second, third) = _match(clean, left, _OPEN, ("first", "second", "third"))
    dotted = _matches(texts.take(pa.array(left[found])), r"^\s*\d{1,2}\.\s*\d{1,2}\.")
    _place(parts, either, vote, left[found], (first, second, third), dotted)
    left = left[~found]
    found, (number,) = _match(clean, left, r"^(?P<n>\d{8})$", "n")
    _eight(parts, either, vote, left[found], number)
    short = (parts[:, 0] > 0) & (parts[:, 0] < 100) & (_year_digits(clean) < 3)
    parts[short, 0] += np.where(parts[short, 0] <= _THIS_CENTURY, 2000, 1900)
    return DateTexts(parts, either, vote)


def _clean(texts: pa.Array) -> pa.Array:
    """Bring texts to digits, "m03" for a month by name, and "-" between them."""
    texts = pc.utf8_trim_whitespace(pc.utf8_lower(texts))
    texts = pc.replace_substring_regex(texts, r"[t ,]+\d{1,2}:\d\d.*$", "")
    worded = pc.match_substring_regex(texts, r"\p{L}")
    if pc.any(worded).as_py():
        named = pc.replace_substring_regex(texts.filter(worded), _TUESDAYS, "")
        named = pc.replace_substring_regex(named, r"(\d)(st|nd|rd|th|º|ª)\b", r"\1")
        for month, words in enumerate(_MONTHS, start=1):
            pattern = rf"(^|[^\p{{L}}])({words})\p{{L}}*\.?"
            named = pc.replace_substring_regex(named, pattern, rf"\1#{month:02d}")
        named = pc.replace_substring_regex(named, r"\p{L}+\.?", " ")
        named = pc.replace_substring(named, "#", "m")
        texts = pc.replace_substring_regex(pc.replace_with_mask(texts, worded, named), r"m", " m")
    texts = pc.replace_substring_regex(texts, r"[\s,./\\_-]+", "-")
    return pc.utf8_trim(texts, characters="-")


def _matches(texts: pa.Array, pattern: str) -> Mask:
    found: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _match(
    texts: pa.Array, rows: npt.NDArray[np.int64], pattern: str, names: str | tuple[str, ...]
) -> tuple[Mask, list[Parts]]:
    """Say which rows match, and return the named groups of those; an empty group is 0."""
    struct = pc.extract_regex(texts.take(pa.array(rows)), pattern)
    found = pc.is_valid(struct).to_numpy(zero_copy_only=False)
    groups = [pc.struct_field(struct.filter(pa.array(found)), name) for name in names]
    return found, [
        pc.if_else(pc.equal(group, ""), "0", group).cast(pa.int32()).to_numpy() for group in groups
    ]


def _place(
    parts: Parts,
    either: Mask,
    vote: npt.NDArray[np.int8],
    rows: npt.NDArray[np.int64],
    numbers: tuple[Parts, Parts, Parts],
    dotted: Mask,
) -> None:
    """Read three numbers with the year last, or first where it is too large for a day."""
    first, second, third = numbers
    ahead = (first > 31) & (third <= 31)
    month_first = ~ahead & (second > 12) & (first <= 12)
    day_first = ~ahead & (first > 12) & (second <= 12)
    parts[rows, 0] = np.where(ahead, first, third)
    parts[rows, 1] = np.where(ahead | ~month_first, second, first)
    parts[rows, 2] = np.where(ahead, third, np.where(month_first, second, first))
    either[rows] = ~(ahead | month_first | day_first | dotted)
    vote[rows] = day_first.astype(np.int8) - month_first.astype(np.int8)


def _eight(
    parts: Parts,
    either: Mask,
    vote: npt.NDArray[np.int8],
    rows: npt.NDArray[np.int64],
    number: Parts,
) -> None:
    """Read eight digits with the year first if that can be, else with the year last."""
    front = np.stack([number // 10_000, number // 100 % 100, number % 100], axis=1)
    day = np.stack([number % 10_000, number // 10_000 % 100, number // 1_000_000], axis=1)
    month = day[:, [0, 2, 1]]
    can_front, can_day, can_month = (_possible(option) for option in (front, day, month))
    back = ~can_front & (can_day | can_month)
    parts[rows] = np.where(back[:, None], np.where(can_day[:, None], day, month), front)
    either[rows] = back & can_day & can_month
    vote[rows] = back * (can_day.astype(np.int8) - can_month.astype(np.int8))


def _possible(parts: Parts) -> Mask:
    year, month, day = parts.T
    in_year = (month >= 1) & (month <= 12)
    long_enough = day <= _LENGTHS[np.where(in_year, month, 1) - 1]
    known = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR)
    return np.asarray(known & in_year & (day >= 1) & long_enough)


def _year_digits(clean: pa.Array) -> npt.NDArray[np.int64]:
    """Return the length of the longest run of digits."""
    longest = np.full(len(clean), 2)
    longest[_matches(clean, r"\d{3}")] = 4
    return longest


def day_numbers(parts: Parts) -> npt.NDArray[np.float64]:
    """Return the days since 1970-01-01 of each date; NaN where it is not a whole real one.

    Examples
    --------
    >>> day_numbers(np.array([[1970, 1, 2], [1987, 2, 30], [1987, 0, 0]], np.int32)).tolist()
    [1.0, nan, nan]
    """
    year, month, day = (column.astype(np.int64) for column in parts.T)
    in_year = (year > 0) & (month >= 1) & (month <= 12)
    months = (np.where(in_year, year, 1970) - 1970) * 12 + np.where(in_year, month, 1) - 1
    begin = months.astype("datetime64[M]").astype("datetime64[D]")
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]")
    real = in_year & (day >= 1) & (day <= (after - begin).astype(np.int64))
    return np.where(real, begin.astype(np.int64) + day - 1, np.nan)
