"""What a linker is given: tables under names, pairs by ids, options."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.addresses import is_address, without_password
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError, LabelError, RunError
from sameas.core.prepared import IntArray
from sameas.engines.base import Engine
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker.found import Budget
from sameas.linker.modes import default_mode
from sameas.linker.saving import FittedLinker
from sameas.records import Records
from sameas.records.frames import ARROW, FrameKind, to_arrow, to_source

if TYPE_CHECKING:
    from sameas.labeling import Find

__all__ = [
    "Finds",
    "Options",
    "as_pairs",
    "check_several",
    "finder",
    "inputs_of",
    "kind_of",
    "label_sources",
    "mode_for",
    "name_tables",
    "options_of",
    "pair_ends",
    "run_inputs",
]


class Finds(Protocol):
    """Records that are found by source and id, wherever they are."""

    def find(self, source: str, ids: Any) -> IntArray:
        """Return the record number of each id, -1 where there is none."""


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
    unique_sources : sequence of str
        Sources without duplicates: an entity holds at most one record of each.
    memory : str, optional
        Such as "10GB": link piece by piece, so that the run stays below it; for a fitted linker
        and with a run folder. None: in one piece, as fast as can be.
    constraints : frame or path, optional
        Pairs that must be in one entity or cannot be, whatever their score: ``left_id``,
        ``right_id``, ``constraint`` ("must" or "cannot"), and perhaps ``left_source`` and
        ``right_source``.
    """

    mapping: Mapping[str, Any] | None = None
    id_column: str | None = "id"
    threads: int | None = None
    budget: Budget = field(default_factory=Budget)
    engine: Engine | None = None
    unique_sources: Sequence[str] = ()
    constraints: Any = None
    memory: str | None = None

    def make_engine(self) -> Engine:
        """Return the engine to work with."""
        if self.engine is not None:
            return self.engine
        if self.threads is not None and self.threads < 1:
            raise ArgumentError(f"threads must be at least 1, got {self.threads}.")
        return DuckDBEngine(threads=self.threads or os.cpu_count() or 1)


def options_of(given: Options | None) -> Options:
    """Return the options that were given, or those by default."""
    if given is None:
        return Options()
    if not isinstance(given, Options):
        raise ArgumentError(
            f"options must be an Options, such as Options(id_column='code'); got {given!r}."
        )
    return given


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


def check_several(tables: Sequence[Any]) -> None:
    """Refuse one table where records of different tables are linked."""
    if len(name_tables(tables)) == 1:
        raise ArgumentError(
            "link needs two tables or more, got one: dedupe(table) finds the duplicates inside it."
        )


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


def label_sources(names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Say which sources the left and right ids belong to; unknown with three and more."""
    return (names[0], names[-1]) if len(names) <= 2 else (None, None)


def finder(records: Finds) -> Find:
    """Return the function that finds records by source and id."""

    def find(source: str | None, ids: pa.Array) -> IntArray:
        if source is None:
            raise ColumnError(
                "With more than two tables the labels need the columns left_source and "
                "right_source."
            )
        return records.find(source, ids)

    return find


def as_pairs(pairs: Any) -> pa.Table:
    """Return pairs as a table; a list of (left id, right id) is one too.

    Examples
    --------
    >>> as_pairs([("a", 1), ("b", 2)]).column_names
    ['left_id', 'right_id']
    """
    if isinstance(pairs, list | tuple):
        if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            raise ArgumentError(
                "pairs must be a frame, a path or a list of (left id, right id); got a list with "
                "other items."
            )
        left, right = ([pair[side] for pair in pairs] for side in range(2))
        return pa.table({"left_id": left, "right_id": right})
    return to_arrow(pairs)[0]


def pair_ends(table: pa.Table, records: Finds, side: str, names: tuple[str, ...]) -> IntArray:
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
        usable = ""
        if isinstance(records, Records) and len(records):
            usable = f" Ids that can be used are such as {_examples(records.table['id'][:2])}."
        raise LabelError(
            f"{len(unknown):,} of the {len(ids):,} values of {column} name no usable record, such "
            f"as {_examples(ids.take(unknown[:3]))}.{usable} Are the tables the right way round, "
            "and are rows in quarantine?"
        )
    return found


def _examples(ids: pa.Array | pa.ChunkedArray) -> str:
    return ", ".join(map(repr, ids.to_pylist()))


def inputs_of(named: Mapping[str, Any], options: Options | None) -> dict[str, Any]:
    """Say where tables came from and how they were read, as plain data for ``run.json``."""
    options = options or Options()
    tables = {
        name: _absolute(str(table)) if isinstance(table, str | os.PathLike) else None
        for name, table in named.items()
    }
    mapping = {
        key: value if isinstance(value, str) else dict(value)
        for key, value in (options.mapping or {}).items()
    }
    return {"tables": tables, "mapping": mapping, "id_column": options.id_column}


def _absolute(path: str) -> str:
    """Return a path, perhaps with ``::table`` behind it, that holds from every folder.

    Of the address of a database the password is left out.
    """
    if is_address(path):
        return without_password(path)
    file, sign, part = path.partition("::")
    return os.path.abspath(file) + sign + part


def run_inputs(
    folder: Path, version: str, *, threads: int | None = None
) -> tuple[dict[str, str], Options, float]:
    """Return tables, options and threshold of a run.

    Parameters
    ----------
    folder : Path
        A run folder.
    version : str
        That of the linker at hand, which must be the one of the run.

    Raises
    ------
    RunError
        If the folder does not say where its tables are, or another linker made it.
    """
    try:
        content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        made_by, inputs = content["linker_version"], content.get("inputs") or {"tables": {}}
        tables, threshold = inputs["tables"], float(content["threshold"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{folder / 'run.json'} cannot be read: {error}.") from error
    if made_by != version:
        raise RunError(
            f"{folder} was made by the linker version {made_by}; this one is {version}. Give the "
            "linker of the run, or give the tables instead of the run."
        )
    if not tables or None in tables.values():
        raise RunError(
            f"{folder} does not say where its tables are: it was made from tables in memory, or "
            "by an earlier version. Give the tables instead of the run."
        )
    options = Options(
        mapping=inputs["mapping"], id_column=inputs["id_column"], threads=threads
    )  # fmt: skip
    return tables, options, threshold


def kind_of(table: Any) -> FrameKind:
    """Say what kind of frame a table is."""
    return ARROW if isinstance(table, str | os.PathLike) else to_source(table)[1]
