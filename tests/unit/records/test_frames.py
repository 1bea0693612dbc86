"""Every kind of frame goes in and comes back."""

import datetime
import uuid

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, DataError
from sameas.records import frames as module
from sameas.records.frames import ReadTwice, like, to_arrow, to_source

ROWS = {"id": [1, 2], "name": ["a", None], "tags": [["x"], ["y", "z"]]}


def frames():
    table = pa.table(ROWS)
    return {
        "arrow": table,
        "pandas": pd.DataFrame(ROWS),
        "polars": pl.DataFrame(ROWS),
        "polars-lazy": pl.LazyFrame(ROWS),
        "duckdb": duckdb.connect().from_arrow(table),
    }


@pytest.mark.parametrize("name", ["arrow", "pandas", "polars", "polars-lazy", "duckdb"])
def test_round_trip(name):
    frame = frames()[name]
    table, kind = to_arrow(frame)
    assert kind.name == name
    assert table.to_pydict() == ROWS
    back = like(table, kind)
    assert type(back) is type(frame)
    again, _ = to_arrow(back)
    assert again.to_pydict() == ROWS


def test_empty_results_come_back_too():
    empty = pa.table({"a": pa.array([], pa.int64())})
    for frame in frames().values():
        _, kind = to_arrow(frame)
        back, _ = to_arrow(like(empty, kind))
        assert back.num_rows == 0
        assert back.column_names == ["a"]


def test_a_relation_comes_back_on_its_own_connection():
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT 1 AS id")
    _, kind = to_arrow(connection.table("t"))
    result = like(pa.table({"x": [5]}), kind)
    assert result is not None
    assert connection.sql("SELECT x, id FROM result, t").fetchall() == [(5, 1)]
    assert connection.sql("SHOW ALL TABLES").fetchall()[0][2] == "t"
    assert len(connection.sql("SHOW ALL TABLES").fetchall()) == 1
    other = like(pa.table({"x": [6]}), kind)
    assert (result.fetchall(), other.fetchall()) == ([(5,)], [(6,)])


def test_other_things_that_hold_a_table():
    table = pa.table({"a": [1]})
    assert to_arrow(table.to_batches()[0])[0] == table
    assert to_arrow(table.to_reader())[0] == table
    assert to_arrow([{"a": 1}, {"b": "x"}])[0].to_pydict() == {"a": [1, None], "b": [None, "x"]}
    assert to_arrow({"a": np.array([1])})[0] == table
    assert to_arrow([])[0].num_rows == 0


@pytest.mark.parametrize("thing", [5, None, [1], {"a": "text"}, {"a": 5}, "a.b"])
def test_what_is_no_table(thing):
    with pytest.raises((ArgumentError, DataError)):
        to_arrow(thing)


def test_columns_of_different_length():
    with pytest.raises(DataError, match="differ in length"):
        to_arrow({"a": [1], "b": [1, 2]})


def test_repeated_column_names():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match="several columns named a"):
        to_arrow(frame)


def test_pandas_types():
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["a", None]),
            "Int64": pd.array([1, None], dtype="Int64"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "string": pd.array(["x", None], dtype="string"),
            "object": np.array(["x", np.nan], dtype=object),
            "mixed": np.array([1, "x"], dtype=object),
            "float": [1.0, np.nan],
            "date": pd.to_datetime(["2020-01-02", None]).array,
            7: [1, 2],
        },
        index=pd.Index([9, 8], name="id"),
    )
    before = frame.copy(deep=True)
    table, _ = to_arrow(frame)
    assert table.to_pydict() == {
        "category": ["a", None],
        "Int64": [1, None],
        "boolean": [True, None],
        "string": ["x", None],
        "object": ["x", None],
        "mixed": ["1", "x"],
        "float": [1.0, None],
        "date": [datetime.datetime(2020, 1, 2), None],
        "7": [1, 2],
    }
    pd.testing.assert_frame_equal(frame, before)


def test_polars_categories_are_decoded():
    frame = pl.DataFrame(
        {
            "c": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "e": pl.Series(["x", None, "x"], dtype=pl.Enum(["x"])),
        }
    )
    table, _ = to_arrow(frame)
    assert table.to_pydict() == {"c": ["a", "b", "a"], "e": ["x", None, "x"]}
    assert not any(pa.types.is_dictionary(field.type) for field in table.schema)


def test_a_file_is_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\n01\n")
    for given in (path, str(path)):
        table, kind = to_arrow(given)
        assert table.to_pydict() == {"id": ["01"]}
        assert kind.name == "arrow"


def test_a_file_with_bad_rows_is_refused_where_nothing_can_be_set_aside(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1\n2,x\n")
    with pytest.raises(DataError, match="line 2 has 1 values"):
        to_arrow(path)
    assert to_source(path)[0].table.num_rows == 1
    path.write_bytes(b"id,name\n1,\xff\n")
    with pytest.raises(DataError, match=r"'name', row 0.*UTF-8"):
        to_arrow(path)


def test_a_path_that_two_steps_read_is_read_once(tmp_path, monkeypatch):
    file = tmp_path / "a.csv"
    file.write_text("id,name\n1,Bar\n")
    path = ReadTwice(str(file))
    read = []
    real = module.read_table
    monkeypatch.setattr(module, "read_table", lambda path: read.append(path) or real(path))
    first, second = to_source(path)[0], to_source(path)[0]
    assert first is second
    assert read == [str(path)] == [str(file)]
    assert path._kept is None  # given away
    assert to_source(path)[0] is not first


def test_a_uuid_is_text_and_other_extensions_are_what_they_are_made_of():
    key = uuid.UUID(int=7)
    text = "00000000-0000-0000-0000-000000000007"
    assert to_arrow(pd.DataFrame({"id": [key, None]}))[0]["id"].to_pylist() == [text, None]
    coded = pa.chunked_array([pa.array([key.bytes, None], pa.uuid())])
    assert to_arrow(pa.table({"id": coded}))[0]["id"].to_pylist() == [text, None]
    relation = duckdb.connect().sql(f"SELECT '{text}'::UUID AS id")
    assert to_arrow(relation)[0]["id"].to_pylist() == [text]
    months = pd.DataFrame({"month": pd.period_range("2020-01", periods=2, freq="M")})
    assert to_arrow(months)[0]["month"].to_pylist() == [600, 601]


@pytest.mark.parametrize("column", [pd.Series(["a"]), pl.Series(["a"]), np.zeros(3)])
def test_a_column_is_no_table(column):
    with pytest.raises(ArgumentError, match="Expected a table"):
        to_arrow(column)
