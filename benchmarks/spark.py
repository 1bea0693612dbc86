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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import about, run, table, whole, write_json, write_section
from scale import FIT_SEED, SEED, fitted, places

ENGINES = ("duckdb", "spark", "sail")
_KINDS = ("driver", "jvm", "workers")
_PACKAGES = ("sameas", "pyspark", "pysail", "duckdb", "numba", "pyarrow")


class Meter:
    """CPU seconds and memory of all processes of this session, looked at every two seconds."""

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
        while not self.ended.wait(2.0):
            self.peak = max(self.peak, sum(_memory(one) for one in _processes()))

    @staticmethod
    def cpu() -> dict[str, float]:
        """Return the CPU seconds so far: of the JVM, the workers of Spark, and this process."""
        found = dict.fromkeys(("driver", "jvm", "workers"), 0.0)
        for one in _processes():
            name = Path("/proc", one, "comm")
            try:
                java = name.read_text().strip() == "java"
            except OSError:
                continue
            kind = "driver" if int(one) == os.getpid() else "jvm" if java else "workers"
            # What the JVM has waited for are its workers.
            own, waited = (sum(map(int, _stat(one)[at : at + 2] or [0])) for at in (11, 13))
            found[kind] += own / os.sysconf("SC_CLK_TCK")
            found["workers" if java else kind] += waited / os.sysconf("SC_CLK_TCK")
        return found


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
        cpu = found.pop("cpu") if "cpu" in found else meter.cpu()
    wall = time.monotonic() - begin
    return {"cpu": sum(cpu.values()), "by": cpu, "wall": wall, "peak_mb": meter.peak / 1e6, **found}


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
    logs = Path(out, "events")
    logs.mkdir()
    settings = {"spark__eventLog__enabled": "true", "spark__eventLog__dir": logs.as_uri(),
                "spark__eventLog__compress": "false"}  # fmt: skip
    session = local_session(address, **settings)
    chosen = SparkEngine(session, work=f"{out}/work", parts=4, records_per_part=records_per_part)
    linker = SparkLinker.load(model, chosen)
    stages: list[dict[str, Any]] = [{"stage": "start", **Meter.cpu()}]
    with _watched(stages):
        result = linker.dedupe(path, out=out)
        stages.append({"stage": "written", **Meter.cpu()})
    # What was used by workers that ended is lost when the JVM ends, so this is read before.
    cpu, report = Meter.cpu(), result.report
    sizes: dict[str, float] = {}
    for folder in Path(out, "work").glob("*/*"):
        held = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        stage = folder.name.removesuffix(".pieces").rpartition("-")[0]
        sizes[stage] = sizes.get(stage, 0.0) + held / 1e6
    for later, earlier in zip(stages[:0:-1], stages[-2::-1], strict=True):
        for kind in ("driver", "jvm", "workers"):
            later[kind] -= earlier[kind]
        later["mb"] = sizes.get(later["stage"], 0.0)
    session.stop()
    if engine == "sail":
        server.stop()
    moved = shuffled(logs)
    for one in stages:
        one["shuffled"] = moved.get(one["stage"], 0) / 1e6
    return {name: report[name] for name in ("candidates", "links")} | {
        "entities": report["clusters"]["clusters"], "stages_mb": sum(sizes.values()),
        "stages": stages, "cpu": cpu,
    }  # fmt: skip


def shuffled(logs: Path) -> dict[str, int]:
    """Return the bytes that were shuffled for each stage of ours, from the logs of Spark."""
    names: dict[int, str] = {}
    found: dict[str, int] = {}
    files = [file for file in logs.rglob("*") if file.name.startswith(("events", "local"))]
    for line in (line for file in files for line in file.read_text().splitlines()):
        event = json.loads(line)
        if event["Event"] == "SparkListenerStageSubmitted":
            said = (event.get("Properties") or {}).get("spark.job.description") or ""
            names[event["Stage Info"]["Stage ID"]] = said.removeprefix("sameas: ")
        elif event["Event"] == "SparkListenerTaskEnd":
            metrics = (event.get("Task Metrics") or {}).get("Shuffle Write Metrics", {})
            name = names.get(event["Stage ID"], "")
            found[name] = found.get(name, 0) + metrics.get("Shuffle Bytes Written", 0)
    return found


@contextmanager
def _watched(stages: list[dict[str, Any]]) -> Iterator[None]:
    """Note the CPU seconds whenever a stage has been written."""
    from sameas.engines.spark import SparkEngine

    keep = SparkEngine._kept

    def noted(self: Any, frame: Any, name: str) -> Any:
        kept = keep(self, frame, name)
        stages.append({"stage": name.rpartition("-")[0], **Meter.cpu()})
        return kept

    SparkEngine._kept = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        SparkEngine._kept = keep  # type: ignore[method-assign]


def compare(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run all engines on one table."""
    path = places(home, options.records, SEED)
    model = fitted(home, places(home, options.fit_records, FIT_SEED), "silver")
    found: dict[str, dict[str, Any]] = {}
    for engine in options.engines:
        out = tempfile.mkdtemp(dir=home, prefix=f"{engine}_")
        arguments = [__file__, "job", engine, path, str(model), out]
        found[engine] = run([*arguments, str(options.records_per_part)]).output
        print(json.dumps({engine: found[engine]}), file=sys.stderr, flush=True)
        shutil.rmtree(out)
    facts = about(*_PACKAGES)
    if not options.no_results:
        write_results(found, options.records, facts)
    return {"about": facts, **found}


def write_results(found: dict[str, Any], records: int, facts: dict[str, Any]) -> None:
    """Write the section of one size; the first engine is what the others are measured by."""
    base = next(iter(found.values()))["cpu"]
    rows = [
        [engine, one["cpu"], one["cpu"] / base, *(one["by"][kind] for kind in _KINDS),
         one["peak_mb"], one.get("stages_mb", "-"), one["candidates"], one["links"],
         one["entities"]]
        for engine, one in found.items()
    ]  # fmt: skip
    head = ["engine", "CPU s", "times DuckDB", "own process", "JVM", "workers", "peak MB",
            "stages MB", "candidates", "links", "entities"]  # fmt: skip
    text = table(head, rows) + "\n\nKernels were compiled before." + _profile(found)
    title = f"Three engines, {records:,} generated places"
    write_section(f"engines_{records}", title, text, facts)


def _profile(found: dict[str, Any]) -> str:
    """Return where the CPU seconds of Spark went, stage by stage."""
    stages = found.get("spark", {}).get("stages")
    if not stages:
        return ""
    rows = [
        [one["stage"], *(one[kind] for kind in _KINDS), one["shuffled"], one.get("mb", 0.0)]
        for one in stages
    ]
    head = ["stage of Spark", "own process", "JVM", "workers", "MB shuffled", "MB written"]
    return "\n\n" + table(head, rows)


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
