"""Step 2 on Spark: records go where they may meet, and become candidate pairs there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.blocking import KeyRule
from sameas.blocking.base import Rows
from sameas.core.dataclass import dataclass
from sameas.core.prepared import Columns, IntArray, Need
from sameas.engines.duckdb import DuckDBEngine
from sameas.engines.pieces import Piece, cut, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.blocks import Done, Task, pairs_of
from sameas.linker.found import RuleReport, rule_name
from sameas.linker.oversized import RefusedBlock
from sameas.linker.spark.pack import Settings, source_code
from sameas.linker.spark.routes import Plan, Route
from sameas.linker.spec import LinkerSpec

__all__ = [
    "Routing",
    "done_rule",
    "fields_of",
    "find_pairs",
    "out_pairs",
    "rows_at_home",
    "rule_needs",
    "send_records",
]

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Routing:
    """All routes of a run, with their plans."""

    routes: tuple[Route, ...]
    plans: tuple[Plan, ...]

    @property
    def parts(self) -> int:
        """Number of parts of all routes."""
        return self.plans[-1].end if self.plans else 1

    def of(self, part: int) -> tuple[Route, Plan]:
        """Return route and plan of a part."""
        return next(
            both for both in zip(self.routes, self.plans, strict=True) if part < both[1].end
        )


def find_pairs(engine: SparkEngine, stage: Any, settings: Settings, routing: Routing) -> Any:
    """Find the candidate pairs of all rules by keys.

    Returns
    -------
    stage : frame of pieces
        "pairs": in the part where they were found, with their first similarities. "seen": by
        the part that holds a record, its rows of the windows; origin is where they were found.
        "report": what each rule did.
    """
    records = stage.where("kind = 'records'")
    sent = engine.each_piece(records, partial(send_records, settings, routing))
    meet = partial(_meet, settings, routing)
    return engine.each_part(sent, meet, routing.parts, keep="pairs")


def fields_of(needs: tuple[Need, ...], table: pa.Table) -> list[str]:
    """Return the columns of a table that some needs read."""
    wanted = {name for need in needs for name in need.fields} | {"source", "id"}
    return [name for name in table.column_names if name in wanted]


def rule_needs(spec: LinkerSpec, place: int) -> tuple[Need, ...]:
    """Name what the pairs of a rule read: its filter, the rules before it, the context."""
    needs: list[Need] = list(spec.context.needs()) if spec.context is not None else []
    listed = not isinstance(spec.blocking[place], KeyRule)
    for other, rule in enumerate(spec.blocking):
        before = isinstance(rule, KeyRule) and (listed or other <= place)
        if before:
            needs += rule.needs()
        if (before or other == place) and rule.filter is not None:
            needs += rule.filter.needs()
    return tuple(dict.fromkeys(needs))


def send_records(
    settings: Settings, routing: Routing, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Send some records everywhere they may meet others."""
    pack, (piece,) = settings.pack, pieces
    spec, table = pack.fitted.spec, piece.table
    number = settings.first[part] + piece.origin + np.arange(table.num_rows)
    rules = spec.blocking
    needs = [need for route in routing.routes for need in route.needs(rules)]
    columns = pack.prepare(table, needs, settings)
    for route, plan in zip(routing.routes, routing.plans, strict=True):
        rule = rules[route.rules[0]]
        assert isinstance(rule, KeyRule)
        there, record = plan.send(*route.bins(columns, rule), number)
        chosen = table.select(fields_of(rule_needs(spec, max(route.rules)), table))
        chosen = chosen.append_column("record", pa.array(number.astype(np.int32)))
        mine = chosen.take(pa.array(record))
        yield from dealt("records", there, mine, origin=int(number[0]))


def _meet(settings: Settings, routing: Routing, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Find the pairs of one part."""
    pack, (route, plan) = settings.pack, routing.of(part)
    spec = pack.fitted.spec
    table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    number = table["record"].to_numpy()
    columns = pack.prepare(table, rule_needs(spec, max(route.rules)), settings)
    group = source_code(table, settings) if settings.across else np.zeros(0, np.int32)
    tile = plan.tile_of(part)
    if tile is not None and tile[2] != tile[3] and not settings.across:
        group = (number % tile[1]).astype(np.int32)  # pairs inside a group are another tile's
    # Columns that only other steps look at are not here, so nobody can say who is alike.
    budget = replace(settings.budget, collapse_from=None)
    found, reports = [], []
    for position in route.rules:
        rule = spec.blocking[position]
        assert isinstance(rule, KeyRule)
        earlier = tuple(
            done_rule(spec, routing, before)
            for before in range(position)
            if isinstance(spec.blocking[before], KeyRule)
        )
        task = Task(rule, earlier, columns, group, rule.bound(columns))
        rows = rows_at_home(route, plan, part, rule.rows(columns))
        report = RuleReport(rule_name(rule), rows=len(rows.key))
        exchanged = DuckDBEngine(threads=1).exchange(*rows)
        refused: list[RefusedBlock] = []
        for left, right in pairs_of(task, exchanged, 1, budget, report, refused):
            mine = _owned(route, plan, part, columns, left, right, number)
            found.append((left[mine], right[mine], np.full(int(mine.sum()), position, np.uint8)))
        report.kept = sum(len(left) for left, _, rule_at in found if (rule_at == position).any())
        reports.append(report.to_dict() | {"position": position})
    yield Piece(part, "report", part, pa.table({"report": [json.dumps(reports)]}))
    if found:
        left, right, owner = (np.concatenate(each) for each in zip(*found, strict=True))
        order = np.lexsort((right, left))
        pairs = left[order], right[order], owner[order]
        yield from out_pairs(settings, part, columns, number, pairs)


def done_rule(spec: LinkerSpec, routing: Routing, position: int) -> Done:
    """Return a rule by keys with the blocks that it refused."""
    rule = spec.blocking[position]
    assert isinstance(rule, KeyRule)
    for route, plan in zip(routing.routes, routing.plans, strict=True):
        if position in route.rules and route.place is None:
            return rule, plan.refused
    return rule, np.zeros(0, np.uint64)


def rows_at_home(route: Route, plan: Plan, part: int, rows: Rows) -> Rows:
    """Keep the rows whose key belongs to this part; others are here for another key."""
    if route.place is not None:
        return rows
    tile = plan.tile_of(part)
    there = plan.part(rows.key)
    kept = there == (part if tile is None else -1 - tile[0])
    if len(plan.refused):
        kept &= ~np.isin(rows.key, plan.refused)
    return Rows(rows.key[kept], rows.record[kept], rows.visitor[kept])


def _owned(
    route: Route,
    plan: Plan,
    part: int,
    columns: Columns,
    left: IntArray,
    right: IntArray,
    number: npt.NDArray[np.int32],
) -> Bools:
    """Say which pairs this part gives: those of its zone, or of its tile."""
    kept = np.ones(len(left), bool)
    tile = plan.tile_of(part)
    if route.place is not None:
        cell = np.maximum(route.cells(columns, left), route.cells(columns, right))
        kept &= plan.part(cell) == (part if tile is None else -1 - tile[0])
    if tile is not None:
        _, groups, low, high = tile
        one, two = number[left] % groups, number[right] % groups
        kept &= (np.minimum(one, two) == low) & (np.maximum(one, two) == high)
    return kept


def out_pairs(
    settings: Settings,
    part: int,
    columns: Columns,
    number: npt.NDArray[np.int32],
    found: tuple[IntArray, IntArray, npt.NDArray[np.uint8]],
) -> Iterator[Piece]:
    """Give pairs with their first similarities, and each side of them to its record.

    Parameters
    ----------
    settings : Settings
    part : int
        Where they were found.
    columns : mapping of Need to prepared column
    number : int32[n]
        The number of each row of the columns.
    found : (left int32[p], right int32[p], rule uint8[p])
        By row, in order.
    """
    left, right, owner = found
    context = settings.pack.fitted.spec.context
    pairs = {"left": number[left], "right": number[right], "rule": owner}
    ends = np.concatenate([pairs["left"], pairs["right"]])
    seen = {"record": ends}
    if context is not None:
        plain, first = context.similarities(columns, left, right)
        for place in range(first.shape[1]):
            pairs[f"plain_{place}"], pairs[f"first_{place}"] = plain[:, place], first[:, place]
            seen[f"first_{place}"] = np.concatenate([first[:, place]] * 2)
    yield from cut(part, "pairs", pa.table(pairs))
    yield from dealt("seen", settings.home(ends), pa.table(seen), origin=part)
