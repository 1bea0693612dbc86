"""How large pieces may be, and how many are worked on at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sameas.core.errors import ArgumentError

__all__ = ["bytes_of", "contest_bytes", "in_order", "records_a_piece"]

Item = TypeVar("Item")
Made = TypeVar("Made")

#: Bytes that a record takes: in the whole table, and in a piece that is worked on.
_EVERYWHERE, _IN_PIECE = 130, 2_200
_PROGRAM = 750_000_000
#: Bytes that a row of a rule by shared words takes in the whole table, and rows a record.
_WORD, _WORDS = 32, 2
#: Bytes that a candidate takes while all compete, of two tables and of one or several; of a record
#: for each table.
_ACROSS, _INSIDE, _SEAT = 70, 140, 40
_FEWEST, _MOST = 20_000, 800_000
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def bytes_of(memory: str) -> float:
    """Return a size such as "10GB" or "800 MB" in bytes: 10^9 and 10^6 of them.

    Raises
    ------
    ArgumentError
        If it is no size.

    Examples
    --------
    >>> bytes_of("1.5 GB")
    1500000000.0
    """
    found = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?)I?B?\s*", memory.upper())
    try:
        size = float(found[1]) * _UNITS[found[2]] if found else 0.0
    except ValueError:
        size = 0.0
    if not size:
        raise ArgumentError(f"memory must be a size such as '10GB' or '800MB', got {memory!r}.")
    return size


def contest_bytes(records: int, candidates: int, *, tables: int) -> int:
    """Return how much memory it takes that all candidates compete.

    Examples
    --------
    >>> contest_bytes(1_000_000, 10_000_000, tables=2) / 1e9
    1.62
    """
    each = _ACROSS if tables == 2 else _INSIDE
    seats = records * (tables if tables > 2 else 1)
    return _PROGRAM + _EVERYWHERE * records + _SEAT * seats + each * candidates


def records_a_piece(memory: str, records: int, threads: int, *, words: int = 0) -> int:
    """Return how many records a piece may hold, so that a run stays below a memory.

    Parameters
    ----------
    memory : str
        See `bytes_of`.
    records : int
    threads : int
        So many pieces are worked on at a time.
    words : int
        Rules by shared words.

    Raises
    ------
    ArgumentError
        If it is no size, or too little for these records.

    Examples
    --------
    >>> records_a_piece("10GB", 28_000_000, 2) > records_a_piece("4GB", 1_000_000, 2) > 500_000
    True
    """
    size, everywhere = bytes_of(memory), _EVERYWHERE + words * _WORD * _WORDS
    least = _PROGRAM + everywhere * records + _IN_PIECE * _FEWEST * threads
    if size < least:
        raise ArgumentError(
            f"memory={memory!r} is too little for {records:,} records on {threads} thread(s); "
            f"give at least {least / 1e9:.1f} GB."
        )
    each = (size - _PROGRAM - everywhere * records) / (_IN_PIECE * threads)
    return int(min(max(each, _FEWEST), _MOST))


def in_order(threads: int, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
    """Map in threads, in order, with no more results waiting than there are threads."""
    if threads == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        jobs: list[Future[Made]] = []
        try:
            for item in items:
                if len(jobs) > threads - 1:
                    yield jobs.pop(0).result()
                jobs.append(pool.submit(work, item))
            while jobs:
                yield jobs.pop(0).result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
