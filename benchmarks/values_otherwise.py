"""One value in two wordings: what it costs that "US" is not "United States", what learning it wins.

    python benchmarks/values_otherwise.py --data FOLDER [--sets magellan/dblp_acm ...]

A category of the right table is written as it comes, and as codes of a made mapping (one code a
value). Both are linked as ``sameas link A B`` does; then values that go together in the sure links
are written alike and the tables are linked again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import about, table, write_section
from planned import linked, pairs_of
from sameas.linker import plan_tables
from unlabelled import Measured

SETS = {
    "magellan/fodors_zagats": ("city", "type"),
    "magellan/beer": ("style",),
    "magellan/itunes_amazon": ("genre",),
    "febrl/febrl4, little": ("state", "suburb"),
    "febrl/febrl4": ("state",),
    "magellan/dblp_acm": ("venue",),
    "magellan/dblp_google_scholar": ("venue",),
    "magellan/walmart_amazon": ("category",),
}
#: What febrl4 keeps as a table that says little of a person.
_LITTLE = ("id", "given_name", "surname", "suburb", "state")
#: Links with less are not taken for sure.
_SURE = 0.95
#: Lower bound of the share of a value's sure links with one value of the other table.
_SHARE = 0.5
#: How far the odds of that share must be above those of the other value among all sure links.
_LIFT = 4.0
_FEWEST = 5


@dataclass
class Persons:
    """febrl4: the truth is a list of links."""

    tables: tuple[pa.Table, pa.Table]
    truth: set[tuple[str, str]]

    def f1(self, result: Any) -> float:
        """Return F1 in per cent of the links."""
        found = set(pairs_of(result.links))
        return 200 * len(found & self.truth) / max(len(found) + len(self.truth), 1)


@dataclass
class Judged:
    """A set with labelled pairs; F1 is over those of train and valid."""

    tables: tuple[pa.Table, pa.Table]
    measured: Measured

    def f1(self, result: Any) -> float:
        """Return F1 in per cent over the labelled pairs."""
        return self.measured.f1(linked(self.measured, result))["train+valid"]


def read(folder: Path, name: str) -> Persons | Judged:
    """Read a set."""
    place = folder / name.split(",")[0]
    left, right = (pq.read_table(place / f"{side}.parquet") for side in ("left", "right"))
    if "," in name:
        left, right = left.select(_LITTLE), right.select(_LITTLE)
    if name.startswith("magellan"):
        return Judged((left, right), Measured(folder, name, test=False))
    ends = pq.read_table(place / "true_links.parquet").columns[:2]
    return Persons((left, right), set(zip(*(e.to_pylist() for e in ends), strict=True)))


def coded(rows: pa.Table, column: str) -> pa.Table:
    """Write each value of a column as a code of letters that stands for it alone."""
    known = sorted(v for v in pc.unique(rows[column]).to_pylist() if v is not None)
    random, codes = np.random.default_rng(7), set()
    while len(codes) < len(known):
        codes.add("".join(random.choice(list("bcdfghjklmnpqrstvwxz"), 4)))
    code = dict(zip(known, random.permutation(sorted(codes)).tolist(), strict=True))
    return written(rows, column, code)


def written(rows: pa.Table, column: str, words: dict[str, str]) -> pa.Table:
    """Write values of a column otherwise."""
    values = [words.get(v, v) for v in rows[column].to_pylist()]
    place = rows.column_names.index(column)
    return rows.set_column(place, column, pa.array(values, pa.string()))


def lower(hits: int, total: int, z: float = 1.96) -> float:
    """Return the lower bound of a share (Wilson 1927)."""
    share, extra = hits / total, z * z / total
    spread = z * np.sqrt(share * (1 - share) / total + extra / (4 * total))
    return float((share + extra / 2 - spread) / (1 + extra))


def learned(tables: tuple[pa.Table, pa.Table], links: pa.Table, column: str) -> dict[str, str]:
    """Learn which value of the left table a value of the right one stands for, from sure links."""
    sure = links.filter(pc.greater_equal(links["score"], _SURE))
    sides = [dict(zip(t["id"].to_pylist(), t[column].to_pylist(), strict=True)) for t in tables]
    pairs = [(sides[0].get(a), sides[1].get(b)) for a, b in pairs_of(sure)]
    both = Counter((x, y) for x, y in pairs if x is not None and y is not None)
    one, two = Counter(), Counter()
    for (x, y), n in both.items():
        one[x] += n
        two[y] += n
    total, found = sum(both.values()), {}
    for y, n in two.items():
        x = max(one, key=lambda x: (both[x, y], x))
        least, usual = lower(both[x, y], n), one[x] / total
        lift = least / max(1 - least, 1e-9) >= _LIFT * usual / max(1 - usual, 1e-9)
        if n >= _FEWEST and x != y and y not in one and least >= _SHARE and lift:
            found[y] = x
    return found


def run(data: Persons | Judged, right: pa.Table) -> tuple[Any, float, float]:
    """Plan and link as the command does; return the result, its F1 and CPU seconds."""
    begun, tables = time.process_time(), (data.tables[0], right)
    plan = plan_tables(*tables)
    result = plan.linker().link(*tables, options=plan.options())
    return result, data.f1(result), time.process_time() - begun


def measure(folder: Path, name: str, column: str) -> list[list[str]]:
    """Link as it comes and as codes, each before and after what is learned."""
    data = read(folder, name)
    left, right = data.tables
    rows = []
    bare = [t.drop_columns([column]) for t in (left, right)]
    data.tables = (bare[0], bare[1])
    without = run(data, bare[1])[1]
    data.tables = (left, right)
    for wording, theirs in (("as it comes", right), ("codes", coded(right, column))):
        result, before, spent = run(data, theirs)
        words = learned((left, theirs), result.links, column)
        after = run(data, written(theirs, column, words))[1] if words else before
        known = sum(n for v, n in Counter(theirs[column].to_pylist()).items() if v in words)
        reach = known / max(len(theirs) - theirs[column].null_count, 1)
        rows.append([name, column, wording, f"{without:.1f}", f"{before:.1f}", f"{after:.1f}",
                     str(len(words)), f"{reach:.0%}", f"{spent:.0f}"])  # fmt: skip
        print(rows[-1], list(words.items())[:6], flush=True)
    return rows


def main() -> None:
    """Measure the sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    rows = [r for name in given.sets for c in SETS[name] for r in measure(given.data, name, c)]
    head = ["set", "column", "right table", "without the column", "with it", "after learning",
            "values learned", "of the rows", "CPU s"]  # fmt: skip
    text = (
        f"{table(head, rows)}\n\n"
        "F1 in per cent of the links of `sameas link LEFT RIGHT`: over the labelled pairs of train "
        "and valid; of febrl4 over all links (little: names, suburb and state alone). Codes: each "
        "value of the right table as four letters of a made mapping. After learning: values of "
        "the right table that the left one never has, with a lower bound (95 %) of half of their "
        f"links of score {_SURE} and more with one value of the left table, and odds {_LIFT:.0f} "
        "times those of that value, are written as it, and the tables linked again: a second run, "
        "so this is a measure of what such a step can win, not a part of the package."
    )
    if not given.no_results:
        facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
        write_section("values-otherwise", "One value in two wordings", text, facts)


if __name__ == "__main__":
    main()
