"""Levels of agreement of two dates."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import DateDifference, DateSimilarity, WordCosine, compare
from sameas.records import prepare


def compared(comparison, one, two):
    table = pa.table(
        {"source": ["a", "a"], "id": ["1", "2"], "born": pa.array([one, two], pa.string())}
    )
    columns = prepare(table, comparison.needs(), {})
    return compare(columns, [comparison], np.array([0], np.int32), np.array([1], np.int32))[0]


@pytest.mark.parametrize(
    ("one", "two", "level"),
    [
        ("1987-03-09", "9 March 1987", 1.0),
        ("1987-03-09", "1987-09-03", 0.9),
        ("1987-03-09", "1987-03-19", 0.9),
        ("1987-03-09", "1978-03-09", 0.9),
        ("1987-03-12", "1987-03-21", 0.9),
        ("1987-01-20", "1987-06-11", 0.5),
        ("1987-03-09", "1987-03", 0.8),
        ("1987-03-09", "1987-03-28", 0.7),
        ("1987-03-09", "1960-03-09", 0.7),
        ("1987-03-09", "1987", 0.6),
        ("1987", "1987", 0.6),
        ("1987-03-09", "1988-02-28", 0.5),
        ("1987-12-31", "1986-01-05", 0.0),
        ("1987-03", "1988-02", 0.5),
        ("1987-03", "1988-04", 0.0),
        ("1987", "1988-04-01", 0.5),
        ("1987-03-09", "1940-11-28", 0.0),
        ("19871332", "19871332", 1.0),
        ("19871309", "19870309", 0.9),
    ],
)
def test_levels(one, two, level):
    assert compared(DateSimilarity("born"), one, two)[0] == pytest.approx(level)
    assert compared(DateSimilarity("born"), two, one)[0] == pytest.approx(level)


def test_a_missing_date_is_not_compared():
    assert np.isnan(compared(DateSimilarity("born"), "1987-03-09", "unknown"))
    assert np.isnan(compared(DateDifference("born"), "1987-03-09", None)).all()


def test_differences():
    found = compared(DateDifference("born"), "1987-03-09", "1987-09-03")
    assert found.tolist() == [178, 0, 2, 1]
    found = compared(DateDifference("born"), "1987-03-03", "1987-03-03")
    assert found.tolist() == [0, 0, 0, 0]
    found = compared(DateDifference("born"), "1987-03-09", "1990")
    assert found[1] == 3
    assert np.isnan(found[[0, 2, 3]]).all()


def test_dates_have_the_same_words_however_they_are_written():
    written = ["1987-03-09", "19870309", "3/9/1987", "9 March 1987", "5/28/1990", "no date", None]
    table = pa.table({"source": ["a"] * 7, "id": list("1234567"), "born": written,
                      "name": ["ann"] * 6 + [None]})  # fmt: skip
    cosines = [WordCosine(("name", "born"), ("born",)), WordCosine(("born",), ("born",))]
    columns = prepare(table, [need for item in cosines for need in item.needs()], {})
    others = np.arange(1, 7, dtype=np.int32)
    both, alone = compare(columns, cosines, np.zeros(6, np.int32), others).T
    assert both[:3] == pytest.approx(1.0)
    assert alone[:3] == pytest.approx(1.0)
    assert (both[3:5] < 0.9).all()
    assert (alone[3:5] == 0).all()  # what is no date stays a text of its own
    assert np.isnan([both[5], alone[5]]).all()
