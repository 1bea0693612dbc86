"""Tables become a job, and a job with labels, or without any, becomes a fitted linker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import IntArray
from sameas.core.specs import spec_name
from sameas.labeling import read_labels
from sameas.linker.inputs import (
    Options,
    finder,
    label_sources,
    mode_for,
    pair_ends,
    without_values,
)
from sameas.linker.job import Job
from sameas.linker.modes import check_mode, default_mode
from sameas.linker.saving import FittedLinker, version_of
from sameas.linker.spec import LinkerSpec
from sameas.linker.training import fit_job, silver_pairs
from sameas.linker.unsupervised import learn_from_both, unlabelled_spec
from sameas.linker.without_labels import fit_without_labels, spec_without_labels
from sameas.matching import FellegiSunter
from sameas.records import Records, collect
from sameas.records.frames import to_arrow

__all__ = ["learn", "make_job", "pairs_job"]


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
    options = options or Options()
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


def pairs_job(
    fitted: FittedLinker, named: Mapping[str, Any], pairs: pa.Table, options: Options | None
) -> tuple[Job, IntArray, IntArray]:
    """Return a job of the tables and the record numbers of pairs, smaller first."""
    mode = mode_for(named, fitted)
    job = make_job(fitted.spec, named, mode, options, dict(fitted.statistics))
    ends = [pair_ends(pairs, job.records, side, tuple(named)) for side in ("left", "right")]
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
    unlabelled, given = spec_without_labels(spec, job) if labels is None else None, spec
    learner = learn_from_both if isinstance(spec.matcher, FellegiSunter) else None
    if unlabelled is not None:
        spec, notes = unlabelled
    elif learner is not None:
        spec = unlabelled_spec(spec)
    if labels is None and unlabelled is None:
        silver = _silver_field(spec, job.records)
    job.spec = spec.without(without_values(job.records))
    if labels is not None:
        table, _ = to_arrow(labels)
        sources = label_sources(tuple(named))
        name = str(labels) if isinstance(labels, str | os.PathLike) else "The label table"
        pairs = read_labels(
            table, finder(job.records), sources=sources, conflicts=conflicts, name=name
        )
        origin = name
    elif unlabelled is None:
        pairs, origin = silver_pairs(job, silver)
    learned = (
        fit_job(job, pairs, origin, learner)
        if unlabelled is None
        else fit_without_labels(job, notes, given)
    )
    fitted = FittedLinker(
        job.spec, statistics, learned.matcher, learned.threshold, job.mode, learned.report,
        band=learned.band,
    )  # fmt: skip
    fitted.version = version_of(fitted)
    return job, fitted


def _silver_field(spec: LinkerSpec, records: Records) -> str:
    """Return the field that labels pairs."""
    silver = spec.silver
    if silver is None:
        raise LabelError(
            "There are no labels to learn from, and the matcher "
            f"{spec_name(spec.matcher)!r} needs some. Give labels=, a table with left_id, "
            "right_id and label; or name a silver field that is kept out of blocking and "
            "comparisons, such as a phone number; or take matcher=FellegiSunter() or "
            "matcher=SelfTraining(), which learn without labels; or load a saved linker."
        )
    if records.table[silver].null_count == len(records):
        raise LabelError(
            f"There are no labels, and the silver field {silver!r} is empty in these tables. "
            f"Map it to a column (mapping={{{silver!r}: 'your column'}}), give labels=, a "
            "table with left_id, right_id and label, or load a saved linker."
        )
    return silver
