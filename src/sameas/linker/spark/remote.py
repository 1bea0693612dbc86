"""All candidates as a job whose features are computed by the workers.

What learns without labels asks of every candidate and of every record a few numbers and never for
the record itself. So the driver holds pairs and first similarities, and what is to be done with
comparisons (patterns, opinions of trees, log-odds) travels to the parts where the pairs lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.core.progress import progress
from sameas.core.tables import QUARANTINE, empty
from sameas.engines.duckdb import DuckDBEngine
from sameas.engines.pieces import Piece, cut
from sameas.engines.spark import SparkEngine
from sameas.linker.found import Candidates
from sameas.linker.job import Job
from sameas.linker.rivals import FittedRivals
from sameas.linker.spark.jobs import part_job
from sameas.linker.spark.near import near_job, near_stage
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.scoring import gather
from sameas.linker.spark.shared import share, shared
from sameas.linker.spec import LinkerSpec
from sameas.matching import FittedMatcher
from sameas.records import Records

__all__ = ["Place", "SparkJob", "remote_job"]

Work = Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]]
_GROUP = 200_000  # pairs that are no candidates, of a task


@dataclass(frozen=True)
class Place:
    """Where the records and the candidate pairs of a job lie, in so many parts.

    Attributes
    ----------
    engine : SparkEngine
    records, pairs : frames of pieces
    settings : Settings
    parts : int
    again : callable
        Finds the candidates anew for another linker with the same blocking.
    """

    engine: SparkEngine
    records: Any
    pairs: Any
    settings: Settings
    parts: int
    again: Callable[[LinkerSpec], Place]


class SparkJob(Job):
    """The candidates of a job; its features are computed where `place` says."""

    whole = False
    place: Place

    def with_spec(self, spec: LinkerSpec) -> SparkJob:
        """Return a job of the same candidates for another linker with the same blocking."""
        return remote_job(self.place.again(spec), self.mode, self.order)

    @cached_property
    def _both(self) -> Any:
        """The candidate pairs, and beside them their records with the windows."""
        place, settings = self.place, self.place.settings
        home = place.records.where("kind = 'records'").unionAll(place.pairs.where("kind = 'seen'"))
        work = partial(gather, settings)
        payload = place.engine.each_part(home, work, settings.homes, keep="payload")
        return payload.unionAll(place.pairs.where("kind = 'pairs'"))

    def each_record(self, work: Callable[[pa.Table], pa.Table]) -> pa.Table:
        """Call `work`, which gives a row a record, on the records in their parts."""
        engine, home = self.place.engine, self.place.records.where("kind = 'records'")
        made = engine.each_piece(home, partial(_records, self.place.settings, work))
        found = pa.concat_tables([piece.table for piece in engine.collect(made)])
        return found.sort_by("record").drop_columns(["record"])

    def each_candidate(
        self,
        what: str,
        work: Work,
        out: npt.NDArray[Any],
        chosen: npt.NDArray[np.int64] | None = None,
    ) -> None:
        """Call `work` on the features of all candidates, or some, in their parts."""
        place, found = self.place, self.candidates
        key = pair_key(found.left, found.right)
        address = ""
        if chosen is not None:
            key = key[chosen]
        if len(key) < len(found):
            address = share(place.engine.folder, "chosen", pa.table({"key": key}))
        task = partial(_candidates, place.settings, work, address, out[:0])
        with progress(what, 1):
            _put(place.engine, place.engine.each_part(self._both, task, place.parts), key, out)

    def each_pair(
        self, what: str, left: IntArray, right: IntArray, work: Work, out: npt.NDArray[Any]
    ) -> None:
        """Call `work` on the features of given pairs (left < right)."""
        if self.listed(left, right).all():
            known = pair_key(self.candidates.left, self.candidates.right)
            self.each_candidate(what, work, out, np.searchsorted(known, pair_key(left, right)))
            return
        place, settings = self.place, self.place.settings
        groups = np.array_split(np.arange(len(left)), -(-len(left) // _GROUP))
        wanted = [np.concatenate([left[rows], right[rows]]) for rows in groups]
        stage = near_stage(place.engine, place.records, place.pairs, settings, wanted)
        begin = np.cumsum([0, *(len(rows) for rows in groups)])
        given = share(place.engine.folder, "given", pa.table({"left": left, "right": right}))
        task = partial(_pairs, settings, work, given, out[:0], begin)
        made = place.engine.each_part(stage, task, len(groups))
        with progress(what, 1):
            _put(place.engine, made, pair_key(left, right), out)

    def scores(
        self,
        matcher: FittedMatcher,
        left: IntArray,
        right: IntArray,
        listed: npt.NDArray[np.bool_] | None = None,
        *,
        floor: float = 0.0,  # noqa: ARG002 - a hint, which saves nothing here
    ) -> npt.NDArray[np.float64]:
        """Score candidate pairs."""
        assert listed is None
        own = np.empty(len(left), np.float64)
        if not isinstance(matcher, FittedRivals):
            self.each_pair("score", left, right, matcher.score, own)
            return own
        self.each_pair("score", left, right, matcher.opinion, own)
        return matcher.scores(own, left, right, self.window_of(matcher))


def remote_job(place: Place, mode: str, order: tuple[str, ...]) -> SparkJob:
    """Bring all candidate pairs to the driver: who they are, and their first similarities."""
    settings, fitted = place.settings, place.settings.pack.fitted
    spec, total = fitted.spec, settings.first[-1]
    over = range(len(spec.context.over) if spec.context is not None else 0)
    names = [f"{kind}_{number}" for kind in ("plain", "first") for number in over]
    nothing = pa.schema([("left", pa.int32()), ("right", pa.int32()), ("rule", pa.uint8()),
                         *((name, pa.float32()) for name in names)])  # fmt: skip
    found = place.engine.collect(place.pairs.where("kind = 'pairs'"))
    tables = (piece.table.select(nothing.names) for piece in found)
    every = pa.concat_tables([nothing.empty_table(), *tables])
    column = {name: every[name].to_numpy() for name in nothing.names}
    order_of = np.argsort(pair_key(column["left"], column["right"]))
    column = {name: values[order_of] for name, values in column.items()}
    source = settings.source(np.arange(total))
    table = pa.table({"row": pa.nulls(total)})
    records = Records(
        table, spec.fields, settings.sources, source, empty(QUARANTINE), settings.id_type
    )
    job = SparkJob(
        spec, records, dict(fitted.statistics), mode, DuckDBEngine(threads=2), settings.budget,
        order,
    )  # fmt: skip
    job.place = place
    job.candidates = Candidates(column["left"], column["right"], column["rule"])
    if len(over):
        plain, first = (
            np.stack([column[f"{kind}_{number}"] for number in over], axis=1)
            for kind in ("plain", "first")
        )
        job.similarities = plain, first
    return job


def _records(
    settings: Settings, work: Callable[[pa.Table], pa.Table], part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    """Work on the records of a piece."""
    begin = settings.first[part] + pieces[0].origin
    made = work(pieces[0].table)
    number = np.arange(begin, begin + len(made), dtype=np.int32)
    yield from cut(part, "made", made.append_column("record", pa.array(number)))


def _candidates(
    settings: Settings,
    work: Work,
    address: str,
    like: npt.NDArray[Any],
    part: int,
    pieces: list[Piece],
) -> Iterator[Piece]:
    """Work on the candidates of a part, or on those of them that an address names."""
    made = part_job(settings, pieces)
    if made is None:
        return
    local, pairs = made
    key = pair_key(pairs["left"].to_numpy(), pairs["right"].to_numpy())
    rows = np.arange(len(key))
    if address:
        rows = np.flatnonzero(np.isin(key, shared(address)["key"].to_numpy()))
    if len(rows):
        out = np.empty((len(rows), *like.shape[1:]), like.dtype)
        local.job.each_candidate("work", work, out, rows)
        yield from cut(part, "made", _table(out, key[rows]))


def _pairs(
    settings: Settings,
    work: Work,
    address: str,
    like: npt.NDArray[Any],
    begin: npt.NDArray[np.int64],
    part: int,
    pieces: list[Piece],
) -> Iterator[Piece]:
    """Work on the given pairs of one group."""
    given = shared(address).slice(begin[part], begin[part + 1] - begin[part])
    local = near_job(settings, pieces)
    left, right = (local.rows(given[side].to_numpy()) for side in ("left", "right"))
    out = np.empty((len(left), *like.shape[1:]), like.dtype)
    local.job.each_pair("work", left, right, work, out)
    key = pair_key(given["left"].to_numpy(), given["right"].to_numpy())
    yield from cut(part, "made", _table(out, key))


def _table(out: npt.NDArray[Any], key: npt.NDArray[np.int64]) -> pa.Table:
    columns = out.reshape(len(out), -1).T
    return pa.table({"key": key} | {f"{number}": one for number, one in enumerate(columns)})


def _put(engine: SparkEngine, made: Any, key: npt.NDArray[np.int64], out: npt.NDArray[Any]) -> None:
    """Put what the parts made in the order of the keys."""
    order = np.argsort(key)
    for piece in engine.collect(made):
        rows = order[np.searchsorted(key, piece.table["key"].to_numpy(), sorter=order)]
        columns = [column.to_numpy() for column in piece.table.drop_columns(["key"]).columns]
        out[rows] = np.stack(columns, axis=1).reshape(len(rows), *out.shape[1:])
