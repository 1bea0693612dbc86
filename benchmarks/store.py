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
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, whole, write_section
from sameas.linker import Linker, Options
from sameas.resolver import Limits, Resolver, load_tables

HEAD = [
    "what",
    "requests",
    "CPU ms p50",
    "CPU ms p99",
    "wall ms p50",
    "wall ms p99",
    "looked p50",
    "a second",
]


def timed(what: str, work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Call `work` on each item; return a row of the table."""
    spent, waited, looked = [], [], []
    records = 0
    for item in items:
        begin, since = time.thread_time(), time.perf_counter()
        answer = work(item)
        spent.append(1e3 * (time.thread_time() - begin))
        waited.append(1e3 * (time.perf_counter() - since))
        records += len(answer) if isinstance(answer, list) else 1
        answer = answer[0] if isinstance(answer, list) else answer
        looked.append(answer.looked)
    figures = [float(np.quantile(all_, q)) for all_ in (spent, waited) for q in (0.5, 0.99)]
    return [what, len(spent), *figures, int(np.median(looked)), round(records / sum(waited) * 1e3)]


def worked(name: str, resolver: Resolver, rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Ask about rows, and insert them under new keys: one a transaction, and 100 a transaction."""
    for row in rows[:20]:
        resolver.match(row)
    made = [timed(f"{name}: match", resolver.match, rows)]
    stamp = time.time_ns()
    keyed = [(f"new{stamp}", str(n), row) for n, row in enumerate(rows)]
    made.append(timed(f"{name}: insert", lambda one: resolver.put_many([one]), keyed[:200]))
    for size in (10, 100):
        batches = [
            [(f"more{size}-{stamp}", f"{n}-{i}", row) for i, row in enumerate(rows[n : n + size])]
            for n in range(0, len(rows), size)
        ]
        some = batches[:40]
        made.append(timed(f"{name}: insert {size} a transaction", resolver.put_many, some))
    return made


def crowd(rows: list[dict[str, Any]], count: int) -> dict[str, list[dict[str, Any]]]:
    """Put places into one spot, all within 250 m of its middle."""
    chance = np.random.default_rng(1)
    angle, far = chance.uniform(0, 2 * np.pi, count), 250 * np.sqrt(chance.uniform(0, 1, count))
    north, east = far * np.sin(angle) / 111_195, far * np.cos(angle) / (111_195 * 0.658)
    return {
        "spot": [
            row | {"id": str(n), "latitude": 48.85 + north[n], "longitude": 2.35 + east[n]}
            for n, row in enumerate(rows[:count])
        ]
    }


def dense(linker: Linker, rows: list[dict[str, Any]], count: int) -> tuple[list[Any], str]:
    """Ask in the densest spot, without limits and with those of the paper."""
    made, said = [], ""
    tables = crowd(rows, count)
    asked = [{k: v for k, v in row.items() if k != "id"} for row in tables["spot"][:100]]
    with tempfile.TemporaryDirectory() as folder:
        for name, limits in (("no limits", None), ("limits of the paper", Limits.paper())):
            with Resolver(linker, f"{folder}/x.db", limits=limits) as resolver:
                if limits is None:
                    load_tables(resolver.fitted, resolver.store, tables, options=Options(threads=1))
                resolver.match(asked[0])
                made.append(timed(f"spot of {count:,}, {name}: match", resolver.match, asked))
                answer = resolver.match(asked[0])
                said += (
                    f" With {name} an answer says: {answer.looked:,} looked at, {answer.found} "
                    f"candidates, {answer.capped} left out, order dependent: "
                    f"{list(answer.order_dependent) or 'no'}."
                )
                batch = [(f"later, {name}", str(n), row) for n, row in enumerate(asked[:20])]
                one = timed(f"spot, {name}: insert", lambda one: resolver.put_many([one]), batch)
                made.append(one)
    return made, said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--linker", required=True)
    parser.add_argument("--store", required=True, help="loaded from --table; inserts go into it")
    parser.add_argument("--table", required=True)
    parser.add_argument("--requests", type=whole, default=1_000)
    parser.add_argument("--dense", type=whole, default=10_000)
    parser.add_argument("--postgres", help="address of an empty database")
    parser.add_argument("--loaded", type=whole, default=50_000, help="places for PostgreSQL")
    given = parser.parse_args()
    linker = Linker.load(given.linker)
    names = [field.name for field in linker.spec.fields]
    some_rows = pq.ParquetFile(given.table).read_row_group(0, ["id", *names]).slice(0, 100_000)
    rows = some_rows.to_pylist()
    keyless = [{name: row[name] for name in names} for row in rows]
    order = np.random.default_rng(1).permutation(len(rows))[: given.requests]
    some = [keyless[n] for n in order]
    begin = time.process_time()
    with Resolver(linker, given.store) as resolver:
        opened = time.process_time() - begin
        records = resolver.counts()["records"]
        made = worked("SQLite", resolver, some)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    text = (
        f"One process, one thread. Opening a store of {records:,} places: {opened:.2f} CPU "
        f"seconds; peak memory with its matches and inserts: {peak:,.0f} MB. CPU is that of the "
        "thread (of PostgreSQL, the client's). Inserts are of places that are "
        "there already under another key, so each has candidates."
    )
    if given.postgres:
        with Resolver(linker, given.postgres) as resolver:
            tables = {"some": pa.Table.from_pylist(rows[: given.loaded])}
            load_tables(resolver.fitted, resolver.store, tables, options=Options(threads=1))
            made += worked("PostgreSQL", resolver, [keyless[n] for n in order % given.loaded])
        text += f" PostgreSQL holds {given.loaded:,} places, fsync on, over a local socket."
    spots, said = dense(linker, keyless, given.dense)
    text += said + "\n\n" + table(HEAD, made + spots)
    write_section(f"store-{records // 1_000_000}m", f"Store: {records:,} places", text,
                  about("numpy", "numba"))  # fmt: skip
    print(text)


if __name__ == "__main__":
    main()
