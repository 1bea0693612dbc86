"""Whatever the input: its order never matters, and no row is lost."""

import math

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.tables import QUARANTINE
from sameas.records.collect import collect
from sameas.records.frames import like, to_arrow

FIELDS = {
    "name": "name",
    "tags": "set",
    "size": "number",
    "lat": "latitude",
    "lon": "longitude",
}

ids = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "é", "", " ", "B", "10", "9"]))
texts = st.one_of(st.none(), st.sampled_from(["x", " x", "y\n", ""]), st.text(max_size=5))
numbers = st.one_of(st.none(), st.sampled_from(["1", "1.0", "x", "nan", " 2 "]))
degrees = st.one_of(
    st.none(), st.sampled_from([0.0, 8.0, 91.0, 181.0, math.nan, math.inf, -90.0, 180.0])
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": ids,
            "name": texts,
            "tags": texts,
            "size": numbers,
            "lat": degrees,
            "lon": degrees,
        }
    ),
    max_size=9,  # fewer than say anything about swapped columns
)

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("tags", pa.string()),
        ("size", pa.string()),
        ("lat", pa.float64()),
        ("lon", pa.float64()),
    ]
)


def table_of(values):
    columns = {name: [row[name] for row in values] for name in SCHEMA.names}
    return pa.table(columns, schema=SCHEMA)


def reasons(records):
    return sorted(
        tuple(str(row[name]) for name in ("source", "id", "field", "reason", "value"))
        for row in records.quarantine.to_pylist()
    )


@settings(max_examples=100, deadline=None)
@given(rows, rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(left, right, random):
    first = collect({"left": table_of(left), "right": table_of(right)}, FIELDS)
    shuffled = random.sample(left, len(left))
    second = collect({"right": table_of(right), "left": table_of(shuffled)}, FIELDS)
    assert second.table.equals(first.table)
    assert reasons(second) == reasons(first)


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(0, 9))
def test_how_a_table_is_cut_into_chunks_does_not_matter(values, cut):
    table = table_of(values)
    pieces = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    first, second = (collect({"a": each}, FIELDS) for each in (table, pieces))
    assert second.table.equals(first.table)
    assert second.quarantine.equals(first.quarantine)


@settings(max_examples=200, deadline=None)
@given(rows)
def test_every_row_is_a_record_or_set_aside(values):
    table = table_of(values)
    records = collect({"a": table}, FIELDS)
    records.table.validate(full=True)
    assert records.quarantine.schema == QUARANTINE
    whole = [row["row"] for row in records.quarantine.to_pylist() if row["field"] is None]
    assert len(set(whole)) == len(whole), "a row is set aside once"
    kept = sorted(set(range(len(values))) - set(whole))
    assert sorted(values[row]["id"] for row in kept) == sorted(records.table["id"].to_pylist())
    assert len(set(records.table["id"].to_pylist())) == len(records)
    # Each value that vanished from a record that stayed is quoted in the quarantine.
    noted = {(row["row"], row["field"]) for row in records.quarantine.to_pylist()}
    number = records.find("a", [values[row]["id"] for row in kept])
    for row, record in zip(kept, number, strict=True):
        held = records.table.slice(int(record), 1).to_pylist()[0]
        given_ = values[row]
        if held["size"] is None:
            assert not (given_["size"] or "").strip() or (row, "size") in noted
        if held["lat"] is None and (given_["lat"] is not None or given_["lon"] is not None):
            assert (row, "lat") in noted or (row, "lon") in noted
        assert (held["lat"] is None) == (held["lon"] is None)


@settings(max_examples=100, deadline=None)
@given(rows)
def test_find_is_the_inverse_of_the_numbering(values):
    records = collect({"a": table_of(values), "b": table_of(values)}, FIELDS)
    for source in records.sources:
        first, last = records.bounds(source)
        known = records.table["id"].slice(first, last - first)
        np.testing.assert_array_equal(records.find(source, known), np.arange(first, last))
        assert known.to_pylist() == sorted(known.to_pylist(), key=lambda text: text.encode())


@settings(max_examples=50, deadline=None)
@given(rows)
def test_frames_come_back_as_they_went(values):
    import pandas as pd
    import polars as pl

    table = table_of([{**row, "lat": None, "lon": 1.0} for row in values])
    for frame in (table, pl.from_arrow(table), pd.DataFrame(table.to_pydict())):
        found, kind = to_arrow(frame)
        assert found.column_names == table.column_names
        assert found["name"].to_pylist() == table["name"].to_pylist()
        again, _ = to_arrow(like(found, kind))
        assert again.to_pydict() == found.to_pydict()
