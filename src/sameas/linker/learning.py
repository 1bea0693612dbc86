"""Tables become a job, and a job with labels, or without any, becomes a fitted linker."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import IntArray
from sameas.linker.absent import values_of
from sameas.linker.doubts import DoubtError
from sameas.linker.inputs import (
    Finds,
    Options,
    finder,
    label_sources,
    mode_for,
    options_of,
    pair_ends,
)
from sameas.linker.job import Job
from sameas.linker.modes import check_mode, default_mode
from sameas.linker.repeats import compared_once
from sameas.linker.saving import FittedLinker, version_of
from sameas.linker.spec import LinkerSpec
from sameas.linker.teaching import Teaching, teaching_of
from sameas.linker.without_labels import fit_without_labels
from sameas.matching import SelfTraining
from sameas.records import collect
from sameas.records.frames import to_arrow

if TYPE_CHECKING:
    from sameas.labeling import LabelledPairs

__all__ = [
    "job_for",
    "labelled_pairs",
    "learn",
    "make_job",
    "pairs_job",
    "teach",
    "with_reason",
]

logger = logging.getLogger(__name__)


def make_job(
    spec: LinkerSpec,
    named: Mapping[str, Any],
    mode: str | None,
    options: Options | None,
    statistics: dict[str, pa.Table],
) -> Job:
    """Read tables for a linker.

    Parameters
    ----------
    spec : LinkerSpec
    named : mapping of str to table
    mode : str or None
        None: by the number of tables.
    options : Options or None
    statistics : dict of str to pyarrow.Table
        Those that are absent are learnt from these tables, and added.
    """
    options = options_of(options)
    mode = mode or default_mode(named)
    check_mode(mode)
    if (mode == "dedupe") != (len(named) == 1):
        raise ArgumentError(f"mode {mode!r} does not fit {len(named)} table(s).")
    required = {field.name for field in spec.fields} - set(spec.optional)
    engine = options.make_engine()
    records = collect(
        named,
        spec.fields,
        id_column=options.id_column,
        mapping=options.mapping,
        required=required,
        threads=engine.threads,
    )
    return Job(spec, records, statistics, mode, engine, options.budget, tuple(named))


def job_for(
    fitted: FittedLinker, named: Mapping[str, Any], mode: str | None, options: Options | None
) -> Job:
    """Read tables for a fitted linker; its statistics stay as they are.

    What a linker learned of ranks among all records of one table holds there only. Across tables
    half of the rivals would be missing, and most pairs would look like the best of their records.
    So windows hold the records of the same table where they did so at the fit. With third records
    only: such a linker works in one piece on one machine, so all doors agree.
    """
    job = make_job(fitted.spec, named, mode, options, dict(fitted.statistics))
    context = fitted.spec.context
    thirds = context is not None and context.thirds
    job.inside = thirds and fitted.mode in ("dedupe", "also-within")
    return job


def pairs_job(
    fitted: FittedLinker, named: Mapping[str, Any], pairs: pa.Table, options: Options | None
) -> tuple[Job, IntArray, IntArray]:
    """Return a job of the tables and the record numbers of pairs, smaller first."""
    mode = mode_for(named, fitted)
    job = job_for(fitted, named, mode, options)
    ends = [pair_ends(pairs, job.records, side, tuple(named)) for side in ("left", "right")]
    job = compared_once(job, options)
    if job.repeats is not None:
        ends = [job.repeats.record[rows] for rows in ends]
    return job, np.minimum(*ends), np.maximum(*ends)


def learn(
    spec: LinkerSpec,
    named: Mapping[str, Any],
    labels: Any,
    mode: str | None,
    conflicts: str,
    options: Options | None,
) -> tuple[Job, FittedLinker]:
    """Fit a linker on tables.

    Parameters
    ----------
    spec : LinkerSpec
    named : mapping of str to table
    labels : frame, path or None
    mode, conflicts, options
        As in `Linker.fit`.

    Returns
    -------
    job : Job
        Its tables are read and its candidates found.
    fitted : FittedLinker

    Raises
    ------
    LabelError
        If there is nothing to learn from.
    """
    statistics: dict[str, pa.Table] = {}
    job = make_job(spec, named, mode, options, statistics)
    if labels is None:  # labels speak of rows
        job = compared_once(job, options)
    if len(job.records) < 2:
        raise LabelError(
            f"There are no two records to compare: {len(job.records)} of {', '.join(named)} can be "
            "used."
        )
    across = job.group is not None
    values = values_of(job.records.table, spec.fields, across=across and labels is None)
    teaching = teaching_of(
        spec, values, labelled=labels is not None, across=across,
        sources=len(job.records.sources),
    )  # fmt: skip
    job.spec = teaching.spec
    pairs, origin = None, ""
    if labels is not None:
        pairs, origin = labelled_pairs(labels, job.records, tuple(named), conflicts)
    elif teaching.silver is not None:
        from sameas.linker.silver import silver_pairs

        pairs, origin = silver_pairs(job, teaching.silver)
    try:
        return job, teach(job, teaching, pairs, origin)
    except LabelError as error:
        other, reason = teaching.otherwise(error), error
    job, fitted = learn(other, named, labels, mode, conflicts, options)
    if isinstance(reason, DoubtError) and reason.faint and not fitted.report["expected"]["links"]:
        return learn(replace(spec, matcher=SelfTraining()), named, labels, mode, conflicts, options)
    return job, with_reason(fitted, reason)


def labelled_pairs(
    labels: Any, records: Finds, names: tuple[str, ...], conflicts: str
) -> tuple[LabelledPairs, str]:
    """Read labels and find their records; return where they came from too."""
    from sameas.labeling import read_labels

    table, _ = to_arrow(labels)
    name = str(labels) if isinstance(labels, str | os.PathLike) else "The label table"
    sources = label_sources(names)
    pairs = read_labels(table, finder(records), sources=sources, conflicts=conflicts, name=name)
    return pairs, name


def with_reason(fitted: FittedLinker, reason: LabelError) -> FittedLinker:
    """Say in the report why another matcher than the default learned."""
    note = f"self-training could not begin, so FellegiSunter() learned: {reason}"
    if isinstance(reason, DoubtError):
        how = ", which asks for more" if "shared" in reason.matcher else " beside records at random"
        note = f"the pairs most alike {reason}: so FellegiSunter() learned{how}"
    logger.warning("%s", note)
    fitted.report["notes"] = [note, *fitted.report["notes"]]
    return fitted


def teach(job: Job, teaching: Teaching, pairs: LabelledPairs | None, origin: str) -> FittedLinker:
    """Fit a linker on a job, from labelled pairs or without any."""
    if pairs is not None:
        from sameas.linker.training import fit_job

        learned = fit_job(job, pairs, origin, teaching.learner)
    else:
        learned = fit_without_labels(job, teaching.alone or [], teaching.given)
    fitted = FittedLinker(
        job.spec, job.statistics, learned.matcher, learned.threshold, job.mode, learned.report,
        band=learned.band,
    )  # fmt: skip
    fitted.version = version_of(fitted)
    return fitted
