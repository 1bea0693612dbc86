"""A store in a PostgreSQL database: several machines, one writer at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sameas.core.optional import require
from sameas.store.base import StoreBusyError, StoreError
from sameas.store.schema import MIGRATIONS, VERSION
from sameas.store.transaction import Transaction

__all__ = ["PostgresStore"]

#: The advisory lock of writers ("same" in ASCII).
_LOCK = 0x73616D65
_WORDS = {"record": "BIGINT PRIMARY KEY", "blob": "BYTEA", "without_rowid": ""}
_FETCH = 10_000


class _Cursor:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        found: list[Any] = self.connection.execute(_theirs(sql), values).fetchall()
        return found

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        with self.connection.cursor(name="each") as cursor:
            cursor.itersize = _FETCH
            cursor.execute(_theirs(sql), values)
            yield from cursor

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self.connection.execute(_theirs(sql), values)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(_theirs(sql), rows)

    def among(self, column: str) -> str:
        return f"{column} = ANY(?)"

    def listed(self, values: Iterable[int]) -> Any:
        return list(values)


def _theirs(sql: str) -> str:
    return sql.replace("?", "%s")


class PostgresStore:
    """A store in a PostgreSQL database (extra ``postgres``).

    Parameters
    ----------
    address : str
        ``postgresql://user@host/database``; its tables are made in the first schema of the
        search path.
    wait : float
        Seconds to wait for another writer before `StoreBusyError`.

    Raises
    ------
    StoreError
        If the database cannot be reached, or its tables are of a newer version.
    """

    def __init__(self, address: str, *, wait: float = 10.0) -> None:
        self._psycopg = require("psycopg", extra="postgres", what="A store in PostgreSQL")
        self.address, self.wait = address, wait
        self._local = threading.local()
        self._open: list[Any] = []
        self._lock = threading.Lock()
        with self._told():
            self._migrate()

    @property
    def name(self) -> str:
        """Where the store is, without the password."""
        found = self._psycopg.conninfo.conninfo_to_dict(self.address)
        host, port = found.get("host", ""), found.get("port", 5432)
        return f"postgresql://{host}:{port}/{found.get('dbname', '')}"

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Begin to read, at one moment."""
        yield from self._work("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextmanager
    def write(self, *, bulk: bool = False) -> Iterator[Transaction]:
        """Begin to write; other writers, of all servers, wait."""
        begin = f"SELECT pg_advisory_xact_lock({_LOCK})"
        yield from self._work(f"SET LOCAL maintenance_work_mem = '1GB'; {begin}" if bulk else begin)

    def never_wait(self) -> bool:
        """Return False: the server may be far away."""
        return False

    def problems(self) -> list[str]:
        """PostgreSQL checks its files itself."""
        return []

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._open:
                with suppress(self._psycopg.Error):
                    connection.close()
            self._open.clear()
            self._local = threading.local()

    def _work(self, begin: str) -> Iterator[Transaction]:
        with self._told():
            connection = self._connection()
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = {int(self.wait * 1000)}")
                connection.execute(begin)
                yield Transaction(_Cursor(connection))

    def _connection(self) -> Any:
        found = getattr(self._local, "connection", None)
        if found is not None and not found.closed:
            return found
        made = self._psycopg.connect(self.address, autocommit=True)
        self._local.connection = made
        with self._lock:
            self._open = [one for one in self._open if not one.closed]
            self._open.append(made)
        return made

    def _migrate(self) -> None:
        connection = self._connection()
        with connection.transaction():
            connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            there = connection.execute("SELECT to_regclass('meta') IS NOT NULL").fetchone()[0]
            version = 0
            if there:
                row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
                version = int(row[0]) if row else 0
            if version > VERSION:
                raise StoreError(
                    f"{self.name} has tables of version {version}; this sameas knows version "
                    f"{VERSION}. Install the newer one."
                )
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    connection.execute(statement.format(**_WORDS))
            connection.execute(
                "INSERT INTO meta (name, value) VALUES ('schema', %s) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (str(VERSION),),
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what PostgreSQL says in its own."""
        errors = self._psycopg.errors
        try:
            yield
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            raise StoreBusyError(
                f"{self.name} is held by another writer for more than {self.wait:g} seconds. "
                "Nothing was changed; try again."
            ) from error
        except self._psycopg.Error as error:
            said = str(error).strip().split("\n")[0]
            raise StoreError(f"{self.name} cannot be used: {said}.") from error
