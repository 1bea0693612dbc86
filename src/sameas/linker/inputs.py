"""What a linker is given: tables under names, pairs by ids, options."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError, LabelError
from sameas.core.prepared import IntArray
from sameas.engines.base import Engine
from sameas.engines.duckdb import DuckDBEngine
from sameas.labeling import Find
from sameas.linker.found import Budget
from sameas.linker.job import default_mode
from sameas.linker.saving import FittedLinker
from sameas.records import Records
from sameas.records.frames import ARROW, FrameKind, to_source

__all__ = [
    "Options",
    "finder",
    "kind_of",
    "label_sources",
    "mode_for",
    "name_tables",
    "pair_ends",
    "without_values",
]


@dataclass(frozen=True, slots=True)
class Options:
    """How tables are read and how much of the machine is used; nothing a score depends on.

    Parameters
    ----------
    mapping : mapping, optional
        From a field, or ``"id"``, to the user's column: ``{"name": "title"}`` for all
        tables, or ``{"left": {"name": "title"}}`` for one.
    id_column : str or None
        The column of the ids; None: the row number is the id.
    threads : int, optional
        All cores by default.
    budget : Budget
        How much work one block may make.
    engine : Engine, optional
        DuckDB and the kernels on this machine by default.
    """

    mapping: Mapping[str, Any] | None = None
    id_column: str | None = "id"
    threads: int | None = None
    budget: Budget = field(default_factory=Budget)
    engine: Engine | None = None

    def make_engine(self) -> Engine:
        """Return the engine to work with."""
        if self.engine is not None:
            return self.engine
        if self.threads is not None and self.threads < 1:
            raise ArgumentError(f"threads must be at least 1, got {self.threads}.")
        return DuckDBEngine(threads=self.threads or os.cpu_count() or 1)


def name_tables(tables: Sequence[Any]) -> dict[str, Any]:
    """Give every table the name of its source.

    Examples
    --------
    >>> list(name_tables(["a.csv", "b.csv"])), list(name_tables([{"osm": "x.csv"}]))
    (['left', 'right'], ['osm'])
    """
    if len(tables) == 1 and isinstance(tables[0], Mapping) and not _is_table(tables[0]):
        return dict(tables[0])
    if not tables:
        raise ArgumentError("Give at least one table.")
    if len(tables) == 1:
        return {"table": tables[0]}
    if len(tables) == 2:
        return {"left": tables[0], "right": tables[1]}
    return {f"table_{number:02d}": table for number, table in enumerate(tables, 1)}


def mode_for(named: Mapping[str, Any], fitted: FittedLinker | None) -> str:
    """Take the mode of the fit where it fits the number of tables."""
    if fitted is not None and (fitted.mode == "dedupe") == (len(named) == 1):
        return fitted.mode
    return default_mode(named)


def _is_table(given: Mapping[str, Any]) -> bool:
    """Tell a dict of lists, which is a table, from a mapping of sources to tables."""
    values = list(given.values())
    lists = bool(values) and all(isinstance(value, list | tuple) for value in values)
    return lists and not any(isinstance(item, Mapping) for value in values for item in value[:1])


def without_values(records: Records) -> set[str]:
    """Return the fields that no record has a value for."""
    table = records.table
    return {
        field.name
        for field in records.fields
        if len(table) and table[field.name].null_count == len(table)
    }


def label_sources(names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Say which sources the left and right ids belong to; unknown with three and more."""
    return (names[0], names[-1]) if len(names) <= 2 else (None, None)


def finder(records: Records) -> Find:
    """Return the function that finds records by source and id."""

    def find(source: str | None, ids: pa.Array) -> IntArray:
        if source is None:
            raise ColumnError(
                "With more than two tables the labels need the columns left_source and "
                "right_source."
            )
        return records.find(source, ids)

    return find


def pair_ends(table: pa.Table, records: Records, side: str, names: tuple[str, ...]) -> IntArray:
    """Find the records of one side of given pairs."""
    column, source_column = f"{side}_id", f"{side}_source"
    if column not in table.column_names:
        raise ColumnError.missing(column, table.column_names, table="The table of pairs")
    ids = table[column].combine_chunks()
    if source_column in table.column_names:
        found = np.full(len(ids), -1, np.int32)
        sources = table[source_column].combine_chunks()
        if sources.null_count:
            raise LabelError(f"{sources.null_count:,} values of {source_column} are missing.")
        for source in pc.unique(sources):
            rows = pc.indices_nonzero(pc.equal(sources, source))
            found[rows.to_numpy()] = records.find(str(source.as_py()), ids.take(rows))
    else:
        source = label_sources(names)[side == "right"]
        found = finder(records)(source, ids)
    unknown = np.flatnonzero(found < 0)
    if len(unknown):
        examples = ", ".join(repr(ids[int(row)].as_py()) for row in unknown[:3])
        raise LabelError(
            f"{len(unknown):,} of the {len(ids):,} values of {column} name no usable record, such "
            f"as {examples}. Are the tables the right way round, and are rows in quarantine?"
        )
    return found


def kind_of(table: Any) -> FrameKind:
    """Say what kind of frame a table is."""
    return ARROW if isinstance(table, str | os.PathLike) else to_source(table)[1]
