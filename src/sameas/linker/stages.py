"""The finished stages of a run folder: a file is whole or not there, and is of these inputs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sameas.records.write import write_table

__all__ = ["Stages"]

logger = logging.getLogger(__name__)


@dataclass
class Stages:
    """Where a run keeps what it has finished, so that it resumes when it is started again.

    Parameters
    ----------
    folder : Path
    fingerprint : callable
        Gives the hash of all that the stages depend on, a part of their names; asked for only if
        there is something to read or to write.
    """

    folder: Path
    fingerprint: Callable[[], str]

    def read(self, name: str) -> tuple[pa.Table, dict[str, Any]] | None:
        """Return a stage and what was said about it; None if it is absent or damaged."""
        if not any(self._all(name)):
            return None
        file = self._file(name)
        if not file.exists():
            return None
        try:
            with pq.ParquetFile(file) as opened:
                table = opened.read()
            about = json.loads(table.schema.metadata[b"about"])
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s is damaged (%s); this stage is run again.", file, error)
            return None
        logger.info("resuming: %s", file)
        return table, about

    def write(
        self, name: str, table: pa.Table, about: dict[str, Any], *, compression: str = "zstd"
    ) -> None:
        """Keep a stage; those of other inputs go."""
        for stale in self._all(name):
            stale.unlink()
        table = table.replace_schema_metadata({"about": json.dumps(about)})
        write_table(table, self._file(name), compression=compression)

    def remove(self, name: str) -> None:
        """Drop a stage that a later one holds too."""
        self._file(name).unlink(missing_ok=True)

    def _all(self, name: str) -> list[Path]:
        return list(self.folder.glob(f"{name}-*.parquet"))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}-{self.fingerprint()}.parquet"
