"""Three tables and nothing else: what `sameas link A B C` finds by itself.

    python benchmarks/planned_three.py --data FOLDER [--sets magellan/abt_buy ...]

The right table of a set is dealt into two, row by row, so that two of the three tables are of one
hand. Beside it: the two tables as they are, and the three with `FellegiSunter()`, which learned of
more than two tables before. Train and valid pairs; links are counted as they come.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_section
from planned import linked
from sameas.linker import plan_tables
from sameas.matching import FellegiSunter
from unlabelled import Measured

SETS = (
    "magellan/abt_buy", "magellan/dblp_acm", "magellan/walmart_amazon", "magellan/itunes_amazon",
    "magellan/fodors_zagats", "places/osm_fsq_pit", "places/osm_yelp_edi",
)  # fmt: skip


def measure(found: Measured, tables: dict[str, pa.Table], **settings: Any) -> tuple[str, int]:
    """Plan, learn and link; return F1 in per cent and the number of links."""
    plan = plan_tables(tables)
    result = plan.linker(**settings).link(tables, options=plan.options())
    (f1,) = found.f1(linked(found, result)).values()
    return f"{f1:.1f}", result.links.num_rows


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    given = parser.parse_args()
    rows = []
    for name in given.sets:
        found = Measured(given.data, name, test=False)
        left, right = (pq.read_table(file) for file in found.tables)
        odd = np.arange(len(right)) % 2 == 1
        three = {
            "a": left,
            "b": right.filter(pa.array(odd)),
            "c": right.filter(pa.array(~odd)),
        }
        two = measure(found, {"a": left, "b": right})
        now, before = measure(found, three), measure(found, three, matcher=FellegiSunter())
        rows.append([name, two[0], f"{two[1]:,}", now[0], f"{now[1]:,}", before[0]])
        print(rows[-1], flush=True)
    heads = ["set", "two tables", "links", "three tables", "links", "three, FellegiSunter"]
    text = (
        f"{table(heads, rows)}\n\n"
        "F1 in per cent over the labelled train and valid pairs. The right table was dealt into "
        "two, row by row; links between its halves count among the links, and no label knows them."
    )
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_section("planned-three", "Without labels: three tables", text, facts)


if __name__ == "__main__":
    main()
