"""Several columns that hold a field together are read as one."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameas.core.errors import ColumnError
from sameas.records import Field, collect
from sameas.records.joined import column_of, parts_of
from sameas.records.scan import scan

TEXTS = st.lists(st.tuples(*[st.none() | st.text(" ab-", max_size=3)] * 3), max_size=20)


@given(TEXTS)
def test_joined_texts_hold_what_is_there_in_order(rows):
    table = pa.table({name: pa.array([row[place] for row in rows], pa.string())
                      for place, name in enumerate("xyz")})  # fmt: skip
    joined = column_of(table, "x + y+z", kind="text").to_pylist()
    words = [" ".join(part for part in row if part and part.strip()).split() for row in rows]
    assert [(text or "").split() for text in joined] == words
    assert [text is None for text in joined] == [not held for held in words]


def test_dates_and_numbers_are_joined():
    table = pa.table({"y": [1956, 1960], "m": [4.0, None], "d": [9, None], "tags": [["a"], ["b"]]})
    assert column_of(table, "y + m + d", kind="date").to_pylist() == ["1956-4-9", "1960"]
    with pytest.raises(ColumnError, match=r"'y \+ tags' has a column"):
        column_of(table, "y + tags", kind="text")


def test_a_column_that_is_called_so_goes_first():
    assert parts_of("a+b", ["a+b", "a", "b"]) == ("a+b",)
    assert parts_of("c", []) == ("c",)


TABLE = {
    "id": [1, 2, 3],
    "given": ["Ada", None, ""],
    "surname": ["King", "Hill", None],
    "year": ["1956", "1960", None],
    "month": ["4", "12", None],
}
FIELDS = (Field("name", "person"), Field("born", "date"))
MAPPING = {"name": "given + surname", "born": "year+month"}


def test_whole_tables_and_pieces_read_the_same(tmp_path):
    records = collect({"t": TABLE}, FIELDS, mapping=MAPPING)
    assert records.table["name"].to_pylist() == ["Ada King", "Hill", None]
    assert records.table["born"].to_pylist() == ["1956-4", "1960-12", None]
    pq.write_table(pa.table(TABLE), tmp_path / "t.parquet")
    for table in (pa.table(TABLE), tmp_path / "t.parquet"):
        ((_, _, columns),) = scan({"t": table}, FIELDS, mapping=MAPPING).pieces(["name", "born"])
        for name in ("name", "born"):
            assert columns[name].to_pylist() == records.table[name].to_pylist()


def test_broken_text_in_a_part_is_set_aside(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id,a,b\n1,é,x\n2,".encode() + b"caf\xff,y\n")
    records = collect({"t": path}, {"name": "text"}, mapping={"name": "a + b"})
    assert records.table["name"].to_pylist() == ["é x", None]
    assert records.quarantine["reason"].to_pylist() == ["not valid UTF-8"]


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ({"name": "given + surnam"}, "surnam'.*Did you mean 'surname'"),
        ({"id": "id + year"}, "id + "),
    ],
)
def test_an_absent_part_is_named(mapping, named):
    with pytest.raises(ColumnError, match=named.replace("+", r"\+")):
        collect({"t": TABLE}, {"name": "person"}, mapping=mapping)
