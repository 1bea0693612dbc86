"""The public doors of the generator: a table, or a file of any size."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sameas.core.errors import ArgumentError
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.shard import SCHEMA, build_shard

__all__ = ["MAX_RECORDS", "generate_persons", "iter_persons", "write_persons"]

MAX_RECORDS = 100_000_000
_DEFAULTS = PersonSettings()


def generate_persons(
    records: int, *, seed: int = 1, settings: PersonSettings = _DEFAULTS, threads: int = 1
) -> pa.Table:
    """Generate records of persons with known truth.

    A smaller table is the beginning of a larger one of the same seed. About three of ten
    records are duplicates of an earlier one; see `PersonSettings` for how they differ. Costs
    about 8 µs a record.

    Parameters
    ----------
    records : int
        Number of rows, from 1 to 100 million; below 3 thousand the last person may lack
        records.
    seed : int
        Not negative. The same seed gives the same table.
    settings : PersonSettings
    threads : int
        Shards that are made beside each other; the table does not depend on it.

    Returns
    -------
    pyarrow.Table
        One row a record: `id`, `given_name`, `surname`, `sex` ("m" or "f"), `date_of_birth`
        ("1961-04-09", as written down: it need not exist), `address`, `city`, `postal_code`,
        `phone`, `email`, and the truth `entity_id`: two records mean the same person if it is
        equal. Hide it from what is being measured.

    Raises
    ------
    ArgumentError
        If `records`, `seed` or `threads` is out of range.

    Examples
    --------
    >>> persons = generate_persons(1_000, seed=1)
    >>> persons.num_rows, persons.column_names[0], persons.column_names[-1]
    (1000, 'id', 'entity_id')
    """
    tables = iter_persons(records, seed=seed, settings=settings, threads=threads)
    return pa.concat_tables(tables).combine_chunks()


def write_persons(
    path: str | Path,
    records: int,
    *,
    seed: int = 1,
    settings: PersonSettings = _DEFAULTS,
    threads: int = 1,
) -> None:
    """Write generated persons to a Parquet file, one shard (about 47 thousand rows) at a time.

    The rows are those of `generate_persons`; the same arguments give the same bytes. Memory
    does not grow with the number of records.

    Parameters
    ----------
    path : str or Path
        File to write; one that exists is replaced.
    records, seed, settings, threads
        As in `generate_persons`.

    Raises
    ------
    ArgumentError
        If `records`, `seed` or `threads` is out of range.
    """
    shards = iter_persons(records, seed=seed, settings=settings, threads=threads)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for table in shards:
            writer.write_table(table, row_group_size=table.num_rows)


def iter_persons(
    records: int, *, seed: int = 1, settings: PersonSettings = _DEFAULTS, threads: int = 1
) -> Iterator[pa.Table]:
    """Generate persons shard by shard: tables that together are `generate_persons`.

    Examples
    --------
    >>> [table.num_rows for table in iter_persons(500)]
    [500]
    """
    _check("records", records, 1, MAX_RECORDS)
    _check("seed", seed, 0, 2**62)
    _check("threads", threads, 1, 1024)
    return _shards(records, seed, settings, threads)


def _shards(records: int, seed: int, settings: PersonSettings, threads: int) -> Iterator[pa.Table]:
    with ThreadPoolExecutor(threads) as pool:
        shard = 0
        while records:
            numbers = range(shard, shard + threads)
            for table in pool.map(lambda number: build_shard(seed, settings, number), numbers):
                if records:
                    part = table.slice(0, records)
                    yield part
                    records -= part.num_rows
            shard += threads


def _check(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ArgumentError(f"{name} must be a whole number from {low} to {high}; got {value!r}.")
