"""How much work linking on Spark would be: blocks are counted where they would be worked on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.blocking import KeyRule
from sameas.engines.duckdb import DuckDBEngine
from sameas.engines.pieces import Piece, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.estimate import (
    Estimate,
    RuleEstimate,
    estimate_of,
    keyed_estimate,
    prepared_bytes,
)
from sameas.linker.found import rule_name
from sameas.linker.spark.pack import Settings, source_code
from sameas.linker.spark.pairing import Routing, rows_at_home, rule_needs, send_records

__all__ = ["estimate_on_spark"]


def estimate_on_spark(
    engine: SparkEngine, stage: Any, settings: Settings, routing: Routing, *, threads: int
) -> Estimate:
    """Estimate the work of a run.

    Pairs across a border of zones are counted on both sides, blocks in tiles in each. Of nearest
    neighbours the most that there can be is given, without their time.
    """
    records = stage.where("kind = 'records'")
    rules, total = settings.pack.fitted.spec.blocking, settings.first[-1]
    reached = _read(engine, engine.each_piece(records, partial(_reach, settings)))
    sent = engine.each_piece(records, partial(send_records, settings, routing))
    gauge = partial(_gauge, settings, routing)
    gauged = _read(engine, engine.each_part(sent, gauge, routing.parts))
    found = []
    for place, rule in enumerate(rules):
        if isinstance(rule, KeyRule):
            mine = [one for each in gauged for one in each["rules"] if one["place"] == place]
            unreachable = sum(each["without"][str(place)] for each in reached)
            found.append(_summed(rule_name(rule), mine, unreachable))
        else:
            most = total * int(getattr(rule, "k", 1))
            found.append(RuleEstimate(rule_name(rule), 0, most, (), 0, 0, most, 0.0))
    return estimate_of(
        found, records=total, unreachable=sum(each["nowhere"] for each in reached),
        threads=threads, column_bytes=sum(each["bytes"] for each in gauged),
    )  # fmt: skip


def _read(engine: SparkEngine, stage: Any) -> list[dict[str, Any]]:
    return [json.loads(piece.table["said"][0].as_py()) for piece in engine.collect(stage)]


def _said(part: int, content: dict[str, Any]) -> Piece:
    return Piece(part, "said", part, pa.table({"said": [json.dumps(content)]}))


def _summed(name: str, found: list[dict[str, Any]], unreachable: int) -> RuleEstimate:
    """Add up what the parts say of one rule."""
    largest = sorted((tuple(each) for one in found for each in one["largest"]),
                     key=lambda each: -each[1])  # fmt: skip
    blocks, pairs, refused, kept, seconds = (
        sum(one[key] for one in found) for key in ("blocks", "pairs", "refused", "kept", "seconds")
    )
    return RuleEstimate(
        name, blocks, pairs, tuple(largest[:5]), refused, unreachable, kept, seconds
    )


def _reach(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Count the records of a piece that a rule gives no key."""
    table, rules = pieces[0].table, settings.pack.fitted.spec.blocking
    keyed = [(place, rule) for place, rule in enumerate(rules) if isinstance(rule, KeyRule)]
    columns = settings.pack.prepare(
        table, [need for _, rule in keyed for need in rule.needs()], settings
    )
    nowhere, without = np.full(table.num_rows, len(keyed) == len(rules)), {}
    for place, rule in keyed:
        missing = np.ones(table.num_rows, bool)
        missing[rule.rows(columns).record] = False
        nowhere &= missing
        without[str(place)] = int(missing.sum())
    yield _said(part, {"without": without, "nowhere": int(nowhere.sum())})


def _gauge(settings: Settings, routing: Routing, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Estimate the rules of one part."""
    pack, (route, plan) = settings.pack, routing.of(part)
    spec = pack.fitted.spec
    table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    columns = pack.prepare(table, rule_needs(spec, max(route.rules)), settings)
    group = source_code(table, settings) if settings.across else None
    found = []
    for place in route.rules:
        rule = spec.blocking[place]
        assert isinstance(rule, KeyRule)
        rows = rows_at_home(route, plan, part, rule.rows(columns))
        if route.place is not None:  # what lies in another zone is anchor there
            tile = plan.tile_of(part)
            here = plan.part(route.cells(columns, rows.record))
            rows.visitor[here != (part if tile is None else -1 - tile[0])] = True
        batches = DuckDBEngine(threads=1).exchange(*rows)
        made = keyed_estimate(rule, batches, columns, group, settings.budget)
        found.append(asdict(made) | {"place": place})
    yield _said(part, {"rules": found, "bytes": prepared_bytes(columns)})
