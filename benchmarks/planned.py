"""Two tables and nothing else, by the command: fields, blocking and matcher as they are planned.

    python benchmarks/planned.py --data FOLDER [--sets places/osm_fsq_pit ...] [--test]

`unlabelled.py` names the fields by hand; here `plan_tables` guesses them, as ``sameas link A B``
does. Links are counted as they come, after the clustering.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa

from accuracy import FIELDS, PLACES
from common import about, table, write_section
from sameas.linker import plan_tables
from unlabelled import MORE, Measured


def pairs_of(rows: pa.Table) -> list[tuple[Any, Any]]:
    """Return the ends of pairs."""
    ends = (rows[end].to_pylist() for end in ("left_id", "right_id"))
    return list(zip(*ends, strict=True))


def linked(found: Measured, result: Any) -> np.ndarray:
    """Say which of the labelled pairs a run has linked."""
    links = pairs_of(result.links)
    taken = {*links, *((right, left) for left, right in links)}
    return np.array([pair in taken for pair in pairs_of(found.pairs)])


def measure(folder: Path, name: str, *, test: bool) -> dict[str, Any]:
    """Plan, learn and link two tables."""
    found, begun = Measured(folder, name, test=test), time.process_time()
    plan = plan_tables(*found.tables)
    result = plan.linker().link(*found.tables, options=plan.options())
    spent = time.process_time() - begun
    kinds = ", ".join(f"{field.name} {field.kind}" for field in plan.fields)
    return {
        "set": name,
        "f1": found.f1(linked(found, result)),
        "links": result.links.num_rows,
        "cpu": spent,
        "kinds": kinds,
    }


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=[*PLACES, *FIELDS, *MORE])
    parser.add_argument("--test", action="store_true")
    given = parser.parse_args()
    rows = []
    for name in given.sets:
        found = measure(given.data, name, test=given.test)
        parts = [f"{found['f1'][part]:.1f} ({part})" for part in found["f1"]]
        rows.append([name, *parts, f"{found['links']:,}", f"{found['cpu']:.0f}", found["kinds"]])
        print(rows[-1], flush=True)
    heads = ["set", "F1"] + (["F1, set aside"] if given.test else [])
    text = (
        f"{table([*heads, 'links', 'CPU s', 'what the columns were taken for'], rows)}\n\n"
        "F1 in per cent over the labelled pairs of the part, of the links of `sameas link LEFT "
        "RIGHT`, with nothing said about the tables. CPU seconds of planning, learning, linking."
    )
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_section("planned", "Without labels: what the command finds by itself", text, facts)


if __name__ == "__main__":
    main()
