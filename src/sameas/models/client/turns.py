"""One at a time for each question: threads and processes that share a store pay once.

Among processes a turn is a lock on one byte of a file beside the store. The system gives it back
when its process ends, however it ends, so a killed job leaves nothing to wait for.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sameas.models.client.exchange import Stopped

try:
    import fcntl
except ImportError:  # pragma: no cover (no such locks on Windows: only threads take turns there)
    fcntl = None  # type: ignore[assignment]

__all__ = ["Turns"]

_CHANGED = threading.Condition()
_TAKEN: set[tuple[str, str]] = set()
#: Seconds between two looks at a turn that another process has.
_PATIENCE = 0.03


class Turns:
    """Turns on the keys of a store.

    Parameters
    ----------
    path : Path or None
        Of the store; None for a store in memory, which no other process shares.
    """

    def __init__(self, path: Path | None) -> None:
        self._name = f"memory {id(self)}" if path is None else str(path.resolve())
        self._file: int | None = None
        if path is not None and fcntl is not None:
            beside = path.with_name(f"{path.name}-turns")
            self._file = os.open(beside, os.O_CREAT | os.O_RDWR, 0o600)

    def close(self) -> None:
        """Give all turns back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextmanager
    def take(self, key: str, stop: threading.Event) -> Iterator[None]:
        """Wait for the turn of a key (hexadecimal) and hold it.

        Raises
        ------
        Stopped
            If `stop` is set while waiting.
        """
        mine = (self._name, key)
        with _CHANGED:
            while mine in _TAKEN:
                if stop.is_set():
                    raise Stopped
                _CHANGED.wait(_PATIENCE)
            _TAKEN.add(mine)
        place = int(key[:14], 16)
        try:
            while not self._lock(place):
                if stop.wait(_PATIENCE):
                    raise Stopped
            try:
                yield
            finally:
                self._unlock(place)
        finally:
            with _CHANGED:
                _TAKEN.discard(mine)
                _CHANGED.notify_all()

    def _lock(self, place: int) -> bool:
        if self._file is None:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:  # a file system without locks
            return True
        return True

    def _unlock(self, place: int) -> None:
        if self._file is not None:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
