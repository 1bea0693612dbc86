"""Telephone numbers in levels, quantities across units."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import PhoneSimilarity, QuantitySimilarity, compare
from sameas.records import prepare


def compared(comparison, one, two):
    table = pa.table(
        {"source": ["a", "a"], "id": ["1", "2"], "x": pa.array([one, two], pa.string())}
    )
    columns = prepare(table, comparison.needs(), {})
    here, there = np.array([0, 1], np.int32), np.array([1, 0], np.int32)
    forth, back = compare(columns, [comparison], here, there)[:, 0]
    assert forth == back or (np.isnan(forth) and np.isnan(back))
    return forth


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("+44 131 556 9999", "0044 (0)131 5569999", 1.0),
        ("213-857-0034", "213/857-0034", 1.0),
        ("+1 213 857 0034", "213/857-0034", 1.0),
        ("1-213-857-0034", "213/857-0034", 0.9),
        ("+44 213 857 0034", "+1 213 857 0034", 0.9),
        ("857-0034", "213/857-0034", 0.8),
        ("213-857-0034", "213-857-0035", 0.7),
        ("213-857-0034", "213-875-0034", 0.7),
        ("213-857-0034", "213-875-0043", 0.0),
        ("911", "912", 0.0),
        ("911", "911", 1.0),
    ],
)
def test_phone_levels(one, two, level):
    assert compared(PhoneSimilarity("x"), one, two) == pytest.approx(level)


def test_a_region_tells_countries_apart():
    britain = PhoneSimilarity("x", region="GB")
    assert compared(britain, "0131 556 9999", "+44 131 556 9999") == 1.0
    assert compared(britain, "0131 556 9999", "+49 131 556 9999") == pytest.approx(0.9)
    assert np.isnan(compared(britain, "n/a", "+49 131 556 9999"))


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("1.5 kg", "1500 g", 1.0),
        ("$ 12.99", "12.99", 1.0),
        ("10 kg", "9 kg", 0.9),
        ("0", "0 kg", 1.0),
        ("-1 kg", "1 kg", 0.0),
        ("1 kg", "1 l", np.nan),
        ("$ 1", "1 €", np.nan),
        ("heavy", "1 kg", np.nan),
    ],
)
def test_quantities(one, two, expected):
    np.testing.assert_allclose(compared(QuantitySimilarity("x"), one, two), expected, rtol=1e-6)
