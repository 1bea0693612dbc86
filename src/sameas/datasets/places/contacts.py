"""Phone numbers and homepages, in several ways of writing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.datasets.hashing import mix
from sameas.datasets.texts import fixed_width, scatter

__all__ = ["fill_template", "hosts", "slugs", "write_homepages", "write_phones"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: A: area code, L: local number, C: country code.
_NATIONAL = ("(AAA) LLL-LLLL", "AAA-LLL-LLLL", "AAA LLL LLLL", "AAALLLLLLL", "AAA.LLL.LLLL")
_INTERNATIONAL = ("+CC AAA LLL LLLL", "+CC-AAA-LLL-LLLL", "+CCAAALLLLLLL")
_PREFIXES = ("https://www.", "http://www.", "https://")
_SUFFIXES = ("", "/", "/contact")


def write_phones(
    key: IntArray, country: IntArray, area: IntArray, kept: BoolArray, rng: np.random.Generator
) -> pa.Array:
    """Write the phone number of each record.

    Parameters
    ----------
    key : int64[n]
        Entity; its records have one number, in one of several ways of writing.
    country, area : int64[n]
        Country, and any number that stands for the area.
    kept : bool[n]
        False: the digits differ from those of the entity, by the country code (two of five)
        or because it is another number or mistyped.
    """
    count = len(key)
    draw = mix(37, key)
    abroad = draw % 8 == 0
    local = (draw >> np.uint64(8)).astype(np.int64) % 8_000_000 + 2_000_000
    fault = np.where(kept, 0, rng.choice(3, count, p=(0.4, 0.3, 0.3)) + 1)
    international = abroad ^ (fault == 1)
    other = rng.integers(2_000_000, 10_000_000, count)
    slip = 10 ** rng.integers(0, 6, count)
    digit = local // slip % 10
    slipped = local + ((digit + rng.integers(1, 10, count)) % 10 - digit) * slip
    local = np.where(fault == 2, other, np.where(fault == 3, slipped, local))
    region = (mix(41, area) % 790).astype(np.int64) + 210
    digits = ((20 + country % 79) * 1_000 + region) * 10_000_000 + local
    manner = np.where(
        international,
        len(_NATIONAL) + rng.integers(0, len(_INTERNATIONAL), count),
        rng.integers(0, len(_NATIONAL), count),
    )
    parts = []
    for number, template in enumerate(_NATIONAL + _INTERNATIONAL):
        rows = np.flatnonzero(manner == number)
        parts.append((rows, fixed_width(fill_template(template, digits[rows]))))
    return scatter(parts)


def fill_template(template: str, digits: IntArray) -> npt.NDArray[np.uint8]:
    """Write the last digits of numbers, one text each, where a template has capital letters.

    Examples
    --------
    >>> bytes(fill_template("+1 AA-L", np.array([123]))[0])
    b'+1 12-3'
    """
    characters = np.frombuffer(template.encode(), np.uint8)
    written = np.tile(characters, (len(digits), 1))
    spots = np.flatnonzero((characters >= ord("A")) & (characters <= ord("Z")))
    places = 10 ** np.arange(len(spots) - 1, -1, -1)
    written[:, spots] = ord("0") + digits[:, None] // places % 10
    return written


def slugs(names: pa.Array) -> pa.Array:
    """Return the letters and digits of names, for host names.

    Examples
    --------
    >>> slugs(pa.array(["Anna's Cafe", "&"])).to_pylist()
    ['annascafe', 'place']
    """
    plain = pc.replace_substring_regex(pc.ascii_lower(names), "[^a-z0-9]+", "")
    return pc.if_else(pc.equal(plain, ""), "place", plain)


def write_homepages(
    host: pa.Array, key: IntArray, kept: BoolArray, rng: np.random.Generator
) -> pa.Array:
    """Write the homepage of each record; not kept is another address of the same place.

    Parameters
    ----------
    host : string[n]
        Host name without "www.".
    key : int64[n]
        Who runs the page, the chain or the entity: decides on its usual form.
    kept : bool[n]
    """
    count = len(key)
    usual = mix(43, key)
    prefix = (usual % 3).astype(np.int64)
    suffix = ((usual >> np.uint64(8)) % 2).astype(np.int64)
    fault = np.where(kept, 0, rng.integers(1, 4, count))
    prefix = np.where(fault == 1, (prefix + rng.integers(1, 3, count)) % 3, prefix)
    suffix = np.where(fault == 2, (suffix + rng.integers(1, 3, count)) % 3, suffix)
    own = pc.binary_join_element_wise(
        pa.array(_PREFIXES).take(pa.array(prefix)),
        host,
        pa.array(_SUFFIXES).take(pa.array(suffix)),
        "",
    )
    page = pc.binary_join_element_wise("https://pages.example/", host, "")
    return pc.if_else(pa.array(fault == 3), page, own)


def hosts(name: pa.Array, city: pa.Array, chain: BoolArray) -> pa.Array:
    """Return host names: of the name alone for chains, else of name and city."""
    local = pc.binary_join_element_wise(name, city, "-")
    host = pc.if_else(pa.array(chain), name, local)
    return pc.binary_join_element_wise(host, ".example", "")
