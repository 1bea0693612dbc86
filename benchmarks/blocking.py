"""Which true matches blocking keeps on real places, and at how many candidates a record.

    python benchmarks/blocking.py --data FOLDER

Train and valid matches only: the default was chosen on them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from accuracy import PLACES
from common import about, table, write_json, write_section
from sameas.blocking import AnyOf, Geohash, Radius, SharedToken, SharedTokenNearby, SimilarText
from sameas.engines.duckdb import DuckDBEngine
from sameas.evaluation import pair_keys
from sameas.linker.candidates import find_candidates
from sameas.linker.defaults import nearby_or_alike
from sameas.records import collect, prepare

ALIKE = SimilarText("name", at_least=0.7)
EITHER = AnyOf((SharedToken("name"), ALIKE))
UNIONS = {
    "geohash-6 (paper)": (Geohash(6, filter=ALIKE),),
    "geohash-6 and neighbours": (Geohash(6, neighbours=True, filter=ALIKE),),
    "250 m, similar name": (Radius(250, filter=ALIKE),),
    "250 m, similar name or shared word": (Radius(250, filter=EITHER),),
    "that, or 1 km, shared word, similar name": (
        Radius(250, filter=EITHER),
        SharedTokenNearby("name", 1000, filter=ALIKE),
    ),
    "default": nearby_or_alike("name"),
}
FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude"}


def measure(folder: Path) -> dict[str, tuple[float, float]]:
    """Return pairs completeness in percent and candidates a left record, by union."""
    tables = {side: folder / f"{side}.parquet" for side in ("left", "right")}
    records = collect(tables, FIELDS)
    given = pq.read_table(folder / "pairs.parquet")
    wanted = (given["label"].to_numpy() == 1) & (np.array(given["split"].to_pylist()) != "test")
    left = records.find("left", given["left_id"].combine_chunks())[wanted]
    right = records.find("right", given["right_id"].combine_chunks())[wanted]
    found = {}
    for name, rules in UNIONS.items():
        needs = [need for rule in rules for need in (*rule.needs(), *rule.filter.needs())]
        columns = prepare(records.table, needs, {})
        candidates = find_candidates(
            columns, rules, len(records), group=records.source_code, engine=DuckDBEngine()
        )
        kept = np.isin(pair_keys(left, right), pair_keys(candidates.left, candidates.right))
        per_record = len(candidates) / (records.bounds("left")[1] - records.bounds("left")[0])
        found[name] = (100 * float(kept.mean()), per_record)
    return found


def main() -> None:
    """Measure all sets and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    sets = {name: measure(arguments.data / name) for name in PLACES}
    facts = about("sameas", "numba", "pyarrow")
    write_json({"facts": facts, "sets": sets})
    rows = [
        [union, *(f"{found[union][0]:.2f} %, {found[union][1]:.1f}" for found in sets.values())]
        for union in UNIONS
    ]
    head = ["rule", *(name.removeprefix("places/osm_") for name in sets)]
    text = f"Pairs completeness and candidates a left record.\n\n{table(head, rows)}"
    write_section(
        "blocking", "Candidate rules on real places, train and valid matches", text, facts
    )


if __name__ == "__main__":
    main()
