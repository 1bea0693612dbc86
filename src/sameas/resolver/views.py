"""What a store holds, as users see it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from sameas.resolver.answers import EntityView, Event, RecordView, entity_name, entity_number
from sameas.resolver.errors import UnknownRecordError
from sameas.resolver.machine import Machine
from sameas.resolver.reading import as_table, read_content
from sameas.store import EntityRow, EventRow, RecordRow, Transaction
from sameas.survivorship import golden_records

__all__ = ["as_event", "entity_view", "find_entity", "golden_of", "record_view"]


def as_event(row: EventRow) -> Event:
    """Return an event as users see it."""
    entity, previous = (None if n is None else entity_name(n) for n in (row.entity, row.previous))
    return Event(
        row.seq, row.kind, row.source, row.id, entity, previous, row.score, row.linker, row.at,
        json.loads(row.detail) if row.detail else {},
    )  # fmt: skip


def record_view(row: RecordRow) -> RecordView:
    """Return a record as users see it."""
    return RecordView(
        row.source, row.id, None if row.entity is None else entity_name(row.entity),
        None if row.content is None else read_content(row.content), row.born, row.changed,
    )  # fmt: skip


def find_entity(work: Transaction, name: str) -> EntityRow:
    """Return an entity by its id, or the one it was merged into.

    Raises
    ------
    UnknownRecordError
        If there never was such an entity.
    """
    number = entity_number(name)
    found = work.entities([number]) if number is not None else []
    if not found:
        raise UnknownRecordError(f"There is no entity {name!r}.")
    while found[0].forward is not None:
        found = work.entities([found[0].forward])
    return found[0]


def golden_of(machine: Machine, rows: list[RecordRow]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the golden record of some records, and which of them gave each value."""
    rows = sorted(rows, key=lambda row: (row.source, row.id))
    table = as_table(
        machine.spec, [(row.source, row.id) for row in rows], [row.content or "{}" for row in rows]
    )
    label = np.zeros(len(rows), np.int32)
    (made,) = golden_records(table, label, machine.spec.survivorship).to_pylist()
    names = [field.name for field in machine.spec.fields]
    golden = {name: made[name] for name in names if made[name] is not None}
    return golden, {name: made[f"{name}_from"] for name in golden}


def entity_view(work: Transaction, machine: Machine, row: EntityRow, asked: str) -> EntityView:
    """Return an entity as users see it."""
    members = work.members(row.entity)
    golden, provenance = golden_of(machine, members) if members else ({}, {})
    return EntityView(
        entity_name(row.entity), asked, row.retired is not None, golden, provenance,
        tuple(map(record_view, members)),
        tuple(map(entity_name, work.merged_into(row.entity))),
        tuple(map(as_event, work.events_of_entity(row.entity))),
    )  # fmt: skip
