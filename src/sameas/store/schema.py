"""The tables of a store, by version, for SQLite and PostgreSQL alike."""

from __future__ import annotations

__all__ = ["INDEXES", "MIGRATIONS", "VERSION"]

#: By name: what a load of many rows takes away first and makes again at its end.
INDEXES = {
    "records_entity": "ON records (entity) WHERE entity IS NOT NULL",
    "events_record": "ON events (source, id)",
    "events_entity": "ON events (entity)",
    "events_previous": "ON events (previous) WHERE previous IS NOT NULL",
}

#: One tuple of statements a version; a store at version n runs those from n on.
#: ``{record}`` is the type of a key that numbers itself, ``{blob}`` that of bytes.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        # A record, alive or a tombstone (content NULL). born: its sequence number.
        """CREATE TABLE records (
            record {record}, source TEXT NOT NULL, id TEXT NOT NULL, born BIGINT NOT NULL,
            changed BIGINT NOT NULL, entity BIGINT, content TEXT, UNIQUE (source, id))""",
        f"CREATE INDEX records_entity {INDEXES['records_entity']}",
        # What was prepared of a record: what blocking reads, and all.
        "CREATE TABLE thin (record {record}, prepared {blob} NOT NULL)",
        "CREATE TABLE whole (record {record}, prepared {blob} NOT NULL)",
        # Blocks: which records stand in them.
        """CREATE TABLE keys (key BIGINT NOT NULL, record BIGINT NOT NULL,
            PRIMARY KEY (key, record)){without_rowid}""",
        # The scored candidate pairs of a record, one list a record, on both sides.
        "CREATE TABLE edges (record {record}, list {blob} NOT NULL)",
        # An entity: retired when it has no members; forward: what it was merged into.
        """CREATE TABLE entities (entity {record}, born BIGINT NOT NULL, retired BIGINT,
            forward BIGINT)""",
        "CREATE INDEX entities_forward ON entities (forward) WHERE forward IS NOT NULL",
        """CREATE TABLE corrections (
            left_source TEXT NOT NULL, left_id TEXT NOT NULL, right_source TEXT NOT NULL,
            right_id TEXT NOT NULL, verdict TEXT NOT NULL, seq BIGINT NOT NULL,
            author TEXT, reason TEXT,
            PRIMARY KEY (left_source, left_id, right_source, right_id))""",
        """CREATE INDEX corrections_right
            ON corrections (right_source, right_id, left_source, left_id)""",
        """CREATE TABLE events (
            seq {record}, kind TEXT NOT NULL, source TEXT, id TEXT, entity BIGINT,
            previous BIGINT, score DOUBLE PRECISION, linker TEXT NOT NULL, at TEXT NOT NULL,
            detail TEXT)""",
        f"CREATE INDEX events_record {INDEXES['events_record']}",
        f"CREATE INDEX events_entity {INDEXES['events_entity']}",
        f"CREATE INDEX events_previous {INDEXES['events_previous']}",
    ),
)

#: Version of the tables that this version of the program writes.
VERSION = len(MIGRATIONS)
