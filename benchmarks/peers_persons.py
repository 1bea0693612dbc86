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
import time
from pathlib import Path
from typing import Any

SEED, OTHER_SEED = 1, 2
_FIGURES = tuple(
    f"{how}_{part}" for how in ("pairwise", "bcubed") for part in ("precision", "recall", "f1")
)
_HEAD = ("", "CPU s", "peak MB", "precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1")
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
_EM_RULES = (("given_name", "surname"), ("date_of_birth",), ("email",))
_RULES = (
    ("surname", "date_of_birth"),
    ("given_name", "date_of_birth"),
    ("given_name", "surname", "city"),
    ("postal_code", "surname"),
    ("postal_code", "given_name"),
    ("postal_code", "date_of_birth"),
    ("phone", "given_name"),
    ("phone", "date_of_birth"),
    ("email",),
)
_CLEAN = """
CREATE TABLE persons AS
SELECT id AS unique_id, lower(given_name) AS given_name, lower(surname) AS surname, sex,
    date_of_birth, lower(address) AS address, lower(city) AS city, postal_code,
    right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) AS phone, lower(email) AS email
FROM '{path}'
"""


def settings() -> Any:
    """Return the settings: levels for every field, term frequencies where values are skewed."""
    import splink.comparison_level_library as level
    import splink.comparison_library as comparison
    from splink import SettingsCreator, block_on

    # One comparison for where people live: its parts say the same thing several times.
    alike = "jaro_winkler_similarity(address_l, address_r)"
    same_area = "(postal_code_l = postal_code_r OR city_l = city_r)"
    home = comparison.CustomComparison(
        output_column_name="home",
        comparison_levels=[
            level.CustomLevel(
                "coalesce(address_l, address_r, postal_code_l, postal_code_r) IS NULL", "missing"
            ).configure(is_null_level=True),
            level.CustomLevel(f"address_l = address_r AND {same_area}", "equal"),
            level.CustomLevel(f"{alike} >= 0.92 AND {same_area}", "alike"),
            level.CustomLevel("postal_code_l = postal_code_r", "postal code"),
            level.CustomLevel("city_l = city_r", "city"),
            level.ElseLevel(),
        ],
    )
    often = {"term_frequency_adjustments": True}
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _RULES],
        comparisons=[
            comparison.JaroWinklerAtThresholds("given_name", [0.92, 0.85, 0.7]).configure(**often),
            comparison.JaroWinklerAtThresholds("surname", [0.92, 0.85, 0.7]).configure(**often),
            comparison.ExactMatch("sex"),
            comparison.DateOfBirthComparison("date_of_birth", input_is_string=True,
                                             invalid_dates_as_null=False),
            home,
            comparison.ExactMatch("phone"),
            comparison.EmailComparison("email"),
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )  # fmt: skip


def splink_scored(path: str, threads: int) -> tuple[Any, Any, Any]:
    """Clean, train and score; return the connection, the linker and the scored pairs."""
    import logging

    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    connection.execute(_CLEAN.format(path=path))
    linker = Linker(DuckDBAPI(connection).register("persons"), settings())
    training = linker.training
    sure = [block_on("given_name", "surname", "date_of_birth"), block_on("email"),
            block_on("given_name", "surname", "phone")]  # fmt: skip
    training.estimate_probability_two_random_records_match(sure, recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in _EM_RULES:
        training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    return connection, linker, linker.inference.predict(threshold_match_probability=0.001)


def splink_scores(path: str, threads: str, out: str) -> dict[str, Any]:
    """Train on a table and write its scored pairs."""
    connection, _, predicted = splink_scored(path, int(threads))
    connection.sql(
        "SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_weight AS weight "
        f"FROM {predicted.physical_name}"
    ).write_parquet(out)
    return {}


def splink_job(path: str, threads: str, weight: str, out: str, picked: str) -> dict[str, Any]:
    """Do the whole job with clusters at 0.95, and once more clusters at a match weight."""
    connection, linker, predicted = splink_scored(path, int(threads))
    begin = time.process_time()
    for target, cut in ((out, {"threshold_match_probability": 0.95}),
                        (picked, {"threshold_match_weight": float(weight)})):  # fmt: skip
        begin = time.process_time()
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, **cut)
        connection.sql(
            f"SELECT unique_id AS id, cluster_id AS entity FROM {clusters.physical_name}"
        ).write_parquet(target)
    extra = time.process_time() - begin
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    return {"pairs": pairs[0][0], "second_clustering_cpu_seconds": round(extra, 2)}


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


def middle(times: int, arguments: list[str], **more: str) -> Any:
    """Run a job several times, and return the cost of the one in the middle."""
    from common import run

    costs = sorted((run(arguments, **more) for _ in range(times)), key=lambda it: it.cpu_seconds)
    return costs[times // 2]


def splink_side(home: Path, path: str, hidden: str, options: argparse.Namespace) -> dict[str, Any]:
    """Pick a threshold on the other table, then do the job on this one."""
    from common import run
    from sameas.datasets.persons import write_persons
    from splink_places import best_weight

    me, threads = __file__, str(options.threads)
    other, scored = str(home / "other.parquet"), str(home / "scored.parquet")
    write_persons(other, options.pick_records, seed=OTHER_SEED)
    run([me, "splink-scores", other, threads, scored], python=options.splink)
    chosen = best_weight(scored, other)
    out, picked = str(home / "splink.parquet"), str(home / "splink_picked.parquet")
    weight = repr(chosen["weight"])
    job = [me, "splink", hidden, threads, weight, out, picked]
    cost = middle(options.repeat, job, python=options.splink)
    cpu = round(cost.cpu_seconds - cost.output["second_clustering_cpu_seconds"], 2)
    return {
        **vars(cost), **chosen, "cpu_seconds": cpu,
        "splink at 0.95": figures(path, out),
        f"splink at weight {chosen['weight']:.3g}": figures(path, picked),
    }  # fmt: skip


def goldenmatch_side(
    home: Path, path: str, hidden: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Deduplicate the file."""
    out = str(home / "goldenmatch.parquet")
    threads = dict.fromkeys(
        ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"), str(options.threads)
    )
    job = [__file__, "goldenmatch", hidden, out]
    cost = middle(options.repeat, job, python=options.goldenmatch, **threads)
    return {**vars(cost), "goldenmatch": figures(path, out)}


def sameas_side(
    home: Path,
    path: str,
    hidden: str,
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Run the command of a newcomer, kernels compiled anew and before; then by a plan in a file.

    What is repeated is run in turn, so that what else the machine does falls on all alike.
    """
    from common import run

    cache = {"NUMBA_CACHE_DIR": str(home / "cache")}
    plan = home / "plan.json"
    outs = {name: home / name.replace(", ", "_").replace(" ", "_") for name in _JOBS}

    def once(name: str) -> Any:
        shutil.rmtree(outs[name], ignore_errors=True)  # or it would resume
        more = [str(plan) if word == _PLAN_FILE else word for word in _JOBS[name]]
        job = ["-m", "sameas", "dedupe", hidden, "--out", str(outs[name]), "--quiet", *more]
        job += ["--threads", str(options.threads)]
        return run(job, **cache)

    first, *others = _JOBS
    costs = {name: [] for name in _JOBS} | {first: [once(first)]}
    with plan.open("w") as file:
        subprocess.run(
            [sys.executable, "-m", "sameas", "plan", hidden, "--quiet"],
            stdout=file, env={**os.environ, **cache}, check=True,
        )  # fmt: skip
    for _ in range(options.repeat):
        for name in others:
            costs[name].append(once(name))
    report: dict[str, Any] = {}
    for name, runs in costs.items():
        runs.sort(key=lambda cost: cost.cpu_seconds)
        report[f"{name}_cost"] = vars(runs[len(runs) // 2])
        report[name] = figures(path, str(outs[name] / "clusters.parquet"))
    return report


def main() -> None:
    """Run the sides one after another and report."""
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
    report: dict[str, Any] = {"about": about("sameas", "numba", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path, hidden = str(home / "truth.parquet"), str(home / "persons.parquet")
        persons = generate_persons(options.records, seed=SEED)
        pq.write_table(persons, path)
        pq.write_table(persons.drop_columns(["entity_id"]), hidden)
        for side in options.only:
            report[side] = sides[side](home, path, hidden, options)
            print(json.dumps({side: report[side]}), file=sys.stderr, flush=True)
    write_json(report)
    if not options.no_results:
        title = f"Without labels: {', '.join(options.only)}, {options.records:,} generated persons"
        named = ' but `backend="bucket"`' if options.records > _ITS_OWN else ""
        threads = "one thread" if options.threads == 1 else f"{options.threads} threads"
        note = _NOTE.format(picked=options.pick_records, backend=named, threads=threads)
        note += _SAMEAS if "sameas" in options.only else ""
        if options.repeat > 1:
            note += (
                f" Of {options.repeat} runs the one in the middle, those of\nsameas in turn and "
                "each in an empty folder; the first of sameas compiles."
            )
        section = f"{table(_HEAD, rows(report))}\n\n{note}"
        mark = f"peers_persons_{options.records}"
        if options.threads > 1:
            mark, title = f"{mark}_{options.threads}", f"{title}, {threads}"
        write_section(mark, title, section, report["about"])


def rows(report: dict[str, Any]) -> list[list[Any]]:
    """Return a row for each set of entities, with the cost of the job that made it."""
    found = []
    for side, part in report.items():
        for name, entities in part.items():
            if isinstance(entities, dict) and "pairwise_f1" in entities:
                cost = part[f"{name}_cost"] if side == "sameas" else part
                measured = [100 * entities[figure] for figure in _FIGURES]
                found.append([name, cost["cpu_seconds"], cost["peak_mb"], *measured])
    return found


if __name__ == "__main__":
    jobs = {"splink-scores": splink_scores, "splink": splink_job, "goldenmatch": goldenmatch_job}
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
