"""Tables that hold few duplicates or none, by planned runs.

    python benchmarks/few_duplicates.py

Of generated persons and places each is kept once, and of the other records a share; two tables of
persons are such a table cut in two. Rows of random words have nothing in common.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from common import about, table, write_section
from sameas.datasets.persons import generate_persons
from sameas.datasets.places import generate_places
from sameas.linker import plan_tables

_SHARES = (0.0, 0.01, 0.03, 0.1, 1.0)
_LETTERS = np.array(list("abcdefghijklmnoprstuvw"))


def kept(rows: pa.Table, share: float) -> pa.Table:
    """Return the first record of each entity and a share of the others."""
    random, seen, mask = np.random.default_rng(0), set(), []
    for entity in rows["entity_id"].to_pylist():
        mask.append(entity not in seen or random.random() < share)
        seen.add(entity)
    return rows.filter(pa.array(mask))


def random_rows(count: int) -> pa.Table:
    """Return rows of random words."""
    random = np.random.default_rng(0)

    def word() -> str:
        return "".join(random.choice(_LETTERS, random.integers(3, 9)))

    return pa.table({
        "id": [str(n) for n in range(count)], "entity_id": [str(n) for n in range(count)],
        "name": [" ".join(word() for _ in range(random.integers(1, 4))) for _ in range(count)],
        "city": random.choice(["Rome", "Paris", "Bern", "Oslo"], count),
        "price": random.integers(1, 1000, count).astype(float),
    })  # fmt: skip


def measure(what: str, *tables: pa.Table) -> list[str]:
    """Plan, learn and link; return what was found."""
    entity: dict[str, Any] = {}
    for rows in tables:
        entity |= dict(zip(rows["id"].to_pylist(), rows["entity_id"].to_pylist(), strict=True))
    counts = [Counter(rows["entity_id"].to_pylist()) for rows in tables]
    pairs = (
        sum(size * (size - 1) // 2 for size in counts[0].values())
        if len(tables) == 1
        else sum(size * counts[1][key] for key, size in counts[0].items())
    )
    given = [rows.drop_columns(["entity_id"]) for rows in tables]
    linker = plan_tables(*given).linker()
    found = linker.dedupe(*given) if len(given) == 1 else linker.link(*given)
    links = found.links.to_pylist()
    right = sum(entity[row["left_id"]] == entity[row["right_id"]] for row in links)
    sizes = " and ".join(f"{len(rows):,}" for rows in tables)
    said = any("of one kind" in note for note in linker.fitted_.report["notes"])
    row = [what, sizes, f"{pairs:,}", f"{len(links):,}", f"{right:,}", "yes" if said else ""]
    print(row, flush=True)
    return row


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    rows = []
    for count in (3_000, 20_000):
        made = {
            "persons": generate_persons(count, seed=1), "places": generate_places(count, seed=1)
        }  # fmt: skip
        for what, every in made.items():
            rows += [
                measure(f"{what}, {share:.0%} of the copies", kept(every, share))
                for share in _SHARES
            ]
        for share in (0.0, 1.0):
            some = kept(made["persons"], share)
            half = np.random.default_rng(0).random(len(some)) < 0.5
            two = (some.filter(pa.array(half)), some.filter(pa.array(~half)))
            rows.append(measure(f"two tables of persons, {share:.0%} of the copies", *two))
    rows.append(measure("random words", random_rows(2_000)))
    heads = ["table", "records", "true pairs", "links", "right", "says that it is of one kind"]
    text = table(heads, rows)
    print(text)
    if not given.no_results:
        facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
        title = "Without labels: tables that hold few duplicates"
        write_section("few_duplicates", title, text, facts)


if __name__ == "__main__":
    main()
