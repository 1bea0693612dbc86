"""What a store is: transactions over records, blocks, edges, entities and events."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sameas.core.errors import RunError
from sameas.store.transaction import Transaction

__all__ = ["Store", "StoreBusyError", "StoreError"]


class StoreError(RunError):
    """The store cannot be used: damaged, of another version, its disk full, or not there."""


class StoreBusyError(StoreError):
    """Another writer holds the store for too long; nothing was changed, so try again."""


class Store(Protocol):
    """A durable place for records and entities.

    All that is read in one `read` is of one moment. What is written in one `write` becomes
    visible as a whole when it ends, and is on the disk by then; an error undoes all of it.
    There is one writer at a time.
    """

    @property
    def name(self) -> str:
        """Where the store is, without any password."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Begin to read."""

    def write(self, *, bulk: bool = False) -> AbstractContextManager[Transaction]:
        """Begin to write; other writers wait. `bulk`: with memory for millions of rows."""

    def never_wait(self) -> bool:
        """Let reads of this thread from now on fail at once where they would have to wait.

        False: that cannot be promised, for the store is on another machine.
        """

    def problems(self) -> list[str]:
        """Ask the database whether its files are whole."""

    def close(self) -> None:
        """Close all connections."""
