"""What linking gives: links, clusters, entities, quarantine and a report, as the user's frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sameas.clustering import Clustering
from sameas.core.prepared import IntArray
from sameas.core.tables import SCORES
from sameas.linker.job import Job
from sameas.linker.saving import FittedLinker
from sameas.records.write import write_pieces
from sameas.survivorship import golden_batches, name_columns, record_names

__all__ = ["KeptResult", "Result", "entity_pieces", "links_table", "run_report", "scored_table",
           "scores_schema", "write_entities"]  # fmt: skip

_PIECE = 65_536  # records, so that threads end together


@dataclass(frozen=True)
class Result:
    """The result of linking or deduplicating.

    Attributes
    ----------
    links : frame
        SCORES: the pairs decided to be matches, in the order of the records.
    clusters : frame
        CLUSTERS: the entity of every record.
    quarantine : frame
        QUARANTINE: what could not be used, and why.
    report : dict
        The figures of every step.
    entities : frame or None
        ENTITIES: one golden record each, and where every value came from; None if the call left
        them out.
    review : frame or None
        SCORES: the pairs in the review band, the most doubtful first; None without a band.
    """

    links: Any
    clusters: Any
    quarantine: Any
    report: dict[str, Any]
    entities: Any = None
    review: Any = None

    def __repr__(self) -> str:
        """Say how much was found."""
        found = self.report["clusters"]
        return (
            f"Result({self.report['records']:,} records, {self.report['links']:,} links, "
            f"{found['clusters']:,} entities, threshold {self.report['threshold']:.4f})"
        )


class KeptResult(Result):
    """The result of a run in pieces: its tables stay on disk until they are asked for."""

    def __init__(self, folder: Path, report: dict[str, Any]) -> None:
        self.__dict__.update(folder=folder, report=report)

    @classmethod
    def read(cls, folder: Path) -> KeptResult:
        """Open a finished run folder."""
        return cls(folder, json.loads((folder / "run.json").read_text(encoding="utf-8")))

    def __getattribute__(self, name: str) -> Any:
        """Read a table from the run folder, as an Arrow table."""
        if name in ("links", "clusters", "entities", "quarantine", "review"):
            file = self.folder / f"{name}.parquet"
            return pq.read_table(file, partitioning=None) if file.exists() else None
        return super().__getattribute__(name)


def scores_schema(id_type: pa.DataType) -> pa.Schema:
    """Return SCORES with the user's own type of id."""
    fields = [
        pa.field(item.name, id_type) if item.name in ("left_id", "right_id") else item
        for item in SCORES
    ]
    return pa.schema(fields)


def links_table(
    job: Job,
    left: IntArray,
    right: IntArray,
    score: npt.NDArray[np.float64],
    decision: npt.NDArray[np.bool_],
    order: tuple[str, ...],
) -> pa.Table:
    """Make the SCORES table of pairs.

    Parameters
    ----------
    job : Job
    left, right : int32[p]
        Rows as they were given, which are the records where no row repeats another.
    score : float64[p]
    decision : bool[p]
    order : tuple of str
        Sources as the user gave them: the earlier stands on the left.
    """
    records = job.rows
    place = np.array([order.index(name) for name in records.sources], np.int32)
    rank = place[records.source_code]
    swap = rank[left] > rank[right]
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    source = records.table["source"].cast(pa.string())
    identifier = records.table["id"]
    columns = [
        source.take(left), identifier.take(left), source.take(right), identifier.take(right),
        pa.array(score), pa.array(decision),
    ]  # fmt: skip
    return pa.table(columns, schema=scores_schema(records.id_type))


def scored_table(
    pairs: pa.Table,
    fitted: FittedLinker,
    score: npt.NDArray[np.float64],
    listed: npt.NDArray[np.bool_],
) -> pa.Table:
    """Make the table of the scores of given pairs; it also keeps threshold and version."""
    names = ("left_source", "left_id", "right_source", "right_id")
    out = pairs.select([name for name in names if name in pairs.column_names])
    out = out.append_column("score", pa.array(score))
    out = out.append_column("decision", pa.array(score >= fitted.threshold))
    out = out.append_column("candidate", pa.array(listed))
    about = {"threshold": repr(fitted.threshold), "version": fitted.version}
    return out.replace_schema_metadata({f"sameas.{k}": v for k, v in about.items()})


def run_report(
    job: Job, clustering: Clustering, links: int, threshold: float, version: str
) -> dict[str, Any]:
    """Gather the figures of a run as plain data."""
    rows = job.rows
    table = rows.table

    def name(record: int) -> Any:
        source, identifier = (table[key].slice(record, 1) for key in ("source", "id"))
        return record_names(source.combine_chunks(), identifier.combine_chunks())[0].as_py()

    quarantine = rows.quarantine
    grouped = quarantine.group_by(["field", "reason"]) if quarantine.num_rows else None
    reasons = grouped.aggregate([([], "count_all")]).to_pylist() if grouped else []
    return {
        "sources": {
            source: int(rows.bounds(source)[1] - rows.bounds(source)[0]) for source in rows.sources
        },
        "records": len(rows),
        **({} if job.repeats is None else {"wordings": len(job.records)}),
        "mode": job.mode,
        "linker_version": version,
        "threshold": threshold,
        "quarantine": sorted(reasons, key=lambda row: (-row["count_all"], row["reason"]))[:50],
        "blocking": [report.to_dict() for report in job.candidates.reports],
        "candidates": len(job.candidates),
        "unreached": job.candidates.unreached,
        "met_nobody": _met_nobody(job),
        "links": links,
        "clusters": clustering.report.to_dict(key=name),
    }


def _met_nobody(job: Job) -> int:
    """Count the records that no candidate pair holds."""
    met = np.zeros(len(job.records), np.bool_)
    met[job.candidates.left] = met[job.candidates.right] = True
    return int(len(met) - np.count_nonzero(met))


def entity_pieces(job: Job, clustering: Clustering) -> Iterator[pa.Table]:
    """Make the ENTITIES table of a clustering, piece by piece."""
    return golden_batches(
        job.rows.table,
        clustering.label,
        job.spec.survivorship,
        batch_size=_PIECE,
        threads=job.engine.threads,
    )


def write_entities(pieces: Iterator[pa.Table], file: Path) -> list[pa.Table]:
    """Write the entities as they come, if there are any to be written, and return them."""
    made = list(islice(pieces, 1))
    if not made:
        return made
    schema = made[0].schema
    with write_pieces(file, schema, prefixed=name_columns(schema)) as write:
        write(made[0])
        for piece in pieces:
            write(piece)
            made.append(piece)
    return made
