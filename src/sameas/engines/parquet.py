"""Parquet files that the workers read themselves, so that no row passes through the JVM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow import fs

from sameas.engines.address import address_of

__all__ = ["ParquetFiles", "find_parquet", "read_groups"]

_BATCH = 50_000


@dataclass(frozen=True)
class ParquetFiles:
    """The row groups of a table in Parquet.

    Attributes
    ----------
    columns : tuple of str
    groups : tuple of (address, number)
    chosen : tuple of str
        The columns that are read.
    """

    columns: tuple[str, ...]
    groups: tuple[tuple[str, int], ...]
    chosen: tuple[str, ...] = ()

    def select(self, *names: str) -> ParquetFiles:
        """Choose columns; names as Spark quotes them."""
        plain = (name[1:-1].replace("``", "`") if name[:1] == "`" else name for name in names)
        return replace(self, chosen=tuple(plain))


def find_parquet(path: str) -> ParquetFiles | None:
    """Return the files of a path or address; None if Spark has to read them.

    That is where Arrow does not know the address, and where folders hold values of columns.
    """
    try:
        system, home = fs.FileSystem.from_uri(address_of(path))
        found = ds.dataset(home, filesystem=system, format="parquet")
        fragments = list(found.get_fragments())
        groups = [
            (address_of(path).removesuffix(home) + fragment.path, group.id)
            for fragment in fragments
            for group in fragment.row_groups
        ]
    except (OSError, ValueError, pa.ArrowException):
        return None
    if not groups or any("=" in fragment.path[len(home) :] for fragment in fragments):
        return None
    return ParquetFiles(tuple(found.schema.names), tuple(groups))


def read_groups(
    batches: Iterable[pa.RecordBatch], columns: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    """Read the row groups that rows of ``path`` and ``group`` name."""
    for batch in batches:
        for row in batch.to_pylist():
            system, path = fs.FileSystem.from_uri(row["path"])
            with system.open_input_file(path) as source:
                file = pq.ParquetFile(source)
                yield from file.iter_batches(
                    batch_size=_BATCH, row_groups=[row["group"]], columns=list(columns)
                )
