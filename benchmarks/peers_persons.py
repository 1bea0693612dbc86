"""Splink 5, goldenmatch 3.22 and sameas on generated persons, without any label.

Usage: python benchmarks/peers_persons.py --splink VENV/bin/python --goldenmatch VENV/bin/python
       [--records 200_000] [--threads 1] [--only splink goldenmatch sameas]

Each side reads the same Parquet file (without the truth) and writes the entity of each record, in
a process of its own. Splink is set by hand: field cleaning, blocking rules, comparisons with
term frequencies, prior, u by random sampling, m by EM, all on the table at hand; clusters at a
probability of 0.95, and at the match weight that is best on the truth of another seed's table.
goldenmatch and sameas get no configuration at all; once more sameas gets a plan as a file, which it
made itself of the same table beforehand, as Splink's settings are written beforehand; and once more
it leaves out what the other sides do not make: golden records, a report, scores to resume from.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

SEED, OTHER_SEED = 1, 2
_FIGURES = tuple(
    f"{how}_{part}" for how in ("pairwise", "bcubed") for part in ("precision", "recall", "f1")
)
_HEAD = (
    "",
    "CPU s",
    "all runs",
    "peak MB",
    "precision",
    "recall",
    "F1",
    "B³ precision",
    "B³ recall",
    "B³ F1",
)
_NOTE = """Figures are percentages, of the entities after clustering, against the hidden truth. CPU
seconds of the whole job: reading, training, scoring, one clustering, writing. Splink: one
configuration, written by us after its tutorials for persons; the match weight is the best one on
the truth of a table of another seed ({picked:,} records), picking it is not counted. goldenmatch:
`goldenmatch.dedupe(file)`, no configuration{backend}. All sides have {threads}."""
_SAMEAS = """ sameas: `sameas dedupe file`, no configuration.
"Plan as a file": `sameas plan file > plan.json` was run before on the same table, its CPU seconds
are not counted, and `sameas dedupe file --plan plan.json` is what is measured: the settings stand
there before, as those of Splink do, but no person wrote or changed them. "Clusters alone": besides
`--no-entities --no-report --no-stages`, so no golden records are made, no report is drawn, and
candidates and scores are not kept for a call that resumes. Links, clusters, quarantine, `run.json`
and the linker are written still; the job of Splink writes the entity of each record alone."""
_PLAN_FILE = "PLAN"
#: The jobs of sameas, the first of which compiles, and what each says besides.
_JOBS: dict[str, list[str]] = {
    "sameas": [],
    "sameas, kernels compiled before": [],
    "sameas, plan as a file, kernels compiled before": ["--plan", _PLAN_FILE],
    "sameas, plan as a file, clusters alone, kernels compiled before": [
        "--plan", _PLAN_FILE, "--no-entities", "--no-report", "--no-stages",
    ],
}  # fmt: skip
#: Records above which goldenmatch takes a backend by itself that did not end within 290 s on a
#: million; "bucket", which it takes below, is then named.
_ITS_OWN = 750_000


def goldenmatch_job(path: str, out: str) -> dict[str, Any]:
    """Deduplicate a file without any configuration."""
    import goldenmatch
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = pq.read_table(path, columns=["id"])["id"].combine_chunks()
    backend = "bucket" if len(ids) > _ITS_OWN else None
    found = goldenmatch.dedupe(path, backend=backend)
    rows: list[int] = []
    entity: list[int] = []
    for number, cluster in found.clusters.items():
        members = cluster["members"]
        rows += members
        entity += [number] * len(members)
    table = pa.table({"id": ids.take(pa.array(rows)), "entity": pa.array(entity)})
    pq.write_table(table, out)
    return {"clusters": len(found.clusters), "backend": backend or "its own"}


def figures(path: str, clusters: str) -> dict[str, float]:
    """Compare entities with the truth: pairs and B-cubed."""
    from scale import entity_figures

    return entity_figures(path, clusters)


@dataclass
class Side:
    """What one package does: jobs that are run in rounds, and what came of them.

    Attributes
    ----------
    jobs : dict of str to callable
        By name; each returns what it cost.
    written : dict of str to (str, str)
        By row: the job that made it, and the file of the entities.
    cost : callable
        CPU seconds of a run; by default all of them.
    once : tuple of str
        Jobs that are run in the first round only.
    """

    jobs: dict[str, Callable[[], Any]]
    written: dict[str, tuple[str, str]]
    cost: Callable[[Any], float] = attrgetter("cpu_seconds")
    once: tuple[str, ...] = ()


def splink_side(home: Path, hidden: str, options: argparse.Namespace) -> Side:
    """Pick a threshold on the other table, to do the job on this one."""
    from common import run
    from sameas.datasets.persons import write_persons
    from splink_places import best_weight

    me, threads = __file__, str(options.threads)
    other, scored = str(home / "other.parquet"), str(home / "scored.parquet")
    write_persons(other, options.pick_records, seed=OTHER_SEED)
    run([me, "splink-scores", other, threads, scored], python=options.splink)
    weight = best_weight(scored, other)["weight"]
    out, picked = str(home / "splink.parquet"), str(home / "splink_picked.parquet")
    job = [me, "splink", hidden, threads, repr(weight), out, picked]
    return Side(
        {"splink": lambda: run(job, python=options.splink)},
        {"splink at 0.95": ("splink", out), f"splink at weight {weight:.3g}": ("splink", picked)},
        lambda cost: cost.cpu_seconds - cost.output["second_clustering_cpu_seconds"],
    )


def goldenmatch_side(home: Path, hidden: str, options: argparse.Namespace) -> Side:
    """Deduplicate the file."""
    from common import run

    out = str(home / "goldenmatch.parquet")
    threads = dict.fromkeys(
        ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"), str(options.threads)
    )
    job = [__file__, "goldenmatch", hidden, out]
    return Side(
        {"goldenmatch": lambda: run(job, python=options.goldenmatch, **threads)},
        {"goldenmatch": ("goldenmatch", out)},
    )


def sameas_side(home: Path, hidden: str, options: argparse.Namespace) -> Side:
    """Take the command of a newcomer, kernels compiled anew and before; then a plan in a file."""
    from common import run

    cache = {"NUMBA_CACHE_DIR": str(home / "cache")}
    plan = home / "plan.json"
    outs = {name: home / name.replace(", ", "_").replace(" ", "_") for name in _JOBS}

    def once(name: str) -> Any:
        shutil.rmtree(outs[name], ignore_errors=True)  # or it would resume
        if _PLAN_FILE in _JOBS[name] and not plan.exists():
            command = [sys.executable, "-m", "sameas", "plan", hidden, "--quiet"]
            with plan.open("w") as file:
                subprocess.run(command, stdout=file, env={**os.environ, **cache}, check=True)
        more = [str(plan) if word == _PLAN_FILE else word for word in _JOBS[name]]
        job = ["-m", "sameas", "dedupe", hidden, "--out", str(outs[name]), "--quiet", *more]
        return run([*job, "--threads", str(options.threads)], **cache)

    return Side(
        {name: partial(once, name) for name in _JOBS},
        {name: (name, str(out / "clusters.parquet")) for name, out in outs.items()},
        once=(next(iter(_JOBS)),),
    )


def measured(sides: Mapping[str, Side], path: str, repeat: int) -> dict[str, dict[str, Any]]:
    """Run all jobs in rounds, so that what else the machine does falls on all alike.

    Returns
    -------
    dict of str to dict
        By row: the figures, all costs, and that of the run in the middle.
    """
    costs: dict[str, list[Any]] = {}
    for turn in range(repeat):
        for side in sides.values():
            for name, job in side.jobs.items():
                if not turn or name not in side.once:
                    costs.setdefault(name, []).append(job())
                    print(turn, name, side.cost(costs[name][-1]), file=sys.stderr, flush=True)
    found = {}
    for side in sides.values():
        for row, (job_name, clusters) in side.written.items():
            runs = sorted(costs[job_name], key=side.cost)
            one = runs[len(runs) // 2]
            found[row] = {
                "cpu_seconds": round(side.cost(one), 2), "peak_mb": one.peak_mb,
                "runs": [round(side.cost(cost), 2) for cost in costs[job_name]],
                "output": one.output, **figures(path, clusters),
            }  # fmt: skip
    return found


def main() -> None:
    """Run the sides in rounds and report."""
    import pyarrow.parquet as pq

    from common import about, table, whole, write_json, write_section
    from sameas.datasets.persons import generate_persons

    sides = {"splink": splink_side, "goldenmatch": goldenmatch_side, "sameas": sameas_side}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splink", help="the interpreter that has splink")
    parser.add_argument("--goldenmatch", help="the interpreter that has goldenmatch")
    parser.add_argument("--records", type=whole, default=200_000)
    parser.add_argument("--pick-records", type=whole, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=1, help="runs, of which the median counts")
    parser.add_argument("--only", nargs="+", choices=sides, default=list(sides))
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    facts = about("sameas", "numba", "pyarrow")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path, hidden = str(home / "truth.parquet"), str(home / "persons.parquet")
        persons = generate_persons(options.records, seed=SEED)
        pq.write_table(persons, path)
        pq.write_table(persons.drop_columns(["entity_id"]), hidden)
        ready = {name: sides[name](home, hidden, options) for name in options.only}
        found = measured(ready, path, options.repeat)
    write_json({"about": facts, **found})
    if options.no_results:
        return
    mark, title = f"peers_persons_{options.records}", f"Without labels: {', '.join(options.only)}"
    title += f", {options.records:,} generated persons"
    threads = "one thread" if options.threads == 1 else f"{options.threads} threads"
    if options.threads > 1:
        mark, title = f"{mark}_{options.threads}", f"{title}, {threads}"
    named = ' but `backend="bucket"`' if options.records > _ITS_OWN else ""
    note = _NOTE.format(picked=options.pick_records, backend=named, threads=threads)
    note += _SAMEAS if "sameas" in options.only else ""
    if options.repeat > 1:
        note += (
            f"\nOf {options.repeat} runs the one in the middle, all jobs in turn, those of sameas "
            "each in an empty folder;\nthe first of sameas compiles."
        )
    section = f"{table(_HEAD, rows(found))}\n\n{note}"
    write_section(mark, title, section, facts)


def rows(found: Mapping[str, dict[str, Any]]) -> list[list[Any]]:
    """Return a row for each set of entities, with the cost of the job that made it."""
    return [
        [name, row["cpu_seconds"], " ".join(map(str, row["runs"])), row["peak_mb"],
         *(100 * row[figure] for figure in _FIGURES)]
        for name, row in found.items()
    ]  # fmt: skip


if __name__ == "__main__":
    from splink_persons import splink_job, splink_scores

    jobs = {"splink-scores": splink_scores, "splink": splink_job, "goldenmatch": goldenmatch_job}
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
