"""Scores of given pairs on Spark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, cut
from sameas.engines.spark import SparkEngine
from sameas.linker.spark.near import near_job, near_stage
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.rivals import rivals_of
from sameas.linker.spark.scoring import gather, with_passes
from sameas.linker.spark.shared import share, shared

__all__ = ["compete", "score_given"]


def compete(engine: SparkEngine, records: Any, pairs: Any, settings: Settings, parts: int) -> Any:
    """Let all candidates compete, where the matcher asks for that; return the settings."""
    if rivals_of(settings.pack.fitted.matcher) is None:
        return settings
    home = records.where("kind = 'records'").unionAll(pairs.where("kind = 'seen'"))
    payload = engine.each_part(home, partial(gather, settings), settings.homes)
    both = payload.unionAll(pairs.where("kind = 'pairs'"))
    return with_passes(engine, both, settings, parts)[1]


def score_given(
    engine: SparkEngine,
    records: Any,
    pairs: Any,
    settings: Settings,
    ends: tuple[IntArray, IntArray],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Score pairs (left < right) of record numbers.

    Returns
    -------
    score : float64[p]
    candidate : bool[p]
        Whether the pair is a candidate of the blocking.
    """
    left, right = ends
    order = np.argsort(left, kind="stable")
    groups = np.array_split(order, max(1, min(engine.parts_for(2 * len(left)), len(left))))
    wanted = [np.concatenate([left[rows], right[rows]]) for rows in groups]
    stage = near_stage(engine, records, pairs, settings, wanted)
    given = pa.table({"left": left[order], "right": right[order], "row": order})
    begin = np.cumsum([0, *(len(rows) for rows in groups)])
    address = share(engine.folder, "given", given)
    work = partial(_score, replace(settings), address, begin)
    score, candidate = np.full(len(left), np.nan), np.zeros(len(left), bool)
    made = engine.each_part(stage, work, len(groups))
    for table in (piece.table for piece in engine.collect(made)):
        row = table["row"].to_numpy()
        score[row] = table["score"].to_numpy()
        candidate[row] = table["candidate"].to_numpy(zero_copy_only=False)
    return score, candidate


def _score(
    settings: Settings,
    address: str,
    begin: npt.NDArray[np.int64],
    part: int,
    pieces: list[Piece],
) -> Iterator[Piece]:
    """Score the given pairs of one group."""
    given = shared(address).slice(begin[part], begin[part + 1] - begin[part])
    local = near_job(settings, pieces)
    left, right = (local.rows(given[side].to_numpy()) for side in ("left", "right"))
    listed = local.job.listed(left, right)
    score = local.job.scores(settings.pack.fitted.matcher, left, right, listed)
    table = pa.table({"row": given["row"], "score": score, "candidate": listed})
    yield from cut(part, "scored", table)
