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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import about, run, table, whole, write_json, write_section
from scale import FIT_SEED, SEED, fitted, places
from spark_common import KINDS, Meter, engine_parser, event_log, started

_PACKAGES = ("sameas", "pyspark", "pysail", "duckdb", "numba", "pyarrow")


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
    from sameas.engines.spark import SparkEngine
    from sameas.linker.spark import SparkLinker

    logs = Path(out, "events")
    logs.mkdir()
    stages: list[dict[str, Any]] = []
    with started(engine, **event_log(logs)) as session:
        work = f"{out}/work"
        on = SparkEngine(session, work=work, parts=4, records_per_part=records_per_part)
        linker = SparkLinker.load(model, on)
        stages.append({"stage": "start", **Meter.cpu()})
        with _watched(stages):
            report = linker.dedupe(path, out=out).report
            stages.append({"stage": "written", **Meter.cpu()})
        # What was used by workers that ended is lost when the JVM ends, so this is read before.
        cpu = Meter.cpu()
    sizes = _sizes(Path(out, "work"))
    for later, earlier in zip(stages[:0:-1], stages[-2::-1], strict=True):
        for kind in KINDS:
            later[kind] -= earlier[kind]
        later["mb"] = sizes.get(later["stage"], 0.0)
    moved = shuffled(logs)
    for one in stages:
        one["shuffled"] = moved.get(one["stage"], 0) / 1e6
    return {name: report[name] for name in ("candidates", "links")} | {
        "entities": report["clusters"]["clusters"], "stages_mb": sum(sizes.values()),
        "stages": stages, "cpu": cpu,
    }  # fmt: skip


def _sizes(work: Path) -> dict[str, float]:
    """Return the megabytes that each stage wrote."""
    sizes: dict[str, float] = {}
    for folder in work.glob("*/*"):
        held = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        stage = folder.name.removesuffix(".pieces").rpartition("-")[0]
        sizes[stage] = sizes.get(stage, 0.0) + held / 1e6
    return sizes


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
        [engine, one["cpu"], one["cpu"] / base, *(one["by"][kind] for kind in KINDS),
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
        [one["stage"], *(one[kind] for kind in KINDS), one["shuffled"], one.get("mb", 0.0)]
        for one in stages
    ]
    head = ["stage of Spark", "own process", "JVM", "workers", "MB shuffled", "MB written"]
    return "\n\n" + table(head, rows)


def main() -> None:
    """Read the command line."""
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(job(*sys.argv[2:])))
        return
    parser = engine_parser(__doc__, records=1_000_000)
    parser.add_argument("--fit-records", type=whole, default=200_000)
    parser.add_argument("--records-per-part", type=whole, default=100_000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_json(compare(options.folder, options))


if __name__ == "__main__":
    main()
