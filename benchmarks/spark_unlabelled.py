"""Persons learned without labels, on one machine and on Spark: who does the work, what is held.

The plan (fields, rules) is made on one machine. A fit on Spark lets the workers compare; the
driver learns. Both must give the same version of the linker.

    python benchmarks/spark_unlabelled.py --records 200_000 --folder FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from common import about, run, table, write_json, write_section
from spark_common import KINDS, Meter, engine_parser, started

_PACKAGES = ("sameas", "pyspark", "pysail", "numba", "pyarrow")
SEED = 1


def persons(home: Path, records: int) -> str:
    """Write a generated table once, without the truth."""
    import pyarrow.parquet as pq

    from sameas.datasets.persons import generate_persons

    path = home / f"persons_{records}.parquet"
    if not path.exists():
        given = generate_persons(records, seed=SEED)
        pq.write_table(given.drop_columns(["entity_id"]), path)
    return str(path)


def job(engine: str, path: str, work: str) -> dict[str, Any]:
    """Plan, then fit on one engine; the CPU seconds are those of the fit."""
    from sameas.engines.spark import SparkEngine
    from sameas.linker.planning import plan_tables
    from sameas.linker.spark import SparkLinker

    os.setsid()
    plan = plan_tables(path)
    # Spark wants ids, where one machine would number the rows.
    linker, options = plan.linker(), replace(plan.options(), id_column="id")
    if engine == "duckdb":
        before = Meter.cpu()
        linker.fit(path, options=options)
        after = Meter.cpu()
    else:
        with started(engine) as session:
            session.range(1).collect()
            on = SparkEngine(session, work=work, parts=4)
            before = Meter.cpu()
            SparkLinker.fit(linker, path, options=options, engine=on)
            after = Meter.cpu()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    assert linker.fitted_ is not None
    return {
        "by": {kind: after[kind] - before[kind] for kind in KINDS}, "driver_mb": held,
        "candidates": linker.fitted_.report["pairs"]["candidates"], "version": linker.version,
    }  # fmt: skip


def compare(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Fit on all engines."""
    path = persons(home, options.records)
    found: dict[str, dict[str, Any]] = {}
    for engine in options.engines:
        with tempfile.TemporaryDirectory(dir=home) as work:
            begin = time.monotonic()
            found[engine] = run([__file__, "job", engine, path, work]).output
            found[engine]["wall"] = time.monotonic() - begin
        print(json.dumps({engine: found[engine]}), file=sys.stderr, flush=True)
    if not options.no_results:
        first = next(iter(found.values()))
        rows = [
            [engine, sum(one["by"].values()), *(one["by"][kind] for kind in KINDS),
             one["driver_mb"], one["candidates"],
             "yes" if one["version"] == first["version"] else "no"]
            for engine, one in found.items()
        ]  # fmt: skip
        head = ["engine", "CPU s of the fit", "own process", "JVM", "workers",
                "peak MB of the own process", "candidates", "same linker"]  # fmt: skip
        title = f"Without labels on three engines, {options.records:,} generated persons"
        text = (
            table(head, rows) + "\n\nStarting Spark is not counted; Sail works in its own process."
        )
        write_section("spark_unlabelled", title, text, about(*_PACKAGES))
    return found


def main() -> None:
    """Read the command line."""
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(job(*sys.argv[2:])))
        return
    options = engine_parser(__doc__, records=200_000).parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_json(compare(options.folder, options))


if __name__ == "__main__":
    main()
