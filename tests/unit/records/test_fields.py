"""Fields and how they are found in the user's table."""

import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.specs import from_dict, to_dict
from sameas.records.columns import find_columns, mapping_of
from sameas.records.fields import FIELD_KINDS, Field, as_fields

NAME = Field("name", "name")
POINT = (Field("lat", "latitude"), Field("lon", "longitude"))


def find(columns, fields, *, mapping=None, id_column=None, required=()):
    return find_columns(
        columns,
        fields,
        id_column=id_column,
        mapping=mapping or {},
        required=required,
        table="left.csv",
    )


@pytest.mark.parametrize("kind", FIELD_KINDS)
def test_every_kind_turns_into_json_and_back(kind):
    field = Field("x", kind)
    assert from_dict(to_dict(field), family="field") == field


def test_arrow_types():
    assert Field("x", "set").arrow_type == pa.list_(pa.string())
    assert Field("x", "latitude").arrow_type == pa.float64()
    assert Field("x", "postal_code").arrow_type == pa.string()


def test_unknown_kind_names_the_nearest():
    with pytest.raises(ArgumentError, match="Did you mean 'latitude'"):
        Field("x", "lattitude")


@pytest.mark.parametrize("name", ["id", "source", "record", ""])
def test_a_name_that_the_table_of_records_uses_is_refused(name):
    with pytest.raises(ArgumentError):
        Field(name, "text")


def test_as_fields():
    assert as_fields({"a": "text"}) == as_fields([Field("a", "text")]) == (Field("a", "text"),)
    with pytest.raises(ArgumentError, match="'a' is given twice"):
        as_fields([Field("a", "text"), Field("a", "name")])
    with pytest.raises(ArgumentError, match="Field objects"):
        as_fields(["a"])
    with pytest.raises(ArgumentError, match=r"must be a mapping.*got 'name'"):
        as_fields("name")


def test_a_column_of_the_same_name_needs_no_mapping():
    assert find(["id", "name"], [NAME], id_column="id") == {"id": "id", "name": "name"}


def test_case_is_ignored_only_as_a_last_resort():
    assert find(["NAME"], [NAME]) == {"name": "NAME"}
    assert find(["NAME", "name"], [NAME]) == {"name": "name"}
    with pytest.raises(ColumnError, match="several columns for 'name': NAME, Name"):
        find(["NAME", "Name"], [NAME])


def test_an_optional_field_may_be_absent_a_required_one_not():
    assert find(["nmae"], [NAME]) == {}
    with pytest.raises(ColumnError, match=r"left.csv has no column 'name'. Did you mean 'nmae'"):
        find(["nmae"], [NAME], required={"name"})


def test_a_misspelt_mapping_is_an_error_even_for_an_optional_field():
    with pytest.raises(ColumnError, match=r"no column 'titel'. Did you mean 'title'"):
        find(["title", "name"], [NAME], mapping={"name": "titel"})


def test_a_missing_id_says_how_to_name_it():
    with pytest.raises(ColumnError, match="id_column"):
        find(["key"], [], id_column="id")
    assert find(["key"], [], id_column="id", mapping={"id": "key"}) == {"id": "key"}
    assert find(["key"], [], id_column="key") == {"id": "key"}
    assert find(["key"], []) == {}


def test_half_a_pair_of_coordinates_is_an_error():
    with pytest.raises(ColumnError, match=r"no column 'lon'.*because 'lat' is there"):
        find(["lat", "lng"], POINT)


def test_mapping_for_all_and_for_one_source():
    both = {"name": "title", "left": {"name": "label", "id": "key"}}
    options = {"sources": ["left", "right"], "fields": [NAME]}
    assert mapping_of("left", both, **options) == {"name": "label", "id": "key"}
    assert mapping_of("right", both, **options) == {"name": "title"}
    with pytest.raises(ArgumentError, match=r"unknown source 'lefft'. Did you mean 'left'"):
        mapping_of("left", {"lefft": {}}, **options)
    with pytest.raises(ArgumentError, match=r"unknown field 'nam'. Did you mean 'name'"):
        mapping_of("left", {"nam": "title"}, **options)
