"""Decide the entities of what a change has touched, with the linker's own clusterer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clusterer, Constrained, Constraints
from sameas.resolver.edges import Edges, read_lists
from sameas.resolver.machine import Machine
from sameas.resolver.partition import Assignment, assign
from sameas.store import CorrectionRow, EntityRow, EventRow, RecordRow, Transaction

__all__ = ["Component", "cluster_records", "decide", "record_moves"]

Longs = npt.NDArray[np.int64]


@dataclass(slots=True)
class Component:
    """Records that matches, or people, connect."""

    rows: list[RecordRow]
    edges: Edges
    corrections: list[CorrectionRow]


def gather(work: Transaction, machine: Machine, seeds: Iterable[int]) -> Component:
    """Walk along matches and "same" corrections from the seeds until nothing is new."""
    said = bool(work.counts_corrections())
    known: dict[int, RecordRow] = {}
    parts: list[Edges] = []
    corrections: dict[tuple[str, str, str, str], CorrectionRow] = {}
    ahead = set(seeds)
    while ahead:
        rows = [row for row in work.records(sorted(ahead)) if row.content is not None]
        known.update((row.record, row) for row in rows)
        edges = read_lists(work.edges([row.record for row in rows]), machine.edge)
        parts.append(edges)
        ahead = set(edges.other[edges.entry["score"] >= machine.threshold].tolist())
        for row in rows if said else ():
            for one in work.corrections_of(row.source, row.id):
                corrections[one[:4]] = one
                if one.verdict == "same":
                    ahead.update(_live_ends(work, one))
        ahead -= known.keys()
    owner = np.concatenate([part.owner for part in parts] or [np.zeros(0, np.int64)])
    entry = np.concatenate([part.entry for part in parts] or [np.zeros(0, machine.edge)])
    rows = sorted(known.values(), key=lambda row: (row.source, row.id))
    return Component(rows, Edges(owner, entry), list(corrections.values()))


def _live_ends(work: Transaction, one: CorrectionRow) -> list[int]:
    ends = work.find(*one[:2]), work.find(*one[2:4])
    live = [end.record for end in ends if end is not None and end.content is not None]
    return live if len(live) == 2 else []


def constraints_of(
    machine: Machine, rows: Sequence[RecordRow], corrections: Iterable[CorrectionRow]
) -> Constraints:
    """Return corrections as constraints on the records of a component."""
    place = {(row.source, row.id): n for n, row in enumerate(rows)}
    pairs: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
    for one in corrections:
        ends = place.get(one[:2]), place.get(one[2:4])
        if ends[0] is not None and ends[1] is not None:
            pairs[one.verdict].append((ends[0], ends[1]))
    together, apart = (
        np.array(sorted(found), np.int32).reshape(-1, 2).T for found in pairs.values()
    )
    sources = len({row.source for row in rows})
    exclusive = machine.fitted.mode == "one-to-one" and (together.size or apart.size)
    unique = tuple(range(sources)) if exclusive else ()
    return Constraints(unique, together, apart)


def cluster_records(machine: Machine, component: Component) -> list[list[int]]:
    """Cluster a component as a batch run would; return the records of each cluster."""
    rows = component.rows
    numbers = np.array([row.record for row in rows], np.int64)
    order = np.argsort(numbers)
    edges = component.edges
    place = np.searchsorted(numbers[order], edges.other)
    place = np.minimum(place, len(numbers) - 1)
    inside = (numbers[order][place] == edges.other) & (edges.owner < edges.other)
    left = order[np.searchsorted(numbers[order], edges.owner[inside])]
    right = order[place[inside]]
    score = edges.entry["score"][inside]
    names = sorted({row.source for row in rows})
    code = {name: n for n, name in enumerate(names)}
    source = np.array([code[row.source] for row in rows], np.int32)
    rules = constraints_of(machine, rows, component.corrections)
    clusterer: Clusterer = machine.clusterer()
    if rules:
        clusterer = Constrained(clusterer, rules)
    low, high = np.minimum(left, right), np.maximum(left, right)
    sort = np.lexsort((high, low))
    label = clusterer.cluster(
        low[sort].astype(np.int32), high[sort].astype(np.int32),
        np.ascontiguousarray(score[sort]), score[sort] >= machine.threshold, source,
    ).label  # fmt: skip
    clusters: dict[int, list[int]] = {}
    for record, first in zip(numbers.tolist(), label.tolist(), strict=True):
        clusters.setdefault(first, []).append(record)
    return list(clusters.values())


def decide(
    work: Transaction, machine: Machine, seeds: Iterable[int], vacated: Iterable[int] = ()
) -> list[EventRow]:
    """Decide the entities of all that the seeds are connected with.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    seeds : iterable of int
        Live records.
    vacated : iterable of int
        Entities that a deleted record was in.

    Returns
    -------
    list of EventRow
        What changed, already written.
    """
    component = gather(work, machine, seeds)
    clusters = cluster_records(machine, component) if component.rows else []
    rows = {row.record: row for row in component.rows}
    previous = {row.record: row.entity for row in component.rows if row.entity}
    concerned = sorted({*previous.values(), *vacated})
    entity_born = {entity.entity: entity.born for entity in work.entities(concerned)}
    births = {row.record: row.born for row in component.rows}
    found = assign(clusters, previous, births, entity_born)
    best = _best_scores(component.edges, found, machine.threshold)
    return record_moves(work, machine.fitted.version, rows, found, best)


def _best_scores(edges: Edges, found: Assignment, threshold: float) -> dict[int, float]:
    """Return the best score of each record with another one of its cluster."""
    cluster = {record: n for n, group in enumerate(found.fresh) for record in group}
    cluster.update((record, -e) for record, e in found.entity.items() if e is not None)
    best: dict[int, float] = {}
    matched = np.flatnonzero(edges.entry["score"] >= threshold)
    for one, other, score in zip(
        edges.owner[matched].tolist(), edges.other[matched].tolist(),
        edges.entry["score"][matched].tolist(), strict=True,
    ):  # fmt: skip
        if cluster.get(one) == cluster.get(other) and score > best.get(one, -1.0):
            best[one] = score
    return best


def record_moves(
    work: Transaction,
    version: str,
    rows: dict[int, RecordRow],
    found: Assignment,
    best: dict[int, float],
) -> list[EventRow]:
    """Write the entities of records and tell what changed."""
    now = work.now()
    target = dict(found.entity)
    named: dict[int, int] = {}
    for group in found.fresh:
        oldest = min(group, key=lambda number: (rows[number].born, number))
        named[oldest] = work.next_seq()  # an entity is named after the event that made it
        target.update(dict.fromkeys(group, named[oldest]))
    events: dict[int, EventRow] = {}
    for record in sorted(target, key=lambda number: (rows[number].born, number)):
        entity, row = target[record], rows[record]
        if entity == row.entity:
            continue
        seq = named.get(record) or work.next_seq()
        if row.entity is None:
            kind = "created" if record in named else "joined"
        else:
            kind = "merged" if found.forward.get(row.entity) == entity else "split"
        events[record] = EventRow(
            seq, kind, row.source, row.id, entity, row.entity, best.get(record), version, now, None
        )
    work.add_entities(EntityRow(seq, seq, None, None) for seq in named.values())
    last = work.last_seq()
    work.retire(
        [(last, into, entity) for entity, into in found.forward.items()]
        + [(last, None, entity) for entity in found.empty]
    )
    work.move((event.entity or 0, record) for record, event in events.items())
    told = sorted(events.values(), key=lambda event: event.seq)
    work.tell(told)
    return told
