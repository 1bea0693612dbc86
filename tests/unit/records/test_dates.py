"""Dates in the writings of people."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.records.dates import day_numbers, read_dates


def read(text):
    return tuple(read_dates(pa.array([text])).parts[0].tolist())


@pytest.mark.parametrize(
    "text",
    [
        "1987-03-09", "1987-3-9", "1987/03/09", "1987.03.09", "19870309", " 1987-03-09 ",
        "1987-03-09T10:05:00Z", "1987-03-09 00:00", "1987-03-09 10:05:00.123+01:00", "9/3/1987",
        "9.3.1987", "09-03-87", "9 March 1987", "March 9, 1987", "Mar 9th, 1987", "9-Mar-87",
        "09MAR1987", "Monday, 9 March 1987", "9. März 1987", "le 9 mars 1987", "martes 9 mar 1987",
        "9 de marzo de 1987", "1987 Mar 9", "87-03-09", "09031987",
    ],
)  # fmt: skip
def test_writings_of_one_day(text):
    assert read(text) == (1987, 3, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1987", (1987, 0, 0)),
        ("1987-03", (1987, 3, 0)),
        ("03/1987", (1987, 3, 0)),
        ("March 1987", (1987, 3, 0)),
        ("1987 août", (1987, 8, 0)),
        ("1987-00-00", (1987, 0, 0)),
        ("25.03.05", (2005, 3, 25)),
        ("25.03.31", (1931, 3, 25)),
        ("3/25/1987", (1987, 3, 25)),
        ("19871332", (1987, 13, 32)),
    ],
)
def test_parts_and_what_cannot_be(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize("text", ["", "unknown", "12", "may", "0000-00-00", "1,2,3,4", "555-1234"])
def test_what_is_no_date(text):
    assert read(text) == (0, 0, 0)


def test_votes_and_what_reads_both_ways():
    texts = ["25/3/1987", "3/25/1987", "3/9/1987", "3.9.1987", "31/31/1987", "1987-03-09"]
    found = read_dates(pa.array([*texts, "13121987", "12131987", "12111987"]))
    assert found.vote.tolist() == [1, -1, 0, 0, 0, 0, 1, -1, 0]
    assert found.either.tolist() == [False, False, True, False, True, False, False, False, True]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)), min_size=1, max_size=50))
def test_every_day_comes_back(days):
    for form in ("{0.year:04d}-{0:%m-%d}", "{0.day} {0:%B} {0.year}", "{0:%b} {0.day}, {0.year}"):
        found = read_dates(pa.array([form.format(day) for day in days])).parts
        assert found.tolist() == [[day.year, day.month, day.day] for day in days]
        expected = [(day - dt.date(1970, 1, 1)).days for day in days]
        assert day_numbers(found).tolist() == expected


def test_days_that_are_not_in_the_calendar_have_no_number():
    parts = np.array([[1987, 2, 29], [1987, 13, 1], [1987, 1, 32], [0, 0, 0], [1988, 2, 29]])
    assert np.isnan(day_numbers(parts)).tolist() == [True, True, True, True, False]


def test_no_texts():
    assert read_dates(pa.array([], pa.string())).parts.shape == (0, 3)


@given(st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))))
def test_dates_in_plain_form_read_like_those_written_otherwise(dates):
    plain = read_dates(pa.array([f"{y:04}-{m:02}-{d:02}" for y, m, d in dates], pa.string()))
    other = read_dates(pa.array([f"{y:04}/{m:02}/{d:02}" for y, m, d in dates], pa.string()))
    assert plain.parts.tolist() == other.parts.tolist()
    assert not plain.either.any()
    assert not plain.vote.any()
