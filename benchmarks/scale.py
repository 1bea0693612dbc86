"""Generated places from Parquet to entities in a fresh process: cost, and figures on the truth.

Usage: python benchmarks/scale.py [--records 1_000_000] [--models silver truth]
       [--threads 1] [--warm] [--sizes] [--speedup]

The linker is `recipes.places()`, fitted on another seed: by the phone ("silver"), or by the
hidden truth ("truth"). The job is `Linker.load(model).dedupe(path, out=run)` with an empty
numba cache (``--warm`` leaves it filled). ``--sizes`` runs 1, 2 and 5 times the records and
reports memory; ``--speedup`` alternates one and two threads of the command line, warm, and
reports wall time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import Cost, about, run, table, whole, write_json, write_section

SEED, FIT_SEED = 1, 2
_PACKAGES = ("sameas", "numba", "numpy", "pyarrow")


def fitted(home: Path, path: str, kind: str) -> Path:
    """Fit the recipe in a process of its own; return the saved linker."""
    folder = home / f"model_{kind}"
    if not folder.exists():
        run([__file__, "fit", path, kind, str(folder)])
    return folder


def fit_job(path: str, kind: str, folder: str) -> dict[str, Any]:
    """Fit and save. Truth: the candidates of the recipe, labelled by the hidden entity."""
    from sameas.recipes import places

    linker = places()
    if kind == "silver":
        linker.fit(path)
    else:
        linker.fit(path, labels=true_labels(path))
    linker.save(folder)
    return {"threshold": linker.threshold}


def true_labels(path: str, most: int = 150_000) -> Any:
    """Label a spread sample of the candidate pairs by the truth."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.engines.duckdb import DuckDBEngine
    from sameas.linker.candidates import find_candidates
    from sameas.linker.found import Budget
    from sameas.recipes import places
    from sameas.records import prepare
    from sameas.records.collect import collect

    spec = places().spec
    records = collect({"table": path}, spec.fields).table
    columns = prepare(records, spec.needs(), {})
    found = find_candidates(
        columns, spec.blocking, len(records), group=None, engine=DuckDBEngine(), budget=Budget()
    )
    truth = pq.read_table(path, columns=["id", "entity_id"])
    entity = truth["entity_id"].take(pc.index_in(records["id"], value_set=truth["id"]))
    rows = np.random.default_rng(0).permutation(len(found))[:most]
    left, right = (pa.array(side[rows]) for side in (found.left, found.right))
    label = pc.equal(entity.take(left), entity.take(right))
    ids = records["id"]
    return pa.table({"left_id": ids.take(left), "right_id": ids.take(right), "label": label})


def link_job(path: str, threads: str, model: str, out: str) -> dict[str, Any]:
    """Load a saved linker and deduplicate into a run folder."""
    from sameas import Linker
    from sameas.linker import Options

    result = Linker.load(model).dedupe(path, out=out, options=Options(threads=int(threads)))
    report = result.report
    return {key: report[key] for key in ("candidates", "links", "blocking", "threshold")}


def entity_figures(path: str, clusters: str) -> dict[str, Any]:
    """Compare the entities of a run with the truth: pairs and B-cubed."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.evaluation import cluster_metrics

    truth = pq.read_table(path, columns=["id", "entity_id"])
    found = pq.read_table(clusters, columns=["id", "entity"])
    entity = found["entity"].take(pc.index_in(truth["id"], value_set=found["id"]))
    figures = cluster_metrics(entity.combine_chunks(), truth["entity_id"].combine_chunks())
    wanted = ("pairwise_", "bcubed_", "predicted_clusters", "true_clusters")
    return {key: value for key, value in figures.to_dict().items() if key.startswith(wanted)}


def linked(
    home: Path, path: str, model: Path, *, threads: int, warm: bool = False
) -> tuple[Cost, Path]:
    """Run the job in a fresh process."""
    out = Path(tempfile.mkdtemp(dir=home, prefix="run_"))
    cache = home / "cache" if warm else Path(tempfile.mkdtemp(dir=home, prefix="cache_"))
    arguments = [__file__, "link", path, str(threads), str(model), str(out)]
    return run(arguments, NUMBA_CACHE_DIR=str(cache)), out


def commanded(home: Path, path: str, model: Path, *, threads: int) -> Cost:
    """Run the job by the command line, kernels compiled before."""
    with tempfile.TemporaryDirectory(dir=home) as out:
        arguments = ["dedupe", path, "--linker", str(model), "--out", out, "--quiet"]
        return run(
            ["-m", "sameas", *arguments, "--threads", str(threads)],
            NUMBA_CACHE_DIR=str(home / "cache"),
        )


def places(home: Path, records: int, seed: int) -> str:
    """Write a generated table once."""
    from sameas.datasets.places import write_places

    path = home / f"places_{records}_{seed}.parquet"
    if not path.exists():
        write_places(path, records, seed=seed)
    return str(path)


def one_size(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure the job and the entities for each model."""
    path = places(home, options.records, SEED)
    other = places(home, options.fit_records, FIT_SEED)
    report, rows = {}, []
    for kind in options.models:
        model = fitted(home, other, kind)
        cost, out = linked(home, path, model, threads=options.threads, warm=options.warm)
        figures = entity_figures(path, str(out / "clusters.parquet"))
        report[kind] = {**vars(cost), "entities": figures}
        rows.append([
            kind, cost.cpu_seconds, cost.peak_mb, cost.output["candidates"],
            *(figures[f"{how}_{part}"] for how in ("pairwise", "bcubed")
              for part in ("precision", "recall", "f1")),
        ])  # fmt: skip
    head = ["labels", "CPU s", "peak MB", "candidates", "precision", "recall", "F1",
            "B³ precision", "B³ recall", "B³ F1"]  # fmt: skip
    rules = report[options.models[0]]["output"]["blocking"]
    steps = [[rule[key] for key in ("rule", "rows", "enumerated", "met", "kept", "largest_block")]
             for rule in rules]  # fmt: skip
    text = table(head, rows) + "\n\n"
    text += table(["rule", "rows", "enumerated", "met", "kept", "largest block"], steps)
    facts = about(*_PACKAGES)
    if not options.no_results:
        title = f"{options.records:,} generated places, Parquet to entities"
        write_section(f"scale_{options.records}", title, text, facts)
    return {"about": facts, **report}


def sizes(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure memory at 1, 2 and 5 times the records."""
    model = fitted(home, places(home, options.fit_records, FIT_SEED), options.models[0])
    report, rows = {}, []
    for factor in (1, 2, 5):
        records = options.records * factor
        cost, _ = linked(home, places(home, records, SEED), model, threads=options.threads)
        rules = cost.output["blocking"]
        report[str(records)] = vars(cost)
        rows.append([
            records, sum(rule["enumerated"] for rule in rules), sum(rule["met"] for rule in rules),
            cost.output["candidates"], cost.peak_mb, cost.peak_mb * 1e6 / records,
            cost.cpu_seconds,
        ])  # fmt: skip
    head = ["records", "enumerated", "met", "candidates", "peak MB", "bytes a record", "CPU s"]
    facts = about(*_PACKAGES)
    if not options.no_results:
        write_section("scale_memory", "Memory by size", table(head, rows), facts)
    return {"about": facts, **report}


def speedup(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Alternate one and two threads, kernels compiled before."""
    path = places(home, options.records, SEED)
    model = fitted(home, places(home, options.fit_records, FIT_SEED), options.models[0])
    commanded(home, places(home, 20_000, SEED), model, threads=1)
    costs: dict[int, list[Cost]] = {1: [], 2: []}
    for _ in range(options.repeats):
        for threads in costs:
            costs[threads].append(commanded(home, path, model, threads=threads))
    wall = {key: statistics.median(cost.wall_seconds for cost in costs[key]) for key in costs}
    cpu = {key: statistics.median(cost.cpu_seconds for cost in costs[key]) for key in costs}
    rows = [[key, wall[key], cpu[key], wall[1] / wall[key], cpu[key] / wall[key]] for key in costs]
    facts = about(*_PACKAGES)
    if not options.no_results:
        head = ["threads", "wall s", "CPU s", "times as fast", "cores in use"]
        how = f"Medians of {options.repeats} alternating runs of `sameas dedupe`."
        text = f"{table(head, rows)}\n\n{how}"
        write_section("scale_speedup", f"Two cores, {options.records:,} places", text, facts)
    runs = {str(key): [vars(cost) for cost in costs[key]] for key in costs}
    return {"about": facts, "speedup": wall[1] / wall[2], "runs": runs}


def main() -> None:
    """Read the command line and run one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=whole, default=1_000_000)
    parser.add_argument("--fit-records", type=whole, default=200_000)
    parser.add_argument("--models", nargs="+", default=["silver", "truth"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", help="keep tables, models and runs here")
    for flag in ("warm", "sizes", "speedup", "no-results"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(options.folder or folder)
        home.mkdir(parents=True, exist_ok=True)
        chosen = sizes if options.sizes else speedup if options.speedup else one_size
        write_json(chosen(home, options))


if __name__ == "__main__":
    jobs = {"fit": fit_job, "link": link_job}
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
