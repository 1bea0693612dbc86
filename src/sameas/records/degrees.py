"""Coordinates as they are written: decimal degrees, minutes and seconds, one or both in a text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["ANGLE", "coordinate_part", "degrees_of"]

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_COMMA = r"[+-]?\d{1,3},\d+"
_SIGNED = rf"{_NUMBER}\s*(?:°\s*)?"
_SEXAGESIMAL = (
    r"\d{1,3}\s*[°º]\s*\d{1,2}(?:[.,]\d+)?\s*['′’´]\s*"
    r"(?:\d{1,2}(?:[.,]\d+)?\s*(?:[\"″”“]|''|′′|’’)\s*)?"
)
#: One coordinate, of either kind, as it may be written.
ANGLE = rf"[NSEW]?\s*(?:[+-]?\s*{_SEXAGESIMAL}|[+-]?\d{{1,3}}(?:[.,]\d+)?\s*°?)\s*[NSEW]?"
#: Both in one text, the latitude first; but well-known text and GeoJSON have the longitude first.
_BOTH = (
    rf"^(?:geo:)?[\[(]?\s*(?P<latitude>{_SIGNED}[NS]?)\s*[,;/\s]\s*"
    rf"(?P<longitude>{_SIGNED}[EW]?)\s*[\])]?$",
    rf"(?i)^(?:SRID=\d+;)?\s*POINT\s*Z?\s*\(\s*(?P<longitude>{_NUMBER})[,\s]\s*"
    rf"(?P<latitude>{_NUMBER})(?:\s+{_NUMBER})?\s*\)$",
    rf"^\{{.*\"coordinates\"\s*:\s*\[\s*(?P<longitude>{_NUMBER})\s*,\s*"
    rf"(?P<latitude>{_NUMBER})\s*(?:,\s*{_NUMBER}\s*)?\].*\}}$",
    rf"^[\[(]?\s*(?P<latitude>{_COMMA}\s*(?:°\s*)?[NS]?)(?:\s*[;/\s]\s*|,\s+)"
    rf"(?P<longitude>{_COMMA}\s*(?:°\s*)?[EW]?)\s*[\])]?$",
    r"^(?P<latitude>[+-]?\d{1,3},\d{3,}),(?P<longitude>[+-]?\d{1,3},\d{3,})$",
    rf"(?i)^(?P<latitude>[NS]?\s*-?{_SEXAGESIMAL}[NS]?)[,;/\s]*"
    rf"(?P<longitude>[EW]?\s*-?{_SEXAGESIMAL}[EW]?)$",
)
#: Nobody gives a place in whole degrees, so three digits behind a comma are no second number.
_LONG_COMMA = r"^[+-]?\d{1,3},\d{3,}$"


def coordinate_part(text: pa.ChunkedArray, part: str) -> pa.ChunkedArray:
    """Return one coordinate of each text as a plain number; what is none stays as it is.

    Parameters
    ----------
    text : pyarrow.ChunkedArray of string
        One coordinate: "51.5", "51,5074", "51.5°N", "51° 30′ 26″ N"; or both: "51.5, -0.12",
        "51.5N 0.12W", "(51.5; -0.12)", "51,5; -0,12", "POINT(-0.12 51.5)", GeoJSON,
        "geo:51.5,-0.12"; the latitude is first except in well-known text and in GeoJSON.
        "51,5" is a number where some value of the column has three digits behind the comma.
    part : str
        "latitude" or "longitude".

    Examples
    --------
    >>> both = pa.chunked_array([["51.5, -0.12", "POINT(-0.12 51.5)", "51.5N 0.12W", "7", None]])
    >>> coordinate_part(both, "longitude").to_pylist()
    ['-0.12', '-0.12', '-0.12', '7', None]
    >>> coordinate_part(pa.chunked_array([["55,9432", "3° 12′ S"]]), "latitude").to_pylist()
    ['55.9432', '-3.2']
    """
    comma = pc.match_substring_regex(text, r"^[+-]?\d+,\d+$")
    given, text = text, pc.if_else(comma, None, text)
    for pattern in _BOTH:
        text = pc.coalesce(pc.struct_field(pc.extract_regex(text, pattern), part), text)
    text = pc.coalesce(text, given)
    decimal = pc.any(pc.match_substring_regex(given, _LONG_COMMA)).as_py()
    single = text if decimal else pc.if_else(comma, None, text)
    return pc.coalesce(_plain(single), text)


def degrees_of(text: pa.Array, part: str) -> pa.Array:
    """Return the coordinates that texts hold, as float64; null where a text is none.

    Examples
    --------
    >>> degrees_of(pa.array(["51° 30' N", "0.5W", "near the river"]), "latitude").to_pylist()
    [51.5, -0.5, None]
    """
    found = coordinate_part(pa.chunked_array([text.cast(pa.string())]), part).combine_chunks()
    plain = pc.match_substring_regex(found, rf"^{_NUMBER}$")
    return pc.if_else(plain, found, None).cast(pa.float64())


def _plain(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write single coordinates as plain numbers; null where a text is none."""
    text = pc.if_else(pc.match_substring_regex(text, rf"(?i)^\s*{ANGLE}\s*$"), text, None)
    letter = pc.or_(
        pc.match_substring_regex(text, r"(?i)[SW]\s*$"),
        pc.match_substring_regex(text, r"(?i)^\s*[SW]"),
    )
    text = pc.replace_substring(text, ",", ".")
    minus = pc.or_(letter, pc.match_substring_regex(text, r"^\s*-"))
    bare = pc.replace_substring_regex(text, r"(?i)[NSEW+\s-]", "")
    number = pc.replace_substring(bare, "°", "")
    parts = pc.extract_regex(
        bare, r"^(?P<d>\d+)[°º](?P<m>[\d.]+)['′’´](?:(?P<s>[\d.]+)(?:[\"″”“]|''|′′|’’))?$"
    )
    degrees, minutes, seconds = (
        pc.if_else(pc.equal(item, ""), "0", item).cast(pa.float64())
        for item in (pc.struct_field(parts, name) for name in "dms")
    )
    summed = pc.add(degrees, pc.add(pc.divide(minutes, 60.0), pc.divide(seconds, 3600.0)))
    size = pc.coalesce(summed.cast(pa.string()), number)
    sign = pc.if_else(pc.fill_null(minus, False), "-", "")
    return pc.binary_join_element_wise(sign, size, "")
