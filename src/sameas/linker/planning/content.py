"""Rows in an order that their content gives, so that nothing depends on ids or on the file."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.records.contents import column_hashes
from sameas.records.preparations.texts import hashes

__all__ = ["by_content", "content_key"]

Hashes = npt.NDArray[np.uint64]


def content_key(table: pa.Table, columns: Iterable[str]) -> Hashes:
    """Hash what some columns hold, row by row; their order does not matter.

    Notes
    -----
    Cost: about 50 ns a value.
    """
    key = np.zeros(table.num_rows, np.uint64)
    for name in columns:
        salt = hashes(pa.array([name], pa.string()))
        key += _mixed(column_hashes(table[name]) ^ salt)
    return key


def by_content(table: pa.Table, key: Hashes, most: int | None = None) -> pa.Table:
    """Put rows into the order of a hash of what they hold, and take the first.

    Rows of equal content are told apart by a number, so that they do not all come together:
    the first rows are a random share of the rows, not of the contents.

    Parameters
    ----------
    table : pyarrow.Table
    key : uint64[rows]
        By `content_key`.
    most : int, optional
        Rows to take; all by default.

    Examples
    --------
    >>> one = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
    >>> two = pa.table({"id": [7, 8, 9], "name": ["c", "b", "a"]})
    >>> first, second = (by_content(t, content_key(t, ["name"])) for t in (one, two))
    >>> first["name"].to_pylist() == second["name"].to_pylist()
    True
    """
    key = _mixed(key + _repeat(key) * np.uint64(0x9E3779B97F4A7C15))
    rows = np.arange(len(key))
    if most is not None and most < len(key):
        rows = np.flatnonzero(key <= np.partition(key, most)[most])
    rows = rows[np.argsort(key[rows], kind="stable")]
    return table.take(pa.array(rows[:most]))


def _repeat(key: Hashes) -> Hashes:
    """Return how many rows before each have its key."""
    ranked = np.sort(key)
    again = ranked[1:][ranked[1:] == ranked[:-1]]
    out = np.zeros(len(key), np.uint64)
    if len(again):
        rows = np.flatnonzero(again[np.searchsorted(again[:-1], key)] == key)
        order = rows[np.argsort(key[rows], kind="stable")]
        place, held = np.arange(len(order)), key[order]
        new = np.append(True, held[1:] != held[:-1])
        out[order] = place - np.maximum.accumulate(np.where(new, place, 0))
    return out


def _mixed(value: Hashes) -> Hashes:
    """Scramble 64-bit numbers (the finaliser of MurmurHash 3)."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ (value >> np.uint64(33))) * np.uint64(factor)
    return value ^ (value >> np.uint64(33))
