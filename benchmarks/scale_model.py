"""One billion records on paper: block sizes and shuffles, drawn from the generator's distributions.

Cities have the sizes and spreads of the generator. Records of a sample are put into the zones of
the Spark engine; what travels is counted, in bytes a row as measured on generated records.

    python benchmarks/scale_model.py --records 1_000_000_000 --machines 100
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from common import about, table, whole, write_json, write_section
from sameas.blocking import Radius, SharedTokenNearby
from sameas.core.prepared import Need, Points
from sameas.datasets.places import generate_places
from sameas.kernels.geo import to_xyz
from sameas.linker.spark.planning import _plan
from sameas.linker.spark.routes import routes_of

_PLACE = ("latitude", "longitude")
_RULES = (Radius(250.0), SharedTokenNearby("name", 2000.0))


def zones(sample: dict[str, np.ndarray], parts: int) -> dict[str, float]:
    """Put a sample into zones: copies of a record, the largest zone, what is in tiles."""
    latitude, longitude = sample["latitude"], sample["longitude"]
    columns: dict[Need, Any] = {
        Need("points", _PLACE): Points(latitude, longitude, to_xyz(latitude, longitude))
    }
    (route,) = routes_of(_RULES)
    bins, record = route.bins(columns, _RULES[0])
    limit = max(2, len(latitude) // parts)
    plan = _plan(route, 0, bins, parts, limit)
    number = np.arange(len(latitude))
    part, _ = plan.send(bins, record, number)
    size = np.bincount(part)
    whole_zones = size[: plan.parts]
    return {
        "copies": len(part) / len(np.unique(record)),
        "largest": float(size.max() / size[size > 0].mean()),
        "tiled": float(1 - whole_zones.sum() / len(part)),
        "tasks": float((size > 0).sum()),
    }


def shuffles(records: int, machines: int, copies: float, bytes_: dict[str, float]) -> list[Any]:
    """Return what each exchange moves, in bytes, and its share a machine."""
    pairs, seen = bytes_["pairs"] * records, bytes_["seen"]
    moved = {
        "records": records * bytes_["record"],
        "pairs": records * copies * bytes_["evidence"],
        "windows": 2 * pairs * 8,
        "records to their pairs": records * seen * bytes_["record"],
        "scores": pairs * 17,
        "entities": records * bytes_["joined"] * bytes_["record"],
    }
    return [[name, size / 1e9, size / machines / 1e9] for name, size in moved.items()]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=whole, default=1_000_000_000)
    parser.add_argument("--machines", type=whole, default=100)
    parser.add_argument("--sample", type=whole, default=200_000)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    places = generate_places(options.sample, seed=1)
    sample = {name: places[name].to_numpy() for name in _PLACE}
    fields = places.drop_columns(["entity_id"])
    size = {
        "record": fields.nbytes / len(places),
        "evidence": fields.select(["id", "name", *_PLACE, "homepage"]).nbytes / len(places),
        "pairs": 1.35,  # candidates a record, scale_1000000
        "seen": 0.8,  # records with a candidate, and a few of them in two parts
        "joined": 0.35,  # records in entities of several
    }
    rows = []
    for parts in (10, 100, 1_000):
        found = zones(sample, parts)
        rows.append([parts, found["tasks"], found["copies"], found["largest"], found["tiled"]])
    head = ["zones", "tasks", "copies of a record", "largest over mean", "share in tiles"]
    moved = shuffles(options.records, options.machines, rows[-1][2], size)
    text = (
        f"Zones over a sample of {options.sample:,} generated places.\n\n{table(head, rows)}\n\n"
        f"{options.records:,} records on {options.machines} machines, "
        f"{size['record']:.0f} bytes a record.\n\n"
        + table(["exchange", "GB", "GB a machine"], moved)
    )
    facts = about("sameas", "numpy")
    if not options.no_results:
        write_section("scale_model", "One billion records, simulated", text, facts)
    write_json({"about": facts, "zones": rows, "shuffles": moved})


if __name__ == "__main__":
    main()
