"""Steps 3 and 4 on Spark: windows at home, then records and windows go to the pairs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison.context import Window
from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, cut, tables
from sameas.engines.spark import SparkEngine
from sameas.kernels.components import connected_components
from sameas.linker.found import Candidates
from sameas.linker.result import links_table
from sameas.linker.spark.pack import Settings

__all__ = ["score_pairs"]


def score_pairs(
    engine: SparkEngine, records: Any, pairs: Any, settings: Settings, parts: int
) -> Any:
    """Score the candidate pairs.

    Returns
    -------
    stage : frame of pieces
        "scores": left, right, score, rule of all candidates, in their part. "links": the
        table of the matches. "edges": records that matches join, by the home of the larger.
    """
    home = records.where("kind = 'records'").unionAll(pairs.where("kind = 'seen'"))
    sent = engine.each_part(home, partial(_gather, settings), len(settings.first) - 1)
    payload = engine.keep(sent, "payload")
    both = payload.unionAll(pairs.where("kind = 'pairs'"))
    return engine.keep(engine.each_part(both, partial(_score, settings), parts), "scores")


def _gather(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Gather the windows of the records of a part; send both to where their pairs are."""
    seen = [piece for piece in pieces if piece.kind == "seen"]
    if not seen:
        return
    table = pa.concat_tables(tables(pieces, "records"))
    rows = pa.concat_tables(piece.table for piece in seen)
    origin = np.repeat([piece.origin for piece in seen], [piece.table.num_rows for piece in seen])
    record = rows["record"].to_numpy() - settings.first[part]
    names = [name for name in rows.column_names if name != "record"]
    number = settings.first[part] + np.arange(table.num_rows)
    table = table.append_column("record", pa.array(number.astype(np.int32)))
    for name in names:
        table = table.append_column(name, _window(record, rows[name].to_numpy(), table.num_rows))
    joint = np.unique(origin.astype(np.int64) << 32 | record)
    there, chosen = joint >> 32, joint & 0xFFFFFFFF
    edges = np.flatnonzero(np.diff(there, prepend=-1, append=-1))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        mine = table.take(pa.array(chosen[begin:end]))
        yield from cut(int(there[begin]), "records", mine, origin=settings.first[part])


def _window(
    record: npt.NDArray[np.int32], value: npt.NDArray[np.float32], records: int
) -> pa.Array:
    """Return the values of each record in rising order, NaN left out, as a list."""
    known = ~np.isnan(value)
    record, value = record[known], value[known]
    order = np.lexsort((value, record))
    start = np.zeros(records + 1, np.int64)
    np.cumsum(np.bincount(record, minlength=records), out=start[1:])
    return pa.LargeListArray.from_arrays(pa.array(start), pa.array(value[order]))


def _score(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Score the pairs of one part."""
    found = tables(pieces, "pairs")
    if not found:
        return
    pairs = pa.concat_tables(found).combine_chunks()
    table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    number = table["record"].to_numpy()
    left, right = (
        np.searchsorted(number, pairs[side].to_numpy()).astype(np.int32)
        for side in ("left", "right")
    )
    firsts = [name for name in pairs.column_names if name.startswith("first_")]
    candidates = Candidates(left, right, np.array(pairs["rule"].to_numpy()))
    fitted = settings.pack.fitted
    job = settings.pack.job(table.drop_columns(["record", *firsts]), settings, candidates)
    job.windows = tuple(_as_window(table[name]) for name in firsts)
    if firsts:
        job.similarities = _columns(pairs, "plain_"), _columns(pairs, "first_")
    score = job.scores(fitted.matcher, left, right)
    out = pairs.select(["left", "right", "rule"]).append_column("score", pa.array(score))
    yield from cut(part, "scores", out)
    decision = score >= settings.threshold
    rows = np.flatnonzero(decision)
    ends = left[rows], right[rows]
    yield from cut(
        part, "links", links_table(job, *ends, score[rows], decision[rows], settings.order)
    )
    yield from _edges(number, *ends)


def _edges(number: npt.NDArray[np.int32], left: IntArray, right: IntArray) -> Iterator[Piece]:
    """Contract the matches of a part: each record is joined to the first of its component."""
    label = connected_components(left, right, len(number))
    rows = np.flatnonzero(label != np.arange(len(label)))
    if len(rows):
        edges = pa.table({"record": number[rows], "root": number[label[rows]]})
        yield from cut(0, "edges", edges)


def _as_window(column: pa.ChunkedArray) -> Window:
    lists = column.combine_chunks()
    # Copies, for a view of Arrow is read-only, and kernels would be compiled for it anew.
    start = np.array(lists.offsets.to_numpy())
    values = np.array(lists.values.to_numpy()[start[0] : start[-1]])
    return Window(start - start[0], values)


def _columns(pairs: pa.Table, prefix: str) -> npt.NDArray[np.float32]:
    names = [name for name in pairs.column_names if name.startswith(prefix)]
    return np.stack([pairs[name].to_numpy() for name in names], axis=1)
