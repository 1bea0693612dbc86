import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.survivorship import (
    First,
    Longest,
    Median,
    Medoid,
    Survivorship,
    Union,
    golden_batches,
    golden_records,
)

RECORDS = pa.table(
    {
        "record": [0, 1, 2, 3, 4],
        "source": ["fsq", "fsq", "osm", "osm", "osm"],
        "id": [1, 2, 1, 2, 3],
        "name": ["Joe's", "Park", "Joe's Diner", "Joe's", None],
        "latitude": [47.0, None, 47.2, 47.1, 10.0],
        "longitude": [8.0, 9.0, 8.2, 8.1, None],
        "labels": [["food"], [], ["bar", "food"], None, ["b", "a"]],
    }
)
LABEL = np.array([0, 1, 0, 0, 4], np.int32)
PLACES = Survivorship({"latitude": Medoid(), "longitude": Medoid()})


def test_golden_records_and_where_they_come_from():
    table = golden_records(RECORDS, LABEL, PLACES)
    assert table.column_names == [
        *("entity", "size", "name", "latitude", "longitude", "labels"),
        *("name_from", "latitude_from", "longitude_from", "labels_from"),
    ]
    assert table.to_pylist()[0] == {
        "entity": "fsq:1",
        "size": 3,
        "name": "Joe's",
        "latitude": 47.1,
        "longitude": 8.1,
        "labels": ["bar", "food"],
        "name_from": "fsq:1",
        "latitude_from": "osm:2",
        "longitude_from": "osm:2",
        "labels_from": ["fsq:1", "osm:1"],
    }


def test_a_record_alone_is_unchanged():
    _, park, last = golden_records(RECORDS, LABEL, PLACES).to_pylist()
    assert (park["latitude"], park["latitude_from"]) == (None, None)
    assert (park["longitude"], park["longitude_from"]) == (9.0, "fsq:2")
    assert (park["labels"], park["labels_from"]) == ([], None)
    assert (last["labels"], last["labels_from"]) == (["b", "a"], ["osm:3"])


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_batches_make_no_difference(batch_size):
    batches = list(golden_batches(RECORDS, LABEL, PLACES, batch_size=batch_size))
    assert pa.concat_tables(batches).equals(golden_records(RECORDS, LABEL, PLACES))
    assert len(batches) == {1: 3, 2: 3, 3: 2, 100: 1}[batch_size]


def test_chunks_make_no_difference():
    chunked = pa.concat_tables([RECORDS[:2], RECORDS[2:]])
    assert golden_records(chunked, LABEL, PLACES).equals(golden_records(RECORDS, LABEL, PLACES))


def test_coordinates_without_a_complete_member_are_null():
    records = pa.table(
        {"source": ["a", "b"], "id": [1, 1], "latitude": [1.0, None], "longitude": [None, 2.0]}
    )
    (row,) = golden_records(records, np.array([0, 0], np.int32), PLACES).to_pylist()
    assert (row["latitude"], row["longitude"], row["latitude_from"]) == (None, None, None)


def test_rules_by_field():
    rules = Survivorship(
        {"name": Longest(), "latitude": Median(), "longitude": First(("osm",)), "record": Union()}
    )
    with pytest.raises(ColumnError, match="no column 'record'"):
        golden_records(RECORDS, LABEL, rules)
    rules = Survivorship({"name": Longest(), "latitude": Median(), "longitude": First(("osm",))})
    row = golden_records(RECORDS, LABEL, rules).to_pylist()[0]
    assert (row["name"], row["latitude"], row["longitude"]) == ("Joe's Diner", 47.1, 8.2)


def test_the_rules_do_not_look_at_unselected_fields():
    table = golden_records(RECORDS, LABEL, fields=["labels", "name"])
    assert table.column_names == ["entity", "size", "labels", "name", "labels_from", "name_from"]


def test_structs_come_from_the_first_record_that_has_one():
    records = pa.table(
        {"source": ["a", "b", "c"], "id": [1, 1, 1], "address": [None, {"city": "X"}, None]}
    )
    (row,) = golden_records(records, np.array([0, 0, 0], np.int32)).to_pylist()
    assert (row["address"], row["address_from"]) == ({"city": "X"}, "b:1")


def test_types_are_kept():
    kinds = {"name": pa.dictionary(pa.int32(), pa.string()), "latitude": pa.float32()}
    records = RECORDS
    for name, kind in kinds.items():
        place = records.column_names.index(name)
        records = records.set_column(place, name, records[name].cast(kind))
    table = golden_records(records, LABEL)
    assert {name: table.schema.field(name).type for name in kinds} == kinds


def test_no_records():
    table = golden_records(RECORDS[:0], LABEL[:0], PLACES)
    assert table.num_rows == 0
    assert table.schema.equals(golden_records(RECORDS, LABEL, PLACES).schema)


def test_a_rule_that_does_not_fit_its_field():
    with pytest.raises(ArgumentError, match="'longest' cannot be used on the field 'latitude'"):
        golden_records(RECORDS, LABEL, Survivorship({"latitude": Longest()}))


def test_a_rule_that_cannot_read_its_other_field():
    with pytest.raises(ArgumentError, match="cannot read 'name', which is string"):
        golden_records(RECORDS, LABEL, Survivorship({"latitude": Medoid("name", "longitude")}))


def test_misspelt_fields_are_named():
    with pytest.raises(ColumnError, match="Did you mean 'name'"):
        golden_records(RECORDS, LABEL, Survivorship({"nmae": Longest()}))
    with pytest.raises(ColumnError, match="no column 'lat'"):
        golden_records(RECORDS, LABEL, Survivorship({"latitude": Medoid("lat", "lon")}))


@pytest.mark.parametrize("name", ["size", "entity", "name_from"])
def test_fields_that_would_have_the_name_of_another_column(name):
    with pytest.raises(ColumnError, match=f"two columns '{name}'"):
        golden_records(RECORDS.append_column(name, RECORDS["name"]), LABEL)
