"""Text in one form: lower case, no accents, words separated by single spaces.

All functions take and give Arrow string arrays and work on whole columns.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.texts import buffers, of_buffers

__all__ = ["changed_where", "compact", "digits", "digits_only", "normalise", "null_if_empty", "url",
           "words_with_digits"]  # fmt: skip

#: Below this many texts a kernel does not pay its compilation.
_FEW = 2_000


def normalise(texts: pa.Array) -> pa.Array:
    """Lower-case, strip accents, drop apostrophes, turn other punctuation into spaces.

    ``&`` and ``+`` become the word "and". Letters and digits of every script are kept.
    A text without any letter or digit becomes null.

    Examples
    --------
    >>> normalise(pa.array(["Café  Móca & Son's", "H & M", "!!"])).to_pylist()
    ['cafe moca and sons', 'h and m', None]
    """
    texts = texts.cast(pa.large_string())
    if isinstance(texts, pa.ChunkedArray) or len(texts) < _FEW:
        return _normalise_any(texts)
    ascii_only = pc.fill_null(pc.string_is_ascii(texts), True)
    other = pc.invert(ascii_only)
    plain = null_if_empty(_normalise_ascii(texts))
    return pc.replace_with_mask(plain, other, _normalise_any(texts.filter(other)))


def _normalise_ascii(texts: pa.Array) -> pa.Array:
    """Normalise the texts that are ASCII, in one pass; the others become empty."""
    from sameas.kernels.ascii import normalise_ascii

    return of_buffers(*normalise_ascii(*buffers(pc.fill_null(texts, ""))))


def _normalise_any(texts: pa.Array) -> pa.Array:
    texts = pc.utf8_normalize(texts, form="NFKD")
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
    return null_if_empty(pc.utf8_ltrim(digits_only(texts), characters="0"))


def digits_only(texts: pa.Array) -> pa.Array:
    """Keep the digits 0 to 9 of each text; a missing text stays so, or becomes empty.

    Examples
    --------
    >>> digits_only(pa.array(["(0)131 556", "n/a"])).to_pylist()
    ['0131556', '']
    """
    texts = texts.cast(pa.large_string())
    if isinstance(texts, pa.ChunkedArray) or len(texts) < _FEW:
        return pc.replace_substring_regex(texts, r"[^0-9]+", "")
    from sameas.kernels.arrays import plain
    from sameas.kernels.ascii import digits_only as kernel

    offsets, data = buffers(pc.fill_null(texts, ""))
    return of_buffers(*kernel(plain(offsets, np.int64), plain(data, np.uint8)))


def changed_where(
    texts: pa.Array, where: pa.Array, change: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Change the texts that are marked; dear expressions need not see the others.

    Examples
    --------
    >>> texts = pa.array(["a+b", "c", None])
    >>> changed_where(texts, pc.match_substring(texts, "+"), pc.utf8_upper).to_pylist()
    ['A+B', 'c', None]
    """
    where = pc.fill_null(where, False)
    if not pc.any(where).as_py():
        return texts
    return pc.replace_with_mask(texts, where, change(texts.filter(where)))


def compact(texts: pa.Array) -> pa.Array:
    """Keep letters and digits in lower case, without spaces: codes, postal codes.

    Examples
    --------
    >>> compact(pa.array(["EH9 1QW", " "])).to_pylist()
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
    # Each word between two spaces of its own: the borders of \b are those of ASCII alone.
    texts = pc.replace_substring_regex(texts, r"^|$|\s+", "  ")
    texts = pc.replace_substring_regex(texts, r" [^\d\s]+ ", " ")
    texts = pc.replace_substring_regex(texts, r" +", " ")
    return null_if_empty(pc.utf8_trim_whitespace(texts))


def null_if_empty(texts: pa.Array) -> pa.Array:
    """Turn empty texts into nulls."""
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
