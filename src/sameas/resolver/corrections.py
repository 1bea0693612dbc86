"""What people have said, as constraints for batch runs."""

from __future__ import annotations

import os
from collections.abc import Collection

import pyarrow as pa

from sameas.store import Store, open_store

__all__ = ["read_corrections"]

_WORDS = {"same": "must", "different": "cannot"}
_COLUMNS = ("left_source", "left_id", "right_source", "right_id", "constraint")


def read_corrections(
    store: Store | str | os.PathLike[str], *, sources: Collection[str] | None = None
) -> pa.Table:
    """Return the corrections of a store as a table for ``Options(constraints=...)``.

    Parameters
    ----------
    store : Store, file or address
    sources : collection of str, optional
        Only corrections of records of these sources.

    Returns
    -------
    pyarrow.Table
        ``left_source``, ``left_id``, ``right_source``, ``right_id``, ``constraint`` ("must" or
        "cannot"); those of deleted records are left out.
    """
    opened = open_store(store) if isinstance(store, str | os.PathLike) else store
    try:
        with opened.read() as work:
            rows = []
            for one in work.corrections():
                ends = work.find(*one[:2]), work.find(*one[2:4])
                live = all(end is not None and end.content is not None for end in ends)
                if live and (sources is None or {one[0], one[2]} <= set(sources)):
                    rows.append((*one[:4], _WORDS[one.verdict]))
    finally:
        if opened is not store:
            opened.close()
    columns = zip(*rows, strict=True) if rows else ([] for _ in _COLUMNS)
    return pa.table(
        {
            name: pa.array(list(values), pa.string())
            for name, values in zip(_COLUMNS, columns, strict=True)
        }
    )
