"""A store in one file: SQLite with a write-ahead log, on the disk before it says so."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sameas.store.base import StoreBusyError, StoreError
from sameas.store.schema import MIGRATIONS, VERSION
from sameas.store.transaction import Transaction

__all__ = ["SQLiteStore"]

#: Marks the file as ours ("same" in ASCII).
_APPLICATION = 0x73616D65
_BULK_MB = 256
#: Bytes of the file that are read where the system keeps them, without a copy of each page. They
#: count as memory of the process, though the system may take them back.
_MAPPED = 1 << 30
#: Seconds between two attempts where SQLite itself does not wait.
_PAUSE = 0.005
_WORDS = {"record": "INTEGER PRIMARY KEY", "blob": "BLOB", "without_rowid": " WITHOUT ROWID"}


class _Cursor:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        return self.connection.execute(sql, values)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.connection.execute(sql, values)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.connection.executemany(sql, rows)

    def among(self, column: str) -> str:
        return f"{column} IN (SELECT value FROM json_each(?))"

    def listed(self, values: Iterable[int]) -> Any:
        return json.dumps(list(values), separators=(",", ":"))


class SQLiteStore:
    """A store in a SQLite file.

    Parameters
    ----------
    path : str or Path
        The file; it is made if it is not there.
    wait : float
        Seconds to wait for another writer before `StoreBusyError`.
    cache_mb : int
        Pages that each connection keeps in memory.

    Raises
    ------
    StoreError
        If the file is no store, or of a newer version.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = SQLiteStore(f"{folder}/places.db")
    ...     with store.write() as work:
    ...         work.set_meta("linker", "a1b2")
    ...     with store.read() as work:
    ...         found = work.meta("linker")
    ...     store.close()
    >>> found
    'a1b2'
    """

    def __init__(self, path: str | Path, *, wait: float = 10.0, cache_mb: int = 64) -> None:
        self.path, self.wait, self.cache_mb = Path(path), wait, cache_mb
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        with self._told():
            self._migrate()

    @property
    def name(self) -> str:
        """Where the store is."""
        return str(self.path)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin to read."""
        yield from self._work("BEGIN")

    @contextmanager
    def write(self, *, bulk: bool = False) -> Iterator[Transaction]:
        """Begin to write; other writers wait. `bulk`: with memory for millions of rows."""
        if not bulk:
            yield from self._work("BEGIN IMMEDIATE")
            return
        connection = self._connection()
        connection.execute(f"PRAGMA cache_size = {-1024 * _BULK_MB}")
        try:
            yield from self._work("BEGIN IMMEDIATE")
            with suppress(sqlite3.Error):  # readers may hold on to the log: it is kept then
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.execute(f"PRAGMA cache_size = {-1024 * self.cache_mb}")
            connection.execute("PRAGMA shrink_memory")

    def never_wait(self) -> bool:
        """Let reads of this thread from now on fail at once where another writer is in the way."""
        if getattr(self._local, "wait", self.wait):
            self._local.wait = 0.0
            if hasattr(self._local, "connection"):
                self._local.connection.execute("PRAGMA busy_timeout = 0")
        return True

    def problems(self) -> list[str]:
        """Ask SQLite whether the file is whole."""
        with self._told():
            rows = self._connection().execute("PRAGMA quick_check").fetchall()
        return [str(row[0]) for row in rows if row[0] != "ok"]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._open:
                with suppress(sqlite3.Error):
                    connection.close()
            self._open.clear()
            self._local = threading.local()

    def _work(self, begin: str) -> Iterator[Transaction]:
        with self._told():
            connection = self._connection()
            connection.execute(begin)
            try:
                yield Transaction(_Cursor(connection))
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is not None:
            return found
        wait = getattr(self._local, "wait", self.wait)
        made = sqlite3.connect(
            self.path, timeout=wait, isolation_level=None, check_same_thread=False,
            cached_statements=256,
        )  # fmt: skip
        try:
            _keep_log(made, wait=wait)
        except sqlite3.Error:
            made.close()
            raise
        made.execute("PRAGMA synchronous = FULL")
        made.execute(f"PRAGMA cache_size = {-1024 * self.cache_mb}")
        made.execute("PRAGMA temp_store = MEMORY")
        made.execute(f"PRAGMA mmap_size = {_MAPPED}")
        self._local.connection = made
        with self._lock:
            self._open.append(made)
        return made

    def _migrate(self) -> None:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            marked = int(connection.execute("PRAGMA application_id").fetchone()[0])
            tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
            if tables and marked != _APPLICATION:
                raise StoreError(f"{self.path} is a SQLite file, but no store of sameas.")
            if version > VERSION:
                raise StoreError(
                    f"{self.path} has tables of version {version}; this sameas knows version "
                    f"{VERSION}. Install the newer one."
                )
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement.format(**_WORDS))
            if version < VERSION:
                connection.execute(f"PRAGMA user_version = {VERSION}")
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what SQLite says in its own."""
        try:
            yield
        except sqlite3.OperationalError as error:
            said = str(error)
            if _is_busy(error):
                raise StoreBusyError(
                    f"{self.path} is held by another writer for more than {self.wait:g} seconds. "
                    "Nothing was changed; try again."
                ) from error
            raise StoreError(f"{self.path} cannot be used: {said}. Nothing was changed.") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} cannot be used: {error}.") from error


def _keep_log(connection: sqlite3.Connection, *, wait: float) -> None:
    """Turn the write-ahead log on; where two turn it on at once, SQLite fails and does not wait."""
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error) or "busy" in str(error)
