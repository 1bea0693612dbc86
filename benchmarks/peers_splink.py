"""Splink 5 (DuckDB), goldenmatch and sameas on one generated table of places.

Usage: python benchmarks/peers_splink.py --python VENV/bin/python [--goldenmatch VENV/bin/python]
       [--records 200_000]

The first VENV holds splink 5, duckdb and pyarrow (splink_places.py); the second goldenmatch
(peers_goldenmatch.py).
Each side runs in a fresh process; CPU seconds, peak memory, and F1 of the entities against the
truth. All are trained on another seed: Splink by EM; its threshold is picked on the truth of as
many records of that seed as the table has, for a cut from a smaller table does not carry over.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def sameas_job(path: str, threads: str, model: str, out: str) -> dict[str, Any]:
    """Load a saved linker and deduplicate."""
    from sameas import Linker
    from sameas.linker import Options

    result = Linker.load(model).dedupe(path, out=out, options=Options(threads=int(threads)))
    return {"candidates": result.report["candidates"], "links": result.report["links"]}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run all sides on one table."""
    from common import about, run
    from peers_goldenmatch import side as goldenmatch_side
    from sameas.datasets.places import write_places
    from scale import entity_figures, fitted
    from splink_places import side as splink_side

    report: dict[str, Any] = {"about": about("sameas", "numba", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path, other, alike = (
            str(home / f"{name}.parquet") for name in ("places", "other", "alike")
        )
        write_places(path, options.records, seed=1)
        write_places(other, options.fit_records, seed=2)
        write_places(alike, options.records, seed=2)
        report["splink"] = splink_side(home, (path, other, alike), options)
        if options.goldenmatch:
            report["goldenmatch"] = goldenmatch_side(home, path, other, options.goldenmatch)
        for kind in ("silver", "truth"):
            model = fitted(home, other, kind)
            arguments = [__file__, "sameas", path, options.threads, str(model), str(home / kind)]
            cost = run(arguments, NUMBA_CACHE_DIR=str(home / f"cache_{kind}"))
            found = entity_figures(path, str(home / kind / "clusters.parquet"))
            report[f"sameas_{kind}"] = {**vars(cost), "entities": found}
    return report


def write_results(report: dict[str, Any], options: argparse.Namespace) -> None:
    """Write the section."""
    from common import table, write_section
    from peers_goldenmatch import THRESHOLDS

    rows = []
    for name in ("splink", "goldenmatch", "sameas_silver", "sameas_truth"):
        if name not in report:
            continue
        side = report[name]
        found = side["entities"]
        figures = [found[f"pairwise_{part}"] for part in ("precision", "recall", "f1")]
        ratio = side["cpu_seconds"] / report["sameas_truth"]["cpu_seconds"]
        rows.append([name, side["cpu_seconds"], ratio, side["peak_mb"], *figures,
                     found["bcubed_f1"]])  # fmt: skip
    head = ["", "CPU s", "ratio", "peak MB", "precision", "recall", "F1", "B-cubed F1"]
    note = (
        "All begin with what was learned on another seed "
        f"({options.fit_records:,} records); that is not counted. Splink: u by random "
        "sampling, m by EM, and the match weight whose clusters have the best pairwise F1 on "
        f"the truth of {options.records:,} records of that seed "
        f"({report['splink']['weight']:.3g}, F1 {report['splink']['f1_there']:.3f} there)."
    )
    if "goldenmatch" in report:
        found = report["goldenmatch"]
        note += (
            " goldenmatch: two blocking passes and a weighted match key "
            f"(peers_goldenmatch.py), the threshold of {len(THRESHOLDS)} with the best F1 on "
            f"the other seed ({found['threshold']}, F1 {found['f1_there']:.3f} there). "
        )
    note += (
        " Both configurations are ours; who knows the tools better may do better. One thread "
        "each. sameas reads kernels with an empty cache, compilation counted."
    )
    title = f"Splink 5, goldenmatch and sameas, {options.records:,} generated places"
    write_section("peers_splink", title, f"{table(head, rows)}\n\n{note}", report["about"])


def main() -> None:
    """Read the command line."""
    from common import whole, write_json

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="the interpreter that has splink")
    parser.add_argument("--goldenmatch", help="the interpreter that has goldenmatch")
    parser.add_argument("--records", type=whole, default=200_000)
    parser.add_argument("--fit-records", type=whole, default=100_000)
    parser.add_argument("--threads", default="1")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    report = measure(options)
    write_json(report)
    if not options.no_results:
        write_results(report, options)


if __name__ == "__main__":
    if sys.argv[1:2] == ["sameas"]:
        print(json.dumps(sameas_job(*sys.argv[2:])))
    else:
        main()
