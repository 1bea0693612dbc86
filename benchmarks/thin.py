"""Registers of persons that hold names and one or two columns more, without labels.

    python benchmarks/thin.py --data FOLDER

Of febrl2 to febrl4 (a tenth of the values mistyped, left out or replaced) some columns stay. Each
is planned, learned and linked or clustered as the command does: whole, and twice nine rows in ten,
for what is found must not hang on which rows there are.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_section
from planned import pairs_of
from sameas.linker import plan_tables

_NAMES = ("given_name", "surname")
_COLUMNS = {
    "suburb, state": ("suburb", "state"), "postcode": ("postcode",), "street": ("address_1",),
    "street, suburb": ("address_1", "suburb"),
    "house number, street": ("street_number", "address_1"),
    "birth": ("date_of_birth",), "suburb, birth": ("suburb", "date_of_birth"),
    "social security": ("soc_sec_id",),
}  # fmt: skip
_SETS = ("febrl4", "febrl2", "febrl3")
_SEEDS = (None, 1, 2)


def read(folder: Path) -> tuple[list[pa.Table], set[tuple[str, str]]]:
    """Read the tables of a set, and its true pairs."""
    names = ("left", "right") if (folder / "left.parquet").exists() else ("records",)
    ends = pq.read_table(folder / "true_links.parquet").columns[:2]
    true = {ordered(*pair) for pair in zip(*(end.to_pylist() for end in ends), strict=True)}
    return [pq.read_table(folder / f"{name}.parquet") for name in names], true


def ordered(one: str, other: str) -> tuple[str, str]:
    """Return the ids of a pair, the smaller first."""
    return (one, other) if one < other else (other, one)


def drawn(rows: pa.Table, seed: int | None) -> pa.Table:
    """Return nine rows in ten; all without a seed."""
    if seed is None:
        return rows
    kept = np.random.default_rng(seed).choice(len(rows), int(0.9 * len(rows)), replace=False)
    return rows.take(pa.array(np.sort(kept)))


def found(tables: list[pa.Table]) -> set[tuple[str, str]]:
    """Return the pairs that are linked, or that share an entity."""
    plan = plan_tables(*tables)
    linker = plan.linker()
    if len(tables) > 1:
        links = linker.link(*tables, options=plan.options()).links
        return {ordered(*pair) for pair in pairs_of(links)}
    clusters = linker.dedupe(*tables, options=plan.options()).clusters
    members: dict[str, list[str]] = {}
    for key, entity in zip(*(clusters[c].to_pylist() for c in ("id", "entity")), strict=True):
        members.setdefault(entity, []).append(key)
    return {
        ordered(one, other)
        for keys in members.values()
        for place, one in enumerate(keys)
        for other in keys[:place]
    }


def measure(tables: list[pa.Table], true: set[tuple[str, str]], seed: int | None) -> float:
    """Return F1 in per cent of the pairs of some of the rows."""
    tables = [drawn(rows, seed) for rows in tables]
    there = {key for rows in tables for key in rows["id"].to_pylist()}
    true = {pair for pair in true if there.issuperset(pair)}
    pairs = found(tables)
    return 200 * len(pairs & true) / max(len(pairs) + len(true), 1)


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    rows, every, begun = [], [], time.process_time()
    for columns, chosen in _COLUMNS.items():
        row = [f"names, {columns}"]
        for name in _SETS:
            tables, true = read(options.data / "febrl" / name)
            tables = [rows_of.select(["id", *_NAMES, *chosen]) for rows_of in tables]
            figures = [measure(tables, true, seed) for seed in _SEEDS]
            row += [" ".join(f"{figure:.1f}" for figure in figures)]
            every += figures
        rows.append(row)
        print(row, flush=True)
    spent = time.process_time() - begun
    body = (
        f"{table(['columns', *_SETS], rows)}\n\n"
        "F1 in per cent, of links (febrl4, two tables) or of pairs that share an entity: all rows, "
        f"and twice nine in ten. Mean {np.mean(every):.1f}, least {min(every):.1f}; "
        f"{spent:.0f} CPU s in all."
    )
    print(body)
    if not options.no_results:
        facts = about("sameas", "numpy", "numba", "pyarrow")
        write_section("thin", "Without labels: registers of few columns", body, facts)


if __name__ == "__main__":
    main()
