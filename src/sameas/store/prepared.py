"""What was prepared of records: bytes, blocks, scored candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sameas.store.cursor import Tables
from sameas.store.rows import ComparedRow

__all__ = ["PreparedTables"]


class PreparedTables(Tables):
    """Bytes, blocks and scored candidates of records."""

    def thin(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return what blocking reads of records, by number."""
        return self._among("thin", "record, prepared", "record", numbers)

    def whole(self, numbers: Iterable[int]) -> list[tuple[int, bytes]]:
        """Return all that was prepared of records, by number."""
        return self._among("whole", "record, prepared", "record", numbers)

    def compared(self, numbers: Iterable[int]) -> list[ComparedRow]:
        """Return all that is compared of records, and what is shown of them."""
        rows = self._cursor.rows(
            "SELECT records.record, source, id, entity, content, prepared, list FROM records "
            "JOIN whole ON whole.record = records.record "
            "LEFT JOIN edges ON edges.record = records.record "
            f"WHERE {self._cursor.among('records.record')}",
            (self._cursor.listed(numbers),),
        )
        return list(map(ComparedRow._make, rows))

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

    def sizes(self, limits: Mapping[int, int]) -> dict[int, int]:
        """Count the records in each of some blocks, up to one more than the limit of the block."""
        found = {}
        for key, limit in limits.items():
            ((found[key],),) = self._cursor.rows(
                "SELECT count(*) FROM (SELECT 1 FROM keys WHERE key = ? LIMIT ?) AS counted",
                (key, limit + 1),
            )
        return found

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

    def every_key(self) -> Iterator[tuple[int, int]]:
        """Give all (key, record)."""
        return self._cursor.each("SELECT key, record FROM keys")
