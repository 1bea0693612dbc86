"""Persons of whom little is known: some columns of generated persons, without labels.

    python benchmarks/narrow.py [--seed 11]

Of generated persons some columns stay, as lists of customers, members and readers have them; all
copies, or one in ten. `sameas dedupe TABLE` by itself. What changed in sameas on account of these
tables was looked at with seed 5.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pyarrow as pa

from common import about, table, whole, write_section
from few_duplicates import kept
from sameas.datasets.persons import generate_persons
from sameas.evaluation import cluster_metrics
from sameas.linker import plan_tables

_NAMES = ("given_name", "surname")
_HOME = ("address", "city", "postal_code")
_COLUMNS = {
    "e-mail": ("email",), "names": _NAMES, "names, e-mail": (*_NAMES, "email"),
    "names, telephone": (*_NAMES, "phone"), "names, city": (*_NAMES, "city"),
    "names, birth": (*_NAMES, "date_of_birth"), "names, address": (*_NAMES, *_HOME),
    "names, birth, address": (*_NAMES, "date_of_birth", *_HOME),
    "all but the e-mail": (*_NAMES, "sex", "date_of_birth", *_HOME, "phone"),
    "all": (*_NAMES, "sex", "date_of_birth", *_HOME, "phone", "email"),
}  # fmt: skip
_SHARES = (1.0, 0.1)
_FIGURES = ("pairwise_precision", "pairwise_recall", "pairwise_f1")


def measure(persons: pa.Table, columns: tuple[str, ...]) -> tuple[list[float], float]:
    """Plan, learn and cluster; return precision, recall and F1 of pairs, and CPU seconds."""
    given = persons.select(["id", *columns])
    begin = time.process_time()
    plan = plan_tables(given)
    clusters = plan.linker().dedupe(given, options=plan.options()).clusters
    cpu = time.process_time() - begin
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    found = pa.array([entity[key] for key in given["id"].to_pylist()])
    truth = persons["entity_id"].combine_chunks()
    measured = cluster_metrics(found, truth).to_dict()
    return [100 * float(measured[name] or 0) for name in _FIGURES], cpu  # None: no link at all


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--records", type=whole, default=20_000)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    persons = generate_persons(options.records, seed=options.seed)
    rows = []
    for name, columns in _COLUMNS.items():
        row: list[object] = [name]
        for share in _SHARES:
            figures, cpu = measure(kept(persons, share), columns)
            row += [round(figure, 1) for figure in figures]
        rows.append([*row, round(cpu, 1)])
        print(rows[-1], flush=True)
    head = ["columns"]
    for share in _SHARES:
        head += [f"{share:.0%} of the copies: precision", "recall", "F1"]
    text = table([*head, "CPU s"], rows)
    text += (
        "\n\nFigures in per cent, of the pairs that share an entity. CPU seconds of the last job."
    )
    if not options.no_results:
        facts = about("sameas", "numpy", "numba", "pyarrow")
        write_section("narrow", "Without labels: persons of whom little is known", text, facts)


if __name__ == "__main__":
    main()
