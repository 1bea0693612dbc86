"""Tables that are hard for a cluster: one giant block, and one long chain.

Usage: python benchmarks/spark_shapes.py skew|chain [--records N] --folder FOLDER

skew: 200 thousand records of one postal code with different names stand in one block, beside
ordinary ones. The block is cut into tiles; how long each task took is taken from the event log
of Spark. chain: the matches of a million records are one chain in no order.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from common import about, table, whole, write_json, write_section
from spark_common import Meter, event_log, started

_PACKAGES = ("sameas", "pyspark", "numba", "pyarrow")
_SYLLABLES = ["ba", "ko", "ri", "tu", "me", "lo", "sa", "ni", "ge", "po", "du", "fa", "zi", "we"]


def skewed(records: int, others: int) -> pa.Table:
    """Return records of one postal code, and others of many."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(_SYLLABLES, 4)) for _ in range(30_000)])
    total = records + others
    one, two = (words[rng.integers(0, len(words), total)] for _ in range(2))
    codes = [
        *(["00001"] * records),
        *(f"{n:05d}" for n in rng.integers(2, 2 + others // 20, others)),
    ]
    return pa.table({"id": np.arange(total), "name": np.char.add(np.char.add(one, " "), two),
                     "postal_code": codes})  # fmt: skip


def skew(options: argparse.Namespace) -> dict[str, Any]:
    """Link the skewed table and look at the tasks."""
    from sameas.blocking import ExactKey
    from sameas.blocking.filters import SharedToken
    from sameas.comparison import JaroWinkler
    from sameas.engines.spark import SparkEngine
    from sameas.linker import Budget, Linker, Options
    from sameas.linker.spark import SparkLinker
    from sameas.matching import Boosting

    given = skewed(options.records, options.records // 4)
    names = given["name"].to_pylist()
    labels = pa.table({"left_id": list(range(400)), "right_id": list(range(400, 800)),
                       "label": [n % 2 == 0 for n in range(400)]})  # fmt: skip
    small = Boosting(iterations=5, leaves=4, min_leaf=5, members=1)
    linker = Linker(
        {"name": "name", "postal_code": "postal_code"}, context=None, second_pass=None,
        blocking=(ExactKey(("postal_code",), filter=SharedToken("name")),),
        comparisons=(JaroWinkler("name"),), matcher=small,
    ).fit(given.slice(0, 1_000), labels=labels)  # fmt: skip
    logs = tempfile.mkdtemp(dir=options.folder)
    work = tempfile.mkdtemp(dir=options.folder)
    with started("spark", **event_log(Path(logs))) as session:
        engine = SparkEngine(session, work=work, parts=8, records_per_part=options.records_per_part)
        result = SparkLinker(linker, engine).dedupe(
            given, options=Options(budget=Budget(pairs_per_block=2_000_000_000))
        )
        report = result.report
    stages = task_seconds(Path(logs))
    busiest = max(stages, key=lambda number: sum(stages[number]))
    taken = np.sort(stages[busiest])
    figures = {
        "records": len(names),
        "pairs of the block": options.records * (options.records - 1) // 2,
        "enumerated": report["blocking"][0]["enumerated"],
        "candidates": report["candidates"],
        "tasks": len(taken),
        "median task s": float(np.median(taken)),
        "longest task s": float(taken[-1]),
        "longest / median": float(taken[-1] / np.median(taken)),
        "all tasks s": float(taken.sum()),
    }
    if not options.no_results:
        text = table(["figure", "value"], [list(item) for item in figures.items()])
        text += "\n\nThe tasks are those of the stage that finds the pairs, which took longest."
        write_section("spark_skew", f"Spark: one block of {options.records:,} records", text,
                      about(*_PACKAGES))  # fmt: skip
    return figures


def task_seconds(logs: Path) -> dict[int, list[float]]:
    """Return how long each task that had work ran, by stage, from the event logs of Spark."""
    found: dict[int, list[float]] = {}
    files = [file for file in logs.rglob("*") if file.name.startswith(("events", "local"))]
    for line in (line for file in files for line in file.read_text().splitlines()):
        if not line.startswith('{"Event":"SparkListenerTaskEnd"'):
            continue
        event = json.loads(line)
        metrics = event.get("Task Metrics") or {}
        read = metrics.get("Shuffle Read Metrics", {})
        if read.get("Total Records Read", 0):
            seconds = metrics["Executor Run Time"] / 1000
            found.setdefault(event["Stage ID"], []).append(seconds)
    return found


def chain(options: argparse.Namespace) -> dict[str, Any]:
    """Find the components of one long chain."""
    from sameas.engines.pieces import cut
    from sameas.engines.spark import SparkEngine
    from sameas.linker.spark.components import connect

    count = options.records
    order = np.random.default_rng(0).permutation(count).astype(np.int32)
    ends = np.minimum(order[1:], order[:-1]), np.maximum(order[1:], order[:-1])
    edges = pa.table({"record": ends[1], "root": ends[0]})
    rows = []
    with started("spark") as session:
        for at_once in (0, 20_000_000):
            work = tempfile.mkdtemp(dir=options.folder)
            engine = SparkEngine(session, work=work, parts=8)
            seed = session.createDataFrame(pa.table({"n": list(range(16))})).repartition(16)
            size = -(-len(edges) // 16)

            def read(batch: pa.RecordBatch, size: int = size) -> Any:
                for number in batch["n"].to_pylist():
                    yield from cut(0, "edges", edges.slice(number * size, size))

            same = engine.read_frame(seed, read)
            given = engine.each_piece(same, lambda _, pieces: pieces, keep="given")
            begin, used = time.monotonic(), _cpu()
            stage, rounds = connect(engine, given, parts=8, at_once=at_once)
            pieces = engine.collect(stage.where("kind = 'edges'"))
            found = pa.concat_tables(piece.table for piece in pieces)
            assert len(found) == count - 1
            assert not found["root"].to_numpy().any()
            rows.append([at_once, rounds, _cpu() - used, time.monotonic() - begin])
    if not options.no_results:
        head = ["edges left to one task", "rounds", "CPU s of all processes", "wall s"]
        text = table(head, rows) + "\n\nThe wall times are those of a machine that others use too."
        write_section("spark_chain", f"Spark: a chain of {count:,} records", text,
                      about(*_PACKAGES))  # fmt: skip
    return {"rows": rows}


def _cpu() -> float:
    """Return the CPU seconds of this process, the JVM and its workers."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    others = {key: value for key, value in Meter.cpu().items() if key != "driver"}
    return used.ru_utime + used.ru_stime + sum(others.values())


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["skew", "chain"])
    parser.add_argument("--records", type=whole)
    parser.add_argument("--records-per-part", type=whole, default=20_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.setsid()
    options.records = options.records or {"skew": 200_000, "chain": 1_000_000}[options.what]
    write_json(skew(options) if options.what == "skew" else chain(options))


if __name__ == "__main__":
    main()
