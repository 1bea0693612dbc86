"""Two tables of words, blocked by keys alone: what that and a store cost in recall and F1.

    python benchmarks/by_keys.py --data FOLDER [--sets magellan/abt_buy ...] [--test]

Fields and rules are planned from the tables, once with the nearest neighbours in the wording
(``sameas link A B``), once by keys and shared words (``--by-keys``); the linker learns without
labels, with rivals and without (``--no-rivals``). By keys and without rivals a linker goes into a
store. What was chosen in the rules was chosen on train and valid pairs.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow.parquet as pq

from common import about, table, write_section
from sameas.linker import plan_tables
from sameas.linker.inputs import name_tables
from sameas.linker.learning import make_job
from unlabelled import Measured

SETS = ["abt_buy", "amazon_google", "dblp_acm", "walmart_amazon", "fodors_zagats", "beer"]
#: The number of the match.
LEFT_OUT = {"magellan/fodors_zagats": ["class"]}
WAYS = ((False, True), (True, True), (False, False), (True, False))  # by keys, rivals
_NAMES = {True: "by keys", False: "neighbours"}


def measure(folder: Path, name: str, *, test: bool) -> dict[str, Any]:
    """Plan and learn in four ways."""
    data = Measured(folder, name, test=test)
    read = name_tables([pq.read_table(path).drop_columns(LEFT_OUT.get(name, []))
                        for path in data.tables])  # fmt: skip
    found: dict[str, Any] = {"set": name}
    for by_keys, rivals in WAYS:
        plan = plan_tables(read, by_keys=by_keys)
        linker = plan.linker(rivals=rivals)
        options = plan.options()
        linker.fit(read, options=options)
        scored = linker.score(read, pairs=data.pairs, options=options)
        met, decision = (np.array(scored[each].to_pylist()) for each in ("candidate", "decision"))
        found[by_keys, rivals] = data.f1(met & decision)
        if rivals:
            job = make_job(
                linker.fitted_.spec, read, None, options, dict(linker.fitted_.statistics)
            )
            found["candidates", by_keys] = len(job.candidates) / len(job.records)
            found["recall", by_keys] = {
                part: 100 * float(met[mask & data.label].mean())
                for part, mask in data.parts.items()
            }
    return found


def lines_of(found: dict[str, Any]) -> list[list[str]]:
    """Return the rows of a set."""
    lines = []
    for part in found["recall", True]:
        cells = [f"{found['candidates', way]:.1f}" for way in (False, True)]
        cells += [f"{found['recall', way][part]:.1f}" for way in (False, True)]
        cells += [f"{found[way][part]:.1f}" for way in WAYS]
        lines.append([found["set"], part, *cells])
    return lines


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=[f"magellan/{name}" for name in SETS])
    parser.add_argument("--test", action="store_true", help="read the test pairs too")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    rows = []
    for name in given.sets:
        rows += lines_of(measure(given.data, name, test=given.test))
        print(*rows[-1 - given.test :], sep="\n", flush=True)
    heads = ["set", "measured on"]
    heads += [f"candidates a record, {_NAMES[way]}" for way in (False, True)]
    heads += [f"recall, {_NAMES[way]}" for way in (False, True)]
    heads += [f"F1, {_NAMES[way]}{'' if rivals else ', no rivals'}" for way, rivals in WAYS]
    text = (
        f"{table(heads, rows)}\n\nIn per cent over all labelled pairs of the part; recall is that "
        "of the candidates, and a pair that is none counts as no match. Nothing is said about the "
        "tables: fields, rules and matcher are planned and learned from them. The last column is "
        "what goes into a store: `sameas fit LEFT RIGHT --by-keys --no-rivals`."
    )
    if not given.no_results:
        facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
        write_section("by_keys", "Without labels, blocked by keys alone: for a store", text, facts)


if __name__ == "__main__":
    main()
