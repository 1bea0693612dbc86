"""Records and tombstones in a store, and the entities that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sameas.store.cursor import Tables
from sameas.store.rows import EntityRow, RecordRow

__all__ = ["Entities", "Records"]

_RECORD = "record, source, id, born, changed, entity, content"


class Records(Tables):
    """Records, alive or tombstones."""

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


class Entities(Tables):
    """Entities, and into which one they were merged."""

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
