"""Write a whole batch run into a store."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.linker.job import Job
from sameas.resolver.deciding import record_moves
from sameas.resolver.first_load import (
    BATCH,
    First,
    ScoredPairs,
    best_scores,
    write_blocks,
    write_lists,
)
from sameas.resolver.machine import Machine
from sameas.resolver.numbering import neighbours_first
from sameas.resolver.partition import assign
from sameas.resolver.reading import as_content
from sameas.store import EventRow, RecordRow, Transaction

__all__ = ["Bulk", "write_bulk"]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A batch run over all records of a store.

    Attributes
    ----------
    job : Job
    table : pyarrow.Table
        RECORDS, in the order of source and id.
    score : float64[p]
        Of all candidates.
    label : int32[n]
        Smallest record of each record's cluster.
    rows : list of RecordRow
        What the store held before.
    """

    job: Job
    table: pa.Table
    score: npt.NDArray[np.float64]
    label: npt.NDArray[np.int32]
    rows: list[RecordRow]


def write_bulk(work: Transaction, machine: Machine, bulk: Bulk) -> Counter[str]:
    """Write records, blocks, edges, entities and events; count what changed."""
    size = len(bulk.table)
    pairs = _pairs(machine, bulk)
    best = best_scores(pairs, bulk.label, machine.threshold)
    if bulk.rows or work.counts()["tombstones"]:
        number, told = _write_again(work, machine, bulk, best)
    else:
        order = _order(machine, bulk.job)
        number = np.empty(size, np.int64)
        number[order] = np.arange(1, size + 1)
        work.drop_indexes()
        told = _write_first(work, machine, bulk, best, order)
        work.make_indexes()
    work.forget_all()
    _write_prepared(work, machine, bulk, number)
    write_lists(work, machine, pairs, number)
    work.set_meta("linker", machine.fitted.version)
    return told


def _order(machine: Machine, job: Job) -> npt.NDArray[np.int64]:
    """Return the order in which records are numbered: by place, if they have any."""
    if machine.points is None:
        return np.arange(len(job.records))
    return neighbours_first(job.columns[machine.points].xyz)


def _pairs(machine: Machine, bulk: Bulk) -> ScoredPairs:
    found = bulk.job.candidates
    none = np.zeros((len(found), 0), np.float32)
    first = none if machine.spec.context is None else bulk.job.similarities[1]
    return ScoredPairs(found.left, found.right, found.rule, bulk.score, first)


def _write_first(
    work: Transaction,
    machine: Machine,
    bulk: Bulk,
    best: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
) -> Counter[str]:
    """Write records and entities into an empty store."""
    first = First(work, machine.fitted.version, bulk.label)

    def keys(begin: int, end: int) -> tuple[list[str], list[str]]:
        part = bulk.table.slice(begin, end - begin)
        return part["source"].to_pylist(), part["id"].to_pylist()

    entities = first.tell(keys, best)
    for begin in range(0, len(order), BATCH):
        chosen = order[begin : begin + BATCH]
        first.add(begin + 1, chosen, bulk.table.take(pa.array(chosen)))
    return Counter(created=entities, joined=0, merged=0, split=0)


def _write_again(
    work: Transaction, machine: Machine, bulk: Bulk, best: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], Counter[str]]:
    """Write what is new or different, and let entities merge and split."""
    known = {(row.source, row.id): row for row in bulk.rows}
    keys = zip(bulk.table["source"].to_pylist(), bulk.table["id"].to_pylist(), strict=True)
    following, now, version = work.next_record(), work.now(), machine.fitted.version
    number = np.zeros(len(bulk.table), np.int64)
    rows: dict[int, RecordRow] = {}
    for place, ((source, id), content) in enumerate(zip(keys, as_content(bulk.table), strict=True)):
        row = known.get((source, id))
        if row is None or row.content != content:
            seq = work.next_seq()
            kind = "inserted" if row is None else "updated"
            work.tell([EventRow(seq, kind, source, id, None, None, None, version, now, None)])
            if row is None:
                buried = work.find(source, id)
                fresh = buried.record if buried is not None else following
                following += buried is None
                row = RecordRow(fresh, source, id, seq, seq, None, content)
            else:
                row = row._replace(changed=seq, content=content)
            work.put_record(row)
        number[place] = row.record
        rows[row.record] = row
    clusters: dict[int, list[int]] = {}
    for record, first in zip(number.tolist(), bulk.label.tolist(), strict=True):
        clusters.setdefault(first, []).append(record)
    previous = {row.record: row.entity for row in rows.values() if row.entity is not None}
    entities = {one.entity: one.born for one in work.entities(sorted(set(previous.values())))}
    births = {row.record: row.born for row in rows.values()}
    found = assign(list(clusters.values()), previous, births, entities)
    scores = {n: s for n, s in zip(number.tolist(), best.tolist(), strict=True) if s == s}
    events = record_moves(work, version, rows, found, scores)
    told = Counter(event.kind for event in events if event.kind in ("created", "joined"))
    old = {one.entity for one in work.entities(sorted({e.entity or 0 for e in events}))}
    told["joined"] = sum(
        event.kind == "joined" and event.entity in old & entities.keys() for event in events
    )
    told["merged"] = len(found.forward)
    told["split"] = len({event.previous for event in events if event.kind == "split"})
    return number, told


def _write_prepared(
    work: Transaction, machine: Machine, bulk: Bulk, number: npt.NDArray[np.int64]
) -> None:
    """Write what was prepared of all records, and their blocks, in the order of the tables."""
    order = np.argsort(number, kind="stable")
    keys: list[npt.NDArray[np.int64]] = []
    owners: list[npt.NDArray[np.int64]] = []
    for begin in range(0, len(order), BATCH):
        chosen = order[begin : begin + BATCH]
        packed = []
        for layout in (machine.thin, machine.whole):
            buffer, start = layout.packed(bulk.job.columns, chosen)
            view = buffer.tobytes()
            packed.append([view[a:b] for a, b in pairwise(start.tolist())])
        work.add_prepared(number[chosen].tolist(), *packed)
        key, record = machine.standing(machine.thin.unpack(packed[0]))
        keys.append(key)
        owners.append(number[chosen][record])
    write_blocks(work, keys, owners)
