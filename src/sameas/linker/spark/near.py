"""Given pairs as jobs: their records, and all candidates that these compete with.

What a score depends on are the two records and the candidates of either. So a job of some given
pairs holds the candidate pairs of their records, the other ends of those, and the windows of
all of them; its scores are those among all records.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.linker.spark.jobs import PartJob
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.scoring import gather
from sameas.linker.spark.shared import share, shared

__all__ = ["near_job", "near_stage"]


def near_stage(
    engine: SparkEngine,
    records: Any,
    pairs: Any,
    settings: Settings,
    wanted: list[npt.NDArray[np.int32]],
) -> Any:
    """Bring together what belongs to some groups of records.

    Parameters
    ----------
    engine : SparkEngine
    records, pairs : frame of pieces
    settings : Settings
    wanted : list of int32[...]
        Record numbers, each list one part of what comes out.

    Returns
    -------
    stage : frame of pieces
        "records" with their windows, and "near": the candidate pairs with a wanted record.
    """
    joint = [np.unique(one).astype(np.int64) << 32 | group for group, one in enumerate(wanted)]
    both = np.sort(np.concatenate([np.zeros(0, np.int64), *joint]))
    table = pa.table({"record": (both >> 32).astype(np.int32), "group": both & 0xFFFFFFFF})
    address = share(engine.folder, "ends", table)
    found = pairs.where("kind = 'pairs'")
    near = engine.each_piece(found, partial(_near, settings, address), keep="near")
    homed = records.where("kind = 'records'")
    ends = engine.each_piece(homed, partial(_ends, settings, address))
    home = homed.unionAll(pairs.where("kind = 'seen'")).unionAll(near.where("kind = 'asked'"))
    sent = engine.each_part(
        home.unionAll(ends), partial(gather, settings, only_asked=True), settings.homes,
        keep="near-records",
    )  # fmt: skip
    return sent.unionAll(near.where("kind = 'near'"))


def near_job(settings: Settings, pieces: list[Piece]) -> PartJob:
    """Return the job of one group."""
    found = tables(pieces, "records")
    records = pa.concat_tables(found).combine_chunks()
    order = [("left", "ascending"), ("right", "ascending")]
    near = tables(pieces, "near")
    pairs = pa.concat_tables(near).sort_by(order) if near else _no_pairs(records)
    return PartJob(settings, records, pairs)


def _no_pairs(records: pa.Table) -> pa.Table:
    names = [name.removeprefix("first_") for name in records.column_names
             if name.startswith("first_")]  # fmt: skip
    ends = [(name, pa.int32()) for name in ("left", "right")]
    firsts = [(f"{kind}_{name}", pa.float32()) for name in names for kind in ("plain", "first")]
    return pa.schema([*ends, ("rule", pa.uint8()), *firsts]).empty_table()


def _groups(
    address: str, record: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Return the rows of records that are wanted, and the group that wants each."""
    table = shared(address)
    known, group = table["record"].to_numpy(), table["group"].to_numpy()
    first, last = (np.searchsorted(known, record, side=side) for side in ("left", "right"))
    size = last - first
    row = np.repeat(np.arange(len(record)), size)
    place = np.arange(len(row)) + np.repeat(first - (np.cumsum(size) - size), size)
    return row, group[place]


def _near(settings: Settings, address: str, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Give the pairs of a piece with a wanted record; ask for both of their records."""
    table = pieces[0].table
    ends: list[IntArray] = [table[side].to_numpy() for side in ("left", "right")]
    found = [_groups(address, end) for end in ends]
    joint = np.unique(np.concatenate([row.astype(np.int64) << 32 | group for row, group in found]))
    row, group = joint >> 32, joint & 0xFFFFFFFF
    yield from dealt("near", group, table.take(pa.array(row)), origin=part)
    asked = np.concatenate([end[row].astype(np.int64) << 32 | group for end in ends])
    yield from _asked(settings, np.unique(asked))


def _ends(settings: Settings, address: str, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Ask for the wanted records of a piece themselves."""
    begin = settings.first[part] + pieces[0].origin
    record = np.arange(begin, begin + pieces[0].table.num_rows, dtype=np.int32)
    row, group = _groups(address, record)
    yield from _asked(settings, record[row].astype(np.int64) << 32 | group)


def _asked(settings: Settings, joint: npt.NDArray[np.int64]) -> Iterator[Piece]:
    record, group = (joint >> 32).astype(np.int32), joint & 0xFFFFFFFF
    for number in np.unique(group).tolist():
        mine = record[group == number]
        yield from dealt("asked", settings.home(mine), pa.table({"record": mine}), origin=number)
