"""From tables to a plan."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa

from sameas.blocking import Evidence
from sameas.core.errors import ArgumentError
from sameas.core.prepared import IntArray
from sameas.labeling import read_labels
from sameas.linker.home import whole_homes
from sameas.linker.inputs import finder, label_sources, name_tables
from sameas.linker.planning.about import about_fields, about_ids
from sameas.linker.planning.choose import PAIRS_A_RECORD, Choice, choose
from sameas.linker.planning.matches import SurePairs, sure_pairs
from sameas.linker.planning.narrow import asked_evidence
from sameas.linker.planning.passing import passing_fields
from sameas.linker.planning.plan import Plan
from sameas.linker.planning.planned import PlannedField
from sameas.linker.planning.propose import Proposal, propose
from sameas.linker.planning.reach import out_of_reach
from sameas.linker.planning.repeats import about_repeats
from sameas.linker.planning.sample import Sample, sampled_rows
from sameas.linker.planning.series import about_series, numbered_fields
from sameas.linker.planning.simulate import Simulation
from sameas.linker.planning.stand_ins import words_of_series
from sameas.linker.planning.words import alike_enough
from sameas.records import Records, collect
from sameas.records.frames import to_arrow, to_source
from sameas.records.joined import parts_of
from sameas.records.recognise import IGNORE, Recognised, recognise

__all__ = ["plan_tables"]

#: Of more records a sample is planned on; with fewer sure pairs nothing is estimated.
_SAMPLED = 100_000
_FEW_MATCHES = 30
_DEPTH = 4  # rules that should find each match, where that costs little


def plan_tables(
    *tables: Any,
    labels: Any = None,
    pairs_a_record: float = PAIRS_A_RECORD,
    threads: int | None = None,
    id_column: str | None = None,
    by_keys: bool = False,
    distinct: bool | None = None,
) -> Plan:
    """Guess what the columns of tables mean, and propose how to block them.

    Parameters
    ----------
    *tables : frame, path, or one mapping of source name to table
    labels : frame or path, optional
        Labelled pairs, as for `Linker.fit`: blocking is then chosen by the matches among
        them (rows of the test split are not read). Otherwise by an estimate.
    pairs_a_record : float
        Budget of candidate pairs for each record.
    threads : int, optional
    id_column : str, optional
        The column of the ids, or "none" to number the rows; found by default.
    by_keys : bool
        Block by keys, shared words and distance alone, as a store of entities and a run in pieces
        need it: no rule that lists the nearest neighbours in the wording.
    distinct : bool, optional
        Whether rows that repeat another one of their table in every field are compared once; where
        they are a fifth of a table and more by default.

    Returns
    -------
    Plan
        A spec to look at, correct and run.

    Raises
    ------
    DataError
        If a table is empty.
    ArgumentError
        If no column can be used.

    Notes
    -----
    Cost: seconds; larger tables are sampled, and figures are scaled to the whole.

    Examples
    --------
    >>> people = {"id": [1, 2, 3], "e_mail": ["a@b.org", "a@b.org", "c@d.org"]}
    >>> plan = plan_tables(people)
    >>> [(field.name, field.kind) for field in plan.fields]
    [('e_mail', 'email')]
    >>> plan.blocking[0].label
    'e_mail'
    """
    if not pairs_a_record > 0:
        raise ArgumentError(f"pairs_a_record must be positive, got {pairs_a_record}.")
    if distinct is not None and not isinstance(distinct, bool):
        raise ArgumentError(f"distinct must be True, False or None, got {distinct!r}.")
    read = {name: to_source(table)[0].table for name, table in name_tables(tables).items()}
    found = recognise(read, id_column=id_column)
    asked = _Asked(labels, pairs_a_record, threads, by_keys)
    plan = _planned(read, found, asked, once=distinct)
    if plan.distinct and not plan.blocking and distinct is None:  # no two wordings meet
        plan = _planned(read, found, asked, once=False)
    return plan


class _Asked(NamedTuple):
    """What a plan is to be like; see `plan_tables`."""

    labels: Any
    budget: float
    threads: int | None
    by_keys: bool


def _planned(
    read: Mapping[str, pa.Table], found: Recognised, asked: _Asked, *, once: bool | None
) -> Plan:
    """Plan tables, each wording of a table being a record `once`; None: where many repeat."""
    labels, budget = asked.labels, asked.budget
    fields = tuple(
        PlannedField(f.name, f.kind, dict(f.columns), round(f.confidence, 2), tuple(f.why))
        for f in found.fields
    )
    ids = {source: column.column for source, column in found.ids.items()}
    draft = Plan(fields, ids, ())
    if not draft.used:
        whys = "; ".join(f"{f.name}: {', '.join(f.why)}" for f in fields)
        raise ArgumentError(
            f"No column says which records belong together: {whys or 'there are only ids'}."
        )
    sampled = partial(
        _sample, tables=read, threads=asked.threads, whole=labels is not None, once=once
    )
    sample = sampled(draft)
    distinct = {f.name: f.profile.distinct for f in found.fields if f.kind != IGNORE}
    base, further = _proposed(draft, sample, distinct, asked)
    if labels is not None:
        matches = _labelled(labels, sample.records, tuple(read))
        choice = choose(
            sample, base, further, lambda rule: sample.covers(rule, *matches),
            budget=budget,
        )  # fmt: skip
        evidence = None
        basis = [f"Blocking was chosen on {len(matches[0]):,} labelled matches (none of test)."]
    else:
        sure = sure_pairs(sample, draft.used, [*base, *further])
        passing = passing_fields(sample, draft.used, [*base, *further], sure)
        if passing:
            draft = _leaving_out(draft, passing)
            narrower = sampled(draft)
            if narrower.distinct:  # rows that differ in passing fields alone are equal now
                sample = narrower
            base, further = _proposed(draft, sample, distinct, asked)
            sure = sure_pairs(sample, draft.used, [*base, *further])
        choice, evidence, basis = _estimated(sample, draft, (base, further, sure), distinct, budget)
    rows, records = sum(table.num_rows for table in read.values()), _size(sample)
    repeats = [about_repeats(records, rows, tables=len(read))] if sample.distinct else []
    numbered = numbered_fields(sample, draft.used)
    words = words_of_series(sample, numbered)
    rules = [planned.rule for planned in choice.rules]
    assumed = (
        *out_of_reach(sample, draft.used, rules, further),
        *about_ids(found, read), *about_fields(draft.fields), *repeats,
        *about_series(numbered, words), *basis,
    )  # fmt: skip
    return Plan(
        draft.fields, ids, choice.rules, None, _round(choice.recall), labels is not None, assumed,
        evidence, sample.distinct, numbered, words, _round(choice.reached), choice.too_high,
    )  # fmt: skip


def _size(sample: Sample) -> int:
    """Return how many records the tables have, each wording counting once where it does."""
    return round(len(sample) * sample.scale)


def _proposed(draft: Plan, sample: Sample, distinct: Mapping[str, int], asked: _Asked) -> Proposal:
    """Propose blocking rules: those that a plan begins with, and further ones."""
    base, further = propose(draft.used, distinct, _size(sample), by_keys=asked.by_keys)
    return alike_enough(base, sample, budget=asked.budget), further


def _leaving_out(draft: Plan, passing: Mapping[str, str]) -> Plan:
    """Ignore fields in which matches differ as others do, each with the reason."""
    fields = tuple(
        replace(f, kind=IGNORE, why=(*f.why, passing[f.name])) if f.name in passing else f
        for f in draft.fields
    )
    return Plan(fields, draft.ids, ())


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _sample(
    draft: Plan,
    tables: Mapping[str, pa.Table],
    *,
    threads: int | None,
    whole: bool,
    once: bool | None,
) -> Sample:
    total, distinct = sum(table.num_rows for table in tables.values()), False
    mapping = dict(draft.options(list(tables)).mapping or {})
    threads, chosen = threads or os.cpu_count() or 1, dict(tables)
    if not whole:  # labels go by ids; else neither ids nor the order of rows may matter
        for name in chosen:
            mapping[name] = {field: c for field, c in mapping[name].items() if field != "id"}
        columns = {
            name: [part for c in mapping[name].values() for part in parts_of(c, table.column_names)]
            for name, table in tables.items()
        }
        chosen, total, distinct = sampled_rows(tables, columns, _SAMPLED, once=once)
    records = collect(chosen, draft.used, id_column=None, mapping=mapping, threads=threads)
    held = max(sum(table.num_rows for table in chosen.values()), 1)
    return Sample(records, len(tables) > 1, total / held, threads, distinct)


def _labelled(labels: Any, records: Records, names: tuple[str, ...]) -> tuple[IntArray, IntArray]:
    """Return the labelled matches of the train and valid rows."""
    table, _ = to_arrow(labels)
    pairs = read_labels(
        table, finder(records), sources=label_sources(names), conflicts="drop",
        name=str(labels) if isinstance(labels, str | os.PathLike) else "The label table",
    )  # fmt: skip
    read = pairs.rows("train") | pairs.rows("valid")
    match = read & (pairs.label == 1)
    return pairs.left[match], pairs.right[match]


def _estimated(
    sample: Sample,
    draft: Plan,
    proposed: tuple[*Proposal, SurePairs],
    distinct: Mapping[str, int],
    budget: float,
) -> tuple[Choice, Evidence | None, list[str]]:
    """Choose by pairs that are surely matches."""
    base, further, sure = proposed
    if len(sure) < _FEW_MATCHES:
        choice = choose(sample, base, further, None, budget=budget)
        return (
            choice,
            None,
            [
                f"{f'Only {len(sure)}' if len(sure) else 'No'} pairs are surely the same thing, "
                "too few to estimate from: rules were taken that bring about one pair a record, "
                "and how many matches they find is unknown."
            ],
        )
    drawn = Simulation(sample, sure, draft.used, [*base, *further])
    choice = choose(
        sample, base, further, drawn.found, budget=budget, depth=_DEPTH,
        moving=whole_homes(draft.used),
    )  # fmt: skip
    evidence = asked_evidence(choice, sample, drawn, draft.used, distinct)
    basis = [
        f"What blocking finds is an estimate, from {len(sure):,} pairs that agree on nearly "
        "everything, as if errors in different fields were independent; true matches that look "
        "different in all fields are not counted."
    ]
    if evidence is not None:
        basis.append(
            "The rules bring many pairs: one is a candidate only if these fields together speak "
            f"for a match: {', '.join(evidence.fields)}."
        )
    if drawn.guessed:
        joined = "; ".join(sorted(" and ".join(sorted(unit)) for unit in drawn.guessed))
        basis.append(f"Too few pairs are sure without {joined}: for them the estimate is too high.")
        choice = replace(choice, too_high=True)
    return choice, evidence, basis
