"""Text in one form: lower case, no accents, words separated by single spaces.

All functions take and give Arrow string arrays and work on whole columns.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["digits", "normalise", "postal_code", "url", "words_with_digits"]


def normalise(texts: pa.Array) -> pa.Array:
    """Lower-case, strip accents, drop apostrophes, turn other punctuation into spaces.

    ``&`` and ``+`` become the word "and". Letters and digits of every script are kept.
    A text without any letter or digit becomes null.

    Examples
    --------
    >>> normalise(pa.array(["Café  Móca & Son's", "H & M", "!!"])).to_pylist()
    ['cafe moca and sons', 'h and m', None]
    """
    texts = pc.utf8_normalize(texts.cast(pa.large_string()), form="NFKD")
    texts = pc.replace_substring_regex(texts, r"\p{Mn}+", "")
    texts = pc.utf8_lower(texts)
    texts = pc.replace_substring_regex(texts, r"['’‘`´]+", "")
    texts = pc.replace_substring_regex(texts, r"[&+]", " and ")
    texts = pc.replace_substring_regex(texts, r"[^\p{L}\p{N}]+", " ")
    return null_if_empty(pc.utf8_trim_whitespace(texts))


def digits(texts: pa.Array) -> pa.Array:
    """Keep the digits only, without leading zeros; null when there are none.

    Examples
    --------
    >>> digits(pa.array(["+44 (0)131 556", "n/a"])).to_pylist()
    ['440131556', None]
    """
    texts = pc.replace_substring_regex(texts.cast(pa.large_string()), r"[^0-9]+", "")
    return null_if_empty(pc.utf8_ltrim(texts, characters="0"))


def postal_code(texts: pa.Array) -> pa.Array:
    """Keep letters and digits in lower case, without spaces.

    Examples
    --------
    >>> postal_code(pa.array(["EH9 1QW", " "])).to_pylist()
    ['eh91qw', None]
    """
    texts = pc.utf8_lower(texts.cast(pa.large_string()))
    return null_if_empty(pc.replace_substring_regex(texts, r"[^\p{L}\p{N}]+", ""))


def url(texts: pa.Array) -> pa.Array:
    """Drop scheme, "www.", query, fragment, "index.html" and a closing slash.

    Examples
    --------
    >>> url(pa.array(["https://www.Example.org/Menu/?x=1#top"])).to_pylist()
    ['example.org/menu']
    """
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(texts.cast(pa.large_string())))
    texts = pc.replace_substring_regex(texts, r"^[a-z][a-z0-9+.-]*://", "")
    texts = pc.replace_substring_regex(texts, r"^www\d?\.", "")
    texts = pc.replace_substring_regex(texts, r"[?#].*$", "")
    texts = pc.replace_substring_regex(texts, r"/(index\.(html?|php))?$", "")
    return null_if_empty(texts)


def words_with_digits(texts: pa.Array) -> pa.Array:
    """Keep the words that hold a digit, joined over hyphens: model and part numbers.

    Examples
    --------
    >>> words_with_digits(pa.array(["Sony NP-FD1 battery, 4.2 V"])).to_pylist()
    ['npfd1 42']
    """
    texts = pc.utf8_lower(texts.cast(pa.large_string()))
    texts = pc.replace_substring_regex(texts, r"[^\p{L}\p{N}\s]+", "")
    texts = pc.replace_substring_regex(texts, r"\b[^\d\s]+\b", " ")
    texts = pc.replace_substring_regex(texts, r"\s+", " ")
    return null_if_empty(pc.utf8_trim_whitespace(texts))


def null_if_empty(texts: pa.Array) -> pa.Array:
    """Turn empty texts into nulls."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
