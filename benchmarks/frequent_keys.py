"""Keys that too many records bear: what plans lose by dropping them, and what refining gains.

    python benchmarks/frequent_keys.py --data FOLDER [--persons 200_000]

A planned `Key` has `at_most`: what more records bear is no key. Three ways are compared on the
same plan: dropped, as it is; never dropped, which bounds what any refinement can find; refined,
where records that bear a frequent key meet if they agree in a part of a further field as well.
Matches of train and valid; of generated persons all true pairs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, whole, write_section
from planning import truth
from sameas.blocking import Key
from sameas.datasets.persons import generate_persons
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import plan_tables
from sameas.linker.candidates import find_candidates
from sameas.linker.found import Budget
from sameas.linker.planning.propose import coarse_parts
from sameas.records import Field, Records, collect, prepare

SEEDS = (1, 2)
_HEAD = ("set", "records with a frequent key", "dropped: recall", "pairs", "never dropped: recall",
         "pairs", "refined: recall", "pairs")  # fmt: skip


def refined(rules: Sequence[Any], fields: Sequence[Field]) -> list[Any]:
    """Add to each limited key those with one more part, for the records that it drops."""
    more = []
    for rule in rules:
        if isinstance(rule, Key) and rule.at_most is not None:
            asked = {name for part in rule.parts for name in part.fields}
            others = [coarse_parts(field)[:1] for field in fields if field.name not in asked]
            more += [replace(rule, parts=(*rule.parts, *extra)) for extra in others if extra]
    return [*rules, *more]


def found_pairs(records: Records, rules: Sequence[Any], *, across: bool) -> tuple[Any, int]:
    """Find the candidates of rules, and how many records bear a key that is dropped."""
    needs = [n for r in rules for n in (*r.needs(), *(r.filter.needs() if r.filter else ()))]
    found = find_candidates(
        prepare(records.table, needs, {}), rules, len(records),
        group=records.source_code if across else None, engine=DuckDBEngine(threads=2),
        budget=Budget(200_000_000),
    )  # fmt: skip
    frequent = sum(report.frequent for report in found.reports)
    return found.left.astype(np.int64) << 32 | found.right, frequent


def measure(name: str, tables: dict[str, Any], true: tuple[pa.Array, pa.Array]) -> list[Any] | None:
    """Measure one set; None if its plan drops no key."""
    plan, names = plan_tables(tables), list(tables)
    options = plan.options(names)
    records = collect(tables, plan.used, id_column=None, mapping=options.mapping)
    ends = (records.find(side, ids) for side, ids in zip((names[0], names[-1]), true, strict=True))
    one, two = ends
    matches = np.unique(np.minimum(one, two).astype(np.int64) << 32 | np.maximum(one, two))
    rules = plan.linker().spec.blocking
    free = [replace(r, at_most=None) if isinstance(r, Key) else r for r in rules]
    cells: list[Any] = []
    for chosen in (rules, free, refined(rules, plan.used)):
        pairs, frequent = found_pairs(records, chosen, across=len(names) > 1)
        if not cells:
            if not frequent:
                return None
            cells = [name, frequent]
        cells += [100 * float(np.isin(matches, pairs).mean()), len(pairs)]
    return cells


def main() -> None:
    """Measure all sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--persons", type=whole, default=200_000)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    rows, without = [], []
    folders = [
        item for g in ("febrl", "magellan", "places") for item in (options.data / g).iterdir()
    ]
    for folder in sorted(item for item in folders if item.is_dir()):
        if options.only and folder.name not in options.only:
            continue
        sides = ("records",) if (folder / "records.parquet").exists() else ("left", "right")
        tables = {side: pq.read_table(folder / f"{side}.parquet") for side in sides}
        left, right, _ = truth(folder)
        row = measure(folder.name, tables, (left, right))
        rows += [row] if row else []
        without += [] if row else [folder.name]
        print(row or folder.name, flush=True)
    for seed in SEEDS if options.persons else ():
        name = f"{options.persons:,} persons, seed {seed}"
        row = measure_persons(name, options.persons, seed)
        rows += [row] if row else []
        without += [] if row else [name]
        print(row or name, flush=True)
    words = (
        "Recall in per cent of the true pairs among the candidates; pairs: candidates. Refined: "
        "beside each key with `at_most` the same key with one coarse part of each further field. "
        f"No key is dropped on: {', '.join(without)}. Where never "
        "dropping finds no more than dropping, no refinement can."
    )
    write_section("frequent_keys", "Keys that too many records bear",
                  f"{table(_HEAD, rows)}\n\n{words}",
                  about("sameas", "numpy", "numba", "pyarrow"))  # fmt: skip


def measure_persons(name: str, size: int, seed: int) -> list[Any] | None:
    """Measure generated persons, against all pairs of records of one person."""
    persons = generate_persons(size, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "persons.parquet")
        pq.write_table(persons.drop_columns(["entity_id"]), path)
        by_entity = persons.sort_by("entity_id")
        entity, ids = by_entity["entity_id"].to_numpy(), by_entity["id"].combine_chunks()
        same = [np.flatnonzero(entity[step:] == entity[:-step]) for step in range(1, 12)]
        left = np.concatenate(same)
        right = left + np.repeat(np.arange(1, 12), [len(rows) for rows in same])
        true = ids.take(pa.array(left)), ids.take(pa.array(right))
        return measure(name, {"persons": path}, true)


if __name__ == "__main__":
    main()
