"""Tables in which one record in ten has the value that tells most: what plans find, and say.

    python benchmarks/sparse_field.py [--seed 11]

Generated persons with one or two columns and a number of a member besides. Either one person in
ten has it, in all records, or one record in ten. All sure pairs share it then, so whatever it finds
looks like all there is. What a plan says it finds, what its candidates hold of the true pairs, how
many records have a key, and pairs a record.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pyarrow as pa

from common import about, table, whole, write_section
from sameas.datasets.persons import generate_persons
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import Plan, plan_tables
from sameas.linker.candidates import find_candidates
from sameas.records import collect, prepare

_NAMES = ("given_name", "surname")
_COLUMNS = {
    "names": _NAMES, "surname, city": ("surname", "city"),
    "surname, postal code": ("surname", "postal_code"), "names, city": (*_NAMES, "city"),
    "names, birth": (*_NAMES, "date_of_birth"),
}  # fmt: skip
_SIZES = (3_000, 20_000)


def with_numbers(persons: pa.Table, columns: tuple[str, ...], *, by_person: bool) -> pa.Table:
    """Keep some columns, and give one person in ten, or one record in ten, a number."""
    entity = entities(persons)
    rng = np.random.default_rng(len(persons))
    number = rng.choice(10**8, entity.max() + 1, replace=False)
    bears = (rng.random(entity.max() + 1) < 0.1)[entity]
    if not by_person:
        bears = rng.random(len(entity)) < 0.1
    codes = [f"{number[e]:08d}" if b else None for e, b in zip(entity, bears, strict=True)]
    return persons.select(["id", *columns]).append_column("member_no", pa.array(codes))


def entities(persons: pa.Table) -> Any:
    """Return the number of the person of each record."""
    return np.unique(persons["entity_id"].to_numpy(), return_inverse=True)[1]


def found(plan: Plan, given: pa.Table, entity: Any) -> tuple[float, float]:
    """Return which share of the true pairs are candidates, and pairs a record."""
    (name,) = plan.ids
    records = collect(
        {name: given}, plan.used, id_column=None, mapping=plan.options([name]).mapping
    )
    rules = plan.linker().spec.blocking
    needs = [n for rule in rules for n in (*rule.needs(), *(rule.filter or _NoFilter).needs())]
    pairs = find_candidates(
        prepare(records.table, needs, {}), rules, len(records), group=None, engine=DuckDBEngine()
    )
    place = dict(zip(given["id"].to_pylist(), entity.tolist(), strict=True))
    person = np.array([place[key] for key in records.table["id"].to_pylist()])
    size = np.bincount(entity)
    same = int((person[pairs.left] == person[pairs.right]).sum())
    return 100 * same / float(size @ (size - 1) / 2), len(pairs) / len(records)


class _NoFilter:
    @staticmethod
    def needs() -> tuple[()]:
        return ()


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=whole, default=11)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    rows = []
    for name, columns in _COLUMNS.items():
        for size in _SIZES:
            persons = generate_persons(size, seed=options.seed)
            for by_person in (True, False):
                given = with_numbers(persons, columns, by_person=by_person)
                plan = plan_tables(given)
                held, pairs = found(plan, given, entities(persons))
                most = "at most " if getattr(plan, "too_high", False) else ""
                said = "-" if plan.recall is None else f"{most}{100 * plan.recall:.1f}"
                reached = getattr(plan, "reached", None)
                rows.append(
                    [name, f"{size:,}", "persons" if by_person else "records", said,
                     f"{held:.1f}", "-" if reached is None else f"{100 * reached:.1f}",
                     f"{pairs:.1f}"]
                )  # fmt: skip
                print(rows[-1], flush=True)
    head = ["columns besides the number", "records", "one in ten", "said %", "found %",
            "with a key %", "pairs a record"]  # fmt: skip
    if not options.no_results:
        facts = about("sameas", "numpy", "numba", "pyarrow")
        write_section("sparse_field", "Plans where one field in ten is known", table(head, rows),
                      facts)  # fmt: skip


if __name__ == "__main__":
    main()
