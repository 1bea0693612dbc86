"""Writes: records, or one correction, inside a transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from sameas.clustering import Constraints
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, check_one_of
from sameas.resolver.answers import Change, entity_name
from sameas.resolver.deciding import constraints_of, decide, gather
from sameas.resolver.errors import (
    ContradictionError,
    RecordError,
    RecordExistsError,
    UnknownRecordError,
)
from sameas.resolver.machine import Machine
from sameas.resolver.plain_texts import is_plain
from sameas.resolver.quick_fields import content_of, quick_fields
from sameas.resolver.reading import as_content, clean_record
from sameas.resolver.revising import Looked, Moved, Revision, revise
from sameas.resolver.views import as_event
from sameas.store import CorrectionRow, EventRow, RecordRow, Transaction

__all__ = ["VERDICTS", "Given", "correct_pair", "delete_record", "put_records"]

#: What a person may say of two records.
VERDICTS = ("same", "different")


@dataclass(frozen=True, slots=True)
class Given:
    """A record that came in, cleaned and prepared."""

    source: str
    id: str
    content: str
    thin: bytes
    whole: bytes

    @classmethod
    def of(cls, machine: Machine, record: Mapping[str, Any], source: str, id: str) -> Self:
        """Clean and prepare a record.

        Raises
        ------
        RecordError
            If a field cannot be used; it names the field.
        """
        spec, layouts = machine.spec, (machine.thin, machine.whole)
        fields = quick_fields(spec, record) if is_plain(id) else None
        packed = None if fields is None else machine.quick.pack(fields, source, id)
        if fields is not None and packed is not None:
            return cls(source, id, content_of(spec, fields), *packed)
        table = clean_record(spec, record, source, id)
        columns = machine.preparer.prepare(table)
        (thin,), (whole,) = (layout.pack(columns) for layout in layouts)
        return cls(source, id, as_content(table)[0], bytes(thin), bytes(whole))


def put_records(
    work: Transaction, machine: Machine, givens: Sequence[tuple[Given, str]]
) -> list[Change | RecordError | UnknownRecordError]:
    """Insert or update records; those of a refused one change nothing, and its error comes back.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    givens : sequence of (Given, mode)
        The mode is "put", "insert" (refuses other content under a known key) or "update"
        (refuses an unknown key). All are decided together: that ends in the entities that one
        after another would lead to.
    """
    answers: list[Change | RecordError | UnknownRecordError] = []
    ahead: list[tuple[Given, str]] = []
    keys: set[tuple[str, str]] = set()
    for given, mode in givens:
        if (given.source, given.id) in keys:  # it has to see what came before
            answers += _put_together(work, machine, ahead)
            ahead, keys = [], set()
        ahead.append((given, mode))
        keys.add((given.source, given.id))
    return answers + _put_together(work, machine, ahead)


def _put_together(
    work: Transaction, machine: Machine, givens: Sequence[tuple[Given, str]]
) -> list[Change | RecordError | UnknownRecordError]:
    """Put records with different keys."""
    answers: list[Change | RecordError | UnknownRecordError | None] = []
    told, moved, entities = [], [], set()
    for given, mode in givens:
        known = work.find(given.source, given.id)
        answer = _settled(work, given, known, mode)
        answers.append(answer)
        if answer is not None:
            continue
        live = known is not None and known.content is not None
        seq = work.next_seq()
        kind = "updated" if live else "inserted"
        told.append(_event(machine, work, seq, kind, given.source, given.id))
        number = known.record if known is not None else work.next_record()
        born = known.born if known is not None and live else seq
        entity = known.entity if known is not None else None
        row = RecordRow(number, given.source, given.id, born, seq, entity, given.content)
        work.put_record(row)
        before = work.thin([number])[0][1] if live else None
        moved.append(Moved(number, given.source, (given.thin, given.whole), before))
        if entity is not None:
            entities.add(entity)
    if moved:
        work.tell(told)
        revision = revise(work, machine, moved)
        for entity in entities:
            revision.seeds.update(row.record for row in work.members(entity))
        events = decide(work, machine, revision.seeds)
        made = iter(_changes(machine, work, told, moved, events, revision))
        answers = [next(made) if answer is None else answer for answer in answers]
    return [answer for answer in answers if answer is not None]


def _settled(
    work: Transaction, given: Given, known: RecordRow | None, mode: str
) -> Change | RecordError | UnknownRecordError | None:
    """Return the answer where nothing is to be written, None where something is."""
    live = known is not None and known.content is not None
    if mode == "update" and not live:
        return _unknown(given.source, given.id)
    if known is not None and known.content == given.content:
        name = entity_name(known.entity or 0)
        return Change(given.source, given.id, "unchanged", name, work.last_seq())
    if mode == "insert" and live:
        return RecordExistsError(
            f"The record {given.id!r} of the source {given.source!r} is there already, with other "
            "content; update it instead.", "id",
        )  # fmt: skip
    return None


def _changes(
    machine: Machine,
    work: Transaction,
    told: list[EventRow],
    moved: list[Moved],
    events: list[EventRow],
    revision: Revision,
) -> Iterator[Change]:
    """Give what each put has changed: its own event, and those of the entity that it is in."""
    rows = {row.record: row for row in work.records(one.record for one in moved)}
    by_entity: dict[int | None, list[EventRow]] = {}
    for event in events:
        for entity in {event.entity, event.previous}:
            by_entity.setdefault(entity, []).append(event)
    for one, own in zip(moved, told, strict=True):
        row = rows[one.record]
        mine = events if len(moved) == 1 else by_entity.get(row.entity, [])
        yield _change(machine, work, row, own.kind, [own, *mine], revision)


def delete_record(work: Transaction, machine: Machine, source: str, id: str) -> Change:
    """Erase a record and leave its tombstone."""
    row = work.find(source, id)
    if row is None or row.content is None or row.entity is None:
        raise _unknown(source, id)
    entity = row.entity
    told = _event(machine, work, work.next_seq(), "deleted", source, id)
    left = _event(machine, work, work.next_seq(), "left", source, id, previous=entity)
    work.tell([told, left])
    ((_, before),) = work.thin([row.record])
    gone = row._replace(content=None, entity=None, changed=told.seq)
    work.put_record(gone)
    revision = revise(work, machine, [Moved(row.record, source, None, before)])
    revision.seeds.update(member.record for member in work.members(entity))
    events = [told, left, *decide(work, machine, revision.seeds, [entity])]
    return _change(machine, work, gone, "deleted", events, revision)


def correct_pair(
    work: Transaction,
    machine: Machine,
    ends: tuple[tuple[str, str], tuple[str, str]],
    verdict: str | None,
    *,
    author: str | None,
    reason: str | None,
) -> Change:
    """Write what a person said of two records, and obey."""
    if verdict is not None:
        check_one_of("verdict", verdict, VERDICTS)
    if ends[0] == ends[1]:
        raise ArgumentError(f"A correction names two records, got {ends[0]!r} twice.")
    rows = []
    for source, id in ends:
        row = work.find(source, id)
        if row is None or row.content is None:
            raise _unknown(source, id)
        rows.append(row)
    left, right = sorted(ends)
    said = {one[:4]: one for one in work.corrections_of(*left)}.get((*left, *right))
    if (said.verdict if said else None) == verdict:
        return Change(*ends[0], "unchanged", entity_name(rows[0].entity or 0), work.last_seq())
    seq = work.next_seq()
    told = EventRow(
        seq, "corrected", *left, None, None, None, machine.fitted.version, work.now(),
        _detail(right, verdict, author, reason),
    )  # fmt: skip
    if verdict is None:
        work.drop_correction((*left, *right))
    else:
        work.put_correction(CorrectionRow(*left, *right, verdict, seq, author, reason))
    work.tell([told])
    _check_corrections(work, machine, rows)
    events = [told, *decide(work, machine, [row.record for row in rows])]
    (row,) = work.records([rows[0].record])
    return _change(machine, work, row, "corrected", events, Revision())


def _check_corrections(work: Transaction, machine: Machine, rows: list[RecordRow]) -> None:
    """Refuse what contradicts other corrections; the transaction is undone."""
    component = gather(work, machine, [row.record for row in rows])
    rules: Constraints = constraints_of(machine, component.rows, component.corrections)
    code = {name: n for n, name in enumerate(sorted({row.source for row in component.rows}))}
    source = np.array([code[row.source] for row in component.rows], np.int32)
    try:
        rules.check(source, key=lambda n: f"{component.rows[n].source}:{component.rows[n].id}")
    except ArgumentError as error:
        raise ContradictionError(
            f"{error} Withdraw one of the earlier corrections first; nothing was changed."
        ) from error


def _detail(
    right: tuple[str, str], verdict: str | None, author: str | None, reason: str | None
) -> str:
    found = {"source": right[0], "id": right[1], "verdict": verdict}
    found |= {"author": author} if author else {}
    found |= {"reason": reason} if reason else {}
    return json.dumps(found, ensure_ascii=False)


def _event(
    machine: Machine,
    work: Transaction,
    seq: int,
    kind: str,
    source: str,
    id: str,
    previous: int | None = None,
) -> EventRow:
    version = machine.fitted.version
    return EventRow(seq, kind, source, id, None, previous, None, version, work.now(), None)


def _change(
    machine: Machine,
    work: Transaction,
    row: RecordRow,
    kind: str,
    events: list[EventRow],
    revision: Revision,
) -> Change:
    looked = revision.looked.get(row.record, Looked())
    return Change(
        row.source, row.id, kind, None if row.entity is None else entity_name(row.entity),
        work.last_seq(), tuple(map(as_event, events)), *looked, machine.order_dependent(),
    )  # fmt: skip


def _unknown(source: str, id: str) -> UnknownRecordError:
    return UnknownRecordError(f"There is no record {id!r} of the source {source!r}.")
