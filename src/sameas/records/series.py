"""Names of a series: seasons, elections and claims have one wording, and a number each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.normalise import normalise, null_if_empty

__all__ = ["SERIES", "Words", "marked", "numbers", "numbers_of", "without_numbers", "wording_of"]

#: Sets of words that stand for one another, as "north" and "south" do.
Words = Sequence[Sequence[str]]

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


def wording_of(texts: pa.Array, words: Words = ()) -> pa.Array:
    """Leave the numbers in normalised texts open, and the words that stand for others.

    Examples
    --------
    >>> texts = pa.array(["2008 ohio baseball", "ohio football"])
    >>> wording_of(texts, [["baseball", "football"]]).to_pylist()
    ['# ohio %0~', 'ohio %0~']
    """
    wording = pc.replace_substring_regex(marked(texts, words), r"#\d+", "#")
    wording = pc.replace_substring_regex(wording, r"(\$|%\d+~)[\p{L}\p{N}]+", r"\1")
    told = pc.and_(
        pc.match_substring_regex(wording, "[#$%]"), pc.match_substring_regex(wording, r"\p{L}")
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


def numbers_of(texts: pa.Array, words: Words = ()) -> pa.Array:
    """Keep the numbers of normalised texts, and the words that stand for others.

    Examples
    --------
    >>> texts = pa.array(["2008 ohio baseball", "ohio football"])
    >>> numbers_of(texts, [["baseball", "football"]]).to_pylist()
    ['8 %0~baseball', '%0~football']
    """
    kept = r"#(\d+)|(\$[ivx]+|%\d+~[\p{L}\p{N}]+)|[^#$%]+"
    found = pc.replace_substring_regex(marked(texts, words), kept, r"\1\2 ")
    found = pc.replace_substring_regex(found, r"\b(?:19([5-9]\d)|20([0-4]\d))\b", r"\1\2")
    found = pc.replace_substring_regex(found, r"\b0+(\d)\b", r"\1")
    found = pc.replace_substring_regex(found, " +", " ")
    return null_if_empty(pc.utf8_trim_whitespace(found))


def marked(texts: pa.Array, words: Words = ()) -> pa.Array:
    """Mark numbers that stand alone, and words; the endings of ordinals are cut.

    Examples
    --------
    >>> marked(pa.array(["2nd day 2008 henry viii north"]), [["north", "south"]]).to_pylist()
    ['#2 day #2008 henry $viii %0~north']
    """
    texts = pc.replace_substring_regex(texts, _NUMBER, r"#\1")
    texts = pc.replace_substring_regex(texts, _ROMAN, r"$\1")
    if not words:
        return texts
    texts = pc.replace_substring(texts, " ", "  ")  # one before a word and one behind it
    for place, alike in enumerate(words):
        plain = normalise(pa.array(alike, pa.large_string())).drop_null().to_pylist()
        pattern = "|".join(re.escape(word) for word in plain)
        texts = pc.replace_substring_regex(texts, rf"(^| )({pattern})( |$)", rf"\1%{place}~\2\3")
    return pc.replace_substring(texts, "  ", " ")


#: What is made of normalised texts, by the name of the form.
SERIES: dict[str, Callable[[pa.Array, Words], pa.Array]] = {
    "without_numbers": wording_of,
    "numbers": numbers_of,
}
