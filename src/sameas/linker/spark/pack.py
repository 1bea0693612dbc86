"""What the workers know: the fitted linker and the settings of the run, read once a process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from sameas.core.dataclass import dataclass
from sameas.core.errors import RunError
from sameas.core.prepared import Codes, Column, IntArray, Need
from sameas.core.specs import from_dict, to_dict
from sameas.core.tables import QUARANTINE, empty
from sameas.engines.address import address_of
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker.found import Budget, Candidates
from sameas.linker.job import Job
from sameas.linker.saving import FittedLinker, load_linker, save_linker
from sameas.linker.spec import LinkerSpec
from sameas.records import Field, Records, prepare

__all__ = ["Pack", "Settings", "load_pack", "save_draft", "save_pack"]

_DRAFT = "draft.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is about, small enough to travel with every task.

    Attributes
    ----------
    address : str
        Where the linker lies.
    mode : str
    sources : tuple of str
        Sorted.
    order : tuple of str
        As the user gave them.
    whole : bool
        Whether ids are whole numbers; otherwise texts.
    first : tuple of int
        Number of the first record of each part, and the number of records.
    threshold : float
    budget : Budget
    frequent : mapping of str to uint64[...]
        By the slug of a need with ``at_most``: the values that more records bear.
    starts : tuple of int
        Number of the first record of each source, and the number of records.
    contest : (str, str) or ()
        Where the outcome of the competition of all candidates lies, if the matcher asks for it.
    graph : {"", "matches", "all"}
        Which pairs the clusterer looks at, other than the edges between matches.
    entities : bool
        Make golden records.
    """

    address: str
    mode: str
    sources: tuple[str, ...]
    order: tuple[str, ...]
    whole: bool = True
    first: tuple[int, ...] = (0,)
    threshold: float = 0.5
    budget: Budget = field(default_factory=Budget)
    frequent: Mapping[str, npt.NDArray[np.uint64]] = field(default_factory=dict)
    starts: tuple[int, ...] = (0,)
    contest: tuple[str, ...] = ()
    graph: str = ""
    entities: bool = True

    @property
    def across(self) -> bool:
        """Whether only records of different sources meet."""
        return self.mode not in ("dedupe", "also-within")

    @property
    def homes(self) -> int:
        """Number of parts that hold the records."""
        return len(self.first) - 1

    def source(self, record: npt.NDArray[Any]) -> IntArray:
        """Return the position of the source of each record."""
        edges = np.array(self.starts[1:-1], np.int64)
        return np.searchsorted(edges, record, side="right").astype(np.int32)

    @property
    def id_type(self) -> pa.DataType:
        """The type of the ids."""
        return pa.int64() if self.whole else pa.string()

    def home(self, record: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """Return the part that holds each record."""
        return np.searchsorted(np.array(self.first[1:], np.int64), record, side="right")

    @property
    def pack(self) -> Pack:
        """The linker on this worker."""
        return load_pack(self.address)


@dataclass(frozen=True, slots=True)
class Pack:
    """A fitted linker on a worker."""

    fitted: FittedLinker

    def prepare(
        self, table: pa.Table, needs: Sequence[Need], settings: Settings
    ) -> dict[Need, Column]:
        """Prepare some records as they would be prepared among all of them.

        Raises
        ------
        RunError
            If the linker lacks a statistic: one of a few records is not that of all.
        """
        plain = {need: _without_limit(need) for need in needs}
        statistics = dict(self.fitted.statistics)
        found = prepare(table, plain.values(), statistics)
        fresh = sorted(set(statistics) - set(self.fitted.statistics))
        if fresh:
            raise RunError(
                f"The saved linker has no statistics {', '.join(fresh)}: fit it again, for a part "
                "of the records cannot give them."
            )
        columns: dict[Need, Column] = {}
        for need, base in plain.items():
            column = found[base]
            if need != base:
                assert isinstance(column, Codes)
                value = column.value
                value = np.where(np.isin(value, settings.frequent[need.slug]), 0, value)
                column = Codes(value.astype(np.uint64))
            columns[need] = column
        return columns

    def job(
        self, table: pa.Table, settings: Settings, candidates: Candidates, *, threads: int = 1
    ) -> Job:
        """Return a job of some records and their candidate pairs, by row of the table."""
        spec = self.fitted.spec
        job = Job(
            spec, as_records(table, settings, spec.fields), dict(self.fitted.statistics),
            settings.mode, DuckDBEngine(threads=threads), settings.budget, settings.order,
        )  # fmt: skip
        job.columns = self.prepare(table, spec.needs(), settings)
        job.candidates = candidates
        return job


def as_records(table: pa.Table, settings: Settings, fields: tuple[Field, ...]) -> Records:
    """Return some records of all as `Records`."""
    return Records(
        table, fields, settings.sources, source_code(table, settings), empty(QUARANTINE),
        settings.id_type,
    )  # fmt: skip


def source_code(table: pa.Table, settings: Settings) -> IntArray:
    """Return the position of the source of each record among all sources."""
    import pyarrow.compute as pc

    names = table["source"].cast(pa.string())
    place = pc.index_in(names, value_set=pa.array(settings.sources, pa.string()))
    return np.asarray(place.to_numpy(), np.int32)


def limited(needs: Sequence[Need]) -> tuple[Need, ...]:
    """Return the needs that depend on how many records of all bear a value."""
    return tuple(need for need in dict.fromkeys(needs) if need != _without_limit(need))


def _without_limit(need: Need) -> Need:
    options = tuple((name, value) for name, value in need.options if name != "at_most")
    return Need(need.kind, need.fields, options)


def save_pack(fitted: FittedLinker, folder: str) -> str:
    """Put a linker where all workers read it; return its address.

    Raises
    ------
    RunError
        If the work folder cannot be written.
    """
    with tempfile.TemporaryDirectory() as here:
        save_linker(Path(here) / "linker", fitted)
        return _put(Path(here) / "linker", folder)


def save_draft(spec: LinkerSpec, statistics: Mapping[str, pa.Table], mode: str, folder: str) -> str:
    """Put a linker that is still to be fitted where all workers read it; return its address."""
    with tempfile.TemporaryDirectory() as here:
        home = Path(here)
        for name, table in statistics.items():
            pq.write_table(table, home / f"{name}.parquet")
        content = {"spec": to_dict(spec), "mode": mode, "statistics": list(statistics)}
        (home / _DRAFT).write_text(json.dumps(content), encoding="utf-8")
        return _put(home, folder)


def _put(here: Path, folder: str) -> str:
    address = f"{folder}/linker-{uuid4().hex[:8]}"
    try:
        system, path = fs.FileSystem.from_uri(address_of(address))
        system.create_dir(path, recursive=True)
        fs.copy_files(
            str(here), path,
            source_filesystem=fs.LocalFileSystem(), destination_filesystem=system,
        )  # fmt: skip
    except (OSError, pa.ArrowException) as error:
        raise RunError(f"The work folder {folder} cannot be written: {error}.") from error
    return address


def _load_draft(home: Path) -> FittedLinker:
    """Read a linker without a matcher."""
    content = json.loads((home / _DRAFT).read_text(encoding="utf-8"))
    spec: LinkerSpec = from_dict(content["spec"], family="linker")
    statistics = {
        name: pq.read_table(home / f"{name}.parquet", partitioning=None)
        for name in content["statistics"]
    }
    nobody: Any = None
    return FittedLinker(spec, statistics, nobody, 0.5, content["mode"])


@lru_cache(maxsize=2)
def load_pack(address: str) -> Pack:
    """Read a linker, once a process."""
    with tempfile.TemporaryDirectory() as here:
        system, path = fs.FileSystem.from_uri(address_of(address))
        try:
            fs.copy_files(
                path, here, source_filesystem=system, destination_filesystem=fs.LocalFileSystem()
            )
        except FileNotFoundError as error:
            raise RunError(
                f"A worker does not see {address}. Give the engine a work folder that driver and "
                "workers see under one name: SparkEngine(work='s3://...')."
            ) from error
        home = Path(here)
        return Pack(_load_draft(home) if (home / _DRAFT).exists() else load_linker(home))
