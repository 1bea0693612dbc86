"""Statistics on Spark: each piece of the records is counted, the sums are frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import LabelError
from sameas.core.prepared import Need
from sameas.core.texts import buffers
from sameas.engines.pieces import Piece, cut, dealt
from sameas.engines.spark import SparkEngine
from sameas.kernels.hashing import hash_strings
from sameas.linker.absent import values_of
from sameas.linker.spark.pack import Settings, save_draft
from sameas.linker.spec import LinkerSpec
from sameas.records import Field
from sameas.records.counting import count_part, counted_needs, maker_for, summed
from sameas.records.preparations.workspace import documents_of

__all__ = ["learn_statistics", "values_on_spark"]

_DOCUMENTS = "documents"


def values_on_spark(stage: Any, engine: SparkEngine, spec: LinkerSpec, *, across: bool) -> pa.Table:
    """Count what records have values for, as `values_of` does.

    Raises
    ------
    LabelError
        If there is no record.
    """
    look = partial(_values, spec.fields, across)
    pieces = engine.collect(engine.each_piece(stage.where("kind = 'records'"), look))
    if not pieces:
        raise LabelError("There are no two records to compare: none can be used.")
    return pa.concat_tables([piece.table for piece in pieces])


def _values(
    fields: Sequence[Field], across: bool, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    yield Piece(0, "values", part, values_of(pieces[0].table, fields, across=across))


def learn_statistics(
    engine: SparkEngine, stage: Any, spec: LinkerSpec, settings: Settings
) -> dict[str, pa.Table]:
    """Learn the statistics of a linker from all records; equal to those of one machine.

    Notes
    -----
    The driver holds the sums: about what the saved statistics are.
    """
    keys = [("source", pa.string()), ("id", settings.id_type)]
    empty = pa.schema([*keys, *((item.name, item.arrow_type) for item in spec.fields)])
    statistics, needs = counted_needs(empty.empty_table(), spec.needs())
    for late in (False, True):
        chosen = [need for need in needs if maker_for(need).late == late]
        if chosen:
            address = save_draft(spec, statistics, settings.mode, engine.folder)
            statistics |= _learned(engine, stage, chosen, address)
    return statistics


def _learned(
    engine: SparkEngine, stage: Any, needs: list[Need], address: str
) -> dict[str, pa.Table]:
    records = stage.where("kind = 'records'")
    counted = engine.each_piece(records, partial(_count, needs, address, engine.parts))
    total = engine.each_part(counted, partial(_sum, needs), engine.parts)
    found: dict[str, list[pa.Table]] = {need.slug: [] for need in needs}
    documents = dict.fromkeys(found, 0)
    for piece in engine.collect(total):
        if piece.kind == _DOCUMENTS:
            for one in piece.table.to_pylist():
                documents[one["need"]] += one[_DOCUMENTS]
        else:
            found[piece.kind].append(piece.table)
    nothing = count_part(_empty(address), needs, _statistics(address))
    frozen = {}
    for need, none in zip(needs, nothing, strict=True):
        table = summed([none, *found[need.slug]])
        table = table.cast(none.schema.remove_metadata())
        table = table.replace_schema_metadata({_DOCUMENTS: str(documents[need.slug])})
        frozen[need.slug] = maker_for(need).freeze(need, table)
    return frozen


def _statistics(address: str) -> dict[str, pa.Table]:
    from sameas.linker.spark.pack import load_pack

    return load_pack(address).fitted.statistics


def _empty(address: str) -> pa.Table:
    from sameas.linker.spark.pack import load_pack

    fields = load_pack(address).fitted.spec.fields
    keys = [("source", pa.string()), ("id", pa.string())]
    return pa.schema([*keys, *((item.name, item.arrow_type) for item in fields)]).empty_table()


def _count(
    needs: list[Need], address: str, parts: int, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Count a piece; rows of one key go to one part."""
    counted = count_part(pieces[0].table, needs, _statistics(address))
    totals = [documents_of(table) for table in counted]
    names = [need.slug for need in needs]
    yield Piece(part % parts, _DOCUMENTS, part, pa.table({"need": names, _DOCUMENTS: totals}))
    for name, table in zip(names, counted, strict=True):
        key = table.column(0).cast(pa.large_string()).combine_chunks()
        value = hash_strings(*buffers(pc.fill_null(key, "")))
        there = (value % np.uint64(parts)).astype(np.int64)
        yield from dealt(name, there, table.replace_schema_metadata(None))


def _sum(needs: list[Need], part: int, pieces: list[Piece]) -> Iterator[Piece]:
    yield from (piece for piece in pieces if piece.kind == _DOCUMENTS)
    for need in needs:
        tables = [piece.table for piece in pieces if piece.kind == need.slug]
        if tables:
            yield from cut(part, need.slug, summed(tables, maker_for(need).least(need)))
