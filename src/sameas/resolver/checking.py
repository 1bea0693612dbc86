"""Check that a store is whole: what is written in two places must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sameas.resolver.answers import CheckReport, entity_name
from sameas.resolver.deciding import cluster_records, gather
from sameas.resolver.edges import read_lists
from sameas.resolver.machine import Machine
from sameas.store import EventRow, RecordRow, Store, Transaction

__all__ = ["check_store", "replay"]

_EXAMPLES = 5
_BATCH = 10_000
_KEY = np.dtype([("key", np.int64), ("record", np.int64)])


def replay(events: Iterable[EventRow]) -> dict[tuple[str, str], int]:
    """Return the entity of each record that the events lead to.

    Examples
    --------
    >>> created = EventRow(2, "created", "a", "1", 2, None, None, "v", "", None)
    >>> left = EventRow(4, "left", "a", "1", None, 2, None, "v", "", None)
    >>> replay([created]), replay([created, left])
    ({('a', '1'): 2}, {})
    """
    found: dict[tuple[str, str], int] = {}
    for event in events:
        key = (event.source or "", event.id or "")
        if event.kind == "left":
            found.pop(key, None)
        elif event.entity is not None:
            found[key] = event.entity
    return found


def check_store(store: Store, machine: Machine | None = None) -> CheckReport:
    """Check files, entities, events, blocks and edges; with the linker also the decisions.

    Parameters
    ----------
    store : Store
    machine : Machine, optional
        Its linker: blocks are computed again, and every entity is decided again.
    """
    problems = [f"database: {problem}" for problem in store.problems()]
    with store.read() as work:
        figures = work.counts()
        rows = [
            row if row.content is None else row._replace(content="") for row in work.every_record()
        ]  # without their contents, which are most of the memory
        problems += _entities(work, rows)
        problems += _prepared(work, rows)
        if machine is not None:
            problems += _blocks(work, machine, rows)
            problems += _edges(work, machine, rows)
            problems += _decisions(work, machine, rows)
    return CheckReport(figures, tuple(problems))


def _said(what: str, examples: list[str], total: int | None = None) -> list[str]:
    total = len(examples) if total is None else total
    if not total:
        return []
    return [f"{total:,} {what}, such as {', '.join(examples[:_EXAMPLES])}"]


def _name(row: RecordRow) -> str:
    return f"{row.source}:{row.id}"


def _entities(work: Transaction, rows: list[RecordRow]) -> list[str]:
    """Check memberships against the entities and against the replayed events."""
    kept = {(row.source, row.id): row.entity for row in rows}
    told = replay(work.each_event())
    differ = [
        f"{s}:{i}" for s, i in kept.keys() | told.keys() if kept.get((s, i)) != told.get((s, i))
    ]
    problems = _said("records are in another entity than their events say", sorted(differ))
    members = Counter(row.entity for row in rows)
    entities = {int(row[0]): row for row in work.audit(
        "SELECT entity, born, retired, forward FROM entities")}  # fmt: skip
    unknown = [entity_name(n or 0) for n in members if n not in entities]
    problems += _said("entities have members but are not listed", unknown)
    wrong = [entity_name(n) for n, row in entities.items() if (row[2] is None) != (n in members)]
    problems += _said("entities are retired with members, or have none", wrong)
    astray = [
        entity_name(n) for n, row in entities.items()
        if row[3] is not None and (row[3] not in entities or entities[row[3]][1] > row[1])
    ]  # fmt: skip
    problems += _said("entities forward to none, or to a younger one", astray)
    return problems


def _prepared(work: Transaction, rows: list[RecordRow]) -> list[str]:
    """Check that exactly the live records are prepared, and that all have content."""
    live = {row.record for row in rows}
    problems = _said(
        "live records have no content", [_name(row) for row in rows if row.content is None]
    )
    for table in ("thin", "whole", "edges"):  # without candidates there may be no edges
        found = {int(row[0]) for row in work.audit(f"SELECT record FROM {table}")}
        lacking = [] if table == "edges" else [str(n) for n in live - found]
        problems += _said(f"records lack a row in {table}", lacking)
        problems += _said(f"rows in {table} are of no live record", [str(n) for n in found - live])
    left = work.audit("SELECT source, id FROM records WHERE entity IS NULL AND content IS NOT NULL")
    return problems + _said("deleted records keep content", [f"{s}:{i}" for s, i in left])


def _blocks(work: Transaction, machine: Machine, rows: list[RecordRow]) -> list[str]:
    """Compute the blocks of all records again."""
    parts = [np.zeros(0, _KEY)]
    numbers = [row.record for row in rows]
    for first in range(0, len(numbers), _BATCH):
        found = work.thin(numbers[first : first + _BATCH])
        columns = machine.thin.unpack([content for _, content in found])
        key, place = machine.standing(columns)
        part = np.empty(len(key), _KEY)
        part["key"], part["record"] = key, np.array([n for n, _ in found], np.int64)[place]
        parts.append(part)
    wanted = _distinct(np.concatenate(parts))
    kept = _distinct(np.fromiter(work.every_key(), _KEY))
    if np.array_equal(wanted, kept):
        return []
    ours, theirs = set(wanted.tolist()), set(kept.tolist())
    problems = _said("blocks lack a record", [str(n) for _, n in ours - theirs])
    return problems + _said("blocks hold a record too many", [str(n) for _, n in theirs - ours])


def _distinct(keys: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Sort keys and keep each once."""
    keys = keys[np.lexsort((keys["record"], keys["key"]))]
    fresh = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    return np.asarray(keys[fresh])


def _edges(work: Transaction, machine: Machine, rows: list[RecordRow]) -> list[str]:
    """Check that every candidate pair stands in both lists with one score."""
    seen: dict[tuple[int, int], float] = {}
    wrong: list[str] = []
    numbers = [row.record for row in rows]
    for first in range(0, len(numbers), _BATCH):
        edges = read_lists(work.edges(numbers[first : first + _BATCH]), machine.edge)
        score = edges.entry["score"].tolist()
        for one, other, value in zip(
            edges.owner.tolist(), edges.other.tolist(), score, strict=True
        ):
            pair = (min(one, other), max(one, other))
            if pair not in seen:
                seen[pair] = value
            elif seen.pop(pair) != value:
                wrong.append(f"{one}-{other}")
    problems = _said("pairs have two scores", wrong)
    return problems + _said("pairs stand in one list only", [f"{a}-{b}" for a, b in seen])


def _decisions(work: Transaction, machine: Machine, rows: list[RecordRow]) -> list[str]:
    """Decide every entity again, from the scores and corrections that are there."""
    entity = {row.record: row.entity for row in rows}
    size = Counter(entity.values())
    done: set[int] = set()
    wrong: list[str] = []
    for row in rows:
        if row.record in done:
            continue
        component = gather(work, machine, [row.record])
        clusters = cluster_records(machine, component)
        done.update(one.record for one in component.rows)
        for cluster in clusters:
            names = {entity[number] for number in cluster}
            if len(names) != 1 or size[next(iter(names))] != len(cluster):
                wrong.append(_name(row))
                break
    return _said("groups of records are not as the clusterer decides", wrong)
