"""What can be asked and done inside a transaction, in SQL that both databases understand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sameas.store.rows import CorrectionRow, EntityRow, EventRow, RecordRow

__all__ = ["Cursor", "Transaction"]

_RECORD = "record, source, id, born, changed, entity, content"
_EVENT = "seq, kind, source, id, entity, previous, score, linker, at, detail"
_CORRECTION = "left_source, left_id, right_source, right_id, verdict, seq, author, reason"


class Cursor(Protocol):
    """The two things that differ between databases: placeholders and lists of values."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run a query and return all rows."""

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Run a query and give its rows one after another."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for every row."""

    def among(self, column: str) -> str:
        """Return a condition with one placeholder: the column is one of a list of integers."""

    def listed(self, values: Iterable[int]) -> Any:
        """Return a list of integers as the value of that placeholder."""


class Transaction:
    """One transaction of a store; begun by `Store.read` or `Store.write`.

    Parameters
    ----------
    cursor : Cursor
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._seq: int | None = None

    # Settings -------------------------------------------------------------------------

    def meta(self, name: str) -> str | None:
        """Return a setting of the store."""
        rows = self._cursor.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, name: str, value: str) -> None:
        """Set a setting of the store."""
        self._cursor.run(
            "INSERT INTO meta (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    # Records --------------------------------------------------------------------------

    def find(self, source: str, id: str) -> RecordRow | None:
        """Return a record or its tombstone by its key."""
        rows = self._cursor.rows(
            f"SELECT {_RECORD} FROM records WHERE source = ? AND id = ?", (source, id)
        )
        return RecordRow(*rows[0]) if rows else None

    def records(self, numbers: Iterable[int]) -> list[RecordRow]:
        """Return records by number."""
        return [RecordRow(*row) for row in self._among("records", _RECORD, "record", numbers)]

    def members(self, entity: int) -> list[RecordRow]:
        """Return the records of an entity, the oldest first."""
        rows = self._cursor.rows(
            f"SELECT {_RECORD} FROM records WHERE entity = ? ORDER BY born, record", (entity,)
        )
        return [RecordRow(*row) for row in rows]

    def every_record(self) -> Iterator[RecordRow]:
        """Give all live records in the order of (source, id)."""
        rows = self._cursor.each(
            f"SELECT {_RECORD} FROM records WHERE entity IS NOT NULL ORDER BY record"
        )
        return (RecordRow(*row) for row in rows)

    def next_record(self) -> int:
        """Return the first number that no record has had."""
        rows = self._cursor.rows("SELECT coalesce(max(record), 0) + 1 FROM records")
        return int(rows[0][0])

    def put_record(self, row: RecordRow) -> None:
        """Write a record over what was there under its number."""
        self._cursor.run(
            f"INSERT INTO records ({_RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (record) DO UPDATE SET born = excluded.born, changed = excluded.changed, "
            "entity = excluded.entity, content = excluded.content",
            row,
        )

    def add_records(self, rows: Iterable[RecordRow]) -> None:
        """Write records that are all new."""
        self._cursor.many(f"INSERT INTO records ({_RECORD}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def move(self, rows: Iterable[tuple[int, int]]) -> None:
        """Set the entities of records: rows of (entity, record)."""
        self._cursor.many("UPDATE records SET entity = ? WHERE record = ?", rows)

    def counts(self) -> dict[str, int]:
        """Count live records, tombstones, entities, corrections, and the last change."""
        asked = {
            "records": "SELECT count(*) FROM records WHERE entity IS NOT NULL",
            "tombstones": "SELECT count(*) FROM records WHERE entity IS NULL",
            "entities": "SELECT count(*) FROM entities WHERE retired IS NULL",
            "corrections": "SELECT count(*) FROM corrections",
            "last_change": "SELECT coalesce(max(seq), 0) FROM events",
        }
        return {name: int(self._cursor.rows(sql)[0][0]) for name, sql in asked.items()}

    # What was prepared ----------------------------------------------------------------

    def thin(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return what blocking reads of records, by number."""
        return self._among("thin", "record, prepared", "record", numbers)

    def whole(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return all that was prepared of records, by number."""
        return self._among("whole", "record, prepared", "record", numbers)

    def compared(self, numbers: Iterable[int]) -> list[tuple[int, str, str, bytes]]:
        """Return number, source, id and all that was prepared of records."""
        return self._cursor.rows(
            "SELECT whole.record, source, id, prepared FROM whole "
            "JOIN records ON records.record = whole.record "
            f"WHERE {self._cursor.among('whole.record')}",
            (self._cursor.listed(numbers),),
        )

    def standing(self, keys: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return the records that stand in blocks, each once, with what blocking reads."""
        chosen = f"SELECT record FROM keys WHERE {self._cursor.among('key')}"
        return self._cursor.rows(
            f"SELECT record, prepared FROM thin WHERE record IN ({chosen})",
            (self._cursor.listed(keys),),
        )

    def in_blocks(self, keys: Iterable[int]) -> list[tuple[int, int]]:
        """Return (key, record) of blocks."""
        return self._among("keys", "key, record", "key", keys)

    def sizes(self, keys: Iterable[int]) -> dict[int, int]:
        """Return how many records stand in each of some blocks; empty ones are left out."""
        rows = self._cursor.rows(
            f"SELECT key, count(*) FROM keys WHERE {self._cursor.among('key')} GROUP BY key",
            (self._cursor.listed(keys),),
        )
        return {int(key): int(size) for key, size in rows}

    def put_prepared(self, rows: Iterable[tuple[int, bytes, bytes]]) -> None:
        """Write (record, thin, whole) over what was there."""
        rows = list(rows)
        for table, place in (("thin", 1), ("whole", 2)):
            self._cursor.many(
                f"INSERT INTO {table} (record, prepared) VALUES (?, ?) "
                "ON CONFLICT (record) DO UPDATE SET prepared = excluded.prepared",
                ((row[0], row[place]) for row in rows),
            )

    def add_prepared(self, numbers: list[int], thin: list[bytes], whole: list[bytes]) -> None:
        """Write what was prepared of records that have nothing yet."""
        for table, content in (("thin", thin), ("whole", whole)):
            self._cursor.many(
                f"INSERT INTO {table} (record, prepared) VALUES (?, ?)",
                zip(numbers, content, strict=True),
            )

    def stand(self, rows: Iterable[tuple[int, int]]) -> None:
        """Put records into blocks: rows of (key, record)."""
        self._cursor.many(
            "INSERT INTO keys (key, record) VALUES (?, ?) ON CONFLICT DO NOTHING", rows
        )

    def leave(self, rows: Iterable[tuple[int, int]]) -> None:
        """Take records out of blocks: rows of (key, record)."""
        self._cursor.many("DELETE FROM keys WHERE key = ? AND record = ?", rows)

    def edges(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return the lists of scored candidates of records; a record without any is left out."""
        return self._among("edges", "record, list", "record", numbers)

    def put_edges(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Write (record, list) over what was there."""
        self._cursor.many(
            "INSERT INTO edges (record, list) VALUES (?, ?) "
            "ON CONFLICT (record) DO UPDATE SET list = excluded.list",
            rows,
        )

    def forget(self, numbers: Iterable[int]) -> None:
        """Remove all that was prepared of records, and their edges, but not their blocks."""
        for table in ("thin", "whole", "edges"):
            self._cursor.many(f"DELETE FROM {table} WHERE record = ?", ((n,) for n in numbers))

    def forget_all(self) -> None:
        """Remove everything that was prepared, for another linker to prepare it again."""
        for table in ("thin", "whole", "edges", "keys"):
            self._cursor.run(f"DELETE FROM {table}")

    # Entities -------------------------------------------------------------------------

    def entities(self, numbers: Iterable[int]) -> list[EntityRow]:
        """Return entities by number."""
        columns = "entity, born, retired, forward"
        return [EntityRow(*row) for row in self._among("entities", columns, "entity", numbers)]

    def merged_into(self, entity: int) -> list[int]:
        """Return the entities that were merged into this one, directly."""
        rows = self._cursor.rows(
            "SELECT entity FROM entities WHERE forward = ? ORDER BY entity", (entity,)
        )
        return [int(row[0]) for row in rows]

    def add_entities(self, rows: Iterable[EntityRow]) -> None:
        """Write new entities."""
        self._cursor.many(
            "INSERT INTO entities (entity, born, retired, forward) VALUES (?, ?, ?, ?)", rows
        )

    def retire(self, rows: Iterable[tuple[int, int | None, int]]) -> None:
        """Retire entities: rows of (sequence number, forward, entity)."""
        self._cursor.many("UPDATE entities SET retired = ?, forward = ? WHERE entity = ?", rows)

    # Corrections ----------------------------------------------------------------------

    def corrections_of(self, source: str, id: str) -> list[CorrectionRow]:
        """Return what was said of a record and others."""
        rows = self._cursor.rows(
            f"SELECT {_CORRECTION} FROM corrections WHERE (left_source = ? AND left_id = ?) "
            f"OR (right_source = ? AND right_id = ?) ORDER BY seq",
            (source, id, source, id),
        )
        return [CorrectionRow(*row) for row in rows]

    def corrections(self) -> list[CorrectionRow]:
        """Return all corrections, the earliest first."""
        rows = self._cursor.rows(f"SELECT {_CORRECTION} FROM corrections ORDER BY seq")
        return [CorrectionRow(*row) for row in rows]

    def counts_corrections(self) -> int:
        """Return 1 if there is any correction, 0 if not."""
        return len(self._cursor.rows("SELECT 1 FROM corrections LIMIT 1"))

    def put_correction(self, row: CorrectionRow) -> None:
        """Write a correction over an earlier one of the same pair."""
        self._cursor.run(
            f"INSERT INTO corrections ({_CORRECTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (left_source, left_id, right_source, right_id) DO UPDATE SET "
            "verdict = excluded.verdict, seq = excluded.seq, author = excluded.author, "
            "reason = excluded.reason",
            row,
        )

    def drop_correction(self, pair: tuple[str, str, str, str]) -> None:
        """Withdraw the correction of a pair."""
        self._cursor.run(
            "DELETE FROM corrections WHERE left_source = ? AND left_id = ? "
            "AND right_source = ? AND right_id = ?",
            pair,
        )

    # Events ---------------------------------------------------------------------------

    def next_seq(self) -> int:
        """Return the next sequence number and use it up."""
        self._seq = self.last_seq() + 1
        return self._seq

    def last_seq(self) -> int:
        """Return the last sequence number that was used."""
        if self._seq is None:
            rows = self._cursor.rows("SELECT coalesce(max(seq), 0) FROM events")
            self._seq = int(rows[0][0])
        return self._seq

    def skip_to(self, seq: int) -> None:
        """Say that sequence numbers were used up to this one."""
        self._seq = seq

    def now(self) -> str:
        """Return the time of day, for people; nothing is decided by it."""
        return datetime.now(UTC).isoformat(timespec="milliseconds")

    def tell(self, rows: Iterable[EventRow]) -> None:
        """Write events."""
        self._cursor.many(
            f"INSERT INTO events ({_EVENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )

    def events(self, since: int = 0, limit: int | None = None) -> list[EventRow]:
        """Return the events after a sequence number, in order."""
        most = "" if limit is None else f" LIMIT {int(limit)}"
        rows = self._cursor.rows(
            f"SELECT {_EVENT} FROM events WHERE seq > ? ORDER BY seq{most}", (since,)
        )
        return [EventRow(*row) for row in rows]

    def each_event(self) -> Iterator[EventRow]:
        """Give all events in order, without holding them."""
        rows = self._cursor.each(f"SELECT {_EVENT} FROM events ORDER BY seq")
        return (EventRow(*row) for row in rows)

    def events_of_record(self, source: str, id: str) -> list[EventRow]:
        """Return the history of a record."""
        rows = self._cursor.rows(
            f"SELECT {_EVENT} FROM events WHERE source = ? AND id = ? ORDER BY seq", (source, id)
        )
        return [EventRow(*row) for row in rows]

    def events_of_entity(self, entity: int) -> list[EventRow]:
        """Return the history of an entity: what came and what went."""
        rows = self._cursor.rows(
            f"SELECT {_EVENT} FROM events WHERE entity = ? OR previous = ? ORDER BY seq",
            (entity, entity),
        )
        return [EventRow(*row) for row in rows]

    def audit(self, sql: str) -> list[Any]:
        """Run a query of the check of a store."""
        return self._cursor.rows(sql)

    def every_key(self) -> Iterator[tuple[int, int]]:
        """Give all (key, record)."""
        return self._cursor.each("SELECT key, record FROM keys")

    def _among(self, table: str, columns: str, key: str, numbers: Iterable[int]) -> list[Any]:
        return self._cursor.rows(
            f"SELECT {columns} FROM {table} WHERE {self._cursor.among(key)}",
            (self._cursor.listed(numbers),),
        )


def detail(**values: Any) -> str:
    """Return what else there is to say of an event, as JSON."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True)
