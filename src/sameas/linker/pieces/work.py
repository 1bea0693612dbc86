"""What is done with one piece: its candidate pairs, and their scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.comparison.context import Window
from sameas.core.errors import RunError
from sameas.core.prepared import Codes, Columns, Need
from sameas.engines.base import Engine
from sameas.linker.candidates import find_candidates
from sameas.linker.found import Budget, Candidates, Part
from sameas.linker.job import Job
from sameas.linker.pieces.store import Store, Tables
from sameas.linker.rivals import FittedRivals
from sameas.linker.saving import FittedLinker
from sameas.records import prepare

__all__ = ["Worker", "local_windows"]


@dataclass(frozen=True)
class Worker:
    """Works on pieces, several at a time, each on one thread.

    Attributes
    ----------
    tables : Tables
    store : Store
    fitted : FittedLinker
    mode : str
    engine : Engine
        With one thread.
    budget : Budget
    """

    tables: Tables
    store: Store
    fitted: FittedLinker
    mode: str
    engine: Engine
    budget: Budget

    def candidates(self, number: int) -> None:
        """Find the candidate pairs of a piece, with their first similarities."""
        piece, spec = self.tables.pieces[number], self.fitted.spec
        table = self.tables.piece(number)
        record = table["record"].to_numpy()
        own = np.array(table["home"].to_numpy(zero_copy_only=False)) if piece.home else None
        job = self._job(table)
        needs = [*spec.blocking_needs(), *(spec.context.needs() if spec.context else ())]
        job.columns = self._columns(job, needs, record)
        del table
        found = find_candidates(
            job.columns, spec.blocking, len(record), group=job.group, engine=self.engine,
            budget=self.budget, part=Part(frozenset(piece.rules), own, piece.keys),
        )  # fmt: skip
        job.candidates = found
        plain, first = _similarities(job)
        columns = [
            pa.array(record[found.left]), pa.array(record[found.right]), pa.array(found.rule),
            *(pa.array(np.ascontiguousarray(each)) for each in (*plain.T, *first.T)),
        ]  # fmt: skip
        names = ["left", "right", "rule", *_similarity_names(plain.shape[1])]
        reports = [report.to_dict() for report in found.reports]
        self.store.write("candidates", number, pa.table(columns, names=names), reports)

    def scores(self, number: int, windows: Sequence[Window]) -> None:
        """Score the candidate pairs of a piece, with the windows of all records."""
        matcher = self.fitted.matcher

        def score(job: Job) -> npt.NDArray[np.float64]:
            return job.scores(matcher, job.candidates.left, job.candidates.right)

        self._each_pair(number, windows, ("scores", "score"), score)

    def own(self, number: int, windows: Sequence[Window], rivals: FittedRivals) -> None:
        """Say how likely the candidate pairs of a piece are, each by itself."""
        self._each_pair(number, windows, ("own", "own"), rivals.own)

    def _each_pair(
        self,
        number: int,
        windows: Sequence[Window],
        name: tuple[str, str],
        work: Callable[[Job], npt.NDArray[np.float64]],
    ) -> None:
        """Write what `work` says of each pair of a piece, as a stage and its column."""
        pairs, reports = self.store.read("candidates", number)
        ends = [pairs[side].to_numpy() for side in ("left", "right")]
        used = np.unique(np.concatenate(ends))
        left, right = (np.searchsorted(used, end).astype(np.int32) for end in ends)
        found = np.zeros(0, np.float64)
        if len(used):
            table = self.tables.piece(number)
            table = table.take(pa.array(np.searchsorted(table["record"].to_numpy(), used)))
            job, spec = self._job(table), self.fitted.spec
            needs = [need for item in spec.comparisons for need in item.needs()]
            needs += spec.context.needs() if spec.context else ()
            job.columns = self._columns(job, needs, used)
            del table
            rule = np.array(pairs["rule"].to_numpy())
            job.candidates = Candidates(left, right, rule)
            job.windows = local_windows(windows, used)
            job.similarities = _both(pairs, len(windows))
            found = work(job)
        stage, column = name
        kept = pairs.select(["left", "right", "rule"]).append_column(column, pa.array(found))
        self.store.write(stage, number, kept, reports)

    def _job(self, table: pa.Table) -> Job:
        records = self.tables.records(table)
        statistics = dict(self.fitted.statistics)
        return Job(self.fitted.spec, records, statistics, self.mode, self.engine, self.budget)

    def _columns(self, job: Job, needs: Sequence[Need], record: npt.NDArray[np.int32]) -> Columns:
        """Prepare the columns of a piece; what counts in the whole table is taken from there."""
        known = set(job.statistics)
        whole = {
            need: Codes(self.tables.codes[need].value[record])
            for need in needs
            if need in self.tables.codes
        }
        wanted = [need for need in needs if need not in whole]
        columns = prepare(job.records.table, wanted, job.statistics)
        if set(job.statistics) != known:
            raise RunError(
                "The linker lacks the statistics "
                f"{', '.join(sorted(set(job.statistics) - known))}, which cannot be learnt from "
                "a piece of the table. Fit it again with this version."
            )
        return columns | whole


def _similarities(job: Job) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    if job.spec.context is None:
        nothing = np.zeros((len(job.candidates), 0), np.float32)
        return nothing, nothing
    return job.similarities


def _similarity_names(count: int) -> list[str]:
    return [f"{kind}_{place}" for kind in ("plain", "first") for place in range(count)]


def _both(pairs: pa.Table, count: int) -> tuple[Any, Any]:
    names = _similarity_names(count)
    columns = [pairs[name].to_numpy() for name in names]
    shape = len(pairs), count
    plain, first = np.empty(shape, np.float32), np.empty(shape, np.float32)
    for place in range(count):
        plain[:, place], first[:, place] = columns[place], columns[count + place]
    return plain, first


def local_windows(windows: Sequence[Window], record: npt.NDArray[np.int32]) -> tuple[Window, ...]:
    """Return the windows of some records alone, in their order."""
    some = []
    for window in windows:
        begin = window.start[record]
        size = window.start[record + 1] - begin
        start = np.zeros(len(record) + 1, np.int64)
        np.cumsum(size, out=start[1:])
        place = np.arange(start[-1]) + np.repeat(begin - start[:-1], size)
        some.append(Window(start, window.values[place]))
    return tuple(some)
