"""Steps 3 and 4 on Spark: windows at home, then records and windows go to the pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, cut, dealt, tables
from sameas.engines.spark import SparkEngine
from sameas.kernels.components import connected_components
from sameas.linker.result import links_table
from sameas.linker.review import doubtful
from sameas.linker.second_pass import FittedPasses
from sameas.linker.spark.jobs import PartJob, part_job
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.rivals import hold_contest, rivals_of

__all__ = ["gather", "score_pairs", "with_passes"]


def score_pairs(
    engine: SparkEngine, records: Any, pairs: Any, settings: Settings, parts: int
) -> Any:
    """Score the candidate pairs.

    Returns
    -------
    stage : frame of pieces
        "scores": left, right, score, rule of all candidates, in their part. "links": the
        table of the matches; "graph" instead, if a clusterer wants more than matches.
        "review": the table of the pairs in the review band. "edges": records that matches
        join.
    """
    home = records.where("kind = 'records'").unionAll(pairs.where("kind = 'seen'"))
    payload = engine.each_part(home, partial(gather, settings), settings.homes, keep="payload")
    both = payload.unionAll(pairs.where("kind = 'pairs'"))
    both, settings = with_passes(engine, both, settings, parts)
    return engine.each_part(both, partial(_score, settings), parts, keep="scores")


def with_passes(
    engine: SparkEngine, both: Any, settings: Settings, parts: int
) -> tuple[Any, Settings]:
    """Add what a matcher that looks at all candidates first wants to know of them."""
    matcher = settings.pack.fitted.matcher
    if isinstance(matcher, FittedPasses):
        said = engine.each_part(both, partial(_opine, settings), parts, keep="opinions")
        heard = engine.each_part(said, partial(gather, settings), settings.homes, keep="windows")
        return both.unionAll(heard), settings
    if rivals_of(matcher) is not None:
        own = engine.each_part(both, partial(_own, settings), parts, keep="own")
        return both, replace(settings, contest=hold_contest(engine, own, settings))
    return both, settings


def gather(
    settings: Settings, part: int, pieces: list[Piece], *, only_asked: bool = False
) -> Iterator[Piece]:
    """Gather the windows of the records of a part; send both to where they are wanted.

    That is where their pairs were "seen", or only where "asked" says. Without records the
    windows go alone, as "opinions".
    """
    seen, asked = ([each for each in pieces if each.kind == kind] for kind in ("seen", "asked"))
    begin, homed = settings.first[part], tables(pieces, "records")
    wanted = asked if only_asked else seen
    if not wanted:
        return
    record, origin = _wanted(wanted, begin)
    if homed:
        table = pa.concat_tables(homed)
        number = begin + np.arange(table.num_rows)
        table = table.append_column("record", pa.array(number.astype(np.int32)))
    else:
        number = begin + np.arange(settings.first[part + 1] - begin)
        table = pa.table({"record": number.astype(np.int32)})
    for name in _values(settings, bool(homed)):
        owner, value = _window_rows(seen, name, begin)
        table = table.append_column(name, _window(owner, value, table.num_rows))
    kind = "records" if homed else "opinions"
    joint = np.unique(origin.astype(np.int64) << 32 | record)
    there, chosen = joint >> 32, joint & 0xFFFFFFFF
    yield from dealt(kind, there, table.take(pa.array(chosen)), origin=begin)


def _values(settings: Settings, homed: bool) -> list[str]:
    """Name the windows: of the first similarities, or of the opinions of the first matchers."""
    context = settings.pack.fitted.spec.context
    if not homed:
        return ["opinion"]
    return [] if context is None else [f"first_{place}" for place in range(len(context.over))]


def _wanted(pieces: list[Piece], begin: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the records, by their place in the part, and the parts that want them."""
    record = np.concatenate([piece.table["record"].to_numpy() for piece in pieces])
    sizes = [piece.table.num_rows for piece in pieces]
    return record.astype(np.int64) - begin, np.repeat([piece.origin for piece in pieces], sizes)


def _window_rows(
    seen: list[Piece], name: str, begin: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    nothing = np.zeros(0, np.float32)
    values = [piece.table[name].to_numpy() for piece in seen]
    record = _wanted(seen, begin)[0] if seen else np.zeros(0, np.int64)
    return record, np.concatenate([nothing, *values])


def _window(
    record: npt.NDArray[np.int64], value: npt.NDArray[np.float32], records: int
) -> pa.Array:
    """Return the values of each record in rising order, NaN left out, as a list."""
    known = ~np.isnan(value)
    record, value = record[known], value[known]
    order = np.lexsort((value, record))
    start = np.zeros(records + 1, np.int64)
    np.cumsum(np.bincount(record, minlength=records), out=start[1:])
    return pa.LargeListArray.from_arrays(pa.array(start), pa.array(value[order]))


def _opine(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Tell both records of each pair what the first matchers think of it."""
    made = part_job(settings, pieces)
    if made is None:
        return
    (local, pairs), matcher = made, settings.pack.fitted.matcher
    assert isinstance(matcher, FittedPasses)
    opinion = np.empty(len(pairs), np.float32)
    local.job.each_candidate("first pass", matcher.opinions, opinion)
    ends = np.concatenate([pairs[side].to_numpy() for side in ("left", "right")])
    seen = pa.table({"record": ends, "opinion": np.concatenate([opinion] * 2)})
    yield from dealt("seen", settings.home(ends), seen, origin=part)


def _own(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Say how likely each pair is by itself."""
    made = part_job(settings, pieces)
    if made is None:
        return
    (local, pairs), matcher = made, settings.pack.fitted.matcher
    own = pa.array(matcher.own(local.job))  # type: ignore[attr-defined]
    yield from cut(part, "own", pairs.select(["left", "right"]).append_column("own", own))


def _score(settings: Settings, part: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Score the pairs of one part."""
    made = part_job(settings, pieces)
    if made is None:
        return
    local, pairs = made
    fitted, number = settings.pack.fitted, local.number
    score = local.job.scores(fitted.matcher, local.left, local.right)
    out = pairs.select(["left", "right", "rule"]).append_column("score", pa.array(score))
    yield from cut(part, "scores", out)
    decision = score >= settings.threshold

    def named(rows: npt.NDArray[np.intp]) -> pa.Table:
        ends = local.left[rows], local.right[rows]
        return links_table(local.job, *ends, score[rows], decision[rows], settings.order)

    matches = np.flatnonzero(decision)
    ends = local.left[matches], local.right[matches]
    if settings.graph:
        if len(matches):
            yield Piece(0, "lowest", part, pa.table({"score": [score[matches].min()]}))
        rows = np.arange(len(score)) if settings.graph == "all" else matches
        graph = named(rows)
        for place, side in enumerate((local.left, local.right)):
            graph = graph.add_column(place, ("one", "other")[place], pa.array(number[side[rows]]))
        yield from dealt("graph", settings.home(number[local.left[rows]]), graph)
    else:
        yield from cut(part, "links", named(matches))
    if fitted.band is not None:
        yield from cut(part, "review", named(doubtful(score, settings.threshold, fitted.band)))
    yield from _edges(local, *ends)


def _edges(local: PartJob, left: IntArray, right: IntArray) -> Iterator[Piece]:
    """Contract the matches of a part: each record is joined to the first of its component."""
    number = local.number
    label = connected_components(left, right, len(number))
    rows = np.flatnonzero(label != np.arange(len(label)))
    if len(rows):
        edges = pa.table({"record": number[rows], "root": number[label[rows]]})
        yield from cut(0, "edges", edges)
