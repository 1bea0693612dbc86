"""Telephone numbers written in the international way, many at once.

`phonenumbers` takes one number apart in 30 microseconds. Most numbers with a country code ask
for little of what it can: the code comes off, and the rest stands as it is. Those are found
here by whole columns; what could be a trunk prefix, an extension or a slip stays with the
library.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.normalise import digits_only

__all__ = ["read_international"]

_PLAIN = r"^\+[0-9][0-9 .()/-]*$"
_LEAST, _MOST = 7, 15  # digits; of fewer or more the library decides
_LONGEST_CODE = 3


def read_international(
    texts: pa.Array, phonenumbers: Any
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Read the numbers from which only a country code has to be taken.

    Parameters
    ----------
    texts : pyarrow.Array of large_string, length m
    phonenumbers : module
        The library; its tables of country codes and trunk prefixes are used.

    Returns
    -------
    rows : int64[k]
        The texts that could be read; exactly as `phonenumbers.parse` reads them.
    full, national : int64[k]

    Notes
    -----
    Cost: about 1 microsecond a text.

    Examples
    --------
    >>> import phonenumbers
    >>> texts = pa.array(["+1 (213) 857-0034", "+44 (0)131 556 9999"], pa.large_string())
    >>> [values.tolist() for values in read_international(texts, phonenumbers)]
    [[0], [12138570034], [2138570034]]
    """
    digits = digits_only(texts)
    length = pc.binary_length(digits).to_numpy(zero_copy_only=False)
    plain = pc.match_substring_regex(texts, _PLAIN).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(plain & (length >= _LEAST) & (length <= _MOST))
    digits = digits.take(pa.array(rows))
    code = _country_codes(digits, phonenumbers)
    found = []
    for number in np.unique(code[code > 0]):
        here = np.flatnonzero(code == number)
        rest = pc.utf8_slice_codeunits(digits.take(pa.array(here)), len(str(number)))
        whole = ~_may_have_prefix(rest, int(number), phonenumbers)
        national = pc.utf8_ltrim(rest.filter(pa.array(whole)), characters="0")
        some = pc.not_equal(national, "")
        national = national.filter(some)
        full = pc.binary_join_element_wise(*map(_large, (str(number), national, "")))
        kept = rows[here][whole][some.to_numpy(zero_copy_only=False)]
        found.append((kept, *(_whole(values) for values in (full, national))))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    joined = [np.concatenate(values) for values in zip(*found, strict=True)]
    return joined[0].astype(np.int64), joined[1], joined[2]


def _country_codes(digits: pa.Array, phonenumbers: Any) -> npt.NDArray[np.int64]:
    """Return the country code that each number begins with, 0 where there is none."""
    known = np.array(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE), np.int64)
    code = np.zeros(len(digits), np.int64)
    for size in range(_LONGEST_CODE, 0, -1):  # no code begins another; the shorter one wins
        first = _whole(pc.utf8_slice_codeunits(digits, 0, size))
        fits = np.isin(first, known[known >= 10 ** (size - 1)])
        code = np.where(fits & (first < 10**size), first, code)
    return code


def _may_have_prefix(rest: pa.Array, country_code: int, phonenumbers: Any) -> npt.NDArray[np.bool_]:
    """Say where a national number could begin with a trunk or carrier prefix."""
    region = phonenumbers.region_code_for_country_code(country_code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    prefix = metadata.national_prefix_for_parsing if metadata is not None else ".*"
    if prefix is None:
        return np.zeros(len(rest), bool)
    try:
        found = pc.match_substring_regex(rest, f"^(?:{prefix})")
    except pa.ArrowInvalid:  # an expression that only the library's own engine knows
        return np.ones(len(rest), bool)
    return np.asarray(found.to_numpy(zero_copy_only=False))


def _whole(texts: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(texts.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _large(text: str | pa.Array) -> pa.Scalar | pa.Array:
    return pa.scalar(text, pa.large_string()) if isinstance(text, str) else text
