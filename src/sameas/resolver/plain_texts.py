"""Normal forms of one text in plain Python, for the characters on which all libraries agree.

They give what `sameas.records.forms` gives, without building patterns for a single text. Other
characters are left to the columns' own functions: `None` is returned for "not here".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

__all__ = ["PLAIN_FORMS", "is_plain"]

#: Latin letters with their marks (up to U+024F), and the usual typographic punctuation.
_PLAIN = re.compile(r"[\x20-\x7e\xa1-\u024f\u2010-\u2015\u2018-\u201f\u2026]*\Z")
_APOSTROPHES = re.compile("['’‘`´]+")
_AND = re.compile("[&+]")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_WWW = re.compile(r"^www[0-9]?\.")
_TAIL = re.compile(r"[?#].*$")
_INDEX = re.compile(r"/(index\.(html?|php))?$")
_NO_DIGITS = re.compile("[^0-9]+")


def is_plain(text: str) -> bool:
    """Say whether a text holds nothing but characters that are dealt with here.

    Examples
    --------
    >>> is_plain("Café Zürich №"), is_plain("Café Zürich")
    (False, True)
    """
    return _PLAIN.match(text) is not None


class _Letters(dict[int, str]):
    """What a character becomes: itself in small if it is a letter or digit, else a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        small = character.lower()
        letter = unicodedata.category(character)[0] in "LN"
        self[code] = (small if len(small) == 1 else character) if letter else " "
        return self[code]


_LETTERS = _Letters()


def normalise_one(text: str) -> str | None:
    """Do for one text what `records.normalise.normalise` does for many; "" is missing."""
    if not is_plain(text):
        return None
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if unicodedata.category(c) != "Mn")
    text = _AND.sub(" and ", _APOSTROPHES.sub("", text))
    return " ".join(text.translate(_LETTERS).split())


def _digits(text: str) -> str | None:
    return _NO_DIGITS.sub("", text).lstrip("0")


def _postal_code(text: str) -> str | None:
    if not (text.isascii() and is_plain(text)):
        return None
    return text.translate(_LETTERS).replace(" ", "")


def _url(text: str) -> str | None:
    if not text.isascii():
        return None
    text = text.strip().lower()
    return _INDEX.sub("", _TAIL.sub("", _WWW.sub("", _SCHEME.sub("", text))))


def _as_is(text: str) -> str | None:
    return text


#: By name of the form; a text in, its form out, "" for missing, None for "not here".
PLAIN_FORMS: dict[str, Callable[[str], str | None]] = {
    "normalise": normalise_one,
    "digits": _digits,
    "postal_code": _postal_code,
    "url": _url,
    "as_is": _as_is,
}
