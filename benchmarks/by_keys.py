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
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow.parquet as pq

from common import about, table, write_section
from sameas.linker import plan_tables
from sameas.linker.inputs import name_tables
from sameas.linker.learning import make_job
from sameas.resolver import Resolver, load_tables
from unlabelled import Measured

SETS = ["abt_buy", "amazon_google", "dblp_acm", "walmart_amazon", "fodors_zagats", "beer"]
#: The number of the match.
LEFT_OUT = {"magellan/fodors_zagats": ["class"]}
WAYS = ((False, True), (True, True), (False, False), (True, False))  # by keys, rivals
_ASKED = 200
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


def in_a_store(folder: Path, name: str) -> list[Any]:
    """Load a set into a store, and ask for some of its left records: what that costs."""
    data = Measured(folder, name, test=False)
    read = name_tables([pq.read_table(path).drop_columns(LEFT_OUT.get(name, []))
                        for path in data.tables])  # fmt: skip
    plan = plan_tables(read, by_keys=True)
    linker = plan.linker(rivals=False)
    linker.fit(read, options=plan.options())
    asked = [{field.name: row[field.name] for field in linker.fitted_.spec.fields}
             for row in next(iter(read.values())).to_pylist()[:_ASKED]]  # fmt: skip
    with TemporaryDirectory() as home:
        file = Path(home) / "x.db"
        with Resolver(linker.fitted_, file) as resolver:
            begun = time.process_time()
            report = load_tables(linker.fitted_, resolver.store, read, options=plan.options())
            loaded = time.process_time() - begun
            resolver.match(asked[0])
            begun = time.process_time()
            for row in asked:
                resolver.match(row)
            one = time.process_time() - begun
            begun = time.process_time()
            resolver.match_many(asked)
            many = time.process_time() - begun
        size = file.stat().st_size
    return [
        name, report.records, 1e3 * loaded / report.records, size / report.records / 1e3,
        1e3 * one / len(asked), 1e3 * many / len(asked),
    ]  # fmt: skip


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
    parser.add_argument("--store", action="store_true", help="measure what a store costs instead")
    given = parser.parse_args()
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    rows: list[list[Any]] = []
    if given.store:
        heads = ["set", "records", "load, CPU ms a record", "kB a record", "match, CPU ms",
                 f"of {_ASKED} at a time, CPU ms"]  # fmt: skip
        rows = [in_a_store(given.data, name) for name in given.sets]
        print(text := table(heads, rows))
        if not given.no_results:
            write_section("by_keys_store", "Tables of words in a store: what it costs", text, facts)
        return
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
        write_section("by_keys", "Without labels, blocked by keys alone: for a store", text, facts)


if __name__ == "__main__":
    main()
