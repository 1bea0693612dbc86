"""Rivals on Spark: all candidates compete in one place, and every worker reads the outcome."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.engines.spark import SparkEngine
from sameas.linker.contest import Window, entrants
from sameas.linker.opinion import FittedOpinion
from sameas.linker.pair_classifier import FittedPairClassifier
from sameas.linker.rivals import FittedRivals
from sameas.linker.seats import Seats
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.shared import share, shared
from sameas.matching import FittedMatcher

__all__ = ["contest_of", "hold_contest", "rivals_of"]

_SHIFT = b"shift"


def rivals_of(matcher: FittedMatcher) -> FittedRivals | None:
    """Return what lets candidates compete in a matcher, if anything does."""
    if isinstance(matcher, FittedRivals | FittedOpinion | FittedPairClassifier):
        return matcher.rivals
    return None


def hold_contest(engine: SparkEngine, stage: Any, settings: Settings) -> tuple[str, str]:
    """Let all candidates compete.

    Parameters
    ----------
    engine : SparkEngine
    stage : frame of pieces
        "own": ``left``, ``right`` (record numbers) and ``own``, the log-odds of each pair alone.
    settings : Settings

    Returns
    -------
    pairs, records : str
        Where the outcome lies: what each pair and each seat of a record feels.

    Notes
    -----
    While they compete the driver holds 70 bytes a candidate pair of two tables, 140 of others; the
    outcome is 16 bytes a pair and 16 a record.
    """
    rivals = rivals_of(settings.pack.fitted.matcher)
    assert rivals is not None
    tables = (piece.table for piece in engine.collect(stage.where("kind = 'own'")))
    names = ("left", "right", "own")
    left, right, own = entrants(
        tuple(table[name].to_numpy() for name in names) for table in tables
    )  # fmt: skip
    sizes = np.diff(settings.starts)
    if not settings.across:
        sizes = sizes.sum(keepdims=True)
    window = rivals.settle(left, right, own, sizes)
    felt = np.flatnonzero((window.pull != 0) | (window.taken != 0))
    records = pa.table({"seat": felt, "pull": window.pull[felt], "taken": window.taken[felt]})
    records = records.replace_schema_metadata({_SHIFT: json.dumps(window.shift.tolist())})
    changes = pa.table({"key": window.key, "change": window.change})
    return (share(engine.folder, "rivals", changes), share(engine.folder, "taken", records))


def contest_of(
    settings: Settings, number: npt.NDArray[np.int32], left: IntArray, right: IntArray
) -> Window:
    """Return what came out for some records and pairs, by their rows."""
    pairs, records = (shared(address) for address in settings.contest)
    known = pairs["key"].to_numpy()
    key = pair_key(number[left], number[right])
    place = _place(known, key)
    found = known[place] == key if len(known) else np.zeros(len(key), bool)
    local = pair_key(left, right)[found]
    change = pairs["change"].to_numpy()[place[found]] if len(known) else np.zeros(0)
    shift = np.array(json.loads(cast(dict[bytes, bytes], records.schema.metadata)[_SHIFT]))
    code = np.searchsorted(np.array(settings.starts), number, side="right") - 1
    seats = Seats(code, math.isqrt(len(shift)))
    mine = (number[:, None].astype(np.int64) * seats.tables + np.arange(seats.tables)).reshape(-1)
    felt = records["seat"].to_numpy()
    row = _place(felt, mine)
    known_seat = felt[row] == mine if len(felt) else np.zeros(len(mine), bool)

    def value(name: str) -> npt.NDArray[np.float64]:
        out = np.zeros(len(mine))
        out[known_seat] = records[name].to_numpy()[row[known_seat]]
        return out

    order = np.argsort(local)
    key, changed = local[order], np.array(change[order])
    return Window(key, changed, seats, shift, value("pull"), value("taken"))


def _place(known: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    return np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
