"""Up to 28 million generated places on one small machine: cost against size, kill -9 and resume.

Usage: python benchmarks/big.py --folder PATH [--sizes 1_000_000 3_000_000 ...] [--memory 10GB]
       [--threads 2] [--preset default|radius|geohash] [--kill SECONDS ...]

The linker is `recipes.places(preset)`, fitted on 200,000 places of another seed by the phone
(`scale.py`). The job is ``Linker.load(model).dedupe(path, out=run, options=Options(memory=...))``
in a process of its own, kernels compiled before. ``--kill`` ends the job with kill -9 after each
of these shares of its time, and starts it again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from common import about, run, table, whole, write_json, write_section
from scale import FIT_SEED, SEED, places

_PACKAGES = ("sameas", "numba", "numpy", "pyarrow")
_LARGEST = 28_000_000


def fit_job(path: str, preset: str, folder: str) -> dict[str, Any]:
    """Fit the recipe with a preset of its blocking."""
    from sameas.recipes import places as recipe

    linker = recipe(preset).fit(path)
    linker.save(folder)
    return {"threshold": linker.threshold}


def link_job(path: str, model: str, out: str, memory: str, threads: str) -> dict[str, Any]:
    """Deduplicate in pieces; say what the stages cost."""
    import logging

    from sameas import Linker
    from sameas.linker import Options

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = Options(memory=memory, threads=int(threads))
    report = Linker.load(model).dedupe(path, out=out, options=options).report
    return {key: report[key] for key in ("candidates", "links", "blocking", "pieces", "clusters")}


def table_of(home: Path, records: int) -> str:
    """Write a table once: the beginning of the largest one, if that is there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, whole_table = (home / f"places_{n}_{SEED}.parquet" for n in (records, _LARGEST))
    if path.exists() or not whole_table.exists():
        return places(home, records, SEED)
    source = pq.ParquetFile(whole_table)
    left = records
    with pq.ParquetWriter(path, source.schema_arrow, compression="zstd") as writer:
        for group in range(source.num_row_groups):
            piece: pa.Table = source.read_row_group(group).slice(0, left)
            writer.write_table(piece)
            left -= piece.num_rows
            if not left:
                break
    return str(path)


def truth_job(path: str, clusters: str) -> dict[str, Any]:
    """Compare the entities with the truth; both are joined out of memory, as 64-bit hashes."""
    import duckdb

    from sameas.evaluation import cluster_metrics

    with tempfile.TemporaryDirectory(dir=Path(clusters).parent) as spill, duckdb.connect() as db:
        db.execute("SET memory_limit = '5GB'")
        db.execute("SET threads TO 2")
        db.execute("SET preserve_insertion_order = false")
        db.execute("SET temp_directory = ?", [spill])
        joined = db.execute(
            "SELECT hash(t.entity_id) AS wanted, hash(c.entity) AS found "
            "FROM read_parquet(?) t JOIN read_parquet(?) c ON t.id = c.id",
            [path, clusters],
        ).fetchnumpy()
    figures = cluster_metrics(joined["found"], joined["wanted"]).to_dict()
    wanted = ("pairwise_", "bcubed_", "predicted_clusters", "true_clusters")
    return {key: value for key, value in figures.items() if key.startswith(wanted)}


class Disk:
    """Looks at the size of a folder while a job runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.peak, self._end = folder, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Disk:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(1.0):
            self.peak = max(self.peak, _size(self.folder))


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # it was moved meanwhile
            continue
    return total


def one_size(home: Path, model: Path, records: int, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one run, and its entities against the truth."""
    path = table_of(home, records)
    out = Path(tempfile.mkdtemp(dir=home, prefix=f"run_{records}_"))
    try:
        with Disk(out) as disk:
            cost = run(
                [__file__, "link", path, str(model), str(out), options.memory,
                 str(options.threads)],
                NUMBA_CACHE_DIR=str(home / "cache"),
            )  # fmt: skip
        figures = run([__file__, "truth", path, str(out / "clusters.parquet")]).output
    finally:
        if not options.keep:
            shutil.rmtree(out, ignore_errors=True)
    return {
        **vars(cost), "disk_mb": disk.peak / 1e6, "entities": figures, "records": records,
        "measured": about()["date"],
    }  # fmt: skip


def kill_and_resume(
    home: Path, model: Path, records: int, options: argparse.Namespace
) -> list[list[Any]]:
    """End the job with kill -9 after some shares of its time; say what was done again."""
    path = table_of(home, records)
    arguments = [sys.executable, __file__, "link", path, str(model), "OUT", options.memory,
                 str(options.threads)]  # fmt: skip
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(home / "cache")}
    rows: list[list[Any]] = []
    expected, base = "", 0.0
    for share in (None, *options.kill):
        out = Path(tempfile.mkdtemp(dir=home, prefix="kill_"))
        command = [str(out) if part == "OUT" else part for part in arguments]
        if share is not None:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            time.sleep(base * share)
            process.send_signal(signal.SIGKILL)
            process.wait()
        cost = run(command[1:], NUMBA_CACHE_DIR=str(home / "cache"))
        digest = _digest(out)
        if share is None:
            base, expected = cost.wall_seconds, digest
        stages = cost.output["pieces"]["costs"]
        again = ", ".join(f"{name} {found['cpu_seconds']:.0f}" for name, found in stages.items())
        label = "not killed" if share is None else f"killed after {base * share:.0f} s"
        rows.append(
            [
                label,
                cost.wall_seconds,
                cost.cpu_seconds,
                again,
                "yes" if digest == expected else "no",
            ]
        )
        shutil.rmtree(out)
    return rows


def _digest(out: Path) -> str:
    import hashlib

    import pyarrow.parquet as pq

    digest = hashlib.sha256()
    for name in ("links", "clusters", "entities"):
        for batch in pq.ParquetFile(out / f"{name}.parquet").iter_batches(100_000):
            digest.update(str(batch.num_rows).encode())
            for column in batch.select(range(min(6, batch.num_columns))).columns:
                digest.update("\0".join(map(str, column.to_pylist())).encode())
    return digest.hexdigest()


def write_sizes(home: Path, key: str, title: str) -> None:
    """Write the section from all sizes that were measured into this folder."""
    found = json.loads((home / f"{key}.json").read_text())
    runs = [found[size] for size in sorted(found, key=int)]
    rows, stages = [], []
    for item in runs:
        rules, result = item["output"]["blocking"], item["entities"]
        rows.append([
            item["records"], *(sum(rule[k] for rule in rules) for k in ("enumerated", "met")),
            item["output"]["candidates"], item["cpu_seconds"], item["wall_seconds"],
            item["peak_mb"], item["disk_mb"], item["measured"],
        ])  # fmt: skip
        costs = item["output"]["pieces"]["costs"]
        stages.append([item["records"], *(_stage(costs, name) for name in _STAGES)])
        item["quality"] = [item["records"], *(
            result[f"{how}_{part}"] for how in ("pairwise", "bcubed")
            for part in ("precision", "recall", "f1"))]  # fmt: skip
    head = ["records", "enumerated", "within bounds", "scored", "CPU s", "wall s", "peak MB",
            "disk MB", "measured"]  # fmt: skip
    text = table(head, rows)
    if len(rows) > 1:
        powers = [
            math.log(rows[-1][n] / rows[0][n]) / math.log(rows[-1][0] / rows[0][0])
            for n in (1, 2, 3, 4, 6, 7)
        ]
        names = [head[n] for n in (1, 2, 3, 4, 6, 7)]
        text += "\n\nExponent from the smallest to the largest: " + ", ".join(
            f"{name} {power:.2f}" for name, power in zip(names, powers, strict=True)
        )
        text += "."
    text += "\n\nCPU seconds by stage, and the peak so far in MB:\n\n"
    text += table(["records", *_STAGES], stages)
    text += "\n\nEntities against the truth:\n\n"
    text += table(["records", "precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1"],
                  [item["quality"] for item in runs])  # fmt: skip
    write_section(key, title, text, about(*_PACKAGES))


_STAGES = ("records", "candidates", "windows", "scores", "clusters", "entities")


def _stage(costs: dict[str, Any], name: str) -> str:
    found = costs.get(name)
    return "-" if found is None else f"{found['cpu_seconds']:.0f} ({found['peak_mb']:,})"


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, help="tables, models and figures stay here")
    parser.add_argument("--sizes", type=whole, nargs="+", default=[1_000_000])
    parser.add_argument("--memory", default="10GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--kill", type=float, nargs="*", default=[])
    for flag in ("keep", "no-results"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()
    home = Path(options.folder)
    home.mkdir(parents=True, exist_ok=True)
    model = home / f"model_big_{options.preset}"
    if not model.exists():
        run([__file__, "fit", places(home, 200_000, FIT_SEED), options.preset, str(model)])
    key = "big" if options.preset == "default" else f"big_{options.preset}"
    if options.kill:
        rows = kill_and_resume(home, model, options.sizes[0], options)
        head = ["run", "wall s", "CPU s", "CPU s by stage of the last start", "same tables"]
        title = f"Killed and resumed, {options.sizes[0]:,} places in pieces"
        write_section("big_kill", title, table(head, rows), about(*_PACKAGES))
        return
    run([__file__, "link", table_of(home, 20_000), str(model), tempfile.mkdtemp(dir=home),
         options.memory, "1"], NUMBA_CACHE_DIR=str(home / "cache"))  # fmt: skip
    file = home / f"{key}.json"
    for records in options.sizes:
        found = json.loads(file.read_text()) if file.exists() else {}
        found[str(records)] = one_size(home, model, records, options)
        file.write_text(json.dumps(found, indent=1))
    if not options.no_results:
        title = "In pieces: cost against size" + (
            "" if options.preset == "default" else f", preset {options.preset}"
        )
        write_sizes(home, key, title)
    write_json(json.loads(file.read_text()))


if __name__ == "__main__":
    jobs = {"fit": fit_job, "link": link_job, "truth": truth_job}
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
