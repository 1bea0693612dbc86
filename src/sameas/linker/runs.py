"""A run: candidates → scores → clusters → entities, each stage kept in the run folder.

A finished stage is reused only if inputs, specs and versions are the same: its fingerprint
is part of its file name. A file is either whole or not there, so a run may be killed at any
moment and started again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import sameas
from sameas.clustering import Clusterer, Clustering
from sameas.clustering.base import DecidedPairs
from sameas.core.errors import RunError, path_hint
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.tables import PAIRS
from sameas.linker.assumptions import assumptions
from sameas.linker.beside import Beside
from sameas.linker.bounded import floor_for, score_weighed
from sameas.linker.cascade import FittedCascade
from sameas.linker.found import Candidates, RuleReport
from sameas.linker.job import Job
from sameas.linker.parts import Parts
from sameas.linker.result import Result, entity_pieces, links_table, run_report, write_entities
from sameas.linker.review import doubtful
from sameas.linker.run_file import RUN_FILE, write_run_file
from sameas.linker.saving import FittedLinker, save_linker
from sameas.linker.spreading import spread
from sameas.linker.stages import Stages
from sameas.records.frames import FrameKind, like
from sameas.records.write import write_table
from sameas.survivorship import clusters_table

__all__ = ["LINKER", "Run"]

#: The folder of a run's linker, inside that of the run.
LINKER = "linker"
#: Columns of links and clusters that hardly repeat.
_IDS = ("id", "entity", "left_id", "right_id")

logger = logging.getLogger(__name__)


@dataclass
class Run:
    """One job, carried to its end.

    Parameters
    ----------
    job : Job
    fitted : FittedLinker
    threshold : float
    order : tuple of str
        Sources as the user gave them.
    inputs : dict
        Where the tables came from, for ``run.json``.
    parts : Parts
        What is made besides links and clusters.
    """

    job: Job
    fitted: FittedLinker
    threshold: float
    order: tuple[str, ...]
    inputs: dict[str, Any] = field(default_factory=dict)
    parts: Parts = field(default_factory=Parts)

    def finish(self, kind: FrameKind, clusterer: Clusterer, out: Path | None) -> Result:
        """Run all stages, resuming in `out` what is there already."""
        self._warn_below_cut()
        with Beside(self.job.engine.threads) as beside:
            return self._finish(kind, clusterer, out, beside)

    def _finish(
        self, kind: FrameKind, clusterer: Clusterer, out: Path | None, beside: Beside
    ) -> Result:
        """Run all stages; what nothing waits for is done beside them."""
        job = self.job
        stages = None
        if out is not None and self.parts.stages:
            stages = Stages(out / "stages", lambda: self._fingerprint)
        floor = floor_for(self.fitted.matcher, clusterer, self.threshold, self.fitted.band)
        found, score = self._scored(stages, floor, beside, clusterer)
        decision = score >= self.threshold
        clustering = clusterer.cluster(
            found.left, found.right, score, decision, job.records.source_code
        )
        together = clustering.label[found.left] == clustering.label[found.right]
        linked = np.flatnonzero(decision & together)  # a clusterer may have dropped matches

        left, right, sure, whole = self._of_rows(clustering, linked, found, score)
        links = links_table(job, left, right, sure, np.ones(len(sure), np.bool_), self.order)
        report = run_report(job, whole, len(sure), self.threshold, self.fitted.version)
        report["labels"] = self.fitted.report.get("labels", "")
        report["assumptions"] = list(assumptions(job, self.fitted, report))
        clusters = clusters_table(job.rows.table, whole.label)
        tables = {"links": links, "clusters": clusters, "quarantine": job.records.quarantine}
        if self.fitted.band is not None:
            rows = doubtful(score, self.threshold, self.fitted.band)
            left, right = job.row(found.left[rows]), job.row(found.right[rows])
            tables["review"] = links_table(
                job, left, right, score[rows], decision[rows], self.order
            )
            report["review"] = {
                "lower": self.fitted.band[0],
                "upper": self.fitted.band[1],
                "pairs": tables["review"].num_rows,
            }
        pieces = entity_pieces(job, whole) if self.parts.entities else iter(())
        if out is None:
            made = list(pieces)
        else:
            draw = partial(self._draw, out, score, linked, clustering, report)
            made = self._write(out, tables, pieces, (report, draw), beside)
        if made:
            tables["entities"] = pa.concat_tables(made)
        frames = {name: like(table, kind) for name, table in tables.items()}
        return Result(**frames, report=report)

    def _of_rows(
        self,
        clustering: Clustering,
        linked: npt.NDArray[np.intp],
        found: Candidates,
        score: npt.NDArray[np.float64],
    ) -> tuple[IntArray, IntArray, npt.NDArray[np.float64], Clustering]:
        """Return links (left, right, score) and clusters of all rows, from those of records."""
        links = DecidedPairs(found.left[linked], found.right[linked], score[linked])
        repeats = self.job.repeats
        if repeats is None:
            return *links, clustering
        inside = self.job.group is None
        told = spread(repeats, clustering, links, self.threshold, inside=inside)
        return told.left, told.right, told.score, told.clustering

    def reuse(self, out: Path) -> bool:
        """Take the candidates from the folder of a run like this one; say if they are there."""
        if not out.is_dir():
            raise RunError(f"run: {out} does not exist.{path_hint(out)}")
        stages = Stages(out / "stages", lambda: self._fingerprint)
        kept = stages.read("scores") or stages.read("candidates")
        if kept is not None:
            self.job.candidates = _from_table(*kept)
        return kept is not None

    def scored(self, out: Path) -> tuple[Candidates, np.ndarray]:
        """Return candidates and scores, from the folder of a run like this one if it has them."""
        with Beside(self.job.engine.threads) as beside:
            return self._scored(Stages(out / "stages", lambda: self._fingerprint), 0.0, beside)

    def _warn_below_cut(self) -> None:
        """Say so if the threshold accepts pairs that the final matcher has not seen."""
        matcher = self.fitted.matcher
        if isinstance(matcher, FittedCascade) and self.threshold < matcher.cut:
            logger.warning(
                "The threshold %g is below the cut of the cascade, %g: pairs between them are "
                "decided by the first matcher alone. Fit with cascade=None for such thresholds.",
                self.threshold, matcher.cut,
            )  # fmt: skip

    def _scored(
        self,
        stages: Stages | None,
        floor: float,
        beside: Beside,
        clusterer: Clusterer | None = None,
    ) -> tuple[Candidates, np.ndarray]:
        """Return candidates and scores, from the run folder if they are there.

        Above the `floor`, and where the clusterer weighs them, scores are right.
        """
        job, matcher = self.job, self.fitted.matcher
        kept = stages.read("scores") if stages else None
        if kept is not None and kept[1].get("floor", 0.0) <= floor:
            found = job.candidates = _from_table(*kept)
            score = np.array(kept[0]["score"].to_numpy())
            if clusterer is not None:
                score_weighed(job, matcher, clusterer, self.threshold, score, floor)
            return found, score
        kept = kept or (stages.read("candidates") if stages else None)
        if kept is not None:
            job.candidates = _from_table(*kept)
        found = job.candidates
        about: dict[str, Any] = {"reports": [report.to_dict() for report in found.reports]}
        about["unreached"] = found.unreached
        pairs = pa.table([found.left, found.right, found.rule], schema=PAIRS)
        if stages and kept is None:
            # It goes when the scores are there, so it is not worth packing.
            beside.start(partial(stages.write, compression="none"), "candidates", pairs, about)
        score = job.scores(matcher, found.left, found.right, floor=floor)
        if clusterer is not None:
            score_weighed(job, matcher, clusterer, self.threshold, score, floor)

        def keep(stages: Stages) -> None:
            whole = pairs.append_column("score", pa.array(score))
            stages.write("scores", whole, about | {"floor": floor})
            stages.remove("candidates")

        if stages:
            beside.start(keep, stages)
        return found, score

    def _write(
        self,
        out: Path,
        tables: dict[str, pa.Table],
        pieces: Iterator[pa.Table],
        told: tuple[dict[str, Any], Callable[[], None]],
        beside: Beside,
    ) -> list[pa.Table]:
        """Write the run folder; the entities come back, piece by piece.

        One file has one writer: while it is at work, the next entities are made and everything
        else is written beside it. What is `told` are the figures, and what draws the report.
        """
        report, draw = told
        (out / RUN_FILE).unlink(missing_ok=True)  # it says that the folder is whole
        for name in ("review",) if self.parts.entities else ("review", "entities"):
            (out / f"{name}.parquet").unlink(missing_ok=True)  # it may be of another linker
        write = partial(write_table, prefixed=_IDS)
        for name, table in tables.items():
            beside.start(write, table, out / f"{name}.parquet")
        beside.start(save_linker, out / LINKER, self.fitted)
        beside.start(draw)
        made = write_entities(pieces, out / "entities.parquet")
        beside.wait()
        figures = {"inputs": self.inputs, **report}
        write_run_file(out, self.fitted, self.job.spec, figures)
        return made

    def _draw(
        self,
        out: Path,
        score: FloatArray,
        linked: npt.NDArray[np.intp],
        clustering: Clustering,
        report: dict[str, Any],
    ) -> None:
        """Write the report of the run, if it is not there yet."""
        if not self.parts.report:
            for name in ("report.html", "report.json"):
                (out / name).unlink(missing_ok=True)
            return
        from sameas.linker.gather import Finished
        from sameas.linker.run_report import write_report

        finished = Finished(
            self.job, self.fitted, self.threshold, self.order, score, linked, clustering, report
        )
        write_report(finished, out, f"{self._fingerprint} {self.threshold!r}")

    @cached_property
    def _fingerprint(self) -> str:
        """Hash inputs, linker, mode and version of the program."""
        digest = hashlib.sha256()
        digest.update(f"{sameas.__version__} {self.fitted.version} {self.job.mode}".encode())
        digest.update(repr(self.job.budget).encode())
        digest.update(repr(self.job.records.sources).encode())
        for batch in self.job.records.table.combine_chunks().to_batches():
            for column in batch.columns:
                for buffer in column.buffers():
                    digest.update(memoryview(buffer) if buffer is not None else b"-")
        if self.job.repeats is not None:
            digest.update(self.job.repeats.record.tobytes())
        return digest.hexdigest()[:16]


def _from_table(table: pa.Table, about: dict[str, Any]) -> Candidates:
    reports = tuple(RuleReport(**report) for report in about["reports"])
    # Copies, for a view of Arrow is read-only, and kernels would be compiled for it anew.
    left, right, rule = (np.array(table[name].to_numpy()) for name in PAIRS.names)
    return Candidates(left, right, rule, reports, about.get("unreached"))
