"""Mineral sites of an assessment linked with MRDS: two tables, one site for each record.

Usage: python benchmarks/minerals_two_tables.py --data FOLDER [--deals 2]

The folder holds ``minerals/`` with mrds, gbw_sites, gbw_groups. Half of the sites, with their
records, teach a linker that links the other half. Every pair of a site and a record counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from common import about, table, write_section


def labelled(sites: Any, records: Any, group: dict[str, str]) -> Any:
    """Return all pairs of a site and a record with their truth."""
    import pyarrow as pa

    left, right = (np.array(side["id"].to_pylist()) for side in (sites, records))
    owner = np.array([group[one] for one in right])
    first, second = np.repeat(left, len(right)), np.tile(right, len(left))
    label = (first == np.tile(owner, len(left))).astype(np.int8)
    return pa.table({"left_id": first, "right_id": second, "label": label})


def figures(found: set[tuple[str, str]], truth: set[tuple[str, str]]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of links, in percent."""
    hits = len(found & truth)
    precision, recall = hits / max(len(found), 1), hits / len(truth)
    return 100 * precision, 100 * recall, 200 * hits / max(len(found) + len(truth), 1)


def main() -> None:
    """Measure and write the section."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.recipes import minerals

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--deals", type=int, default=2)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    mrds, sites, groups = (
        pq.read_table(options.data / "minerals" / f"{name}.parquet")
        for name in ("mrds", "gbw_sites", "gbw_groups")
    )
    sites = sites.rename_columns(
        ["commodities" if c == "primary_commodity_codes" else c for c in sites.column_names]
    )
    group = dict(zip(groups["mrds_id"].to_pylist(), groups["group_id"].to_pylist(), strict=True))
    records = mrds.filter(pc.is_in(mrds["id"], groups["mrds_id"]))
    kept = ["id", "name", "other_names", "latitude", "longitude", "state_or_province",
            "commodities", "deposit_types"]  # fmt: skip
    sites, records = sites.select(kept), records.select(kept)
    names = np.array(sorted(set(group.values())))
    results: dict[str, list[tuple[float, float, float]]] = {}
    begin = time.process_time()
    for deal in range(1, options.deals + 1):
        fold = dict(
            zip(names, np.random.default_rng(deal).permutation(len(names)) % 2, strict=True)
        )
        for held in range(2):
            parts = []
            for part in (1 - held, held):
                mine = [fold[one] == part for one in sites["id"].to_pylist()]
                own = [fold[group[one]] == part for one in records["id"].to_pylist()]
                parts.append((sites.filter(pa.array(mine)), records.filter(pa.array(own))))
            labels = labelled(*parts[0], group)
            taught = minerals().fit(*parts[0], labels=labels)
            truth = {(group[one], one) for one in parts[1][1]["id"].to_pylist()}
            for way, linker, mode in (
                ("taught, any partners", taught, "many"),
                ("taught, one site a record", taught, "one-to-many"),
                ("no labels", minerals(), None),
                ("no labels, one site a record", minerals(), "one-to-many"),
            ):
                links = linker.link(*parts[1], mode=mode).links
                found = set(
                    zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True)
                )
                results.setdefault(way, []).append(figures(found, truth))
                print(deal, held, way, results[way][-1], flush=True)
    rows = []
    for way, each in results.items():
        mean, low, high = np.mean(each, axis=0), np.min(each, axis=0), np.max(each, axis=0)
        rows.append([way, *(f"{mean[k]:.1f} ({low[k]:.1f} to {high[k]:.1f})" for k in range(3))])
    text = (
        f"{sites.num_rows} sites of the assessment and {records.num_rows} records of MRDS, of "
        "which each belongs to one site. Half of the sites teach, threshold included; the other "
        f"half is linked; {options.deals} deals of both halves: mean (lowest to highest). The "
        "other names of a site were taken by the assessment from the records of MRDS, so this is "
        f"easier than two databases that never met. {round(time.process_time() - begin)} CPU "
        "seconds."
    )
    body = f"{text}\n\n{table(['way', 'precision', 'recall', 'F1'], rows)}"
    print(body)
    if not options.no_results:
        title = "Mineral sites: an assessment with MRDS, two tables"
        write_section("minerals_two_tables", title, body, about("numpy", "pyarrow", "scikit-learn"))


if __name__ == "__main__":
    main()
