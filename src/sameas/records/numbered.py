"""The table of records: one row a record, in the order of source and id."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.records.fields import Field
from sameas.records.values import as_strings

__all__ = ["Records", "ids_like"]

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of all sources: row number = record number.

    Attributes
    ----------
    table : pyarrow.Table
        ``source`` (dictionary of string), ``id``, then the fields in their Arrow types,
        sorted by source, then id.
    fields : tuple of Field
    sources : tuple of str
        Sorted; also those without any record.
    source_code : int32[n]
        Position in `sources` of each record.
    quarantine : pyarrow.Table
        QUARANTINE: what could not be used. ``row`` counts the rows of the input from 0, as
        it came; a null ``field`` means that the whole row was set aside.
    id_type : pyarrow.DataType
        int64 or string.
    """

    table: pa.Table
    fields: tuple[Field, ...]
    sources: tuple[str, ...]
    source_code: IntArray
    quarantine: pa.Table
    id_type: pa.DataType

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def bounds(self, source: str) -> tuple[int, int]:
        """Return the first record number of a source, and the one after its last.

        Raises
        ------
        ArgumentError
            If there is no such source.
        """
        if source not in self.sources:
            raise ArgumentError(
                f"Unknown source {source!r}.{choices_hint(source, self.sources)} "
                f"Sources: {', '.join(self.sources)}."
            )
        code = self.sources.index(source)
        first, last = np.searchsorted(self.source_code, [code, code + 1])
        return int(first), int(last)

    def find(self, source: str, ids: Any) -> IntArray:
        """Return the record numbers of ids of one source.

        Parameters
        ----------
        source : str
        ids : pyarrow.Array, pyarrow.ChunkedArray or sequence, length k
            Numbers and their texts are told apart only if the records have both.

        Returns
        -------
        int32[k]
            -1 where there is no such record.

        Raises
        ------
        ArgumentError
            If there is no such source.

        Examples
        --------
        >>> from sameas.records import collect
        >>> records = collect({"a": {"id": ["x", "y"]}}, {})
        >>> records.find("a", ["y", "z"])
        array([ 1, -1], dtype=int32)
        """
        first, last = self.bounds(source)
        known = self.table["id"].slice(first, last - first)
        wanted = ids_like(ids, self.id_type)
        place = pc.index_in(wanted, value_set=known)
        found = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
        return np.where(found >= 0, found + first, -1).astype(np.int32)


def ids_like(ids: Any, id_type: pa.DataType) -> pa.Array:
    """Bring ids from anywhere (a table of labels) to the type of the records' ids."""
    if isinstance(ids, pa.Array):
        ids = pa.chunked_array([ids])
    elif not isinstance(ids, pa.ChunkedArray):
        ids = pa.chunked_array([pa.array(ids, from_pandas=True)])
    text = as_strings(ids).combine_chunks()
    if pa.types.is_string(id_type):
        return text
    number = pc.match_substring_regex(text, r"^(0|-?[1-9][0-9]{0,17})$")
    return pc.if_else(number, text, pa.scalar(None, pa.string())).cast(id_type)
