"""One saved linker on three engines: DuckDB on this machine, Apache Spark, Sail.

Each engine runs in a process of its own, from Parquet to links, clusters and entities in
Parquet. CPU and memory are those of all its processes: the JVM and the Python workers too.

    python benchmarks/spark.py --records 1_000_000 --folder FOLDER
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from common import about, run, table, whole, write_json, write_section
from scale import FIT_SEED, SEED, fitted, places

ENGINES = ("duckdb", "spark", "sail")
_PACKAGES = ("sameas", "pyspark", "pysail", "duckdb", "numba", "pyarrow")


class Meter:
    """CPU seconds and memory of all processes of this session, looked at twice a second."""

    def __init__(self) -> None:
        self.peak = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Meter:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(0.5):
            self.peak = max(self.peak, sum(_memory(one) for one in _processes()))

    @staticmethod
    def cpu() -> float:
        """Return the CPU seconds so far."""
        ticks = sum(sum(map(int, _stat(one)[11:15])) for one in _processes())
        return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> list[str]:
    mine = os.getsid(0)
    found = (name for name in os.listdir("/proc") if name.isdigit())
    return [name for name in found if (stat := _stat(name)) and int(stat[3]) == mine]


def _stat(name: str) -> list[str]:
    """Return the figures of a process after its name; none if it has gone."""
    try:
        return Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _memory(name: str) -> int:
    """Return the resident bytes of a process, shared ones by its share."""
    try:
        lines = Path("/proc", name, "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def job(engine: str, path: str, model: str, out: str, records_per_part: str) -> dict[str, Any]:
    """Deduplicate on one engine and write what is found."""
    os.setsid()
    begin = time.monotonic()
    with Meter() as meter:
        found = _on_duckdb(path, model, out) if engine == "duckdb" else _on_spark(
            engine, path, model, out, int(records_per_part)
        )  # fmt: skip
        cpu = meter.cpu()
    wall = time.monotonic() - begin
    return {"cpu": cpu, "wall": wall, "peak_mb": meter.peak / 1e6, **found}


def _on_duckdb(path: str, model: str, out: str) -> dict[str, Any]:
    from sameas.linker import Linker

    report = Linker.load(model).dedupe(path, out=out, report=False).report
    return {name: report[name] for name in ("candidates", "links")} | {
        "entities": report["clusters"]["clusters"]
    }


def _on_spark(
    engine: str, path: str, model: str, out: str, records_per_part: int
) -> dict[str, Any]:
    from sameas.engines.spark import SparkEngine, local_session
    from sameas.linker.spark import SparkLinker

    address = "local[2]"
    if engine == "sail":
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer()
        server.start(background=True)
        address = f"sc://localhost:{server.listening_address[1]}"
    session = local_session(address)
    chosen = SparkEngine(session, work=f"{out}/work", parts=4, records_per_part=records_per_part)
    linker = SparkLinker.load(model, chosen)
    result = linker.dedupe(session.read.parquet(path))
    for name in ("links", "clusters", "entities"):
        getattr(result, name).write.parquet(f"{out}/{name}")
    report = result.report
    stages = sum(file.stat().st_size for file in Path(out, "work").rglob("*") if file.is_file())
    return {name: report[name] for name in ("candidates", "links")} | {
        "entities": report["clusters"]["clusters"], "stages_mb": stages / 1e6,
    }  # fmt: skip


def compare(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run all engines on one table."""
    path = places(home, options.records, SEED)
    model = fitted(home, places(home, options.fit_records, FIT_SEED), "silver")
    found: dict[str, dict[str, Any]] = {}
    for engine in options.engines:
        out = tempfile.mkdtemp(dir=home, prefix=f"{engine}_")
        arguments = [__file__, "job", engine, path, str(model), out]
        found[engine] = run([*arguments, str(options.records_per_part)]).output
        shutil.rmtree(out)
    base = found[options.engines[0]]["cpu"]
    rows = [
        [engine, one["cpu"], one["cpu"] / base, one["peak_mb"], one.get("stages_mb", "-"),
         one["candidates"], one["links"], one["entities"]]
        for engine, one in found.items()
    ]  # fmt: skip
    facts = about(*_PACKAGES)
    if not options.no_results:
        head = ["engine", "CPU s", "times DuckDB", "peak MB", "stages MB", "candidates", "links",
                "entities"]  # fmt: skip
        title = f"Three engines, {options.records:,} generated places"
        write_section(f"engines_{options.records}", title, table(head, rows), facts)
    return {"about": facts, **found}


def main() -> None:
    """Read the command line."""
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(job(*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=whole, default=1_000_000)
    parser.add_argument("--fit-records", type=whole, default=200_000)
    parser.add_argument("--records-per-part", type=whole, default=100_000)
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_json(compare(options.folder, options))


if __name__ == "__main__":
    main()
