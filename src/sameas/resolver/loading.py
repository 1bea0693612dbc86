"""Load whole tables into a store, or prepare a store anew: one batch run, one transaction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.clustering import Constrained, Constraints
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.tables import QUARANTINE, empty
from sameas.engines.base import Engine
from sameas.linker import Options
from sameas.linker.inputs import run_inputs
from sameas.linker.job import Job
from sameas.linker.learning import make_job
from sameas.linker.repeats import warn_of_rows
from sameas.linker.runs import Run
from sameas.linker.saving import FittedLinker
from sameas.records import Records, collect, prepare
from sameas.resolver.adding import SHARE, WHOLE, add_records
from sameas.resolver.bulk import Bulk, write_bulk
from sameas.resolver.loading_pieces import load_pieces
from sameas.resolver.machine import Limits, Machine
from sameas.resolver.reading import as_content, as_table
from sameas.store import RecordRow, Store, Transaction

__all__ = ["LoadReport", "load_run", "load_tables", "rebuild_store"]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did.

    Attributes
    ----------
    records, entities : int
        In the store, after it.
    new, changed, unchanged : int
        Records of the tables that the store did not have, had with other content, had as
        they are.
    created, joined, merged, split : int
        Entities that are new; records that came to an entity which was there; entities that
        were merged into others; entities that parts were split from.
    quarantine : pyarrow.Table
        QUARANTINE: what could not be used.
    """

    records: int
    entities: int
    new: int
    changed: int
    unchanged: int
    created: int
    joined: int
    merged: int
    split: int
    quarantine: pa.Table


def load_tables(
    fitted: FittedLinker,
    store: Store,
    tables: Mapping[str, Any],
    *,
    options: Options | None = None,
) -> LoadReport:
    """Put tables into a store, as one batch run over all that it holds then.

    Parameters
    ----------
    fitted : FittedLinker
    store : Store
        Records of the tables that it has already are updated; no record is removed.
    tables : mapping of source to table
    options : Options, optional
        With `memory` a first load works piece by piece.

    Notes
    -----
    All or nothing: one transaction. Ids are kept as texts. A table of at most a twentieth of what
    is there is put record by record: one or two milliseconds each, whatever the size of the store.
    So is any table if the store holds more than a million records, for one run over all has them
    all in memory, about a gigabyte a million; the memory then depends on the new table alone.
    """
    options = options or Options()
    warn_of_rows(fitted.spec)
    if options.memory is not None:
        return _load_pieces(fitted, store, tables, options)
    engine = options.make_engine()
    records = collect(
        tables,
        fitted.spec.fields,
        id_column=options.id_column,
        mapping=options.mapping,
        required={field.name for field in fitted.spec.fields} - set(fitted.spec.optional),
        threads=engine.threads,
    )
    return _load(fitted, store, records, engine, None)


def _load_pieces(
    fitted: FittedLinker, store: Store, tables: Mapping[str, Any], options: Options
) -> LoadReport:
    machine = Machine(fitted, Limits())
    with store.write(bulk=True) as work:
        figures = work.counts()
        if figures["records"] or figures["tombstones"]:
            raise ArgumentError(
                f"memory= is for a first load, and {store.name} holds records already. Leave it "
                "out: a store of more than a million records is not read into memory."
            )
        told, quarantine = load_pieces(work, machine, tables, options)
        figures = work.counts()
    return LoadReport(
        figures["records"], figures["entities"], told["new"], 0, 0, told["created"], 0, 0, 0,
        quarantine,
    )  # fmt: skip


def load_run(
    fitted: FittedLinker,
    store: Store,
    folder: str | os.PathLike[str],
    *,
    threads: int | None = None,
) -> LoadReport:
    """Put the records of a finished run into a store, with the scores that the run has found.

    Raises
    ------
    RunError
        If the folder holds no run of this linker.
    """
    warn_of_rows(fitted.spec)
    tables, options, _ = run_inputs(Path(folder), fitted.version, threads=threads)
    job = make_job(fitted.spec, tables, None if len(tables) == 1 else fitted.mode, options,
                   dict(fitted.statistics))  # fmt: skip
    run = Run(job, fitted, fitted.threshold, tuple(tables))
    return _load(fitted, store, job.records, job.engine, (run, Path(folder)))


def rebuild_store(
    fitted: FittedLinker, store: Store, *, options: Options | None = None
) -> LoadReport:
    """Prepare, score and decide all records of a store anew, with this linker; ids stay."""
    engine = (options or Options()).make_engine()
    nothing = collect({"nothing": {"id": pa.array([], pa.string())}}, fitted.spec.fields)
    return _load(fitted, store, nothing, engine, None, again=True)


def _load(
    fitted: FittedLinker,
    store: Store,
    records: Records,
    engine: Engine,
    run: tuple[Run, Path] | None,
    *,
    again: bool = False,
) -> LoadReport:
    machine = Machine(fitted, Limits())
    given = _with_texts(records.table)
    with store.write(bulk=True) as work:
        one_by_one = _is_added(len(given), work.counts()["records"])
        if one_by_one and not again and work.meta("linker") == fitted.version:
            told = add_records(work, machine, given)
            counts = told["new"], told["changed"], told["unchanged"]
        else:
            rows = list(work.every_record())
            table, counts = _united(machine, given, rows)
            usable = pa.types.is_string(records.id_type) and not rows
            bulk = _run(work, machine, table, rows, engine, run if usable else None)
            told = write_bulk(work, machine, bulk)
        figures = work.counts()
    return LoadReport(
        figures["records"], figures["entities"], *counts, told["created"], told["joined"],
        told["merged"], told["split"], records.quarantine,
    )  # fmt: skip


def _is_added(new: int, stored: int) -> bool:
    """Say whether new records are put one by one, and not in one run over all that there are."""
    return stored > 0 and (new <= SHARE * stored or stored > WHOLE)


def _run(
    work: Transaction,
    machine: Machine,
    table: pa.Table,
    rows: list[RecordRow],
    engine: Engine,
    run: tuple[Run, Path] | None,
) -> Bulk:
    """Find, score and cluster all pairs, or take candidates and scores from a finished run."""
    fitted = machine.fitted
    job = _job(machine, table, engine)
    if run is not None:
        found, score = run[0].scored(run[1])
        job.candidates = found
    else:
        found = job.candidates
        score = job.scores(fitted.matcher, found.left, found.right)
    corrections = work.corrections()
    constraints = _constraints(machine, corrections, _keys(table)) if corrections else None
    clusterer = machine.clusterer()
    if constraints:
        clusterer = Constrained(clusterer, constraints)
    label = clusterer.cluster(
        found.left, found.right, score, score >= fitted.threshold, job.records.source_code
    ).label
    return Bulk(job, table, score, label, rows)


def _with_texts(table: pa.Table) -> pa.Table:
    """Return records with their source and id as texts."""
    source, id = (table[name].cast(pa.string()) for name in ("source", "id"))
    return table.set_column(0, "source", source).set_column(1, "id", id)


def _job(machine: Machine, table: pa.Table, engine: Engine) -> Job:
    """Return the job of all records; limited values are also there without their limit."""
    spec, fitted = machine.spec, machine.fitted
    names = sorted(set(pc.unique(table["source"]).to_pylist()))
    code = pc.index_in(table["source"], value_set=pa.array(names, pa.string()))
    codes = np.asarray(code.to_numpy(), np.int32)
    records = Records(table, spec.fields, tuple(names), codes, empty(QUARANTINE), pa.string())
    job = Job(spec, records, dict(fitted.statistics), fitted.mode, engine, Options().budget)
    needs = (*spec.needs(), *machine.preparer.needs)
    job.__dict__["columns"] = prepare(table, needs, job.statistics, threads=engine.threads)
    return job


def _united(
    machine: Machine, table: pa.Table, rows: list[RecordRow]
) -> tuple[pa.Table, tuple[int, int, int]]:
    """Return the records of the store and of the tables together, in the order of their keys."""
    source, id = table["source"], table["id"]
    new, changed, unchanged = len(table), 0, 0
    if rows:
        keys = [(row.source, row.id) for row in rows]
        stored = as_table(machine.spec, keys, [row.content or "{}" for row in rows])
        mine = set(zip(source.to_pylist(), id.to_pylist(), strict=True))
        again = np.array([key in mine for key in keys])
        before = dict(zip(keys, (row.content for row in rows), strict=True))
        contents = as_content(table) if len(table) else []
        given = zip(source.to_pylist(), id.to_pylist(), contents, strict=True)
        unchanged = sum(before.get((s, i)) == content for s, i, content in given)
        new, changed = len(table) - int(again.sum()), int(again.sum()) - unchanged
        table = pa.concat_tables([stored.filter(pa.array(~again)), table.cast(stored.schema)])
    order = pc.sort_indices(table, sort_keys=[("source", "ascending"), ("id", "ascending")])
    sorted_ = table.take(order) if not _rising(order) else table
    return sorted_.combine_chunks(), (new, changed, unchanged)


def _rising(order: pa.Array) -> bool:
    return bool((order.to_numpy() == np.arange(len(order))).all())


def _keys(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(table["source"].to_pylist(), table["id"].to_pylist(), strict=True))


def _constraints(
    machine: Machine, corrections: list[Any], keys: list[tuple[str, str]]
) -> Constraints:
    place = {key: n for n, key in enumerate(keys)}
    sides: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
    for one in corrections:
        ends = place.get(one[:2]), place.get(one[2:4])
        if ends[0] is not None and ends[1] is not None:
            sides[one.verdict].append((ends[0], ends[1]))
    together, apart = (np.array(sorted(side), np.int32).reshape(-1, 2).T for side in sides.values())
    sources = len({key[0] for key in keys})
    unique = tuple(range(sources)) if machine.fitted.mode == "one-to-one" else ()
    return Constraints(unique, together, apart)
