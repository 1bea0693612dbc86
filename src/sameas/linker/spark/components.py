"""Connected components on Spark, by contraction in parts and stars between them.

An edge joins a record to a smaller one, its root. In a round each edge goes to the parts of
both of its records; a part joins all that it sees to the smallest, so that chains at least
halve (Kiveris and others 2014, "Connected Components in MapReduce and Beyond", whose large and
small stars are done here at once, for all records of a part together). When a round changes
nothing, each edge joins a record to the first of its component. A small rest is finished by one
task. Lineage ends with every round, for it is written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import RunError
from sameas.engines.pieces import Piece, cut, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.kernels.components import connected_components

__all__ = ["connect"]

logger = logging.getLogger(__name__)
_MOST_ROUNDS = 100
_MASK = np.uint64((1 << 62) - 1)


def connect(
    engine: SparkEngine, edges: Any, *, parts: int, at_once: int = 20_000_000
) -> tuple[Any, int]:
    """Join every record to the first one of its component.

    Parameters
    ----------
    engine : SparkEngine
    edges : frame of pieces
        Tables with ``record`` and ``root`` (int32), any two records that belong together.
    parts : int
    at_once : int
        So many edges, of 8 bytes, are left to one task.

    Returns
    -------
    stage : frame of pieces
        "edges": each record that is not the first of its component, once, and its root.
    rounds : int

    Raises
    ------
    RunError
        If a hundred rounds are not enough.
    """
    stage, total = edges, _rows(edges)
    last: tuple[int, int] | None = None
    for number in range(_MOST_ROUNDS):
        if total <= at_once:
            gathered = engine.each_piece(stage.where("kind = 'edges'"), _to_one)
            return engine.each_part(gathered, _finish, 1, keep="roots"), number
        dealt = engine.each_piece(stage.where("kind = 'edges'"), partial(_deal, parts))
        stage = engine.each_part(dealt, _contract, parts, keep=f"components-{number}")
        state = _state(engine, stage)
        total = state[0]
        logger.info("components: round %d, %d edges", number + 1, total)
        if state == last:
            home = engine.each_piece(stage.where("kind = 'edges'"), partial(_deal_own, parts))
            return engine.each_part(home, _distinct, parts, keep="roots"), number + 1
        last = state
    raise RunError(f"Components have not settled after {_MOST_ROUNDS} rounds.")


def _rows(stage: Any) -> int:
    return sum(row[0] for row in stage.where("kind = 'edges'").select("rows").collect())


def _state(engine: SparkEngine, stage: Any) -> tuple[int, int]:
    """Return number and digest of the edges that a round began with."""
    pieces = engine.collect(stage.where("kind = 'state'"))
    states = [piece.table.to_pylist()[0] for piece in pieces]
    digest = sum(state["digest"] for state in states) & int(_MASK)
    return sum(state["edges"] for state in states), digest


def _home(record: npt.NDArray[np.int32], parts: int) -> npt.NDArray[np.int64]:
    mixed = record.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(33)).astype(np.int64) % parts


def _deal(parts: int, _: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Send edges to the parts of both of their records."""
    for piece in pieces:
        if piece.kind == "state":
            continue
        record, root = (piece.table[name].to_numpy() for name in ("record", "root"))
        mine, other = _home(record, parts), _home(root, parts)
        yield from dealt("own", mine, piece.table)
        away = mine != other
        yield from dealt("guest", other[away], piece.table.filter(pa.array(away)))


def _contract(part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Join all records of a part that hang together to the first of them."""
    own = [piece.table for piece in pieces if piece.kind == "own"]
    digest, count = 0, 0
    if own:
        joint = np.unique(_joint(pa.concat_tables(own)))
        count = len(joint)
        mixed = (joint.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
        digest = int(mixed.sum(dtype=np.uint64) & _MASK)
    state = pa.table({"edges": [count], "digest": [digest]})
    yield Piece(part, "state", part, state)
    yield from cut(part, "edges", _stars(pa.concat_tables(piece.table for piece in pieces)))


def _stars(edges: pa.Table) -> pa.Table:
    record, root = edges["record"].to_numpy(), edges["root"].to_numpy()
    members, place = np.unique(np.concatenate([record, root]), return_inverse=True)
    left, right = (each.astype(np.int32) for each in np.split(place, 2))
    label = connected_components(np.minimum(left, right), np.maximum(left, right), len(members))
    rows = np.flatnonzero(label != np.arange(len(label)))
    return pa.table({"record": members[rows], "root": members[label[rows]]})


def _joint(edges: pa.Table) -> npt.NDArray[np.int64]:
    record = edges["record"].to_numpy().astype(np.int64)
    return np.asarray(record << 32 | edges["root"].to_numpy())


def _deal_own(parts: int, _: int, pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield from dealt("own", _home(piece.table["record"].to_numpy(), parts), piece.table)


def _distinct(part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Of settled edges, which several parts give, keep each once."""
    joint = np.unique(_joint(pa.concat_tables(piece.table for piece in pieces)))
    record, root = joint >> 32, joint & 0xFFFFFFFF
    edges = pa.table({"record": record.astype(np.int32), "root": root.astype(np.int32)})
    yield from cut(part, "edges", edges)


def _to_one(_: int, pieces: list[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield piece._replace(part=0)


def _finish(_: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Finish a small rest in one task."""
    yield from cut(0, "edges", _stars(pa.concat_tables(tables(pieces, "edges"))))
