"""Plan the routes: where to cut zones, and which bins are too large for one task."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.blocking import KeyRule
from sameas.engines.pieces import Piece
from sameas.engines.spark import SparkEngine
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.pairing import Routing
from sameas.linker.spark.routes import Plan, Route, routes_of, tiles_for

__all__ = ["plan_routes"]

#: Bins that are looked at, over all parts, to cut zones and to find what is too large.
_SAMPLE = 2_000_000
#: A cell is cut into tiles when it holds this many times the records of a part.
_CROWDED = 4


def plan_routes(engine: SparkEngine, stage: Any, settings: Settings) -> Routing:
    """Sample the bins of all routes and plan their parts."""
    rules = settings.pack.fitted.spec.blocking
    routes = routes_of(rules)
    step = max(1, settings.first[-1] // _SAMPLE)
    records = stage.where("kind = 'records'")
    looked = engine.each_piece(records, partial(_sample, settings, routes, step))
    samples: list[list[np.ndarray]] = [[] for _ in routes]
    for piece in engine.collect(looked):
        samples[piece.part].append(piece.table["bin"].to_numpy())
    plans: list[Plan] = []
    parts = engine.parts_for(settings.first[-1])
    for route, sample in zip(routes, samples, strict=True):
        begin = plans[-1].end if plans else 0
        bins = np.concatenate([np.zeros(0, np.uint64), *sample])
        plans.append(_plan(route, begin, bins, parts, engine.records_per_part // step))
    return Routing(routes, tuple(plans))


def _sample(
    settings: Settings, routes: tuple[Route, ...], step: int, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    table = pieces[0].table
    if step > 1:
        table = table.take(pa.array(np.arange(0, table.num_rows, step)))
    rules = settings.pack.fitted.spec.blocking
    needs = [need for route in routes for need in route.needs(rules)]
    columns = settings.pack.prepare(table, needs, settings)
    for number, route in enumerate(routes):
        rule = rules[route.rules[0]]
        assert isinstance(rule, KeyRule)
        bins, _ = route.bins(columns, rule)
        yield Piece(number, "bins", part, pa.table({"bin": bins}))


def _plan(route: Route, begin: int, bins: np.ndarray, parts: int, limit: int) -> Plan:
    """Plan one route from a sample of its bins; `limit` rows of it are as much as a task takes."""
    value, count = np.unique(bins, return_counts=True)
    # All rows of a key are pairs of each other; in a cell most records are too far apart.
    limit = max(limit if route.place is None else _CROWDED * limit, 2)
    large = count > limit
    heavy, tiles = value[large], np.array([tiles_for(n, limit) for n in count[large]], np.int64)
    if route.place is None:
        return Plan(begin, parts, None, heavy, tiles)
    value, total = value[~large], np.cumsum(count[~large])
    edges = np.linspace(0, total[-1] if len(total) else 0, parts + 1)[1:-1]
    cuts = (
        value[np.minimum(np.searchsorted(total, edges, side="right"), len(value) - 1)]
        if len(value)
        else value
    )
    return Plan(begin, len(np.unique(cuts)) + 1, np.unique(cuts), heavy, tiles)
