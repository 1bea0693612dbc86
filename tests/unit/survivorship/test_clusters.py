import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, ColumnError, DataError
from sameas.core.tables import CLUSTERS
from sameas.survivorship import clusters_table, record_names


def labels(*values):
    return np.array(values, np.int32)


@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.large_string()])
def test_id_keeps_the_type_of_the_user(kind):
    records = pa.table({"source": ["a", "a", "b"], "id": pa.array([1, 2, 1]).cast(kind)})
    table = clusters_table(records, labels(0, 1, 0))
    assert table.column_names == CLUSTERS.names
    assert table.schema.field("id").type == kind
    assert table["entity"].to_pylist() == ["a:1", "a:2", "a:1"]


def test_no_records():
    records = pa.table({"source": pa.array([], pa.string()), "id": pa.array([], pa.string())})
    assert clusters_table(records, labels()).schema.equals(CLUSTERS)


def test_chunks_and_categories():
    source = pa.chunked_array([["a"], ["b", "b"]]).dictionary_encode()
    records = pa.table({"source": source, "id": pa.chunked_array([[1, 2], [3]])})
    assert clusters_table(records, labels(0, 0, 2))["entity"].to_pylist() == ["a:1", "a:1", "b:3"]


def test_names_never_collide():
    sources, ids = ["a", "a:b", "a%3Ab", "a%"], ["b:c", "c", "c", "c"]
    names = record_names(pa.array(sources), pa.array(ids)).to_pylist()
    assert names == ["a:b:c", "a%3Ab:c", "a%253Ab:c", "a%25:c"]


RECORDS = pa.table({"source": ["a", "b"], "id": ["x", "y"]})


@pytest.mark.parametrize(
    ("records", "label", "error", "message"),
    [
        (RECORDS.drop_columns("source"), [0, 1], ColumnError, "no column 'source'"),
        (pa.table({"source": ["a", None], "id": [1, 2]}), [0, 1], DataError, "'source'.* 1 nulls"),
        (RECORDS, [0], ArgumentError, "1 entries for 2 records"),
        (RECORDS, [1, 1], ArgumentError, "smallest record number"),
        (RECORDS, [0, -1], ArgumentError, "smallest record number"),
        (RECORDS, [0, 9], ArgumentError, "smallest record number"),
    ],
)
def test_what_does_not_fit_is_named(records, label, error, message):
    with pytest.raises(error, match=message):
        clusters_table(records, labels(*label))
