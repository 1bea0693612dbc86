"""One transaction of a store: all its tables, in SQL that both databases understand."""

from __future__ import annotations

from typing import Any

from sameas.store.corrections import Corrections
from sameas.store.events import Events
from sameas.store.prepared import PreparedTables
from sameas.store.records import Entities, Records
from sameas.store.schema import INDEXES

__all__ = ["Transaction"]


class Transaction(Records, PreparedTables, Entities, Corrections, Events):
    """One transaction of a store; begun by `Store.read` or `Store.write`.

    Parameters
    ----------
    cursor : Cursor
    """

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

    def audit(self, sql: str) -> list[Any]:
        """Run a query of the check of a store."""
        return self._cursor.rows(sql)

    def drop_indexes(self) -> None:
        """Take away what many new rows would have to be sorted into, one by one."""
        for name in INDEXES:
            self._cursor.run(f"DROP INDEX {name}")

    def make_indexes(self) -> None:
        """Make again what `drop_indexes` took away."""
        for name, definition in INDEXES.items():
            self._cursor.run(f"CREATE INDEX {name} {definition}")
