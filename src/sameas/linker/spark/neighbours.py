"""Rules that list their pairs themselves, on Spark: every record asks, shard by shard.

A tile is a block of records that ask and a shard of the index. Whoever is among the `k` nearest
of all is among the `k` nearest of its shard, so the winners of all shards together are searched
once more. With few records there is one shard, which goes to every block whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.blocking import KeyRule, NearestNeighbors, PairRule, covers
from sameas.core.dataclass import dataclass
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.blocks import Done
from sameas.linker.found import RuleReport, rule_name
from sameas.linker.spark.pack import Settings, source_code
from sameas.linker.spark.pairing import Routing, done_rule, fields_of, out_pairs, rule_needs

__all__ = ["find_neighbours", "listed_rules"]

#: Records of a shard: this many are an index that goes to every block whole.
_SHARD = 500_000


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Which records ask and which are asked in which part."""

    blocks: int
    shards: int

    def block(self, record: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return record % self.blocks

    def shard(self, record: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return (record // self.blocks) % self.shards


def listed_rules(rules: Sequence[Any]) -> list[int]:
    """Return the places of the rules that list their pairs themselves."""
    return [place for place, rule in enumerate(rules) if not isinstance(rule, KeyRule)]


def find_neighbours(engine: SparkEngine, stage: Any, settings: Settings, routing: Routing) -> Any:
    """Find the candidate pairs of the rules that list theirs.

    Parameters
    ----------
    engine : SparkEngine
    stage : frame of pieces
        "records".
    settings : Settings
    routing : Routing
        Of the rules by keys; the parts of the pairs here come after its parts.

    Returns
    -------
    stage : frame of pieces or None
        As `find_pairs` gives it; None if there is no such rule.
    """
    rules = settings.pack.fitted.spec.blocking
    places = listed_rules(rules)
    if not places:
        return None
    total = settings.first[-1]
    tiles = _Tiles(engine.parts_for(total), max(1, -(-total // _SHARD)))
    records = stage.where("kind = 'records'")
    lists: Any = None
    for place in places:
        found = engine.each_part(
            engine.each_piece(records, partial(_ask, settings, place, tiles)),
            partial(_nearest, settings, place, tiles), tiles.blocks * tiles.shards,
            keep=f"nearest-{place}",
        )  # fmt: skip
        if tiles.shards > 1:
            found = _once_more(engine, records, found, settings, place, tiles)
        lists = found if lists is None else lists.unionAll(found)
    sent = engine.each_part(
        records.unionAll(lists), partial(_gathered, settings, places), settings.homes,
        keep="neighbours",
    )  # fmt: skip
    asked = engine.each_part(
        records.unionAll(sent.where("kind = 'asked'")),
        partial(_answer, settings, places), settings.homes,
    )  # fmt: skip
    both = sent.where("kind = 'listed'").unionAll(asked)
    meet = partial(_meet, settings, routing, places)
    return engine.each_part(both, meet, settings.homes, keep="listed-pairs")


def _numbers(settings: Settings, part: int, piece: Piece) -> npt.NDArray[np.int64]:
    return settings.first[part] + piece.origin + np.arange(piece.table.num_rows)


def _columns_of(settings: Settings, places: Sequence[int], piece: Piece) -> pa.Table:
    """Return the columns that rules read."""
    spec = settings.pack.fitted.spec
    needs = [need for place in places for need in spec.blocking[place].needs()]
    needs += [need for place in places for need in rule_needs(spec, place)]
    return piece.table.select(fields_of(tuple(needs), piece.table))


def _ask(
    settings: Settings, place: int, tiles: _Tiles, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Send records to the tiles of their block and of their shard."""
    (piece,) = pieces
    number = _numbers(settings, part, piece)
    rule = settings.pack.fitted.spec.blocking[place]
    table = piece.table.select(fields_of(rule.needs(), piece.table))
    table = table.append_column("record", pa.array(number.astype(np.int32)))
    block, shard = tiles.block(number), tiles.shard(number)
    to_block = (block[:, None] * tiles.shards + np.arange(tiles.shards)).ravel()
    to_shard = (np.arange(tiles.blocks) * tiles.shards + shard[:, None]).ravel()
    row = np.concatenate([
        np.repeat(np.arange(len(number)), tiles.shards),
        np.repeat(np.arange(len(number)), tiles.blocks),
    ])  # fmt: skip
    joint = np.unique(np.concatenate([to_block, to_shard]) << 32 | row)
    there, chosen = joint >> 32, joint & 0xFFFFFFFF
    yield from dealt("records", there, table.take(pa.array(chosen)), origin=int(number[0]))


def _nearest(
    settings: Settings, place: int, tiles: _Tiles, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Find the nearest of a shard for a block."""
    table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    number = table["record"].to_numpy()
    asks = np.flatnonzero(tiles.block(number.astype(np.int64)) == part // tiles.shards)
    yield from _lists(settings, place, table, asks.astype(np.int32), part)


def _lists(
    settings: Settings, place: int, table: pa.Table, asks: IntArray, part: int
) -> Iterator[Piece]:
    """Give the pairs of some records with their own neighbours, to the home of the smaller."""
    rule = settings.pack.fitted.spec.blocking[place]
    assert isinstance(rule, PairRule)
    columns = settings.pack.prepare(table, rule.needs(), settings)
    group = source_code(table, settings) if settings.across else None
    left, right = rule.pairs_of(columns, group, asks, threads=1)
    number = table["record"].to_numpy()
    found: dict[str, Any] = {"left": number[left], "right": number[right]}
    index = rule.searched(columns) if isinstance(rule, NearestNeighbors) else ""
    yield from dealt(f"list-{place}", settings.home(found["left"]), pa.table(found))
    yield Piece(0, f"index-{place}", part, pa.table({"index": [index]}))


def _once_more(
    engine: SparkEngine, records: Any, found: Any, settings: Settings, place: int, tiles: _Tiles
) -> Any:
    """Search the winners of all shards: pairs meet at home, records follow them."""
    winners = partial(_winners, settings, place, tiles)
    sent = engine.each_part(found, winners, settings.homes, keep=f"winners-{place}")
    answered = engine.each_part(
        records.unionAll(sent.where("kind = 'asked'")),
        partial(_answer, settings, [place]), settings.homes,
    )  # fmt: skip
    both = sent.where("kind = 'asks'").unionAll(answered)
    again = partial(_again, settings, place)
    return engine.each_part(both, again, tiles.blocks, keep=f"again-{place}")


def _winners(
    settings: Settings, place: int, tiles: _Tiles, _: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Ask for both records of every pair in the block of either; each asks in its own."""
    found = tables(pieces, f"list-{place}")
    if not found:
        return
    pairs = pa.concat_tables(found)
    ends = [pairs[side].to_numpy().astype(np.int64) for side in ("left", "right")]
    blocks = [tiles.block(end) for end in ends]
    joint = np.unique(np.concatenate([block << 32 | end for block in blocks for end in ends]))
    record, block = (joint & 0xFFFFFFFF).astype(np.int32), joint >> 32
    for number in np.unique(block).tolist():
        mine = record[block == number]
        yield from dealt("asked", settings.home(mine), pa.table({"record": mine}), origin=number)
        own = mine[tiles.block(mine.astype(np.int64)) == number]
        yield from dealt("asks", np.full(len(own), number), pa.table({"record": own}))


def _again(settings: Settings, place: int, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    asks = tables(pieces, "asks")
    if asks:
        table = pa.concat_tables(tables(pieces, "records")).combine_chunks()
        asking = np.unique(pa.concat_tables(asks)["record"].to_numpy())
        rows = np.searchsorted(table["record"].to_numpy(), asking).astype(np.int32)
        yield from _lists(settings, place, table, rows, part)


def _gathered(
    settings: Settings, places: Sequence[int], part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Give each pair of the lists once a rule; ask for its records."""
    asked: list[IntArray] = []
    for place in places:
        lists = tables(pieces, f"list-{place}")
        index = [piece.table["index"][0].as_py() for piece in pieces
                 if piece.kind == f"index-{place}"]  # fmt: skip
        joint = [pair_key(one["left"].to_numpy(), one["right"].to_numpy()) for one in lists]
        left, right = ends_of_key(np.unique(np.concatenate([np.zeros(0, np.int64), *joint])))
        about = {"place": str(place), "index": "; ".join(sorted(set(index)))}
        table = pa.table({"left": left, "right": right}).replace_schema_metadata(about)
        yield Piece(part, "listed", place, table)
        asked += [left, right]
    record = np.unique(np.concatenate(asked))
    if len(record):
        yield from dealt("asked", settings.home(record), pa.table({"record": record}), origin=part)


def _answer(
    settings: Settings, places: Sequence[int], part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Send the asked records of a part."""
    asked = [piece for piece in pieces if piece.kind == "asked"]
    if not asked:
        return
    homed = sorted((piece for piece in pieces if piece.kind == "records"), key=lambda p: p.origin)
    parts = [_columns_of(settings, places, piece) for piece in homed]
    table, begin = pa.concat_tables(parts), settings.first[part]
    number = begin + np.arange(table.num_rows)
    table = table.append_column("record", pa.array(number.astype(np.int32)))
    wanted: dict[int, list[npt.NDArray[np.int32]]] = {}
    for piece in asked:
        wanted.setdefault(piece.origin, []).append(piece.table["record"].to_numpy())
    for there, records in wanted.items():
        rows = np.unique(np.concatenate(records)) - begin
        yield from dealt("records", np.full(len(rows), there), table.take(pa.array(rows)),
                         origin=begin)  # fmt: skip


def _meet(
    settings: Settings, routing: Routing, places: Sequence[int], part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Filter the pairs of a part, leave out those of earlier rules, compare the rest."""
    spec = settings.pack.fitted.spec
    records = tables(pieces, "records")
    listed = {int(piece.table.schema.metadata[b"place"]): piece.table
              for piece in pieces if piece.kind == "listed"}  # fmt: skip
    table = pa.concat_tables(records).combine_chunks() if records else None
    number = np.zeros(0, np.int32) if table is None else table["record"].to_numpy()
    needs = tuple(dict.fromkeys(need for place in places for need in rule_needs(spec, place)))
    columns = {} if table is None else settings.pack.prepare(table, needs, settings)
    keyed: list[Done] = [done_rule(spec, routing, place) for place, rule in
                         enumerate(spec.blocking) if isinstance(rule, KeyRule)]  # fmt: skip
    found, reports = [], []
    for place in places:
        rule, pairs = spec.blocking[place], listed[place]
        left, right = (np.searchsorted(number, pairs[side].to_numpy()).astype(np.int32)
                       for side in ("left", "right"))  # fmt: skip
        report = RuleReport(rule_name(rule), enumerated=len(left), met=len(left))
        report.index = pairs.schema.metadata[b"index"].decode()
        keep = np.ones(len(left), bool)
        if len(left):
            if rule.filter is not None:
                keep &= rule.filter.keep(columns, left, right)
            for other, refused in keyed:
                keep &= ~covers(other, columns, left, right, refused)
        report.kept = int(keep.sum())
        reports.append(report.to_dict() | {"position": place})
        found.append((left[keep], right[keep], np.full(report.kept, place, np.uint8)))
    # The parts of these pairs come after those of the rules by keys.
    there = routing.parts + part
    yield Piece(there, "report", there, pa.table({"report": [json.dumps(reports)]}))
    if table is None:
        return
    left, right, owner = (np.concatenate(each) for each in zip(*found, strict=True))
    joint, first = np.unique(pair_key(left, right), return_index=True)
    if len(joint):
        ends = left[first], right[first]
        yield from out_pairs(settings, there, columns, number, (*ends, owner[first]))
