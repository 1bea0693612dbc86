"""Cost of a pair within the radius: enumeration, distance and name filter on generated places.

Usage: python benchmarks/places_pairs.py [--records 1_000_000]

One thread. CPU seconds of keys, exchange, enumeration with distance, and filter, over the
pairs within 250 m; kernels are compiled before, on a small table. Beside it `rapidfuzz`
in tiles on the same names, per pair evaluated.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from common import about, table, whole, write_json, write_section


def measure(columns: Any, rule: Any, records: int) -> dict[str, Any]:
    """Run one rule on one thread; ns of CPU a pair."""
    from sameas.engines.duckdb import DuckDBEngine
    from sameas.linker.candidates import find_candidates

    begin = time.process_time()
    found = find_candidates(columns, [rule], records, group=None, engine=DuckDBEngine(threads=1))
    seconds = time.process_time() - begin
    (report,) = found.reports
    return {
        "cpu_seconds": round(seconds, 3),
        "rows": report.rows,
        "enumerated": report.enumerated,
        "met": report.met,
        "kept": report.kept,
        "ns_per_met": round(seconds / report.met * 1e9, 1),
        "ns_per_enumerated": round(seconds / report.enumerated * 1e9, 1),
    }


def rapidfuzz_tiles(names: list[str], tile: int = 64, tiles: int = 400) -> float:
    """Return ns of CPU a pair of ``cdist`` in tiles of records that lie close together."""
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    begin = time.process_time()
    count = min(tiles, len(names) // tile)
    for row in range(0, count * tile, tile):
        block = names[row : row + tile]
        process.cdist(block, block, scorer=JaroWinkler.similarity, score_cutoff=0.7,
                      dtype=np.float32, workers=1)  # fmt: skip
    # for equal lists cdist computes one triangle only
    return (time.process_time() - begin) / (count * tile * (tile + 1) / 2) * 1e9


def main() -> None:
    """Measure the paper's filter, the recipe's, and none."""
    from sameas.blocking import AnyOf, Radius, SharedToken, SimilarText
    from sameas.datasets.places import generate_places
    from sameas.records import normalise, prepare

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=whole, default=1_000_000)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    alike = SimilarText("name", at_least=0.7)
    rules = {
        "no filter": Radius(250.0),
        "Jaro-Winkler 0.7": Radius(250.0, filter=alike),
        "shared word or Jaro-Winkler 0.7": Radius(
            250.0, filter=AnyOf((SharedToken("name"), alike))
        ),
    }
    needs = {need for rule in rules.values() for need in rule.needs()}
    needs |= {need for rule in rules.values() if rule.filter for need in rule.filter.needs()}
    report: dict[str, Any] = {"about": about("sameas", "numba", "rapidfuzz")}
    for records in (10_000, options.records):
        places = generate_places(records, seed=1)
        columns = prepare(places, needs, {})
        for name, rule in rules.items():
            report[name] = measure(columns, rule, records)
    texts = normalise.normalise(places["name"].combine_chunks().slice(0, 200_000))
    tiles = rapidfuzz_tiles([text or "" for text in texts.to_pylist()])
    report["rapidfuzz_cdist_ns_per_pair"] = round(tiles, 1)
    write_json(report)
    if not options.no_results:
        keys = ("enumerated", "met", "kept", "ns_per_met", "ns_per_enumerated", "cpu_seconds")
        rows = [[name, *(report[name][key] for key in keys)] for name in rules]
        head = ["filter", "enumerated", "within 250 m", "kept", "ns a pair within",
                "ns a pair enumerated", "CPU s"]  # fmt: skip
        note = f"`rapidfuzz.process.cdist` in tiles of 64 on such names: {tiles:.0f} ns a pair."
        title = f"Pairs within 250 m, {options.records:,} generated places"
        write_section("places_pairs", title, f"{table(head, rows)}\n\n{note}", report["about"])


if __name__ == "__main__":
    main()
