"""The events of a store: everything that changed, in the order of sequence numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sameas.store.cursor import Cursor, Tables
from sameas.store.rows import EventRow

__all__ = ["Events"]

_EVENT = "seq, kind, source, id, entity, previous, score, linker, at, detail"


class Events(Tables):
    """Events, numbered without gaps in what was committed."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)
        self._seq: int | None = None

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
