"""A store of places: match latency, durable inserts, the densest spot.

python benchmarks/store.py --linker model/ --store places.db --table places.parquet
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from common import about, table, whole, write_section
from sameas.linker import Linker
from sameas.resolver import Resolver

HEAD = ["what", "requests", "CPU ms p50", "CPU ms p99", "wall ms p50", "wall ms p99", "looked p50"]


def timed(what: str, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Call `work` on each item; return a row of the table."""
    spent, waited, looked = [], [], []
    for item in items:
        begin, since = time.thread_time(), time.perf_counter()
        answer = work(item)
        spent.append(1e3 * (time.thread_time() - begin))
        waited.append(1e3 * (time.perf_counter() - since))
        answer = answer[0] if isinstance(answer, list) else answer
        looked.append(answer.looked)
    figures = [float(np.quantile(all_, q)) for all_ in (spent, waited) for q in (0.5, 0.99)]
    return [what, len(spent), *figures, int(np.median(looked))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--linker", required=True)
    parser.add_argument("--store", required=True, help="loaded from --table")
    parser.add_argument("--table", required=True)
    parser.add_argument("--requests", type=whole, default=300)
    parser.add_argument("--dense", type=whole, default=2_000)
    given = parser.parse_args()
    linker = Linker.load(given.linker)
    names = [field.name for field in linker.spec.fields]
    rows = pq.read_table(given.table, columns=[*names]).slice(0, 20_000).to_pylist()
    chance = np.random.default_rng(1)
    some = [rows[n] for n in chance.permutation(len(rows))[: given.requests]]
    begin = time.process_time()
    made = []
    with Resolver(linker, given.store) as resolver:
        opened = time.process_time() - begin
        for row in some[:20]:
            resolver.match(row)
        records = resolver.counts()["records"]
        made.append(timed(f"match, {records:,} places", resolver.match, some))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder, Resolver(linker, f"{folder}/x.db") as resolver:
        keyed = [("new", str(n), row) for n, row in enumerate(some)]
        made.append(timed("insert, one a transaction", lambda one: resolver.put_many([one]), keyed))
        batches = [[("more", f"{n}-{i}", row) for i, row in enumerate(some[n : n + 100])]
                   for n in range(0, len(some), 100)]  # fmt: skip
        made.append(timed("insert, 100 a transaction", resolver.put_many, batches))
        spot = [
            ("spot", str(n), row | {"latitude": 48.85 + chance.uniform(-0.002, 0.002),
                                    "longitude": 2.35 + chance.uniform(-0.003, 0.003)})
            for n, row in enumerate(rows[: given.dense])
        ]  # fmt: skip
        tables = {"spot": [row | {"id": id} for _, id, row in spot]}
        from sameas.linker import Options
        from sameas.resolver import load_tables

        load_tables(resolver.fitted, resolver.store, tables, options=Options(threads=1))
        asked = [row for _, _, row in spot[:40]]
        made.append(timed(f"match, {given.dense:,} places in one spot", resolver.match, asked))
    text = (
        f"One process, one thread. Opening a store of {records:,} places: {opened:.2f} CPU "
        f"seconds; peak memory with its matches: {peak:,.0f} MB. CPU is that of the thread; wall "
        "times are of a machine with other work on it and say little. Spot: within about "
        "250 m.\n\n" + table(HEAD, made)
    )
    write_section(f"store-{records}", f"Store: {records:,} places", text, about("numpy", "numba"))
    print(text)


if __name__ == "__main__":
    main()
