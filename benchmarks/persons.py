"""Persons without a label, a recipe or a setting: FEBRL 1 to 4, and generated persons.

Usage: python benchmarks/persons.py [--data FOLDER] [--sizes 200_000 1_000_000]

Every set is planned, fitted and clustered from the table alone, in a process of its own; the
truth is read afterwards, for the figures. FEBRL (FOLDER/febrl): the ids hold the number of the
person, so they are replaced by row numbers in another order; with and without `soc_sec_id`, which
is nearly a key. FEBRL 4 also with a right table of three columns: the full name, the address in
one text, and the date of birth with the day first. Generated persons: see docs/persons.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import about, run, table, whole, write_json, write_section

SEED = 1
FEBRL = ("febrl1", "febrl2", "febrl3", "febrl4")
_KEY = "soc_sec_id"
_FIGURES = tuple(
    f"{how}_{part}" for how in ("pairwise", "bcubed") for part in ("precision", "recall", "f1")
)
_HEAD = ("precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1")


def job(out: str, *paths: str) -> dict[str, Any]:
    """Plan, fit and cluster; return the seconds of CPU of each step."""
    from sameas.linker.planning import plan_tables

    seconds, begin = {}, time.process_time()
    plan = plan_tables(*paths)
    seconds["plan"] = time.process_time() - begin
    linker, options = plan.linker(), plan.options()
    begin = time.process_time()
    linker.fit(*paths, options=options)
    seconds["fit"] = time.process_time() - begin
    begin = time.process_time()
    result = (linker.link if len(paths) > 1 else linker.dedupe)(*paths, out=out, options=options)
    seconds["link"] = time.process_time() - begin
    return {
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "threshold": linker.threshold,
        "candidates": result.report["candidates"],
        "links": result.report["links"],
        "kinds": {field.name: field.kind for field in plan.fields},
        "rules": [rule.label for rule in plan.blocking],
        "expected_recall": plan.recall,
    }


def hidden_tables(folder: Path, home: Path, *, key: bool) -> tuple[list[str], pa.Table]:
    """Write a FEBRL set under new ids; return the files, and the person of each new id."""
    from sameas.kernels.components import connected_components

    names = ("left", "right") if (folder / "left.parquet").exists() else ("records",)
    tables = [pq.read_table(folder / f"{name}.parquet") for name in names]
    old = pa.concat_arrays([part["id"].combine_chunks() for part in tables])
    links = pq.read_table(folder / "true_links.parquet")
    left, right = (
        pc.index_in(links[side], value_set=old).to_numpy() for side in ("left_id", "right_id")
    )
    person = connected_components(left, right, len(old))
    order = np.random.default_rng(SEED).permutation(len(old))
    paths, truth, start = [], [], 0
    for name, part in zip(names, tables, strict=True):
        rows = order[(order >= start) & (order < start + len(part))]
        ids = pa.array(np.arange(len(rows)) + start)
        fields = part.drop_columns(["id"] if key else ["id", _KEY]).take(pa.array(rows - start))
        paths.append(str(home / f"{folder.name}_{name}{'' if key else '_without_key'}.parquet"))
        pq.write_table(fields.add_column(0, "id", ids), paths[-1])
        truth.append(pa.table({"id": ids, "person": person[rows]}))
        start += len(part)
    return paths, pa.concat_tables(truth)


def in_three_columns(path: str) -> str:
    """Write a FEBRL table as another office would keep it; return the file."""
    given = pq.read_table(path)
    parts = {name: given[name].cast(pa.string()).to_pylist() for name in given.column_names}

    def joined(between: str, *names: str) -> list[str]:
        rows = zip(*(parts[name] for name in names), strict=True)
        return [between.join(filter(None, row)) for row in rows]

    names = (("street_number", "address_1"), ("address_2",), ("suburb",), ("state", "postcode"))
    lines = (joined(" ", *part) for part in names)
    born = [day and f"{day[6:]}/{day[4:6]}/{day[:4]}" for day in parts["date_of_birth"]]
    flat = {
        "id": given["id"],
        "full_name": joined(" ", "given_name", "surname"),
        "address": [", ".join(filter(None, row)) for row in zip(*lines, strict=True)],
        "dob": born,
    }
    file = path.replace(".parquet", "_flat.parquet")
    pq.write_table(pa.table(flat), file)
    return file


def figures(clusters: Path, truth: pa.Table) -> dict[str, float]:
    """Compare entities with the truth: pairs and B-cubed."""
    from sameas.evaluation import cluster_metrics

    found = pq.read_table(clusters, columns=["id", "entity"])
    wanted = truth["id"].cast(found["id"].type)
    entity = found["entity"].take(pc.index_in(wanted, value_set=found["id"])).combine_chunks()
    measured = cluster_metrics(entity, truth["person"].combine_chunks()).to_dict()
    return {name: float(measured[name]) for name in _FIGURES}


def measure(paths: list[str], truth: pa.Table, home: Path, name: str) -> dict[str, Any]:
    """Run the job on some files and compare its entities with the truth."""
    out = home / name.replace(" ", "_")
    cost = run([__file__, "job", str(out), *paths], NUMBA_CACHE_DIR=str(home / "cache"))
    return {**vars(cost), "figures": figures(out / "clusters.parquet", truth)}


def row(name: str, found: dict[str, Any]) -> list[Any]:
    """Return a row of the table."""
    output = found["output"]
    return [
        name, *(100 * found["figures"][figure] for figure in _FIGURES),
        f"{output['threshold']:.3f}", output["candidates"], found["cpu_seconds"],
        found["peak_mb"],
    ]  # fmt: skip


def main() -> None:
    """Measure all sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder that holds febrl/")
    parser.add_argument("--sizes", type=whole, nargs="*", default=[200_000, 1_000_000])
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in FEBRL if options.data else ():
            for key in (True, False):
                what = f"{name} with {_KEY}" if key else f"{name} without it"
                given = hidden_tables(options.data / "febrl" / name, home, key=key)
                report[what] = measure(*given, home, what)
        if options.data:
            (left, right), truth = hidden_tables(options.data / "febrl" / "febrl4", home, key=False)
            what = "febrl4, right in three columns"
            report[what] = measure([left, in_three_columns(right)], truth, home, what)
        for size in options.sizes:
            from sameas.datasets.persons import generate_persons

            persons, path = generate_persons(size, seed=SEED), home / f"persons_{size}.parquet"
            pq.write_table(persons.drop_columns(["entity_id"]), path)
            truth = persons.select(["id", "entity_id"]).rename_columns(["id", "person"])
            what = f"{size:,} generated"
            report[what] = measure([str(path)], truth, home, what)
            print(json.dumps({what: report[what]}), file=sys.stderr, flush=True)
    facts = about("sameas", "numba", "numpy", "pyarrow")
    write_json({"about": facts, **report})
    if not options.no_results:
        head = ["", *_HEAD, "threshold", "candidates", "CPU s", "peak MB"]
        rows = [row(name, found) for name, found in report.items()]
        text = f"{table(head, rows)}\n\n{notes(report)}"
        write_section("persons", "Persons without labels", text, facts)


def notes(report: dict[str, Any]) -> str:
    """Say how it was measured, and what was planned for the generated persons."""
    lines = [
        "Figures are percentages, of the entities after clustering, against the truth that no step "
        "has read. Everything was decided by `plan_tables` and `Linker.fit` without labels: kinds "
        "of fields, blocking, comparisons, threshold. Costs are of the whole job; the first row "
        "compiles the kernels. febrl4 links two tables, pairs within one table included."
    ]
    for name, found in report.items():
        if "generated" in name:
            output = found["output"]
            steps = ", ".join(f"{step} {value:g}" for step, value in output["seconds"].items())
            lines.append(
                f"* **{name}**: CPU seconds: {steps}. Rules: {'; '.join(output['rules'])}."
            )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "job":
        print(json.dumps(job(*sys.argv[2:])))
    else:
        main()
