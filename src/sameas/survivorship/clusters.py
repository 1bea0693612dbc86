"""Entities have names: the public key of their first member, as one text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError, DataError
from sameas.core.prepared import IntArray

__all__ = ["check_records", "clusters_table", "contiguous", "record_names"]

#: Rows are worked on in slices of this many.
SLICE = 1_000_000


def record_names(source: pa.Array, identifier: pa.Array) -> pa.Array:
    """Name records ``source:id``.

    A ``:`` or ``%`` inside a source is written ``%3A`` or ``%25``, so two records never share
    a name.

    Examples
    --------
    >>> record_names(pa.array(["osm", "a:b"]), pa.array([7, 8])).to_pylist()
    ['osm:7', 'a%3Ab:8']
    """
    encoded = source.cast(pa.string()).dictionary_encode()
    plain = pc.replace_substring(encoded.dictionary, "%", "%25")
    safe = pc.replace_substring(plain, ":", "%3A").take(encoded.indices)
    return pc.binary_join_element_wise(safe, identifier.cast(pa.string()), ":")


def clusters_table(records: pa.Table, label: IntArray) -> pa.Table:
    """Say which entity each record belongs to.

    Parameters
    ----------
    records : Table
        Has the columns ``source`` and ``id``; its row is the record number.
    label : int32[n]
        Smallest record number of each record's cluster.

    Returns
    -------
    Table
        The schema `CLUSTERS`, in the order of records; ``id`` has the user's own type.

    Raises
    ------
    ArgumentError, ColumnError, DataError
        If the label does not fit the records, or a key is absent or null.

    Examples
    --------
    >>> records = pa.table({"source": ["a", "b", "b"], "id": [1, 1, 2]})
    >>> clusters_table(records, np.array([0, 0, 2], np.int32))["entity"].to_pylist()
    ['a:1', 'a:1', 'b:2']
    """
    check_records(records, label)
    source, identifier = contiguous(records["source"]), contiguous(records["id"])
    entities = []
    for begin in range(0, len(label), SLICE):
        first = pa.array(label[begin : begin + SLICE])
        entities.append(record_names(source.take(first), identifier.take(first)))
    return pa.table(
        {
            "source": records["source"].cast(pa.string()),
            "id": records["id"],
            "entity": pa.chunked_array(entities, pa.string()),
        }
    )


def contiguous(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, without a copy if it is one already."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_string(column.type) and column.nbytes > np.iinfo(np.int32).max:
        column = column.cast(pa.large_string())
    combined = column.combine_chunks()
    return combined


def check_records(records: pa.Table, label: npt.NDArray[np.int32]) -> None:
    """Check that records have keys and that the label fits them."""
    for name in ("source", "id"):
        if name not in records.column_names:
            raise ColumnError.missing(name, records.column_names, table="The record table")
        if records[name].null_count:
            raise DataError(
                f"The column {name!r} of the record table has {records[name].null_count} nulls; "
                "every record needs its source and id."
            )
    if len(label) != records.num_rows:
        raise ArgumentError(
            f"label has {len(label)} entries for {records.num_rows} records; it needs one each."
        )
    number = np.arange(len(label))
    if ((label < 0) | (label > number)).any() or (label[label] != label).any():
        raise ArgumentError(
            "label must hold the smallest record number of each record's cluster, as a clusterer "
            "returns it."
        )
