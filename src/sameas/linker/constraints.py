"""What users demand of the clusters: sources without duplicates, pairs that must or cannot be."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.clustering import Clusterer, Constrained, Constraints, OneToOne, link_mode
from sameas.core.errors import ArgumentError, ColumnError, choices_hint
from sameas.linker.inputs import Options, pair_ends
from sameas.linker.job import Job
from sameas.records.frames import to_arrow
from sameas.survivorship import record_names

__all__ = ["clusterer_for", "read_constraints"]

#: What the column ``constraint`` may say.
_WORDS = ("must", "cannot")


def clusterer_for(job: Job, options: Options, names: tuple[str, ...]) -> Clusterer:
    """Return the clusterer of a run, under the constraints of its options.

    Parameters
    ----------
    job : Job
    options : Options
        ``unique_sources`` and ``constraints``.
    names : tuple of str
        Sources as the user gave them.
    """
    clusterer: Clusterer = job.spec.clusterer
    if job.mode == "one-to-one" and not isinstance(clusterer, OneToOne):
        clusterer = link_mode(job.mode).clusterer
    rules = read_constraints(job, options, names)
    return Constrained(clusterer, rules) if rules else clusterer


def read_constraints(job: Job, options: Options, names: tuple[str, ...]) -> Constraints:
    """Find the records that the constraints name.

    Raises
    ------
    ArgumentError
        If a source is unknown, a word is neither "must" nor "cannot", or two constraints
        contradict each other.
    LabelError
        If an id names no record.
    """
    records, code = job.records, {name: place for place, name in enumerate(job.records.sources)}
    wanted = options.unique_sources
    if isinstance(wanted, str):
        wanted = (wanted,)
    for name in wanted:
        if name not in code:
            raise ArgumentError(
                f"unique_sources: there is no source {name!r}.{choices_hint(name, code)} "
                f"There are: {', '.join(code)}."
            )
    unique = {code[name] for name in wanted}
    if job.mode == "dedupe" and unique:
        raise ArgumentError(
            "unique_sources is for several tables: in one table without duplicates there is "
            "nothing to find."
        )
    if job.mode != "dedupe":
        place = {"first": 0, "last": -1}.get(link_mode(job.mode).unique or "")
        unique |= set() if place is None else {code[names[place]]}
    if options.constraints is None:
        return Constraints(tuple(sorted(unique)))
    if job.mode == "one-to-one":
        unique = set(code.values())
    rules = _pairs(options.constraints, job, names, tuple(sorted(unique)))
    table = records.table
    known = record_names(table["source"].combine_chunks(), table["id"].combine_chunks())
    rules.check(records.source_code, key=lambda record: known[record].as_py())
    return rules


def _pairs(given: Any, job: Job, names: tuple[str, ...], unique: tuple[int, ...]) -> Constraints:
    table, _ = to_arrow(given)
    what = str(given) if isinstance(given, str | os.PathLike) else "The table of constraints"
    if "constraint" not in table.column_names:
        raise ColumnError.missing("constraint", table.column_names, table=what)
    words = table["constraint"].cast(pa.string()).combine_chunks()
    for word in pc.unique(words).to_pylist():
        if word not in _WORDS:
            raise ArgumentError(
                f"{what}: constraint must be 'must' or 'cannot', got {word!r}."
                f"{choices_hint(str(word), _WORDS)}"
            )
    ends = np.stack([pair_ends(table, job.records, side, names) for side in ("left", "right")])
    must = pc.equal(words, "must").to_numpy(zero_copy_only=False)
    return Constraints(unique, together=ends[:, must], apart=ends[:, ~must])
