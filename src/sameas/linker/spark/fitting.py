"""Fit on Spark: statistics and candidates are made there, the matcher learns on the driver.

Of labelled pairs the driver gets the records, the candidates that these compete with, and their
windows; a split or fold is drawn by the numbers of the records among all. So the linker is the
one that a fit on one machine gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.engines.pieces import Piece
from sameas.engines.spark import SparkEngine
from sameas.evaluation import is_assigned
from sameas.labeling import LabelledPairs
from sameas.linker.found import Candidates
from sameas.linker.inputs import Options
from sameas.linker.job import Job
from sameas.linker.learning import labelled_pairs, teach, with_reason
from sameas.linker.modes import check_mode, default_mode
from sameas.linker.saving import FittedLinker
from sameas.linker.silver import pairs_by_codes, silver_codes
from sameas.linker.spark.finding import SparkRecords
from sameas.linker.spark.near import near_job, near_stage
from sameas.linker.spark.neighbours import find_neighbours
from sameas.linker.spark.pack import Settings, save_draft
from sameas.linker.spark.pairing import find_pairs
from sameas.linker.spark.planning import plan_routes
from sameas.linker.spark.reading import find_frequent, read_records
from sameas.linker.spark.remote import Place, remote_job
from sameas.linker.spark.statistics import learn_statistics, values_on_spark
from sameas.linker.spec import LinkerSpec
from sameas.linker.teaching import Teaching, teaching_of

__all__ = ["candidates_of", "fit_on_spark"]

#: Candidates that a fit which looks at all of them takes to the driver, about 300 bytes each.
_MOST = 5_000_000


def candidates_of(engine: SparkEngine, records: Any, settings: Settings) -> tuple[Any, Any, int]:
    """Find the candidate pairs; return the settings, the pairs and their number of parts."""
    settings = find_frequent(engine, records, settings)
    routing = plan_routes(engine, records, settings)
    keyed = find_pairs(engine, records, settings, routing)
    listed = find_neighbours(engine, records, settings, routing)
    if listed is None:
        return settings, keyed, routing.parts
    return settings, keyed.unionAll(listed), routing.parts + settings.homes


def fit_on_spark(
    engine: SparkEngine,
    spec: LinkerSpec,
    named: Mapping[str, Any],
    labels: Any,
    how: tuple[str | None, str, Options],
) -> FittedLinker:
    """Fit a linker on Spark frames.

    Parameters
    ----------
    engine : SparkEngine
    spec : LinkerSpec
    named : mapping of source name to Spark frame
    labels : frame, path or None
    how : (mode, conflicts, options)
        As in `Linker.fit`.

    Raises
    ------
    LabelError
        If there is nothing to learn from, or too much for the driver.
    """
    mode, conflicts, options = how
    mode = mode or default_mode(named)
    check_mode(mode)
    if (mode == "dedupe") != (len(named) == 1):
        raise ArgumentError(f"mode {mode!r} does not fit {len(named)} table(s).")
    settings = Settings("", mode, tuple(sorted(named)), tuple(named), budget=options.budget)
    records, settings = read_records(engine, named, spec, options, settings)
    across = settings.across and labels is None
    values = values_on_spark(records, engine, spec, across=across)
    teaching = teaching_of(
        spec, values, labelled=labels is not None, across=settings.across, sources=len(named),
    )  # fmt: skip
    statistics = learn_statistics(engine, records, teaching.spec, settings)
    address = save_draft(teaching.spec, statistics, mode, engine.folder)
    settings, pairs, parts = candidates_of(engine, records, replace(settings, address=address))
    given, origin = None, ""
    if labels is not None:
        known = SparkRecords(engine, records, settings)
        given, origin = labelled_pairs(labels, known, settings.order, conflicts)
    elif teaching.silver is not None:
        given, origin = _silver(engine, records, pairs, settings, teaching)
    if given is None:
        job: Job = _remote_job(engine, records, pairs, settings, parts)
    elif teaching.learner is not None or is_assigned(teaching.spec.goal):
        job = _whole_job(engine, records, pairs, settings)
    else:
        job, given = _near(engine, records, pairs, settings, given)
    job.spec = teaching.spec
    try:
        return teach(job, teaching, given, origin)
    except LabelError as error:
        other, reason = teaching.otherwise(error), error
    return with_reason(fit_on_spark(engine, other, named, labels, how), reason)


def _near(
    engine: SparkEngine, records: Any, pairs: Any, settings: Settings, given: LabelledPairs
) -> tuple[Job, LabelledPairs]:
    """Return the job of the labelled pairs, and these by its rows."""
    wanted = [np.concatenate([given.left, given.right])]
    stage = near_stage(engine, records, pairs, settings, wanted)
    local = near_job(settings, engine.collect(stage))
    local.job.numbers = local.number
    left, right = local.rows(given.left), local.rows(given.right)
    return local.job, replace(given, left=left, right=right)


def _remote_job(
    engine: SparkEngine, records: Any, pairs: Any, settings: Settings, parts: int
) -> Job:
    """Return the candidates as a job whose features are computed by the workers."""

    def again(spec: LinkerSpec) -> Place:
        statistics = learn_statistics(engine, records, spec, settings)
        address = save_draft(spec, statistics, settings.mode, engine.folder)
        fresh, found, parts = candidates_of(engine, records, replace(settings, address=address))
        return Place(engine, records, found, fresh, parts, again)

    place = Place(engine, records, pairs, settings, parts, again)
    return remote_job(place, settings.mode, settings.order)


def _whole_job(engine: SparkEngine, records: Any, pairs: Any, settings: Settings) -> Job:
    """Return all records and their candidates as a job on the driver."""
    found = pairs.where("kind = 'pairs'")
    total = sum(row[0] for row in found.select("rows").collect())
    if total > _MOST:
        raise LabelError(
            f"A fit that looks at all candidates at once takes at most {_MOST:,} to the driver; "
            f"here are {total:,}. Fit without labels, or for a goal that is about pairs, or on "
            "a part of the tables (whole cities, not single records), and link the whole with the "
            "saved linker."
        )
    known = engine.collect(records.where("kind = 'records'"))
    pieces = sorted(known, key=lambda piece: (piece.part, piece.origin))
    table = pa.concat_tables(piece.table for piece in pieces).combine_chunks()
    rows = [piece.table.select(["left", "right", "rule"]) for piece in engine.collect(found)]
    nothing = pa.schema([("left", pa.int32()), ("right", pa.int32()), ("rule", pa.uint8())])
    order = [("left", "ascending"), ("right", "ascending")]
    every = pa.concat_tables([nothing.empty_table(), *rows]).sort_by(order)
    left, right, rule = (np.array(every[name].to_numpy()) for name in nothing.names)
    candidates = Candidates(left, right, rule)
    return settings.pack.job(table, settings, candidates, threads=2)


def _silver(
    engine: SparkEngine, records: Any, pairs: Any, settings: Settings, teaching: Teaching
) -> tuple[LabelledPairs, str]:
    """Label the candidate pairs by the silver field; the driver holds 8 bytes of each."""
    field = teaching.silver or ""
    coded = engine.each_piece(
        records.where("kind = 'records'"), partial(_codes, settings, teaching.given, field)
    )
    code = np.zeros(settings.first[-1], np.uint64)
    for piece in engine.collect(coded):
        code[piece.origin : piece.origin + piece.table.num_rows] = piece.table["code"].to_numpy()
    found = [piece.table for piece in engine.collect(pairs.where("kind = 'pairs'"))]
    joint = [pair_key(table["left"].to_numpy(), table["right"].to_numpy()) for table in found]
    left, right = ends_of_key(np.sort(np.concatenate([np.zeros(0, np.int64), *joint])))
    return pairs_by_codes(code, left, right, field=field, seed=teaching.spec.seed)


def _codes(
    settings: Settings, spec: LinkerSpec, field: str, part: int, pieces: list[Piece]
) -> Iterator[Piece]:
    code = silver_codes(pieces[0].table, spec, field)
    begin = settings.first[part] + pieces[0].origin
    yield Piece(part, "codes", begin, pa.table({"code": code}))
