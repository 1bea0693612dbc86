"""Add a few records to many: each is put, so what it costs depends on the new ones alone."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from sameas.resolver.machine import Machine
from sameas.resolver.reading import as_content
from sameas.resolver.writing import Given, put_records
from sameas.store import EntityRow, Transaction

__all__ = ["SHARE", "WHOLE", "add_records"]

#: Up to this share of new records they are put; above, one run over all is cheaper.
SHARE = 0.05
#: A store of more records than this is never read into memory as a whole for an update.
WHOLE = 1_000_000
_BATCH = 500


def add_records(work: Transaction, machine: Machine, table: pa.Table) -> Counter[str]:
    """Put the records of a table, and count what changed.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    table : pyarrow.Table
        RECORDS, cleaned; ids are texts.

    Returns
    -------
    Counter
        "new", "changed" and "unchanged" records; entities as `LoadReport` has them.
    """
    begin = work.last_seq()
    told: Counter[str] = Counter()
    for first in range(0, len(table), _BATCH):
        givens = _prepared(machine, table.slice(first, _BATCH))
        for change in put_records(work, machine, [(given, "put") for given in givens]):
            if isinstance(change, Exception):
                raise change
            told[_KINDS[change.kind]] += 1
    told.update(_moves(work, begin))
    return told


_KINDS = {"inserted": "new", "updated": "changed", "unchanged": "unchanged"}


def _prepared(machine: Machine, table: pa.Table) -> list[Given]:
    columns = machine.preparer.prepare(table)
    packed = [map(bytes, layout.pack(columns)) for layout in (machine.thin, machine.whole)]
    keys = (table[name].to_pylist() for name in ("source", "id"))
    return list(map(Given, *keys, as_content(table), *packed))


def _moves(work: Transaction, begin: int) -> Counter[str]:
    """Compare where records are now with where they were before a sequence number."""
    before: dict[tuple[str, str], int | None] = {}
    after: dict[tuple[str, str], int] = {}
    made: set[int] = set()
    for event in work.events(begin):
        if event.entity is not None:
            key = (event.source or "", event.id or "")
            before.setdefault(key, event.previous)
            after[key] = event.entity
            if event.kind == "created":
                made.add(event.entity)
    names = {*after.values(), *(entity for entity in before.values() if entity is not None)}
    entities = {row.entity: row for row in work.entities(sorted(names))}
    told: Counter[str] = Counter(created=0, joined=0, merged=0, split=0)
    told["created"] = sum(entities[name].retired is None for name in made & entities.keys())
    told["joined"] = sum(
        before[key] is None and entities[entity].born <= begin for key, entity in after.items()
    )
    left = {
        (previous, after[key])
        for key, previous in before.items()
        if previous is not None and previous <= begin and after[key] != previous
    }
    told["merged"] = len({old for old, _ in left if entities[old].forward is not None})
    told["split"] = len({old for old, now in left if _followed(work, entities[old]) != now})
    return told


def _followed(work: Transaction, entity: EntityRow) -> int:
    """Return the entity that one was merged into, at the end of all merges."""
    while entity.forward is not None:
        (entity,) = work.entities([entity.forward])
    return entity.entity
