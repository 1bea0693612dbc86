"""Names of persons: what is forgiven, and how much it costs."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.comparison import CrosswiseNames, FullName, PersonName, compare
from sameas.records import nicknames, prepare


def compared(comparison, one, two, frozen=None):
    fields = comparison.needs()[0].fields
    columns = {
        field: pa.array(pair, pa.string()) for field, *pair in zip(fields, one, two, strict=True)
    }
    table = pa.table({"source": ["a", "a"], "id": ["1", "2"], **columns})
    prepared = prepare(table, comparison.needs(), {} if frozen is None else frozen)
    here, there = np.array([0, 1], np.int32), np.array([1, 0], np.int32)
    forth, back = compare(prepared, [comparison], here, there)
    np.testing.assert_array_equal(forth, back)
    return forth[0] if len(forth) == 1 else forth.tolist()


def whole(one, two, **options):
    return compared(FullName("name"), (one,), (two,), **options)


def parts(one, two):
    return compared(PersonName(), one, two)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Bob Smith", "BOB  SMITH", 1.0),
        ("José García", "Jose Garcia", 1.0),
        ("Владимир Путин", "Vladimir Putin", 1.0),
        ("Smith, Bob", "Bob Smith", 0.99),
        ("Dr. Bob Smith", "Bob Smith", 0.99),
        ("Bob Smith", "Robert Smith", 0.975),
        ("Bob Smith", "Rob Smith", 0.975),
        ("John Q. Smith", "John Smith", 0.944),
        ("J. Smith", "John Smith", 0.936),
        ("Smith", "John Smith", 0.833),
        ("John Smith", "John Brown", 0.5),
        ("K. Smith", "John Smith", 0.571),
        ("Ann", "Zoe", 0.0),
    ],
)
def test_whole_names(one, two, expected):
    assert whole(one, two) == pytest.approx(expected, abs=0.001)


def test_a_typing_error_costs_less_than_another_name():
    assert 0.9 < whole("John Smith", "John Smiht") < 0.99
    assert whole("John Smith", "Jonh Smith") > whole("John Smith", "Joan Brown")


@pytest.mark.parametrize("name", [None, "", "--"])
def test_no_name_is_not_compared(name):
    assert np.isnan(whole(name, "Bob Smith"))
    assert np.isnan(parts((name, name), ("Bob", "Smith")))


def test_a_title_alone_is_a_name():
    assert whole("Dr", "Dr") == 1.0


def test_words_beyond_the_twelfth_do_not_count():
    many = " ".join(f"word{letter}" for letter in "abcdefghijklmnop")
    assert whole(many, many + "x") == pytest.approx(0.99)
    assert whole("x" * 90, "x" * 89 + "y") == pytest.approx(0.94)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (("Bob", "Smith"), ("bob", "smith"), 1.0),
        (("Bob", "Smith"), ("Robert", "Smith"), 0.975),
        (("John", "Smith"), ("Smith", "John"), 0.97),
        (("John Paul", "Smith"), ("John", "Paul Smith"), 0.97),
        (("John", "Smith"), (None, "Smith"), 0.808),
        (("John", None), ("John", None), 0.97),
        (("John", None), (None, "John"), 0.97),
        (("J", "Smith"), ("John", "Smith"), 0.925),
        (("Mary", "Smith"), ("Mary", "Jones"), 0.5),
    ],
)
def test_given_name_and_surname(one, two, expected):
    assert parts(one, two) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (("Bob", "Smith"), ("bob", "smith"), [1.0, 1.0]),
        (("Mary", "Smith"), ("Mary", "Jones"), [1.0, 0.0]),
        (("John", "Smith"), ("Smith", "John"), [0.94, 0.94]),
        (("John", "Smith"), ("Smyth", "Jon"), [0.877, 0.877]),
        (("John", "Smith"), ("Smith", "Mary"), [0.0, 0.0]),
        (("Mary", "James"), ("James", "Jones"), [0.0, 0.0]),
        (("Smith", "Smith"), ("Smith", "Jones"), [1.0, 0.0]),
        (("John", None), (None, "John"), [np.nan, np.nan]),
        (("John", "Smith"), (None, "John"), [np.nan, 0.0]),
    ],
)
def test_names_in_each_others_place_are_alike_both(one, two, expected):
    assert compared(CrosswiseNames(), one, two) == pytest.approx(expected, abs=0.02, nan_ok=True)


def test_one_name_stands_for_several():
    assert whole("Al", "Albert") == whole("Al", "Alan") == pytest.approx(0.95)
    assert whole("Albert", "Alan") < 0.95


def test_nicknames_are_frozen(monkeypatch):
    frozen = {}
    known = whole("Peggy", "Margaret", frozen=frozen)
    monkeypatch.setattr(nicknames, "find_spec", lambda name: None)
    assert whole("Peggy", "Margaret", frozen=frozen) == known == pytest.approx(0.95)


def test_without_the_library_there_are_no_nicknames(monkeypatch, caplog):
    monkeypatch.setattr(nicknames, "find_spec", lambda name: None)
    assert whole("Peggy", "Margaret") < 0.95
    assert "sameas[fields]" in caplog.text
