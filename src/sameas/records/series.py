"""Names of a series: seasons, elections and claims have one wording, and a number each."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.normalise import normalise, null_if_empty

__all__ = ["numbers", "numbers_of", "without_numbers", "wording_of"]

#: Numbers and ordinals, as words; and Roman numbers up to 39.
_NUMBER = r"\b(\d+)(?:st|nd|rd|th)?\b"
_ROMAN = r"\b(i{1,3}|i[vx]|vi{0,3}|x{1,3}(?:ix|iv|vi{0,3}|i{0,3}))\b"


def without_numbers(texts: pa.Array) -> pa.Array:
    """Leave the numbers in a text open; null without a number, or without a word.

    Numbers that are part of a word (a code, ``sx120``) belong to the wording.

    Examples
    --------
    >>> without_numbers(pa.array(["1998-99 Arsenal", "Henry VIII", "Arsenal", "12"])).to_pylist()
    ['# # arsenal', 'henry $', None, None]
    """
    return wording_of(normalise(texts))


def wording_of(texts: pa.Array) -> pa.Array:
    """Leave the numbers in normalised texts open."""
    wording = pc.replace_substring_regex(_marked(texts), r"#\d+", "#")
    wording = pc.replace_substring_regex(wording, r"\$[ivx]+", "$")
    told = pc.and_(
        pc.match_substring_regex(wording, "[#$]"), pc.match_substring_regex(wording, r"\p{L}")
    )
    return pc.if_else(told, wording, pa.scalar(None, wording.type))


def numbers(texts: pa.Array) -> pa.Array:
    """Keep the numbers of a text; of 1950 to 2049 the last two digits, as years are shortened.

    Examples
    --------
    >>> numbers(pa.array(["1998-99 Arsenal", "Henry VIII", "SX120", "3rd of 1908"])).to_pylist()
    ['98 99', '$viii', None, '3 1908']
    """
    return numbers_of(normalise(texts))


def numbers_of(texts: pa.Array) -> pa.Array:
    """Keep the numbers of normalised texts."""
    found = pc.replace_substring_regex(_marked(texts), r"#(\d+)|(\$[ivx]+)|[^#$]+", r"\1\2 ")
    found = pc.replace_substring_regex(found, r"\b(?:19([5-9]\d)|20([0-4]\d))\b", r"\1\2")
    found = pc.replace_substring_regex(found, r"\b0+(\d)\b", r"\1")
    found = pc.replace_substring_regex(found, " +", " ")
    return null_if_empty(pc.utf8_trim_whitespace(found))


def _marked(texts: pa.Array) -> pa.Array:
    """Mark numbers and Roman numbers that stand alone, and cut the endings of ordinals."""
    texts = pc.replace_substring_regex(texts, _NUMBER, r"#\1")
    return pc.replace_substring_regex(texts, _ROMAN, r"$\1")
