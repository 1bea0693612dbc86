"""Persons of a simulated census and of tax, social security and welfare forms, without labels.

Usage: python benchmarks/census.py --pseudopeople VENV/bin/python [--seed 11]

pseudopeople (BSD) simulates the people of a small town and what offices wrote down of them, with
the errors that such forms have: nicknames, typing and hearing errors, fields left empty or given
wrongly, borrowed social security numbers, who answers for whom, people in two places. It runs in
an interpreter of its own. Each table is a CSV without the truth; `sameas link A B` or `sameas
dedupe A` does the job with nothing said about it, and the truth is read afterwards. Links are
counted between the two tables, or within the one. Whatever changed in sameas on account of these
tables was looked at with the seeds 1 and 2.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from common import about, run, table, write_json, write_section

_MADE = {
    "census_2020": ("decennial_census", 2020, 0),
    "census_2030": ("decennial_census", 2030, 1),
    "social_security": ("social_security", 2020, 0),
    "w2": ("taxes_w2_and_1099", 2020, 0),
    "form_1040": ("taxes_1040", 2020, 0),
    "wic": ("women_infants_and_children", 2020, 0),
}
_JOBS = (
    ("census_2020", "census_2030"), ("census_2020", "social_security"), ("w2", "census_2020"),
    ("form_1040", "w2"), ("wic", "census_2020"), ("social_security",), ("w2",), ("census_2020",),
    ("census_2030",), ("form_1040",),
)  # fmt: skip
_TRUTH = ("simulant_id", "household_id")
_NOTE = """Figures in per cent, of the pairs that share an entity, between two tables or within one.
`sameas link A B` or `sameas dedupe A`, nothing else said; tables without a true pair have no
figures but their links."""
_MAKE = """
import sys, json, pseudopeople
for name, (what, year, more) in json.loads(sys.argv[2]).items():
    made = getattr(pseudopeople, "generate_" + what)(year=year, seed=int(sys.argv[3]) + more)
    texts = made.astype(object).where(made.notna(), None)
    texts.map(lambda value: None if value is None else str(value)).to_parquet(
        f"{sys.argv[1]}/{name}.parquet", index=False
    )
"""


def make(home: Path, python: str, seed: int) -> None:
    """Have the tables made, and hide the truth from those that are given."""
    command = [python, "-W", "ignore", "-c", _MAKE, str(home), json.dumps(_MADE), str(seed)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    for name in _MADE:
        made = pq.read_table(home / f"{name}.parquet")
        given = made.drop_columns([column for column in _TRUTH if column in made.column_names])
        pa.csv.write_csv(given, home / f"{name}.csv")


def job(home: Path, names: Sequence[str]) -> dict[str, Any]:
    """Run the command of a newcomer and compare its entities with the truth."""
    out = home / "-".join(names)
    command = "link" if len(names) > 1 else "dedupe"
    files = [str(home / f"{name}.csv") for name in names]
    arguments = ["-m", "sameas", command, *files, "--out", str(out), "--quiet"]
    cost = run(arguments, NUMBA_CACHE_DIR=str(home / "cache"))
    found = pq.read_table(out / "clusters.parquet")
    parts = []
    for name in names:
        truth = pq.read_table(home / f"{name}.parquet")["simulant_id"]
        mine = found.filter(pc.equal(found["source"].cast(pa.string()), name))
        mine = mine if len(names) > 1 else found
        place = pc.index_in(pa.array(range(len(truth))), value_set=mine["id"].cast(pa.int64()))
        parts.append((truth, mine["entity"].take(place)))
    both = [pc.binary_join_element_wise(*map(_texts, part), " ") for part in parts]
    true, links, right = (
        _pairs(columns) for columns in (*zip(*parts, strict=True), both)
    )  # fmt: skip
    return {"records": [len(truth) for truth, _ in parts], "true": true, "links": links,
            "right": right, "cpu_seconds": cost.cpu_seconds}  # fmt: skip


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())


def _pairs(columns: Sequence[pa.ChunkedArray]) -> int:
    """Count pairs of records with one value: of one column within it, of two between them."""
    codes = pc.dictionary_encode(
        pa.chunked_array([c for col in columns for c in _texts(col).chunks])
    )
    code = codes.combine_chunks().indices.to_numpy()
    count = [
        np.bincount(part, minlength=int(code.max()) + 1)
        for part in np.split(code, np.cumsum([len(column) for column in columns])[:-1])
    ]
    if len(count) == 1:
        return int((count[0] * (count[0] - 1) // 2).sum())
    return int((count[0] * count[1]).sum())


def main() -> None:
    """Make the tables, do every job, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pseudopeople", required=True, help="the interpreter that has it")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    report: dict[str, Any] = {"about": about("sameas", "numba", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make(home, options.pseudopeople, options.seed)
        for names in ((_JOBS[0]), *_JOBS):  # the first time compiles the kernels
            report[" and ".join(names)] = job(home, names)
            print(names, report[" and ".join(names)], file=sys.stderr, flush=True)
    write_json(report)
    if not options.no_results:
        head = ("", "records", "true pairs", "links", "precision", "recall", "F1", "CPU s")
        text = table(head, rows(report)) + "\n\n" + _NOTE
        write_section("census", "Persons without labels: a simulated census", text, report["about"])


def rows(report: dict[str, Any]) -> list[list[Any]]:
    """Return a row a job."""
    found = []
    for name, part in report.items():
        if name == "about":
            continue
        true, links, right = (part[key] for key in ("true", "links", "right"))
        measured: list[Any] = ["", "", ""]
        if true:
            measured = [100 * right / max(links, 1), 100 * right / true,
                        200 * right / (links + true)]  # fmt: skip
        records = " and ".join(f"{number:,}" for number in part["records"])
        found.append([name, records, true, links, *measured, part["cpu_seconds"]])
    return found


if __name__ == "__main__":
    main()
