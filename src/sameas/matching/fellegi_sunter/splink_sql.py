"""Conditions of a Splink model: SQL of its comparison library, read as measures of fields."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Reading", "is_null", "read_condition"]

_QUOTE, _CLOSE = r'["`\[]?', r'["`\]]?'
_LEFT = rf"{_QUOTE}(?P<field>\w+?)_l{_CLOSE}"
_RIGHT = rf"{_QUOTE}(?P<other>\w+?)_r{_CLOSE}"
_AT_LEAST, _AT_MOST = r"\s*>=\s*(?P<value>[\d.]+)", r"\s*<=\s*(?P<value>[\d.]+)"
_WINKLER = r"jaro_?winkler(?:_similarity|_sim)?\s*"


def _pair(wrap: str) -> str:
    """Match both sides of a field as the two arguments of a function."""
    return rf"\(\s*{wrap % _LEFT}\s*,\s*{wrap % _RIGHT}\s*\)"


#: A field as it is, or as text.
_TEXT = _pair(r"(?:CAST\s*\(\s*)?%s(?:\s+AS\s+\w+\s*\))?")
#: The part of an e-mail address before the @.
_LOCAL = r"NULLIF\(\s*regexp_extract\(\s*%s\s*,\s*'\^\[\^@\]\+'\s*,\s*0\s*\)\s*,\s*''\s*\)"
#: A date, perhaps read from text with a format.
_DATE = r"(?:\w[\w ]*\(\s*)*%s(?:\s*,\s*'[^']*')?[\s)]*"
_KINDS = tuple(
    (measure, re.compile(pattern, re.I | re.S))
    for measure, pattern in (
        ("equal", rf"{_LEFT}\s*=\s*{_RIGHT}"),
        ("jaro_winkler", rf"{_WINKLER}{_TEXT}{_AT_LEAST}"),
        ("edits_and_swaps", rf"damerau_levenshtein\s*{_TEXT}{_AT_MOST}"),
        ("edits", rf"levenshtein\s*{_TEXT}{_AT_MOST}"),
        ("local_equal", rf"{_LOCAL % _LEFT}\s*=\s*{_LOCAL % _RIGHT}"),
        ("local_jaro_winkler", rf"{_WINKLER}{_pair(_LOCAL)}{_AT_LEAST}"),
        ("seconds", rf"(?=.*EPOCH)ABS\(\s*{_DATE % _LEFT}-\s*{_DATE % _RIGHT}{_AT_MOST}"),
        ("seconds", rf"ABS\(\s*datediff\(\s*{_DATE % _LEFT},\s*{_DATE % _RIGHT}"
                    r"\s*<=\s*floor\(\s*(?P<value>[\d.]+)\s*/\s*86400\s*\)"),
        ("difference", rf"ABS\(\s*{_LEFT}\s*-\s*{_RIGHT}\s*\){_AT_MOST}"),
    )
)  # fmt: skip
_NULL = re.compile(rf"{_DATE % _LEFT}\s*IS\s+NULL\s+OR\s+{_DATE % _RIGHT}\s*IS\s+NULL", re.I)
_REVERSED = re.compile(
    rf"{_LEFT}\s*=\s*{_RIGHT}\s+AND\s+{_QUOTE}(?P=field)_r{_CLOSE}\s*=\s*"
    rf"{_QUOTE}(?P=other)_l{_CLOSE}", re.I,
)  # fmt: skip
_AND = re.compile(r"\s+AND\s+", re.I)
_SECONDS_A_DAY = 86_400.0


class Reading(NamedTuple):
    """One condition in our terms.

    Attributes
    ----------
    fields : tuple of str
        One field; two where their values have changed places.
    measure : str
        "equal", "jaro_winkler", "edits", "edits_and_swaps", "local_equal",
        "local_jaro_winkler", "days", "difference" or "swapped".
    value : float
        The threshold.
    """

    fields: tuple[str, ...]
    measure: str
    value: float


def read_condition(text: str) -> tuple[Reading, ...]:
    """Read the SQL of one level; nothing where it cannot be read.

    Examples
    --------
    >>> read_condition('levenshtein("dob_l", "dob_r") <= 1')
    (Reading(fields=('dob',), measure='edits', value=1.0),)
    >>> read_condition('"first_l" = "last_r" AND "first_r" = "last_l"')
    (Reading(fields=('first', 'last'), measure='swapped', value=1.0),)
    >>> read_condition("soundex(name_l) = soundex(name_r)")
    ()
    """
    found = _REVERSED.fullmatch(_bare(text))
    if found and found["field"] != found["other"]:
        return (Reading((found["field"], found["other"]), "swapped", 1.0),)
    readings = [_reading(part) for part in _split(text)]
    return tuple(item for item in readings if item is not None) if all(readings) else ()


def is_null(text: str) -> bool:
    """Say whether a level is that of missing values: of a field, or of several fields at once."""
    return all(
        match is not None and match["field"] == match["other"]
        for match in (_NULL.fullmatch(part) for part in _split(text))
    )


def _reading(part: str) -> Reading | None:
    for measure, pattern in _KINDS:
        match = pattern.fullmatch(part)
        if match is None or match["field"] != match["other"]:
            continue
        field = (match["field"],)
        if measure in ("equal", "local_equal"):
            return Reading(field, measure, 1.0)
        value = float(match["value"])
        if measure == "seconds":
            return Reading(field, "days", value / _SECONDS_A_DAY)
        return Reading(field, measure, value)
    return None


def _split(text: str) -> list[str]:
    """Split at every AND that stands in no parentheses."""
    parts, begin = [], 0
    text = _bare(text)
    for match in _AND.finditer(text):
        if text.count("(", 0, match.start()) == text.count(")", 0, match.start()):
            parts.append(_bare(text[begin : match.start()]))
            begin = match.end()
    return [*parts, _bare(text[begin:])]


def _bare(text: str) -> str:
    """Take parentheses off that are around all of it."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for place, letter in enumerate(text):
            depth += (letter == "(") - (letter == ")")
            if depth == 0 and place < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text
