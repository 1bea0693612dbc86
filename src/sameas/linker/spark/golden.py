"""Steps 5 and 6 on Spark: members of an entity meet at the home of its first record."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, cut, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.spark.pack import Settings
from sameas.survivorship import clusters_table, golden_batches

__all__ = ["make_entities"]


def make_entities(engine: SparkEngine, records: Any, roots: Any, settings: Settings) -> Any:
    """Make clusters and golden records.

    Returns
    -------
    stage : frame of pieces
        "clusters" and, if they are asked for, "entities", pieces of tables; "sizes": how many
        entities have each size.
    """
    parts = len(settings.first) - 1
    dealt = engine.each_piece(roots, partial(_to_home, settings))
    home = records.where("kind = 'records'").unionAll(dealt)
    alone = engine.each_part(home, partial(_part, settings), parts, keep="members")
    members = alone.where("kind = 'member'")
    joined = engine.each_part(members, partial(_join, settings), parts, keep="joined")
    return alone.where("kind != 'member'").unionAll(joined)


def _to_home(settings: Settings, _: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Send what a record belongs to where it is, and word of it to its root."""
    for piece in pieces:
        record, root = (piece.table[name].to_numpy() for name in ("record", "root"))
        yield from dealt("root", settings.home(record), piece.table)
        firsts = np.unique(root)
        yield from dealt("first", settings.home(firsts), pa.table({"record": firsts}))


def _part(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Finish the records that are alone; send the others to the home of their first one."""
    table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    begin = settings.first[part]
    label = np.arange(begin, begin + table.num_rows, dtype=np.int32)
    joined = np.zeros(table.num_rows, bool)
    for piece in pieces:
        if piece.kind in ("root", "first"):
            rows = piece.table["record"].to_numpy() - begin
            joined[rows] = True
            if piece.kind == "root":
                label[rows] = piece.table["root"].to_numpy()
    single = table.filter(pa.array(~joined))
    yield from _finished(settings, part, single, np.arange(single.num_rows, dtype=np.int32))
    rows = np.flatnonzero(joined)
    if len(rows):
        kept = table if settings.entities else table.select(["source", "id"])
        members = kept.take(pa.array(rows))
        members = members.append_column("record", pa.array((rows + begin).astype(np.int32)))
        members = members.append_column("root", pa.array(label[rows]))
        yield from dealt("member", settings.home(label[rows]), members, origin=begin)


def _join(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Finish the entities of several records."""
    table = pa.concat_tables(tables(pieces, "member")).combine_chunks()
    number, root = table["record"].to_numpy(), table["root"].to_numpy()
    label = np.searchsorted(number, root).astype(np.int32)
    yield from _finished(settings, part, table.drop_columns(["record", "root"]), label)


def _finished(settings: Settings, part: int, table: pa.Table, label: IntArray) -> Iterator[Piece]:
    if not table.num_rows:
        return
    yield from cut(part, "clusters", clusters_table(table, label))
    size = np.unique(np.bincount(label)[np.unique(label)], return_counts=True)
    yield Piece(part, "sizes", part, pa.table({"size": size[0], "entities": size[1]}))
    if not settings.entities:
        return
    for batch in golden_batches(table, label, settings.pack.fitted.spec.survivorship):
        yield from cut(part, "entities", batch)
