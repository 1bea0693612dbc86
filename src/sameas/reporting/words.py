"""How two values compare, in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from sameas.reporting.value_words import date_words, phone_words

__all__ = ["context_words", "distance_words", "field_words", "joined_words"]

_COUNTS = ("no", "one", "two", "three")
_LONGEST = 120
_NAMED = 4  # fields that are named
_BY_KIND = {"date": date_words, "phone": phone_words}


def field_words(label: str, left: Any, right: Any, *, kind: str = "text") -> str:
    """Say how two values of one field compare; `kind` is that of the field.

    Examples
    --------
    >>> field_words("name", "Blue Door", "Blue Dor")
    'name differs by one letter'
    >>> field_words("name", "Blue Door Cafe", "The Blue Door")
    'name shares 2 of 4 words (blue, door)'
    >>> field_words("price", 10.0, 12.5)
    'price 10 and 12.5, 20 % apart'
    >>> field_words("phone", None, "123")
    'no phone on one side'
    """
    if left is None or right is None:
        return f"no {label} on {'either' if left is right else 'one'} side"
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return _set_words(label, {str(item) for item in left}, {str(item) for item in right})
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _number_words(label, float(left), float(right))
    said = _BY_KIND[kind](label, str(left), str(right)) if kind in _BY_KIND else None
    return said or _text_words(label, str(left), str(right))


def joined_words(label: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> str:
    """Say how the words of several fields compare, all taken together.

    Examples
    --------
    >>> one, other = {"brand": "Acme", "title": None}, {"brand": None, "title": "Acme"}
    >>> joined_words("brand + title", one, other)
    'brand + title is the same'
    """
    fields = label.split(" + ")
    if len(fields) > _NAMED:
        label = f"{' + '.join(fields[: _NAMED - 1])} + {len(fields) - _NAMED + 1} more"
    texts = [_joined(side[name] for name in fields) for side in (left, right)]
    return field_words(label, *texts)


def _joined(values: Iterable[Any]) -> str | None:
    """Return the texts of some values as one; lists give all their texts."""
    known = [value for value in values if value not in (None, "", [])]
    several = (value if isinstance(value, list | tuple) else (value,) for value in known)
    return " ".join(str(item) for items in several for item in items) or None


def distance_words(metres: float | None) -> str:
    """Say how far two places are apart.

    Examples
    --------
    >>> distance_words(40.2), distance_words(1234), distance_words(None)
    ('40 m apart', '1.2 km apart', 'distance unknown')
    """
    if metres is None or metres != metres:
        return "distance unknown"
    return f"{metres:.0f} m apart" if metres < 1000 else f"{metres / 1000:.1f} km apart"


def context_words(values: Mapping[str, float | None], *, who: str = "") -> str:
    """Say how good a pair is among the candidates of its two records.

    Parameters
    ----------
    values : mapping
        The context columns; the first rank counts.
    who : str
        By whose opinion, if not by plain similarity.
    """
    worse = next((v for k, v in values.items() if k.endswith("rank_worse")), None)
    better = next((v for k, v in values.items() if k.endswith("rank_better")), None)
    others = next((v for k, v in values.items() if k == "candidates_more"), None)
    by = f" {who}" if who else ""
    if worse is None or better is None:
        return f"rank among the candidates unknown{by}"
    if others == 0:
        return f"no rival on either side{by}"
    if worse <= 1:
        return f"each is the other's best candidate{by}"
    if better <= 1:
        return f"best candidate of one side, number {worse:.0f} of the other{by}"
    return f"better candidates on both sides (numbers {better:.0f} and {worse:.0f}){by}"


def _set_words(label: str, left: set[str], right: set[str]) -> str:
    if left == right:
        return f"{label}: the same"
    both = left & right
    return f"{label}: {_count(len(both))} of {len(left | right)} in common"


def _number_words(label: str, left: float, right: float) -> str:
    if left == right:
        return f"{label} is the same"
    larger = max(abs(left), abs(right))
    apart = abs(left - right) / larger if larger else 0.0
    return f"{label} {left:g} and {right:g}, {apart:.0%} apart".replace("%", " %")


def _text_words(label: str, left: str, right: str) -> str:
    a, b = _plain(left), _plain(right)
    if a == b:
        return f"{label} is the same" + ("" if left == right else " but for its spelling")
    if max(len(a), len(b)) <= _LONGEST:
        letters = _distance(a, b)
        if letters <= 3 and letters * 3 < max(len(a), len(b)):
            return f"{label} differs by {_count(letters)} letter{'s' * (letters > 1)}"
    ours, theirs = a.split(), b.split()
    both = [word for word in dict.fromkeys(ours) if word in theirs]
    total = len(set(ours) | set(theirs))
    if not both:
        return f"{label} shares no word" if total > 2 else f"{label} differs"
    some = ", ".join(both[:4]) + ("" if len(both) <= 4 else ", …")
    return f"{label} shares {len(both)} of {total} words ({some})"


def _plain(text: str) -> str:
    """Return text in lower case, without accents and punctuation."""
    kept = (
        char if char.isalnum() else " "
        for char in unicodedata.normalize("NFKD", text).casefold()
        if not unicodedata.combining(char)
    )  # fmt: skip
    return " ".join("".join(kept).split())


def _distance(left: str, right: str) -> int:
    """Count the letters to change, add, drop or swap with a neighbour."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _count(value: int) -> str:
    return _COUNTS[value] if value < len(_COUNTS) else str(value)
