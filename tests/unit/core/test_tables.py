"""The schemas that the steps agree on."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sameas.core import tables

SCHEMAS = [name for name in tables.__all__ if name.isupper()]


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_found_is_an_empty_table_of_the_schema(name: str) -> None:
    schema = getattr(tables, name)
    table = tables.empty(schema)
    assert table.num_rows == 0
    assert table.schema.equals(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_column_names_are_unique(name: str) -> None:
    schema = getattr(tables, name)
    assert len(set(schema.names)) == len(schema.names)


@pytest.mark.parametrize("name", ["SCORES", "LABELS"])
def test_a_pair_is_named_by_source_and_id_on_both_sides(name: str) -> None:
    assert getattr(tables, name).names[:4] == [
        "left_source",
        "left_id",
        "right_source",
        "right_id",
    ]


def test_a_label_may_be_undecided_and_its_time_has_a_zone() -> None:
    row = dict.fromkeys(tables.LABELS.names)
    table = pa.Table.from_pylist([row], schema=tables.LABELS)
    assert table["label"].to_pylist() == [None]
    assert tables.LABELS.field("labelled_at").type.tz == "UTC"
