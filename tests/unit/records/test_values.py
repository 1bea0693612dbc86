"""Odd Arrow types, broken UTF-8."""

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest

from sameas.records.text_encoding import broken_rows, mend
from sameas.records.values import as_strings, concat, python_column, python_table


def unchecked(values):
    """Bytes as a string array that nobody checked, as a Parquet reader gives it."""
    raw = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, None]), ["1", None]),
        (pa.array([12.0, 0.5, None, 441234567890.0]), ["12", "0.5", None, "441234567890"]),
        (pa.array([float("nan")]), ["nan"]),
        (pa.array(["é"], pa.large_string()), ["é"]),
        (pa.array(["a" * 20, None], pa.string_view()), ["a" * 20, None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([b"x"]), ["x"]),
        (pa.array([decimal.Decimal("1.50")]), ["1.50"]),
        (pa.array([datetime.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.array([True]), ["true"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_as_strings(values, texts):
    assert as_strings(pa.chunked_array([values])).to_pylist() == texts


def test_as_strings_of_a_slice():
    column = pa.chunked_array([pa.array(["a", "b", "c"], pa.large_string()).slice(1)])
    assert as_strings(column).to_pylist() == ["b", "c"]


def test_lists_are_no_single_values():
    with pytest.raises(pa.ArrowNotImplementedError):
        as_strings(pa.chunked_array([pa.array([{"a": 1}])]))


def test_mixed_python_values_become_text():
    assert python_column([1, "1", 2.0, None, float("nan")]).to_pylist() == [
        "1",
        "1",
        "2",
        None,
        None,
    ]
    assert python_column([2**70]).to_pylist() == [str(2**70)]
    assert python_table([{"a": 1}, {"b": 2}]).to_pydict() == {"a": [1, None], "b": [None, 2]}


def test_concat_of_tables_that_disagree():
    tables = [pa.table({"a": [1], "b": [1]}), pa.table({"a": ["x"], "b": [0.5]}), pa.table({})]
    joined = concat(tables[:2])
    assert joined["a"].to_pylist() == ["1", "x"]
    assert joined["b"].to_pylist() == [1.0, 0.5]


@pytest.mark.parametrize("rows", [[], [0], [999], [63, 64, 65, 500], list(range(0, 1000, 3))])
def test_broken_rows_are_found_in_every_chunk(rows):
    values = [b"caf\xe9" if k in set(rows) else f"é{k}".encode() for k in range(1000)]
    values[10:11] = [None] if 10 not in rows else values[10:11]
    chunks = [unchecked(values[:300]), unchecked(values).slice(300)]
    column = pa.chunked_array(chunks)
    np.testing.assert_array_equal(broken_rows(column), rows)
    mended, found, texts = mend(column)
    mended.validate(full=True)
    np.testing.assert_array_equal(found, rows)
    assert texts.to_pylist() == [r"caf\xe9"] * len(rows)
    sound = [k for k in range(1000) if k not in set(rows)]
    kept = mended.to_pylist()
    assert [kept[k] for k in sound] == [v and v.decode() for v in (values[k] for k in sound)]
    assert all(kept[k] is None for k in rows)
