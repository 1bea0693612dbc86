"""Each rule of cleaning, on a table that breaks it."""

import math

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ColumnError, DataError
from sameas.records.coordinates import LOOKS_SWAPPED, NULL_ISLAND, clean_coordinates
from sameas.records.fields import Field
from sameas.records.quarantine import Notes
from sameas.records.validate import (
    NOT_A_NUMBER,
    NOT_FINITE,
    NOT_UTF8,
    TOO_LONG,
    clean_column,
)


def clean(values, kind, type_=None):
    """Return the cleaned values and the notes as (row, reason, value)."""
    notes = Notes()
    array = values if isinstance(values, pa.Array) else pa.array(values, type_)
    column = pa.chunked_array([array], array.type)
    field = Field("x", kind)
    out = clean_column(column, field, notes=notes, table="left")
    assert out.type == field.arrow_type
    assert len(out) == len(array)
    ids = pa.array([str(k) for k in range(len(array))], pa.string())
    rows = notes.table("left", np.arange(len(array)), ids).to_pylist()
    assert all(row["field"] == "x" and row["id"] == str(row["row"]) for row in rows)
    return out.to_pylist(), [(row["row"], row["reason"], row["value"]) for row in rows]


def unchecked(values):
    raw = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())


def points(lat, lon):
    notes = Notes()
    a, b = clean_coordinates(
        pa.array(lat, pa.float64()),
        pa.array(lon, pa.float64()),
        names=("lat", "lon"),
        notes=notes,
        table="left",
    )
    ids = pa.array(["i"] * len(lat), pa.string())
    found = notes.table("left", np.arange(len(lat)), ids).to_pylist()
    noted = [(row["row"], row["field"], row["reason"], row["value"]) for row in found]
    return a.to_pylist(), b.to_pylist(), noted


def test_texts_are_stripped_and_empty_ones_missing():
    values, notes = clean(["  a\t", "", " \u00a0 ", None, "b"], "text")
    assert values == ["a", None, None, None, "b"]
    assert notes == []


@pytest.mark.parametrize("control", ["\x00", "\n", "\x7f", "\x85", "\x9f"])
def test_control_characters_are_spaces(control):
    assert clean([f"a{control}b"], "name")[0] == ["a b"]
    assert clean([f"aé{control}"], "name")[0] == ["aé"]


def test_control_characters_before_a_slice_do_not_matter():
    array = pa.array(["\x01", "ok", "\x02"]).slice(1, 1)
    assert clean(array, "text")[0] == ["ok"]


def test_letters_that_share_bytes_with_controls_stay():
    assert clean(["Â£ ¡olé! à"], "text")[0] == ["Â£ ¡olé! à"]


def test_broken_utf8_is_set_aside():
    values, notes = clean(unchecked([b"a", b"caf\xe9", b"c"]), "text")
    assert values == ["a", None, "c"]
    assert notes == [(1, NOT_UTF8, r"caf\xe9")]


def test_long_texts_are_cut_by_characters():
    exact, longer = "é" * 1000, "é" * 10_000
    values, notes = clean([exact, longer, None], "text")
    assert values == [exact, exact, None]
    assert notes == [(1, TOO_LONG, "é" * 1000 + "…")]


def test_numbers_as_text_keep_no_fraction_and_codes_their_zeros():
    assert clean([1.0, None], "phone")[0] == ["1", None]
    assert clean(["01234"], "postal_code")[0] == ["01234"]
    assert clean([7], "identifier")[0] == ["7"]


def test_dictionary_and_all_null_columns():
    assert clean(pa.array(["a ", None]).dictionary_encode(), "category")[0] == ["a", None]
    for kind in ("text", "set", "number", "latitude"):
        assert clean(pa.nulls(3), kind) == ([None] * 3, [])
        assert clean(pa.nulls(0), kind) == ([], [])


def test_numbers():
    texts = ["1.5", " -2 ", "+3", ".5", "5.", "1e3", "", None]
    assert clean(texts, "number") == ([1.5, -2.0, 3.0, 0.5, 5.0, 1000.0, None, None], [])
    values, notes = clean(["1,5", "nan", "0x10", "12 m", "1_0", "1"], "number")
    assert values == [None] * 5 + [1.0]
    assert [note[:2] for note in notes] == [(k, NOT_A_NUMBER) for k in range(5)]
    assert [note[2] for note in notes] == ["1,5", "nan", "0x10", "12 m", "1_0"]


def test_thousands_may_be_divided():
    texts = ["1,234.50", "-12,345,678", "999", "1,2345"]
    values, notes = clean(texts, "number")
    assert values == [1234.5, -12345678.0, 999.0, None]
    assert [note[2] for note in notes] == ["1,2345"]
    assert clean(["1,234"], "latitude")[0] == [1.234]  # there is no latitude of a thousand degrees


def test_numbers_are_finite():
    values, notes = clean([1.0, math.nan, math.inf, None], "number")
    assert values == [1.0, None, None, None]
    assert notes == [(1, NOT_FINITE, "nan"), (2, NOT_FINITE, "inf")]
    assert clean(["1e999"], "number") == ([None], [(0, NOT_FINITE, "inf")])


def test_integers_and_decimals_are_numbers():
    assert clean([2**60, None], "number")[0] == [float(2**60), None]
    assert clean([True], "number")[0] == [1.0]


def test_sets_from_text():
    values, notes = clean(["b; a|c, a", " ; ", None, "x"], "set")
    assert values == [["a", "b", "c"], None, None, ["x"]]
    assert notes == []


@pytest.mark.parametrize(
    "type_",
    [
        pa.list_(pa.string()),
        pa.large_list(pa.large_string()),
        pa.list_(pa.string(), 2),
    ],
)
def test_sets_from_lists(type_):
    values, _ = clean([["b ", "a"], ["a", "a"], None], "set", type_)
    assert values == [["a", "b"], ["a"], None]


def test_sets_of_numbers_nulls_and_slices():
    array = pa.array([["z"], [None, "", "b"], [], ["c", "a"]]).slice(1)
    assert clean(array, "set")[0] == [["b"], None, ["a", "c"]]
    assert clean([[2, 10]], "set")[0] == [["10", "2"]]


def test_a_broken_item_is_noted_with_its_record():
    items = unchecked([b"a", b"\xff", b"b"])
    array = pa.ListArray.from_arrays(pa.array([0, 1, 3], pa.int32()), items)
    values, notes = clean(array, "set")
    assert values == [["a"], ["b"]]
    assert notes == [(1, NOT_UTF8, r"\xff")]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([["a"]], "text"),
        ([{"a": 1}], "text"),
        ([{"a": 1}], "set"),
        ([["a"]], "number"),
        ([3], "set"),
    ],
)
def test_types_that_cannot_be_read_name_the_field(values, kind):
    with pytest.raises(ColumnError, match="field 'x'"):
        clean(values, kind)


def test_dates_are_no_numbers():
    with pytest.raises(ColumnError, match="timestamp"):
        clean(pa.array([0], pa.timestamp("s")), "number")


@pytest.mark.parametrize(
    ("lat", "lon", "field", "reason"),
    [
        (91.0, 8.0, "lat", "outside [-90, 90]"),
        (-90.001, 8.0, "lat", "outside [-90, 90]"),
        (8.0, 180.5, "lon", "outside [-180, 180]"),
        (0.0, 0.0, "lat", NULL_ISLAND),
        (-0.0, 0.0, "lat", NULL_ISLAND),
        (8.0, None, "lon", "missing while lat is given"),
        (None, 8.0, "lat", "missing while lon is given"),
    ],
)
def test_impossible_coordinates(lat, lon, field, reason):
    a, b, notes = points([1.0, lat, 3.0], [1.0, lon, 3.0])
    assert a == [1.0, None, 3.0]
    assert b == [1.0, None, 3.0]
    assert [note[:3] for note in notes] == [(1, field, reason)]
    assert str(lat if lat is not None else lon).split(".")[0].lstrip("-") in notes[0][3]


def test_the_borders_are_possible():
    a, b, notes = points([90.0, -90.0, 0.0, 5.0], [180.0, -180.0, 5.0, 0.0])
    assert (a, b, notes) == ([90.0, -90.0, 0.0, 5.0], [180.0, -180.0, 5.0, 0.0], [])


def test_missing_coordinates_are_no_fault():
    assert points([None, None], [None, None]) == ([None, None], [None, None], [])
    assert points([], []) == ([], [], [])


def test_many_swapped_coordinates_are_named_never_swapped():
    lat = [-122.0] * 3 + [40.0] * 17
    lon = [37.0] * 3 + [-80.0] * 17
    a, b, notes = points(lat, lon)
    assert a == [None] * 3 + [40.0] * 17
    assert b == [None] * 3 + [-80.0] * 17
    assert all(LOOKS_SWAPPED in note[2] for note in notes)
    assert notes[0][3] == "-122, 37"


def test_a_wholly_swapped_table_is_refused():
    with pytest.raises(DataError, match=r"look swapped: 12 of 20 latitudes.*'lat'"):
        points([-122.0] * 12 + [40.0] * 8, [37.0] * 12 + [45.0] * 8)


def test_metres_are_not_called_swapped():
    _, _, notes = points([500_000.0] * 20, [4_649_776.0] * 20)
    assert len(notes) == 40
    assert not any(LOOKS_SWAPPED in note[2] for note in notes)
