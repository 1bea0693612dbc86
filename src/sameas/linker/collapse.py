"""Oversized blocks: records that are alike in everything are compared by one of them.

Records with equal prepared columns have the same scores with every other record (context
aside). Of each such class one record, the first, leads; every record of the block meets every
lead. What a class does to another is then seen from both leads, so the connected components are
those of all pairs, at ``leads * records`` pairs instead of ``records ** 2 / 2``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import (
    Aliases,
    Codes,
    Columns,
    IntArray,
    Numbers,
    Points,
    Sets,
    Signatures,
)
from sameas.core.prepared_values import Dates, Persons, Phones, Quantities
from sameas.engines.base import SortedRows
from sameas.kernels.blocks import enumerate_leads

__all__ = ["Leads", "find_leads", "pairs_of_leads"]

Hashes = npt.NDArray[np.uint64]
_CHUNK = 65_536
_BATCH = 1_000_000


class Leads(NamedTuple):
    """The rows of one block, and which of them lead."""

    rows: SortedRows
    lead: npt.NDArray[np.int64]
    pairs: int


def find_leads(rows: SortedRows, columns: Columns, group: IntArray) -> Leads:
    """Find one row for each class of equal records of a block (and of one group, if given)."""
    alike = likeness(columns, rows.record)
    if len(group):
        alike = _mixed(alike, group[rows.record])
    # The first record leads, whatever the order of the rows: a class has one kind of row.
    order = np.lexsort((rows.record, alike))
    new = np.append(True, alike[order][1:] != alike[order][:-1])
    lead = np.sort(order[new])
    return Leads(rows, lead, len(lead) * len(rows.record) - len(lead) * (len(lead) + 1) // 2)


def likeness(columns: Columns, record: IntArray) -> Hashes:
    """Hash all that the steps can see of records; equal hashes are equal records.

    Whose parent a record is counts only where some record names it as its parent.
    """
    named = [columns[need].value for need in columns if need.kind == "reference"]
    hashed: Hashes = np.zeros(len(record), np.uint64)
    for need in sorted(columns, key=lambda need: need.slug):
        for values in _parts(columns[need], record):
            if need.kind == "identity":
                values = np.where(np.isin(values, np.concatenate([*named, [0]])), values, 0)
            hashed = _mixed(hashed, values)
    return hashed


def pairs_of_leads(
    leads: Leads,
    threads: int,
    survivors: Callable[..., tuple[IntArray, IntArray]],
    group: IntArray,
    near: tuple[npt.NDArray[np.float64], float] | None,
) -> Iterator[tuple[IntArray, IntArray, int, int]]:
    """Enumerate the pairs of a block in tiles; `survivors` keeps those that count.

    Yields
    ------
    left, right : int32[p]
        The smaller record on the left.
    enumerated, met : int
        Pairs looked at, and those within the bound.
    """
    rows = leads.rows
    marked = np.zeros(len(rows.record), bool)
    marked[leads.lead] = True
    own = group[rows.record] if len(group) else group
    xyz, limit = (np.zeros((0, 3)), 0.0) if near is None else (near[0][rows.record], near[1])
    size = max(1, _BATCH // max(len(rows.record), 1))

    def work(first: int) -> tuple[IntArray, IntArray, int, int]:
        state = np.array([first, 0, min(first + size, len(leads.lead)), 0], np.int64)
        out = np.empty((2, _CHUNK), np.int32)
        kept: list[tuple[IntArray, IntArray]] = []
        met = 0
        while True:
            count = enumerate_leads(
                rows.record, rows.visitor, leads.lead, marked, own, xyz, limit, state, out
            )
            met += count
            ends = out[0, :count], out[1, :count]
            left, right = survivors(*ends, np.full(count, rows.key[0], np.uint64))
            kept.append((np.minimum(left, right), np.maximum(left, right)))
            if count < _CHUNK:
                left, right = (np.concatenate(side) for side in zip(*kept, strict=True))
                return left, right, int(state[3]), met

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(work, first) for first in range(0, len(leads.lead), size)]
        try:
            for job in jobs:
                yield job.result()
        finally:  # when interrupted, what has not begun must not begin
            pool.shutdown(wait=False, cancel_futures=True)


def _parts(column: Any, record: IntArray) -> Sequence[npt.NDArray[Any]]:
    """Return the values of records in a prepared column, as arrays to be hashed."""
    if isinstance(column, Signatures):  # they follow from the texts
        return ()
    if isinstance(column, Codes | Numbers):
        return (column.value[record],)
    if isinstance(column, Points):
        return column.latitude[record], column.longitude[record]
    if isinstance(column, Dates):
        return tuple(column.parts[record].T)
    if isinstance(column, Persons):
        return tuple(column.code[record].T)
    if isinstance(column, Phones):
        return column.full[record], column.national[record]
    if isinstance(column, Quantities):
        return column.value[record], column.dimension[record]
    if isinstance(column, Sets | Aliases):
        items = column.value if isinstance(column, Sets) else column.item
        return _sets(column.start, items, record)
    return (column.code[record],)


def _sets(
    start: npt.NDArray[np.int64], items: npt.NDArray[Any], record: IntArray
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return a sum of hashes for each set, and its size."""
    sums = np.zeros(len(items) + 1, np.uint64)
    np.cumsum(_mixed(np.zeros(len(items), np.uint64), items), out=sums[1:])
    begin, end = start[record], start[record + 1]
    return sums[end] - sums[begin], end - begin


def _mixed(hashed: Hashes, values: npt.NDArray[Any]) -> Hashes:
    """Mix one more value into hashes; all missing numbers are alike."""
    if values.dtype.kind == "f":
        plain = np.where(np.isnan(values), np.inf, values + 0.0)  # -0.0 is 0.0
        values = plain.astype(np.float64).view(np.uint64)
    mixed = (hashed ^ values.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ mixed >> np.uint64(32)
