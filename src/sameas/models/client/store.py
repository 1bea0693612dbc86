"""An append-only store of answers: an interrupted job resumes, a repeated one costs nothing.

An answer is found by the hash of all that shaped it: content, prompt, model, parameters. The
questions themselves are not kept, only their hashes. Every answer is on disk before the job goes
on, so after a kill at most the requests in flight are paid again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sameas.core.dataclass import dataclass
from sameas.core.errors import DataError
from sameas.models.client.turns import Turns

__all__ = ["AnswerStore", "Stored", "content_key"]

#: Marks the file as ours ("same" in ASCII).
_APPLICATION = 0x73616D65
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, answer BLOB NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL, answered_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS never_changed BEFORE UPDATE ON answers
    BEGIN SELECT RAISE(ABORT, 'answers are never changed'); END;
CREATE TRIGGER IF NOT EXISTS never_removed BEFORE DELETE ON answers
    BEGIN SELECT RAISE(ABORT, 'answers are never removed'); END;
PRAGMA application_id = {_APPLICATION};
COMMIT;
"""


def content_key(content: Mapping[str, Any]) -> str:
    """Return the hash by which an answer is found.

    Examples
    --------
    >>> content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Stored:
    """One answer as it is kept."""

    key: str
    kind: str
    model: str
    answer: bytes
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class AnswerStore:
    """A SQLite file (write-ahead log, synced at every answer); several processes may share it.

    Parameters
    ----------
    path : path or None
        On a local disk. None keeps the answers in memory, as long as the client lives.

    Examples
    --------
    >>> store = AnswerStore(None)
    >>> store.put([Stored("k", "chat", "m", b"yes", 3, 1, 0.1)])
    >>> store.put([Stored("k", "chat", "m", b"no", 3, 1, 0.1)])
    >>> store.get(["k", "other"])["k"].answer, len(store)
    (b'yes', 1)
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self.path = None if path is None else Path(path)
        self._lock = threading.Lock()
        if self.path is not None and not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Answers may repeat what is in the records: for the owner only.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(
            ":memory:" if self.path is None else self.path,
            timeout=60.0, isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        try:
            self._set_up()
            self.turns = Turns(self.path)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise DataError(
                f"{self.path} cannot be used as a store of answers: {error}."
            ) from error

    def _set_up(self) -> None:
        # In this order: another process that is setting it up commits both at once.
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        found = self._db.execute("PRAGMA application_id").fetchone()[0]
        if tables and found != _APPLICATION:
            raise sqlite3.DatabaseError("it is a database of something else")
        # The busy time-out does not cover the change to a write-ahead log.
        for attempt in range(100):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError:
                if attempt == 99:
                    raise
                time.sleep(0.05)
        self._db.execute("PRAGMA synchronous = FULL")
        if not tables:
            self._db.executescript(_SCHEMA)

    def get(self, keys: Iterable[str]) -> dict[str, Stored]:
        """Return the answers that are there, by key."""
        wanted, found = list(dict.fromkeys(keys)), {}
        for begin in range(0, len(wanted), 500):
            some = wanted[begin : begin + 500]
            marks = ",".join("?" * len(some))
            query = (
                "SELECT key, kind, model, answer, prompt_tokens, completion_tokens, seconds "
                f"FROM answers WHERE key IN ({marks})"
            )
            with self._lock:
                rows = self._db.execute(query, some).fetchall()
            found.update({row[0]: Stored(*row) for row in rows})
        return found

    def put(self, answers: Sequence[Stored]) -> None:
        """Keep answers, all or none; the first answer to a question stays."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        rows = [
            (
                one.key, one.kind, one.model, one.answer,
                one.prompt_tokens, one.completion_tokens, one.seconds, now,
            )
            for one in answers
        ]  # fmt: skip
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany("INSERT OR IGNORE INTO answers VALUES (?,?,?,?,?,?,?,?)", rows)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def __len__(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
        self.turns.close()
