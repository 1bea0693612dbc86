"""Quantities as they stand on packages and in price lists."""

import math

import pyarrow as pa
import pytest

from sameas.records.quantities import UNITS, read_quantities


def read(text):
    found = read_quantities(pa.array([text]))
    return float(found.value[0]), found.dimension[0].as_py()


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("1.5 kg", 1500.0, "mass"), ("1,5kg", 1500.0, "mass"), ("1'500 g", 1500.0, "mass"),
        ("approx. 5 lbs", 2267.96185, "mass"), ("-3 kg", -3000.0, "mass"), (".5 kg", 500.0, "mass"),
        ("500ml", 500.0, "volume"), ("6 x 330 ml", 1980.0, "volume"), ("2×1 L", 2000.0, "volume"),
        ("12 fl. oz", 354.88235475, "volume"), ('15.6"', 0.39624, "length"), ("9 m²", 9, "area"),
        ("3.5%", 0.035, "share"), ("16 GB", 16e9, "data"), ("10-pack", 10, "pieces"),
        ("$ 12.99", 12.99, "USD"), ("US$12.99", 12.99, "USD"), ("1.299,00 €", 1299.0, "EUR"),
        ("EUR 1,299.00", 1299.0, "EUR"), ("Rs. 500", 500.0, "INR"), ("1 299 kr", 1299.0, "kr"),
        ("1.234.567 g", 1234567.0, "mass"), ("5 apples", 5.0, "apples"), ("12.99", 12.99, None),
        ("1,299", 1299.0, None), ("1,29", 1.29, None), ("12 kg.", 12000.0, "mass"),
        ("3:45", 225.0, "time"), ("1:03:45", 3825.0, "time"),
    ],
)  # fmt: skip
def test_reading(text, value, dimension):
    found, what = read(text)
    assert found == pytest.approx(value)
    assert what == dimension


@pytest.mark.parametrize("text", ["", "free", "kg", "-"])
def test_no_number(text):
    value, dimension = read(text)
    assert math.isnan(value)
    assert dimension is None


def test_a_unit_has_one_meaning():
    words = [word for units in UNITS.values() for word in units]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


def test_no_texts():
    assert len(read_quantities(pa.array([], pa.string())).value) == 0
