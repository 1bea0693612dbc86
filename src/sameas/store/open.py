"""Open the store that a text names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sameas.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from sameas.store.base import Store

__all__ = ["open_store"]


def open_store(place: str | os.PathLike[str], *, wait: float = 10.0) -> Store:
    """Open a store, and make it if it is not there.

    Parameters
    ----------
    place : str or path
        A file, or ``postgresql://user@host/database`` (extra ``postgres``).
    wait : float
        Seconds to wait for another writer.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> store = open_store(f"{mkdtemp()}/places.db")
    >>> with store.read() as work:
    ...     print(work.meta("linker"))
    None
    >>> store.close()
    """
    text = os.fspath(place)
    if text.startswith(("postgresql://", "postgres://")):
        from sameas.store.postgres import PostgresStore

        return PostgresStore(text, wait=wait)
    return SQLiteStore(text, wait=wait)
