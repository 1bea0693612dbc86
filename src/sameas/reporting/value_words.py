"""How two dates or two telephone numbers compare, in words."""

from __future__ import annotations

import re

import pyarrow as pa

from sameas.records.dates import day_numbers, read_dates

__all__ = ["date_words", "phone_words"]

_PARTS = ("year", "month", "day")
_LEAST_DIGITS = 7  # equal last digits that say something
_YEAR = 365.25


def date_words(label: str, left: str, right: str) -> str | None:
    """Say how two dates compare, however each is written; None if one is no date.

    Examples
    --------
    >>> date_words("born", "19280722", "22/07/1928")
    'born is the same day'
    >>> date_words("born", "1928-07-12", "1928-12-07")
    'born: day and month change places'
    >>> date_words("born", "1928-07-22", "1982-07-22")
    'born: another year (1928 and 1982)'
    """
    read = read_dates(pa.array([left, right]))
    one, other = read.parts.tolist()
    if not one[0] or not other[0]:
        return None
    known = [part for part in range(3) if one[part] and other[part]]
    differ = [part for part in known if one[part] != other[part]]
    turned = one[0] == other[0] and one[1:] == other[:0:-1]
    if not differ or (turned and read.either.any()):  # 03/04 may be a day in March or in April
        last = _PARTS[known[-1]] if differ == [] else "day"
        return f"{label} is the same {last}"
    if turned:
        return f"{label}: day and month change places"
    if len(differ) == 1:
        part = differ[0]
        return f"{label}: another {_PARTS[part]} ({one[part]} and {other[part]})"
    days = float(abs(day_numbers(read.parts) @ [1, -1]))
    if days != days:
        return f"{label} differs"
    apart = f"{days:.0f} days" if days < _YEAR else f"{days / _YEAR:.0f} years"
    return f"{label}: {apart} apart"


def phone_words(label: str, left: str, right: str) -> str | None:
    """Say how two telephone numbers compare; None if there is nothing beyond their texts.

    Examples
    --------
    >>> phone_words("phone", "+44 131 556 9999", "0131-556 9999")
    'phone ends in the same 10 digits'
    """
    one, other = (re.sub(r"\D", "", text) for text in (left, right))
    if one and one == other:
        return f"{label} has the same digits"
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return f"{label} ends in the same {same} digits" if same >= _LEAST_DIGITS else None
