"""Tables become a job, and a job with labels, or without any, becomes a fitted linker."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.prepared import IntArray
from sameas.core.specs import spec_name
from sameas.linker.absent import about_absent, absent_fields, narrowed, values_of
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
from sameas.linker.learned_words import without_learned_words
from sameas.linker.modes import check_mode, default_mode
from sameas.linker.repeats import compared_once
from sameas.linker.saving import FittedLinker, version_of
from sameas.linker.spec import LinkerSpec
from sameas.linker.unsupervised import learn_from_both, unlabelled_spec
from sameas.linker.without_labels import fit_without_labels, spec_without_labels
from sameas.matching import FellegiSunter, SelfTraining
from sameas.records import collect
from sameas.records.frames import to_arrow

if TYPE_CHECKING:
    from sameas.labeling import LabelledPairs

__all__ = [
    "Teaching",
    "job_for",
    "labelled_pairs",
    "learn",
    "make_job",
    "pairs_job",
    "teach",
    "teaching_of",
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
    return job, with_reason(fitted, reason)


@dataclass(frozen=True)
class Teaching:
    """How a linker learns from the tables at hand.

    Attributes
    ----------
    spec : LinkerSpec
        Without the fields that no record has.
    given : LinkerSpec
        As the user gave it.
    silver : str or None
        The field that labels pairs.
    alone : list of str or None
        Without labels: what to know of the choice of the matcher.
    """

    spec: LinkerSpec
    given: LinkerSpec
    silver: str | None = None
    alone: list[str] | None = None

    def otherwise(self, error: LabelError) -> LinkerSpec:
        """Return the linker that learns where the default matcher for two tables cannot.

        What the user asked for is obeyed, so then the error is raised.
        """
        chosen = isinstance(self.spec.matcher, SelfTraining)
        if self.alone is None or not chosen or isinstance(self.given.matcher, SelfTraining):
            raise error
        spec = unlabelled_spec(self.given)
        if isinstance(error, DoubtError) and isinstance(spec.matcher, FellegiSunter):
            return replace(spec, matcher=replace(spec.matcher, **error.matcher))
        return spec

    @property
    def learner(self) -> Any:
        """What learns from labels instead of the matcher's own fit."""
        both = self.alone is None and isinstance(self.given.matcher, FellegiSunter)
        return learn_from_both if both else None


def teaching_of(
    spec: LinkerSpec, values: pa.Table, *, labelled: bool, across: bool, sources: int
) -> Teaching:
    """Choose how to learn.

    Parameters
    ----------
    spec : LinkerSpec
        As the user gave it.
    values : pyarrow.Table
        What records have values for, by `values_of`.
    labelled : bool
    across : bool
        Whether only records of different tables meet.
    sources : int
        Number of tables.

    Raises
    ------
    LabelError
        If there is nothing to learn from.
    """
    given, silver, alone = spec, None, None
    missing = absent_fields(values, spec.fields)
    spec = spec.without(missing) if labelled else narrowed(spec, missing)
    unlabelled = None if labelled else spec_without_labels(spec, across=across, sources=sources)
    if unlabelled is not None:
        spec, alone = unlabelled
        alone += about_absent(values, missing)
    elif isinstance(spec.matcher, FellegiSunter):
        spec = unlabelled_spec(spec)
    if unlabelled is not None or isinstance(spec.matcher, FellegiSunter):
        spec = without_learned_words(spec)
    if not labelled and unlabelled is None:
        silver = _silver_field(spec, missing)
    return Teaching(spec, given, silver, alone)


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


def _silver_field(spec: LinkerSpec, missing: set[str]) -> str:
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
    if silver in missing:
        raise LabelError(
            f"There are no labels, and the silver field {silver!r} is empty in these tables. "
            f"Map it to a column (mapping={{{silver!r}: 'your column'}}), learn without labels "
            "(silver=None), give labels=, a table with left_id, right_id and label, or load a "
            "saved linker."
        )
    return silver
