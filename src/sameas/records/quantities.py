"""Numbers with a unit in text: "1.5 kg", "6 x 330 ml", "$ 12.99", "1.299,00 €", "3:45"."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["UNITS", "QuantityTexts", "read_quantities"]

#: Dimension -> unit -> how many of the first unit of the dimension it is.
UNITS: dict[str, dict[str, float]] = {
    "mass": {
        "g": 1.0, "gr": 1.0, "gram": 1.0, "grams": 1.0, "gramme": 1.0, "grammes": 1.0,
        "mg": 1e-3, "kg": 1e3, "kgs": 1e3, "kilo": 1e3, "kilos": 1e3, "kilogram": 1e3,
        "kilograms": 1e3, "t": 1e6, "tonne": 1e6, "tonnes": 1e6, "oz": 28.349523125,
        "ounce": 28.349523125, "ounces": 28.349523125, "lb": 453.59237, "lbs": 453.59237,
        "pound": 453.59237, "pounds": 453.59237, "stone": 6350.29318,
    },
    "volume": {
        "ml": 1.0, "millilitre": 1.0, "milliliter": 1.0, "cl": 10.0, "dl": 100.0, "l": 1e3,
        "lt": 1e3, "ltr": 1e3, "litre": 1e3, "litres": 1e3, "liter": 1e3, "liters": 1e3,
        "hl": 1e5, "floz": 29.5735295625, "pt": 473.176473, "pint": 473.176473,
        "pints": 473.176473, "qt": 946.352946, "gal": 3785.411784, "gallon": 3785.411784,
        "gallons": 3785.411784, "m3": 1e6, "m³": 1e6,
    },
    "length": {
        "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "mm": 1e-3,
        "cm": 1e-2, "km": 1e3, "in": 0.0254, "inch": 0.0254, "inches": 0.0254, '"': 0.0254,
        "″": 0.0254, "”": 0.0254, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "'": 0.3048,
        "yd": 0.9144, "yard": 0.9144, "yards": 0.9144, "mi": 1609.344, "mile": 1609.344,
        "miles": 1609.344,
    },
    "area": {
        "m2": 1.0, "m²": 1.0, "sqm": 1.0, "qm": 1.0, "cm2": 1e-4, "cm²": 1e-4, "km2": 1e6,
        "km²": 1e6, "ha": 1e4, "sqft": 0.09290304, "ft2": 0.09290304, "acre": 4046.8564224,
        "acres": 4046.8564224,
    },
    "time": {
        "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3,
        "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0,
        "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "d": 86400.0, "day": 86400.0,
        "days": 86400.0,
    },
    "data": {
        "b": 1.0, "byte": 1.0, "bytes": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
        "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40,
    },
    "power": {"w": 1.0, "watt": 1.0, "watts": 1.0, "mw": 1e-3, "kw": 1e3, "hp": 745.69987},
    "energy": {"wh": 1.0, "kwh": 1e3, "mwh": 1e6},
    "charge": {"mah": 1.0, "ah": 1e3},
    "voltage": {"v": 1.0, "volt": 1.0, "volts": 1.0, "mv": 1e-3, "kv": 1e3},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "share": {"%": 0.01, "percent": 0.01, "pct": 0.01, "‰": 0.001},
    "pieces": dict.fromkeys(("pcs", "pc", "piece", "pieces", "pack", "ct", "count", "stk"), 1.0),
    "USD": dict.fromkeys(("$", "us$", "usd", "dollar", "dollars"), 1.0),
    "EUR": dict.fromkeys(("€", "eur", "euro", "euros"), 1.0),
    "GBP": dict.fromkeys(("£", "gbp"), 1.0),
    "JPY": dict.fromkeys(("¥", "jpy", "yen", "円"), 1.0),
    "INR": dict.fromkeys(("₹", "inr", "rs", "rupees"), 1.0),
    "CHF": dict.fromkeys(("chf", "sfr"), 1.0),
    "CNY": dict.fromkeys(("cny", "rmb", "元"), 1.0),
    "CAD": dict.fromkeys(("cad", "c$", "ca$"), 1.0),
    "AUD": dict.fromkeys(("aud", "a$", "au$"), 1.0),
    "SEK": {"sek": 1.0}, "NOK": {"nok": 1.0}, "DKK": {"dkk": 1.0}, "PLN": {"pln": 1.0, "zł": 1.0},
    "KRW": {"krw": 1.0, "₩": 1.0}, "RUB": {"rub": 1.0, "₽": 1.0}, "TRY": {"try": 1.0, "₺": 1.0},
    "BRL": {"brl": 1.0, "r$": 1.0}, "MXN": {"mxn": 1.0, "mx$": 1.0}, "SGD": {"sgd": 1.0, "s$": 1.0},
}  # fmt: skip
_QUANTITY = (
    r"(?P<front>[^\d\s.,+-]*)\s*(?P<sign>-?)\s*(?:(?P<times>\d{1,4})\s*[x×*]\s*)?"
    r"(?P<number>\d[\d.,]*|[.,]\d+)\s*-?(?P<unit>[\p{L}%‰\p{Sc}\"″”'²³23]*)"
)
_CLOCK = r"^(?P<first>\d{1,3}):(?P<second>[0-5]\d)(?::(?P<third>[0-5]\d))?$"


class QuantityTexts(NamedTuple):
    """What distinct texts say as quantities.

    Attributes
    ----------
    value : float64[m]
        In the first unit of the dimension; NaN where there is no number.
    dimension : pyarrow.Array of string, length m
        The dimension, or the currency; a unit that is not known is a dimension of its own.
        Null for a bare number.
    """

    value: npt.NDArray[np.float64]
    dimension: pa.Array


def read_quantities(texts: pa.Array) -> QuantityTexts:
    """Read the first quantity of each text.

    A comma followed by three digits divides thousands ("1,299"), otherwise it is the decimal
    one ("1,5"); where both signs occur the last one is the decimal one. "3:45" is minutes and
    seconds, "1:03:45" begins with hours.

    Parameters
    ----------
    texts : pyarrow.Array of string, length m, without nulls

    Returns
    -------
    QuantityTexts

    Examples
    --------
    >>> found = read_quantities(pa.array(["1.5 kg", "6 x 330ml", "1.299,00 €", "12", "?"]))
    >>> found.value.tolist(), found.dimension.to_pylist()
    ([1500.0, 1980.0, 1299.0, 12.0, nan], ['mass', 'volume', 'EUR', None, None])
    """
    texts = pc.utf8_lower(texts.cast(pa.large_string()))
    texts = pc.replace_substring_regex(texts, r"fl\.?\s*oz", "floz")
    texts = pc.replace_substring_regex(texts, r"sq\.?\s*(ft|m)", r"sq\1")
    texts = pc.replace_substring_regex(texts, r"(\p{L})\.", r"\1")
    texts = pc.replace_substring_regex(texts, r"(\d)['’\p{Zs}](\d{3})([^\d]|$)", r"\1\2\3")
    struct = pc.extract_regex(texts, _QUANTITY)
    front, sign, times, number, unit = (
        pc.fill_null(pc.struct_field(struct, name), "")
        for name in ("front", "sign", "times", "number", "unit")
    )
    value = _numbers(number) * np.where(_equal(sign, "-"), -1.0, 1.0)
    value *= np.nan_to_num(_numbers(times), nan=1.0)
    words = pa.array([word for units in UNITS.values() for word in units], front.type)
    scale = np.array([number for units in UNITS.values() for number in units.values()] + [1.0])
    names = pa.array([name for name, units in UNITS.items() for _ in units], front.type)
    place = pc.coalesce(pc.index_in(front, value_set=words), pc.index_in(unit, value_set=words))
    value *= scale[pc.fill_null(place, -1).to_numpy(zero_copy_only=False)]
    other = pc.if_else(pc.equal(unit, ""), pa.scalar(None, unit.type), unit)
    dimension = pc.coalesce(names.take(place), other)
    seconds = _seconds(texts)
    timed = ~np.isnan(seconds)
    if timed.any():
        value = np.where(timed, seconds, value)
        dimension = pc.if_else(pa.array(timed), "time", dimension)
    return QuantityTexts(value, pc.if_else(pa.array(np.isnan(value)), None, dimension))


def _seconds(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Read durations as a clock shows them; NaN for other texts."""
    struct = pc.extract_regex(pc.utf8_trim_whitespace(texts), _CLOCK)
    parts = [_numbers(pc.struct_field(struct, name)) for name in ("first", "second", "third")]
    with_hours = ~np.isnan(parts[2])
    seconds = parts[0] * 60.0 + parts[1]
    return np.where(with_hours, seconds * 60.0 + parts[2], seconds)


def _equal(texts: pa.Array, text: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.equal(texts, text).to_numpy(zero_copy_only=False)
    return found


def _numbers(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Read numbers with points and commas; NaN where there is none."""
    texts = pc.utf8_rtrim(texts, characters=".,")
    comma = pc.match_substring_regex(texts, r"^\d*,(\d{1,2}|\d{4,})$|\..*,\d+$")
    swapped = pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")
    plain = pc.replace_substring(texts, ",", "")
    several = pc.match_substring_regex(plain, r"\..*\.")
    plain = pc.if_else(several, pc.replace_substring(plain, ".", ""), plain)
    number = pc.if_else(comma, swapped, plain)
    readable = pc.fill_null(pc.match_substring_regex(number, r"^(\d+\.?\d*|\.\d+)$"), False)
    number = pc.if_else(readable, number, pa.scalar(None, number.type)).cast(pa.float64())
    found: npt.NDArray[np.float64] = pc.fill_null(number, np.nan).to_numpy(zero_copy_only=False)
    return found
