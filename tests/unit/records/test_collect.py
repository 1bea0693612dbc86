"""Ids, several sources, the order of records, the quarantine."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.tables import QUARANTINE
from sameas.records.collect import collect
from sameas.records.fields import Field
from sameas.records.identifiers import EXACT_DUPLICATE, NO_ID
from sameas.records.read import Source

NAME = {"name": "name"}


def set_aside(records):
    columns = ("source", "row", "id", "field", "reason")
    return [tuple(row[c] for c in columns) for row in records.quarantine.to_pylist()]


def rows(records, *columns):
    return list(zip(*(records.table[c].to_pylist() for c in columns), strict=True))


def test_records_are_sorted_by_source_and_id_and_have_the_fields_in_order():
    right = {"name": ["r2", "r1"], "id": ["b", "a"], "other": [1, 2]}
    left = {"id": ["z"], "size": ["1.5"], "name": ["l"]}
    records = collect({"right": right, "left": left}, {"size": "number", "name": "name"})
    assert records.table.column_names == ["source", "id", "size", "name"]
    assert records.table.schema.field("source").type == pa.dictionary(pa.int32(), pa.string())
    assert rows(records, "source", "id", "size", "name") == [
        ("left", "z", 1.5, "l"),
        ("right", "a", None, "r1"),
        ("right", "b", None, "r2"),
    ]
    assert records.sources == ("left", "right")
    assert records.source_code.dtype == np.int32
    assert records.source_code.tolist() == [0, 1, 1]
    assert len(records) == 3
    assert records.fields == (Field("size", "number"), Field("name", "name"))
    assert records.quarantine.schema == QUARANTINE
    assert records.quarantine.num_rows == 0


def test_text_ids_sort_by_bytes_numbers_by_size():
    texts = collect({"a": {"id": ["b", "é", "B", "10", "9"]}}, {})
    assert texts.table["id"].to_pylist() == ["10", "9", "B", "b", "é"]
    numbers = collect({"a": {"id": [10, 9, -1]}}, {})
    assert numbers.table["id"].to_pylist() == [-1, 9, 10]
    assert numbers.id_type == pa.int64()


@pytest.mark.parametrize(
    ("ids", "type_"),
    [
        (pa.array([1], pa.int32()), pa.int64()),
        (pa.array([1], pa.uint64()), pa.int64()),
        (pa.array([2**64 - 1], pa.uint64()), pa.string()),
        (pa.array([1.0, 2.0]), pa.int64()),
        (pa.array([1.5]), pa.string()),
        (pa.array(["a"], pa.large_string()), pa.string()),
        (pa.array(["a"], pa.string_view()), pa.string()),
        (pa.array(["a"]).dictionary_encode(), pa.string()),
    ],
)
def test_the_type_of_ids(ids, type_):
    records = collect({"a": pa.table({"id": ids})}, {})
    assert records.id_type == records.table.schema.field("id").type == type_
    assert len(records) == len(ids)


def test_ids_of_two_types_become_text():
    records = collect({"a": {"id": [10, 9]}, "b": {"id": ["9"]}}, {})
    assert records.id_type == pa.string()
    assert rows(records, "source", "id") == [("a", "10"), ("a", "9"), ("b", "9")]


def test_a_table_without_rows_does_not_decide_the_type():
    records = collect({"a": {"id": [1]}, "b": pa.table({"id": pa.array([], pa.string())})}, {})
    assert records.id_type == pa.int64()
    assert records.sources == ("a", "b")
    assert records.bounds("b") == (1, 1)


def test_ids_that_become_equal_are_not_merged():
    frame = pd.DataFrame({"id": [1, "1", "2"], "name": ["a", "b", "c"]}, dtype=object)
    records = collect({"a": frame}, NAME)
    assert records.table["id"].to_pylist() == ["2"]
    assert [row[4] for row in set_aside(records)] == ["the id is used by 2 different rows"] * 2


def test_missing_ids_are_set_aside():
    records = collect({"a": {"id": ["x", None, "", " "], "name": ["a", "b", "c", "d"]}}, NAME)
    assert records.table["id"].to_pylist() == ["x"]
    assert set_aside(records) == [("a", k, None, None, NO_ID) for k in (1, 2, 3)]
    frame = pd.DataFrame({"id": [1.0, np.nan]})
    assert set_aside(collect({"a": frame}, {})) == [("a", 1, None, None, NO_ID)]


def test_a_table_of_nothing_but_missing_ids():
    records = collect({"a": {"id": [None, None], "name": ["a", "b"]}}, NAME)
    assert len(records) == 0
    assert len(set_aside(records)) == 2


def test_exact_duplicates_leave_one():
    table = {
        "id": [1, 2, 1, 1],
        "name": ["a ", "b", "a", "a"],
        "tags": ["x;y", None, "y;x", "x,y"],
        "n": [None, 1.0, None, None],
    }
    records = collect({"a": table}, {"name": "name", "tags": "set", "n": "number"})
    assert rows(records, "id", "name", "tags") == [(1, "a", ["x", "y"]), (2, "b", None)]
    assert set_aside(records) == [("a", k, "1", None, EXACT_DUPLICATE) for k in (2, 3)]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("name", ["a", "a", "b"]),
        ("name", ["a", "a", None]),
        ("number", [1.0, 1.0, 2.0]),
        ("set", ["a", "a", "a;b"]),
        ("set", ["a", "a", None]),
    ],
)
@pytest.mark.parametrize("turn", [0, 1, 2])
def test_different_rows_with_one_id_are_all_set_aside(kind, values, turn):
    values = values[turn:] + values[:turn]
    table = {"id": ["k", "k", "k", "m"], "x": [*values, values[0]]}
    records = collect({"a": table}, {"x": kind})
    assert records.table["id"].to_pylist() == ["m"]
    reason = "the id is used by 3 different rows"
    assert set_aside(records) == [("a", k, "k", None, reason) for k in range(3)]


def test_the_same_id_in_two_sources_is_no_duplicate():
    assert len(collect({"a": {"id": [1]}, "b": {"id": [1]}}, {})) == 2


def test_a_null_field_is_a_whole_row_and_a_named_one_a_value():
    table = {"id": [1, 2], "lat": [91.0, 2.0], "lon": [8.0, 2.0]}
    records = collect({"a": table}, {"lat": "latitude", "lon": "longitude"})
    assert rows(records, "id", "lat", "lon") == [(1, None, None), (2, 2.0, 2.0)]
    assert set_aside(records) == [("a", 0, "1", "lat", "outside [-90, 90]")]


def test_rows_may_be_numbered():
    records = collect({"a": {"name": ["x", "y"]}}, NAME, id_column=None)
    assert rows(records, "id", "name") == [(0, "x"), (1, "y")]


def test_what_reading_set_aside_stays_and_rows_keep_their_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1,a\n2,b,c\n3,caf\xff\n3,x\n")
    records = collect({"left": path}, NAME)
    assert rows(records, "id", "name") == [("1", "a")]
    found = set_aside(records)
    assert [row[:4] for row in found] == [
        ("left", 1, None, None),
        ("left", 2, "3", "name"),
        ("left", 2, "3", None),
        ("left", 3, "3", None),
    ]
    assert found[0][4] == "line 3 has 3 values, the header 2"


@pytest.mark.parametrize("count", [0, 1])
def test_no_row_and_one_row(count):
    kinds = {"name": "name", "tags": "set", "lat": "latitude", "lon": "longitude", "n": "number"}
    values = {"name": ["a"], "tags": ["b"], "lat": [1.0], "lon": [2.0], "n": ["3"]}
    table = {"id": ["x"][:count], **{name: column[:count] for name, column in values.items()}}
    records = collect({"a": table}, kinds)
    assert len(records) == count
    assert [field.type for field in records.table.schema][2:] == [
        field.arrow_type for field in records.fields
    ]
    assert records.find("a", ["x"]).tolist() == [count - 1]


def test_a_field_that_no_table_has_is_null():
    records = collect({"a": {"id": [1]}}, {"name": "name", "tags": "set"})
    assert rows(records, "name", "tags") == [(None, None)]
    with pytest.raises(ColumnError, match="a has no column 'name'"):
        collect({"a": {"id": [1]}}, NAME, required={"name"})


def test_wrong_arguments():
    table = {"id": [1], "name": ["a"]}
    with pytest.raises(ArgumentError, match="name of their source"):
        collect([table], NAME)
    with pytest.raises(ArgumentError, match="name of their source"):
        collect({}, NAME)
    with pytest.raises(ArgumentError, match="Did you mean 'name'"):
        collect({"a": table}, NAME, required={"nam"})
    with pytest.raises(ColumnError, match="id_column"):
        collect({"a": {"key": [1]}}, NAME)
    with pytest.raises(ColumnError, match="ids of the type"):
        collect({"a": {"id": [[1]]}}, {})
    with pytest.raises(ArgumentError, match="unknown source"):
        collect({"a": table}, NAME, mapping={"b": {"name": "name"}})


@pytest.mark.parametrize("wrap", [list, pa.array, np.array, lambda x: pa.chunked_array([x])])
def test_find(wrap):
    records = collect({"a": {"id": ["x", "z"]}, "b": {"id": ["y", "x"]}}, {})
    assert records.find("b", wrap(["x", "q", "y"])).tolist() == [2, -1, 3]
    assert records.find("a", wrap(["y", "z"])).tolist() == [-1, 1]
    assert records.find("a", wrap(["y", "z"])).dtype == np.int32
    with pytest.raises(ArgumentError, match="Unknown source 'c'"):
        records.find("c", ["x"])


def test_find_across_types():
    numbers = collect({"a": {"id": [10, 9]}}, {})
    assert numbers.find("a", ["10", "9", "09", "x", None, "1" * 30]).tolist() == [1, 0] + [-1] * 4
    assert numbers.find("a", [9.0, None, 1.5]).tolist() == [0, -1, -1]
    assert numbers.find("a", []).tolist() == []
    texts = collect({"a": {"id": ["10", "09"]}}, {})
    assert texts.find("a", [10, 9]).tolist() == [1, -1]


def test_find_with_many_ids_in_chunks():
    ids = np.random.default_rng(0).permutation(5000)
    table = pa.table({"id": pa.chunked_array([ids[:10], ids[10:700], ids[700:]])})
    records = collect({"a": table, "b": table}, {})
    np.testing.assert_array_equal(records.find("b", ids), ids + 5000)


def test_a_source_may_be_given():
    source = Source.whole(pa.table({"id": [1]}))
    assert len(collect({"a": source}, {})) == 1


def test_fixes_of_the_user_are_not_changed():
    frame = pd.DataFrame({"id": [2, 1], "name": [" a", "b"]}, index=[7, 3])
    before = frame.copy(deep=True)
    collect({"a": frame}, NAME)
    pd.testing.assert_frame_equal(frame, before)


def test_long_texts_in_many_rows_stay_in_order():
    count = 3000
    ids = np.random.default_rng(1).permutation(count)
    table = pa.table({"id": ids, "name": [f"n{k}" for k in ids]})
    records = collect({"a": table}, NAME)
    assert records.table["name"].to_pylist() == [f"n{k}" for k in range(count)]


def test_threads_change_nothing():
    table = {
        "id": ["b", None, "a", "a"],
        "name": ["\x01 B", "x" * 2_000, "A", "C"],
        "size": ["1", "one", "2", "nan"],
        "tags": ["p;q", "", "q", None],
    }
    fields = {"name": "name", "size": "number", "tags": "set"}
    one, many = (collect({"s": table}, fields, threads=threads) for threads in (1, 4))
    assert many.table.equals(one.table)
    assert many.quarantine.equals(one.quarantine)
    assert one.quarantine.num_rows > 3


def test_dates_of_any_type_become_text():
    day = dt.date(1987, 3, 9)
    columns = {
        "day": pa.array([day, None], pa.date32()),
        "moment": pa.array([dt.datetime(1987, 3, 9, 10, 5), None], pa.timestamp("us")),
        "zoned": pa.array([dt.datetime(1987, 3, 9, 10, 5), None], pa.timestamp("ms", "UTC")),
        "text": ["9/3/87", "  "],
    }
    table = pa.table({"id": [1, 2], **columns})
    found = collect({"a": table}, dict.fromkeys(columns, "date")).table.to_pylist()
    assert found[0]["day"] == "1987-03-09"
    assert found[0]["moment"].startswith("1987-03-09")
    assert found[0]["zoned"].startswith("1987-03-09")
    assert found[0]["text"] == "9/3/87"
    assert all(found[1][name] is None for name in columns)


def test_both_coordinates_in_one_column():
    texts = [
        "51.5, -0.12", "51.5 -0.12", "51.5,-0.12", "(51.5; -0.12)", "[51.5,-0.12]",
        "geo:51.5,-0.12", "POINT(-0.12 51.5)", "point (-0.12 51.5)", "SRID=4326;POINT(-0.12 51.5)",
        "POINT Z (-0.12 51.5 7)", "51.5N 0.12W", "51.5° N, 0.12° W", "+51.5/-0.12",
    ]  # fmt: skip
    table = {"id": list(range(len(texts))), "place": texts}
    both = {"lat": "place", "lon": "place"}
    records = collect({"a": table}, {"lat": "latitude", "lon": "longitude"}, mapping=both)
    assert records.table["lat"].to_pylist() == [51.5] * len(texts)
    assert records.table["lon"].to_pylist() == [-0.12] * len(texts)
    assert records.quarantine.num_rows == 0


@pytest.mark.parametrize(
    "text", ["51.5, -0.12, 7", "Edinburgh", "51.5,", "POINT EMPTY", "51,5", "99.5, 0"]
)
def test_what_holds_no_two_coordinates_is_set_aside(text):
    table = {"id": [1, 2], "place": ["51.5, -0.12", text]}
    both = {"lat": "place", "lon": "place"}
    records = collect({"a": table}, {"lat": "latitude", "lon": "longitude"}, mapping=both)
    assert records.table["lat"].to_pylist() == [51.5, None]
    assert set(records.quarantine["value"].to_pylist()) <= {text, "99.5, 0.0", "99.5, 0"}
    assert set(records.quarantine["row"].to_pylist()) == {1}


def test_one_column_of_pairs_beside_one_of_numbers():
    table = {"id": [1, 2], "lat": ["51.5, -0.12", "55.9"], "lon": [-0.12, -3.2]}
    records = collect({"a": table}, {"lat": "latitude", "lon": "longitude"})
    assert records.table["lat"].to_pylist() == [51.5, 55.9]
    assert records.table["lon"].to_pylist() == [-0.12, -3.2]


def test_the_warning_says_why_values_were_set_aside(caplog):
    latin = pa.array(["M\xfcller".encode("latin-1"), b"Bar"]).cast(pa.binary())
    names = pa.Array.from_buffers(pa.string(), 2, latin.buffers())
    collect({"t": pa.table({"id": ["1", "2"], "name": names})}, (Field("name", "name"),))
    assert "0 rows and 1 values were set aside (not valid UTF-8: 1)" in caplog.text
