"""Texts derived from texts: what two spellings of one value still have in common.

All functions take and give Arrow string arrays in normal form (`normalise`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.texts import buffers, of_buffers
from sameas.kernels.spelled import numbered_words
from sameas.records.normalise import null_if_empty

__all__ = ["TAKES", "derive", "sorted_words", "sound"]

#: How letters that sound alike are written; pairs of (pattern, replacement), in order.
_SOUNDS = (
    (r"[^a-z\p{L}]+", ""),
    ("^(kn|gn|pn)", "n"), ("^wr", "r"), ("^ps", "s"), ("^x", "s"),
    ("ph", "f"), ("t?sch|sh|sz|cz|ch$", "s"), ("ght", "t"), ("gh", "k"), ("th|dt", "t"),
    ("tz|ts", "s"), ("c([eiy])", "s${1}"), ("ck|qu", "k"), ("x", "ks"),
)  # fmt: skip
_CLASSES = (
    ("[bp]+", "p"), ("[fv]+", "f"), ("[cgjkq]+", "k"), ("[sz]+", "s"), ("[dt]+", "t"),
    ("[mn]+", "n"), ("l+", "l"), ("r+", "r"),
)  # fmt: skip


#: Below this many texts a kernel does not pay its compilation.
_FEW = 2_000


def sound(texts: pa.Array) -> pa.Array:
    """Write a name by its consonants, those that sound alike as one: after Soundex, Metaphone.

    Vowels, h, w and y after the first letter are dropped, and a first vowel becomes "a".
    Letters of other scripts than Latin stay as they are.

    Examples
    --------
    >>> sound(pa.array(["meyer", "maier", "philip", "filippe", "schmidt", "smith"])).to_pylist()
    ['nr', 'nr', 'flp', 'flp', 'snt', 'snt']
    """
    texts = texts.cast(pa.large_string())
    if len(texts) < _FEW:
        return _sound_any(texts)
    from sameas.kernels.sounds import sounds_ascii

    other = pc.fill_null(pc.match_substring_regex(texts, r"[^\x00-\x7f]|[A-Z]"), False)
    plain = null_if_empty(of_buffers(*sounds_ascii(*buffers(pc.fill_null(texts, "")))))
    return pc.replace_with_mask(plain, other, _sound_any(texts.filter(other)))


def _sound_any(texts: pa.Array) -> pa.Array:
    for pattern, plain in _SOUNDS:
        texts = pc.replace_substring_regex(texts, pattern, plain.replace("${1}", r"\1"))
    texts = pc.replace_substring_regex(texts, "^[aeiouyh]+", "a")
    for pattern, letter in _CLASSES:
        texts = pc.replace_substring_regex(texts, pattern, letter.upper())
    texts = pc.replace_substring_regex(texts, "([^a])a+", r"\1")
    texts = pc.replace_substring_regex(texts, "[eiouyhw]+", "")
    texts = pc.replace_substring_regex(texts, "([A-Z])a+", r"\1")
    return null_if_empty(pc.utf8_lower(texts))


def _compact(texts: pa.Array) -> pa.Array:
    return pc.replace_substring(texts, " ", "")


def _first(texts: pa.Array, size: int) -> pa.Array:
    return pc.utf8_slice_codeunits(_compact(texts), 0, size)


def _last(texts: pa.Array, size: int) -> pa.Array:
    return pc.utf8_slice_codeunits(_compact(texts), -size)


def _sound(texts: pa.Array, size: int) -> pa.Array:
    code = sound(texts)
    return code if size == 0 else pc.utf8_slice_codeunits(code, 0, size)


def _matched(pattern: str) -> Callable[[pa.Array, int], pa.Array]:
    def take(texts: pa.Array, size: int) -> pa.Array:  # noqa: ARG001
        return pc.struct_field(pc.extract_regex(texts, f"(?P<found>{pattern})"), "found")

    return take


def sorted_words(texts: pa.Array, size: int = 0) -> pa.Array:  # noqa: ARG001
    """Put the words of each text into alphabetical order."""
    missing = pc.is_null(texts)
    start, place, spelled = numbered_words(*buffers(pc.fill_null(texts, "")))
    words, owner = of_buffers(*spelled), np.repeat(np.arange(len(texts)), np.diff(start))
    rank = pc.rank(words).to_numpy()[place].astype(np.int64)
    order = np.argsort(owner * (len(words) + 1) + rank)
    again = pa.LargeListArray.from_arrays(pa.array(start), words.take(pa.array(place[order])))
    joined = pc.binary_join(again, pa.scalar(" ", pa.large_string()))
    return pc.if_else(missing, pa.scalar(None, pa.large_string()), joined)


def _month_and_day(texts: pa.Array, size: int) -> pa.Array:  # noqa: ARG001
    """Take month and day of dates written year first; zeros stand for unknown ones."""
    plain = pc.replace_substring_regex(texts, r"^\d{4} ?(\d\d) ?(\d\d)$", r"\1\2")
    dated = pc.match_substring_regex(texts, r"^\d{4} ?(0[1-9]|1\d) ?(0[1-9]|[123]\d)$")
    return pc.if_else(dated, plain, pa.scalar(None, pa.large_string()))


def _digits_sorted(texts: pa.Array, size: int) -> pa.Array:  # noqa: ARG001
    """Write the digits in rising order: the same for swapped digits, days and months."""
    offsets, data = buffers(pc.fill_null(texts, ""))
    data = data[offsets[0] : offsets[-1]]
    digit = (data >= ord("0")) & (data <= ord("9"))
    owner = np.repeat(np.arange(len(texts)), np.diff(offsets))[digit]
    ranked = np.sort(owner << 8 | data[digit])
    start = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=len(texts)), out=start[1:])
    return null_if_empty(of_buffers(start, (ranked & 0xFF).astype(np.uint8)))


#: What may be taken from a text, by name; size is the number of characters, where it matters.
TAKES: dict[str, Callable[[pa.Array, int], pa.Array]] = {
    "value": lambda texts, size: texts,  # noqa: ARG005
    "first": _first,  # the first letters, spaces aside
    "last": _last,  # the last characters, spaces aside
    "sound": _sound,
    "first_word": _matched(r"^\S+"),
    "last_word": _matched(r"\S+$"),
    "sorted_words": sorted_words,
    "year": _matched(r"\b1[5-9]\d\d|\b20\d\d"),
    "month_and_day": _month_and_day,
    "digits_sorted": _digits_sorted,
}


def derive(texts: pa.Array, take: str, size: int = 0) -> pa.Array:
    """Take a part of each text in normal form; null where there is none.

    Parameters
    ----------
    texts : pyarrow.Array of large_string
    take : str
        One of `TAKES`.
    size : int
        Number of characters of "first", "last" and "sound"; 0 is all of "sound".

    Examples
    --------
    >>> texts = pa.array(["1990 01 31", "anna lee"], pa.large_string())
    >>> derive(texts, "year").to_pylist(), derive(texts, "month_and_day").to_pylist()
    (['1990', None], ['0131', None])
    >>> derive(pa.array(["lee anna"], pa.large_string()), "sorted_words").to_pylist()
    ['anna lee']
    """
    return null_if_empty(TAKES[take](texts.cast(pa.large_string()), size))
