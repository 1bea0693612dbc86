"""The public doors of the generator: a table, or a file of any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sameas.core.errors import ArgumentError
from sameas.datasets.places.settings import PlaceSettings
from sameas.datasets.places.shard import SCHEMA, build_shard
from sameas.datasets.places.world import MAX_RECORDS, build_world

__all__ = ["generate_places", "iter_places", "write_places"]

_DEFAULTS = PlaceSettings()


def generate_places(
    records: int, *, seed: int = 1, settings: PlaceSettings = _DEFAULTS
) -> pa.Table:
    """Generate place records with known truth.

    A smaller table is the beginning of a larger one of the same seed. About 7 of 8 entities
    have one record; the others have duplicates with other names, positions, addresses and so
    on. Takes about 8 µs and 160 bytes a record.

    Parameters
    ----------
    records : int
        Number of rows, from 1 to 28 million; below 2 thousand there are few duplicates.
    seed : int
        Not negative. The same seed gives the same table.
    settings : PlaceSettings

    Returns
    -------
    pyarrow.Table
        One row a record: `id`, `name`, `latitude`, `longitude` (decimal degrees), `address`,
        `postal_code`, `phone`, `homepage`, `labels` (list of text), `parent_id` (`id` of the
        place that this one lies inside), and the truth `entity_id`: two records mean the same
        place if it is equal. Hide it from what is being measured.

    Raises
    ------
    ArgumentError
        If `records` or `seed` is out of range.

    Examples
    --------
    >>> places = generate_places(1_000, seed=1)
    >>> places.num_rows, places.column_names[0], places.column_names[-1]
    (1000, 'id', 'entity_id')
    """
    return pa.concat_tables(iter_places(records, seed=seed, settings=settings)).combine_chunks()


def write_places(
    path: str | Path, records: int, *, seed: int = 1, settings: PlaceSettings = _DEFAULTS
) -> None:
    """Write generated places to a Parquet file, one shard (about 38 thousand rows) at a time.

    The rows are those of `generate_places`; the same arguments give the same bytes. Needs
    about 0.3 GB whatever the number of records.

    Parameters
    ----------
    path : str or Path
        File to write; one that exists is replaced.
    records, seed, settings
        As in `generate_places`.

    Raises
    ------
    ArgumentError
        If `records` or `seed` is out of range.
    """
    shards = iter_places(records, seed=seed, settings=settings)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for table in shards:
            writer.write_table(table, row_group_size=table.num_rows)


def iter_places(
    records: int, *, seed: int = 1, settings: PlaceSettings = _DEFAULTS
) -> Iterator[pa.Table]:
    """Generate places shard by shard: tables that together are `generate_places`.

    Examples
    --------
    >>> [table.num_rows for table in iter_places(500)]
    [500]
    """
    _check("records", records, 1, MAX_RECORDS)
    _check("seed", seed, 0, 2**62)
    return _shards(records, seed, settings)


def _shards(records: int, seed: int, settings: PlaceSettings) -> Iterator[pa.Table]:
    world = build_world(seed, settings)
    shard = 0
    while records:
        table = build_shard(world, shard).slice(0, records)
        yield table
        records -= table.num_rows
        shard += 1


def _check(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ArgumentError(f"{name} must be a whole number from {low} to {high}; got {value!r}.")
