"""A part as a job: its pairs, their records, and what was gathered for them elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison.context import Window
from sameas.core.prepared import IntArray
from sameas.engines.pieces import Piece, tables
from sameas.linker.found import Candidates
from sameas.linker.job import Job
from sameas.linker.pair_classifier import FittedPairClassifier
from sameas.linker.second_pass import FittedPasses
from sameas.linker.spark.pack import Settings
from sameas.linker.spark.rivals import contest_of, rivals_of

__all__ = ["PartJob", "part_job"]

_FIRST, _PLAIN = "first_", "plain_"


class PartJob:
    """Some candidate pairs and their records, ready to be scored.

    Parameters
    ----------
    settings : Settings
    records : pyarrow.Table
        With ``record``, rising, and the windows of the first similarities.
    pairs : pyarrow.Table
        ``left``, ``right`` (record numbers), ``rule`` and the first similarities, in order.

    Attributes
    ----------
    job : Job
        Of these records, by row.
    number : int32[n]
        The number of each among all records.
    left, right : int32[p]
        The pairs, by row.
    """

    def __init__(self, settings: Settings, records: pa.Table, pairs: pa.Table) -> None:
        self.number = records["record"].to_numpy()
        self.left, self.right = (self.rows(pairs[side].to_numpy()) for side in ("left", "right"))
        firsts = [name for name in pairs.column_names if name.startswith(_FIRST)]
        candidates = Candidates(self.left, self.right, np.array(pairs["rule"].to_numpy()))
        table = records.drop_columns(["record", *firsts])
        self.job: Job = settings.pack.job(table, settings, candidates)
        self.job.windows = tuple(as_window(records[name]) for name in firsts)
        if firsts:
            self.job.similarities = _columns(pairs, _PLAIN), _columns(pairs, _FIRST)
        matcher = settings.pack.fitted.matcher
        if settings.contest and rivals_of(matcher) is not None:
            window: Any = contest_of(settings, self.number, self.left, self.right)
            if isinstance(matcher, FittedPairClassifier):
                window = matcher.window_of(self.job, window)
            self.job.keep_window(matcher, window)  # type: ignore[arg-type]

    def rows(self, record: npt.NDArray[np.int32]) -> IntArray:
        """Return the rows of records."""
        return np.searchsorted(self.number, record).astype(np.int32)

    def take_opinions(self, opinions: pa.Table, matcher: FittedPasses) -> None:
        """Take over what the first matchers think of all candidates of each record."""
        lists = opinions["opinion"].combine_chunks()
        place = self.rows(opinions["record"].to_numpy())
        order = np.full(len(self.number), -1, np.int64)
        order[place] = np.arange(len(place))
        lists = lists.take(pa.array(order, mask=order < 0)).fill_null(pa.scalar([], lists.type))
        self.job.keep_window(matcher, as_window(pa.chunked_array([lists])))


def part_job(settings: Settings, pieces: list[Piece]) -> tuple[PartJob, pa.Table] | None:
    """Return the job of a part and its pairs; None where there are none."""
    found = tables(pieces, "pairs")
    if not found:
        return None
    pairs = pa.concat_tables(found).combine_chunks()
    records = pa.concat_tables(tables(pieces, "records")).combine_chunks()
    part = PartJob(settings, records, pairs)
    matcher, opinions = settings.pack.fitted.matcher, tables(pieces, "opinions")
    if opinions and isinstance(matcher, FittedPasses):
        part.take_opinions(pa.concat_tables(opinions), matcher)
    return part, pairs


def as_window(column: pa.ChunkedArray) -> Window:
    """Return lists of values as a window, the two best of each last."""
    lists = column.combine_chunks()
    # Copies, for a view of Arrow is read-only, and kernels would be compiled for it anew.
    start = np.array(lists.offsets.to_numpy())
    values = np.array(lists.values.to_numpy()[start[0] : start[-1]])
    return Window(start - start[0], values)


def _columns(pairs: pa.Table, prefix: str) -> npt.NDArray[np.float32]:
    names = [name for name in pairs.column_names if name.startswith(prefix)]
    return np.stack([pairs[name].to_numpy() for name in names], axis=1)
