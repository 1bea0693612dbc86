"""What users demand of the clusters: sources without duplicates, pairs that must or cannot be."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.clustering import Clusterer, Constrained, Constraints, OneToOne, link_mode
from sameas.core.errors import ArgumentError, ColumnError, choices_hint
from sameas.core.prepared import IntArray
from sameas.linker.inputs import Finds, Options, pair_ends
from sameas.linker.job import Job
from sameas.records.frames import to_arrow
from sameas.survivorship import record_names

__all__ = [
    "clusterer_for",
    "constrained",
    "constrained_pairs",
    "read_constraints",
    "unique_sources",
]

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
    rules = read_constraints(job, options, names)
    return constrained(job.spec.clusterer, job.mode, rules)


def constrained(clusterer: Clusterer, mode: str, rules: Constraints) -> Clusterer:
    """Return a clusterer as a mode and constraints want it."""
    if mode == "one-to-one" and not isinstance(clusterer, OneToOne):
        clusterer = link_mode(mode).clusterer
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
    unique = unique_sources(job.mode, job.records.sources, options, names)
    if options.constraints is None:
        return Constraints(unique)
    together, apart, _ = constrained_pairs(options.constraints, job.records, names)
    rules = Constraints(unique, together=together, apart=apart)
    table = job.records.table
    known = record_names(table["source"].combine_chunks(), table["id"].combine_chunks())
    rules.check(job.records.source_code, key=lambda record: known[record].as_py())
    return rules


def unique_sources(
    mode: str, sources: tuple[str, ...], options: Options, names: tuple[str, ...]
) -> tuple[int, ...]:
    """Return the places, among all sources, of those that a cluster holds one record of."""
    code = {name: place for place, name in enumerate(sources)}
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
    if mode == "dedupe" and unique:
        raise ArgumentError(
            "unique_sources is for several tables: in one table without duplicates there is "
            "nothing to find."
        )
    if mode != "dedupe":
        place = {"first": 0, "last": -1}.get(link_mode(mode).unique or "")
        unique |= set() if place is None else {code[names[place]]}
    if mode == "one-to-one" and options.constraints is not None:
        unique = set(code.values())
    return tuple(sorted(unique))


def constrained_pairs(
    given: Any, records: Finds, names: tuple[str, ...]
) -> tuple[IntArray, IntArray, dict[int, Any]]:
    """Read the pairs that must be together, those that cannot be, and what users call them."""
    table, _ = to_arrow(given)
    what = str(given) if isinstance(given, str | os.PathLike) else "The table of constraints"
    if "constraint" not in table.column_names:
        lacks = ColumnError.missing("constraint", table.column_names, table=what)
        raise ColumnError(f"{lacks} It should say 'must' or 'cannot' of each pair.")
    words = table["constraint"].cast(pa.string()).combine_chunks()
    for word in pc.unique(words).to_pylist():
        if word not in _WORDS:
            raise ArgumentError(
                f"{what}: constraint must be 'must' or 'cannot', got {word!r}."
                f"{choices_hint(str(word), _WORDS)}"
            )
    ends = np.stack([pair_ends(table, records, side, names) for side in ("left", "right")])
    must = pc.equal(words, "must").to_numpy(zero_copy_only=False)
    called = {
        int(record): name
        for end, side in zip(ends, ("left_id", "right_id"), strict=True)
        for record, name in zip(end, table[side].to_pylist(), strict=True)
    }
    return ends[:, must], ends[:, ~must], called
