"""Step 5 on Spark: all pairs of a component meet in one task, and a clusterer works there.

Records that no chain of matches (and of pairs that must be together) joins are never put
together by any clusterer, so each component is clustered by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.clustering import (
    Agglomerative,
    Clusterer,
    ConnectedComponents,
    Constrained,
    Correlation,
    OneToOne,
)
from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, cut, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.result import scores_schema
from sameas.linker.spark.pack import Settings

__all__ = ["cluster_components", "graph_of", "musts_of", "with_cut"]


def graph_of(clusterer: Clusterer) -> str:
    """Say what a clusterer looks at: "" (components are enough), "matches", or "all" pairs."""
    inner = clusterer.clusterer if isinstance(clusterer, Constrained) else clusterer
    if isinstance(clusterer, ConnectedComponents) and clusterer.oversized == "report":
        return ""
    return "matches" if isinstance(inner, ConnectedComponents | OneToOne) else "all"


def with_cut(engine: SparkEngine, clusterer: Clusterer, scores: Any) -> Clusterer:
    """Give a clusterer whose level is the lowest score of a match that of all parts."""
    if isinstance(clusterer, Constrained):
        return replace(clusterer, clusterer=with_cut(engine, clusterer.clusterer, scores))
    if not isinstance(clusterer, Agglomerative | Correlation) or clusterer.cut is not None:
        return clusterer
    pieces = engine.collect(scores.where("kind = 'lowest'"))
    lowest = [piece.table["score"][0].as_py() for piece in pieces]
    return replace(clusterer, cut=min(lowest, default=1.0))


def musts_of(engine: SparkEngine, records: Any, clusterer: Clusterer, settings: Settings) -> Any:
    """Return pairs that must be together as pieces "edges" and "must"; None without any."""
    if not isinstance(clusterer, Constrained) or not clusterer.constraints.together.size:
        return None
    pairs = np.sort(clusterer.constraints.together, axis=0)
    stage = records.where("kind = 'records'")
    return engine.each_piece(stage, partial(_musts, settings, pairs))


def cluster_components(
    engine: SparkEngine,
    graph: Any,
    roots: Any,
    clusterer: Clusterer,
    settings: Settings,
    parts: int,
) -> Any:
    """Cluster the components.

    Parameters
    ----------
    engine : SparkEngine
    graph : frame of pieces
        "graph" and "must".
    roots : frame of pieces
        "edges": the component of each record.
    clusterer : Clusterer
    settings : Settings
    parts : int

    Returns
    -------
    stage : frame of pieces
        "edges": each record that is not the first of its cluster; "links": the table of the
        matches that were kept; "figures".
    """
    home = engine.each_piece(roots, partial(_home, settings))
    first = graph.where("kind = 'graph'").unionAll(graph.where("kind = 'must'")).unionAll(home)
    one, other = (partial(_attach, settings, side, parts) for side in ("one", "other"))
    half = engine.each_part(first, one, settings.homes, keep="graph-one")
    both = engine.each_part(half.unionAll(home), other, settings.homes, keep="graph-other")
    return engine.each_part(both, partial(_cluster, settings, clusterer), parts, keep="clustered")


def _musts(settings: Settings, pairs: IntArray, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Give the pairs whose smaller record lies in a piece."""
    begin = settings.first[part] + pieces[0].origin
    mine = pairs[:, (pairs[0] >= begin) & (pairs[0] < begin + pieces[0].table.num_rows)]
    if mine.size:
        yield Piece(0, "edges", part, pa.table({"record": mine[1], "root": mine[0]}))
        table = pa.table({"one": mine[0], "other": mine[1]})
        yield from dealt("must", settings.home(mine[0]), table)


def _home(settings: Settings, _: int, pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield from dealt("root", settings.home(piece.table["record"].to_numpy()), piece.table)


def _attach(
    settings: Settings, side: str, parts: int, _: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Add the component of one end; with both known, send a pair there if it is one."""
    found = tables(pieces, "root")
    known = pa.concat_tables(found).sort_by("record") if found else None
    for kind in ("graph", "must"):
        rows = tables(pieces, kind)
        if not rows:
            continue
        table = pa.concat_tables(rows).combine_chunks()
        root = table[side].to_numpy()
        if known is not None:
            record, label = known["record"].to_numpy(), known["root"].to_numpy()
            place = np.minimum(np.searchsorted(record, root), len(record) - 1)
            root = np.where(record[place] == root, label[place], root)
        if side == "one":
            table = table.append_column("root", pa.array(root))
            yield from dealt(kind, settings.home(table["other"].to_numpy()), table)
            continue
        inside = root == table["root"].to_numpy()
        table, root = table.filter(pa.array(inside)), root[inside].astype(np.uint64)
        mixed = (root * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
        yield from dealt(kind, mixed.astype(np.int64) % parts, table.drop_columns(["root"]))


def _cluster(
    settings: Settings, clusterer: Clusterer, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Cluster all components of a part."""
    schema = scores_schema(settings.id_type)
    graph = pa.concat_tables(
        [_no_graph(schema), *tables(pieces, "graph")]
    ).sort_by([("one", "ascending"), ("other", "ascending")])  # fmt: skip
    one, other = (np.array(graph[side].to_numpy()) for side in ("one", "other"))
    must = [table[side].to_numpy() for table in tables(pieces, "must") for side in ("one", "other")]
    number = np.unique(np.concatenate([one, other, *must]))
    left, right = (np.searchsorted(number, end).astype(np.int32) for end in (one, other))
    score = np.array(graph["score"].to_numpy())
    decision = np.array(graph["decision"].to_numpy(zero_copy_only=False))
    found = _local(clusterer, number).cluster(left, right, score, decision, settings.source(number))
    label = number[found.label]
    moved = np.flatnonzero(label != number)
    yield from cut(part, "edges", pa.table({"record": number[moved], "root": label[moved]}))
    linked = decision & (found.label[left] == found.label[right])
    yield from cut(part, "links", graph.filter(pa.array(linked)).select(schema.names))
    figures = {"dropped": [found.report.dropped], "tied": [found.report.tied],
               "oversized": [found.report.oversized]}  # fmt: skip
    yield Piece(part, "figures", part, pa.table(figures))


def _no_graph(schema: pa.Schema) -> pa.Table:
    ends = [pa.field(name, pa.int32()) for name in ("one", "other")]
    return pa.schema([*ends, *schema]).empty_table()


def _local(clusterer: Clusterer, number: IntArray) -> Clusterer:
    """Return a clusterer whose constraints speak of the records at hand, by their rows."""
    if not isinstance(clusterer, Constrained):
        return clusterer

    def local(pairs: IntArray) -> IntArray:
        here = pairs[:, np.isin(pairs, number).all(axis=0)]
        return np.searchsorted(number, here).astype(np.int32)

    rules = clusterer.constraints
    rules = replace(rules, together=local(rules.together), apart=local(rules.apart))
    return replace(clusterer, constraints=rules)
