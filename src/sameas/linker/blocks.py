"""The blocks of one rule: rows in key order become pairs, chunk by chunk, on all threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.blocking.base import Bound, KeyRule, Rows, covers
from sameas.core.prepared import Columns, IntArray
from sameas.core.progress import progress
from sameas.engines.base import Engine, SortedRows
from sameas.kernels.arrays import plain
from sameas.kernels.blocks import block_ends, enumerate_pairs, partner_counts, rows_in_company
from sameas.linker.collapse import pairs_of_leads
from sameas.linker.found import Budget, RuleReport
from sameas.linker.oversized import RefusedBlock, leads_within, part_oversized, refuse

__all__ = [
    "Done",
    "Task",
    "pairs_of",
    "rows_ahead",
    "sample_rule",
]

_CHUNK = 65_536
_BATCH = 1_000_000  # pairs of a task; few, so that threads end together
_SORTED_AHEAD = 20_000_000
_FEW = 10_000  # rows that are sorted as they are

#: A rule that has been run, and the keys of the blocks that it refused.
Done: TypeAlias = tuple[KeyRule, npt.NDArray[np.uint64]]


class Task(NamedTuple):
    """Everything that the workers of one rule share; earlier rules with their refused blocks.

    Of a part of a run only the pairs are kept whose smaller record is its `own`.
    """

    rule: KeyRule
    earlier: Sequence[Done]
    columns: Columns
    group: IntArray
    bound: Bound | None
    own: npt.NDArray[np.bool_] | None = None


def rows_ahead(
    rules: Sequence[KeyRule],
    columns: Columns,
    engine: Engine,
    keys: tuple[int, int] | None = None,
) -> Iterator[tuple[Rows, Iterator[SortedRows]]]:
    """Give the rows of each rule, of all blocks or of a range of `keys`, also in key order.

    With several threads those of the next rule are made meanwhile, and sorted if they are few;
    those of the first two are made beside each other.
    """
    if engine.threads == 1:
        for rule in rules:
            rows = _within(rule.rows(columns), keys)
            yield rows, engine.exchange(*_in_company(rows))
        return

    def make(rule: KeyRule) -> tuple[Rows, Iterator[SortedRows]]:
        rows = _within(rule.rows(columns), keys)
        batches = engine.exchange(*_in_company(rows))
        if rule is not rules[0] and len(rows.key) <= _SORTED_AHEAD:
            batches = iter(list(batches))
        return rows, batches

    with ThreadPoolExecutor(2) as pool:
        waiting = deque(pool.submit(make, rule) for rule in rules[:2])
        for following in [*rules[2:], None, None]:
            if not waiting:
                return
            made = waiting.popleft().result()
            yield made
            del made
            if following is not None:
                waiting.append(pool.submit(make, following))


def _within(rows: Rows, keys: tuple[int, int] | None) -> Rows:
    if keys is None:
        return rows
    low, high = map(np.uint64, keys)
    kept = (rows.key >= low) & (rows.key < high)
    return Rows(rows.key[kept], rows.record[kept], rows.visitor[kept])


def _in_company(rows: Rows) -> Rows:
    """Leave out rows whose key no other row has: of most keys all but a few."""
    if len(rows.key) < _FEW:
        return rows
    kept = rows_in_company(plain(rows.key, np.uint64), len(rows.key).bit_length() + 1)
    return Rows(rows.key[kept], rows.record[kept], rows.visitor[kept])


def pairs_of(
    task: Task,
    batches: Iterator[SortedRows],
    threads: int,
    budget: Budget,
    report: RuleReport,
    refused: list[RefusedBlock],
) -> Iterator[tuple[IntArray, IntArray]]:
    """Run one rule: take its rows in key order, batch by batch, and work on them in threads."""
    for batch in batches:
        end = block_ends(batch.key)
        partners = partner_counts(end, batch.visitor)
        batch, end, partners, oversized = part_oversized(batch, end, partners, budget)
        for rows, pairs in oversized:
            leads = leads_within(rows, task.columns, task.group, budget)
            if leads is None:
                refused.append(refuse(rows, pairs, budget, report))
                continue
            found = {"records": len(rows.key), "leads": len(leads.lead), "pairs": leads.pairs}
            report.collapsed.append(found)
            report.blocks += 1
            report.largest_block = max(report.largest_block, len(rows.key))
            near = None if task.bound is None else (task.bound.xyz, task.bound.limit)
            with progress(report.rule, leads.pairs) as advance:
                for left, right, enumerated, met in pairs_of_leads(
                    leads, threads, partial(_survivors, task), task.group, near
                ):
                    _count(report, left, enumerated, met)
                    advance(enumerated)
                    yield left, right
        if not len(end):
            continue
        first = np.flatnonzero(np.append(True, batch.key[1:] != batch.key[:-1]))
        report.blocks += int((partners[first] > 0).sum())
        report.largest_block = max(report.largest_block, int((end[first] - first).max()))
        ranges = list(_ranges(partners))
        total = int(partners.sum())
        with (
            progress(report.rule, total) as advance,
            ThreadPoolExecutor(threads) as pool,
        ):
            jobs = [pool.submit(_work, task, batch, end, *limits, advance) for limits in ranges]
            try:
                for job in jobs:
                    left, right, enumerated, met = job.result()
                    _count(report, left, enumerated, met)
                    yield left, right
            finally:  # when interrupted, what has not begun must not begin
                pool.shutdown(wait=False, cancel_futures=True)


def _ranges(partners: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Cut rows into ranges of about equal work."""
    total = int(partners.sum())
    if total <= _BATCH:
        yield 0, len(partners)
        return
    pieces = -(-total // _BATCH)
    cumulated = np.cumsum(partners)
    edges = np.searchsorted(cumulated, np.linspace(0, total, pieces + 1)[1:-1])
    edges = np.unique(np.concatenate([[0], edges + 1, [len(partners)]]))
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def _count(report: RuleReport, left: IntArray, enumerated: int, met: int) -> None:
    report.enumerated += enumerated
    report.met += met
    report.kept += len(left)


def _work(
    task: Task,
    batch: SortedRows,
    end: npt.NDArray[np.int64],
    first: int,
    last: int,
    advance: Callable[[float], None],
) -> tuple[IntArray, IntArray, int, int]:
    """Enumerate the pairs of a range of rows and keep the survivors."""
    stop = int(end[first:last].max())
    key, record = batch.key[first:stop], batch.record[first:stop]
    visitor, ends = batch.visitor[first:stop], end[first:stop] - first
    group = task.group[record] if len(task.group) else task.group
    limit = task.bound.limit if task.bound else 0.0
    xyz = task.bound.xyz[record] if task.bound else np.zeros((0, 3))
    state = np.array([0, 0, last - first, 0], np.int64)
    out = np.empty((3, _CHUNK), np.int32)
    lefts, rights, met, done = [], [], 0, 0
    while True:
        count = enumerate_pairs(record, visitor, ends, group, xyz, limit, state, out)
        met += count
        left, right = _survivors(task, out[0, :count], out[1, :count], key[out[2, :count]])
        lefts.append(np.minimum(left, right))
        rights.append(np.maximum(left, right))
        advance(float(state[3] - done))
        done = int(state[3])
        if count < _CHUNK:
            return np.concatenate(lefts), np.concatenate(rights), done, met


def _survivors(
    task: Task, left: IntArray, right: IntArray, key: npt.NDArray[np.uint64]
) -> tuple[IntArray, IntArray]:
    rule, columns = task.rule, task.columns
    if task.own is not None:
        mine = np.flatnonzero(task.own[np.minimum(left, right)])
        left, right, key = left[mine], right[mine], key[mine]
    if rule.filter is not None:
        where = np.flatnonzero(rule.filter.keep(columns, left, right))
        left, right, key = left[where], right[where], key[where]
    owned = rule.owns(columns, left, right, key)
    if owned is not None:
        left, right = left[owned], right[owned]
    for other, refused in task.earlier:
        fresh = ~covers(other, columns, left, right, refused, rule.filter)
        left, right = left[fresh], right[fresh]
    return left.copy(), right.copy()


def sample_rule(
    columns: Columns,
    group: IntArray | None,
    rule: KeyRule,
    batch: SortedRows,
    end: npt.NDArray[np.int64],
    partners: npt.NDArray[np.int64],
    *,
    pairs: int,
) -> tuple[int, int]:
    """Return how many pairs a spread sample of rows makes, and how many of them survive."""
    groups = np.zeros(0, np.int32) if group is None else group
    task = Task(rule, (), columns, groups, rule.bound(columns))
    cumulated = np.cumsum(partners)
    total = int(cumulated[-1]) if len(cumulated) else 0
    looked = kept = last = 0
    for begin in np.linspace(0, total, 16, endpoint=False).astype(np.int64):
        first = max(last, int(np.searchsorted(cumulated, begin, side="right")))
        last = 1 + int(np.searchsorted(cumulated, begin + pairs // 16))
        last = min(last, len(partners))
        if first < last:
            left, _, enumerated, _ = _work(task, batch, end, first, last, lambda _: None)
            looked += enumerated
            kept += len(left)
    return looked, kept
