"""Mineral sites of an assessment linked with MRDS: two tables, one site for each record.

Usage: python benchmarks/minerals_two_tables.py --data FOLDER [--deals 2]

The folder holds ``minerals/`` with mrds, gbw_sites, gbw_groups. Half of the sites, with their
records, teach a linker that links the other half. Every pair of a site and a record counts.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from minerals_data import assessment, ends_of, finish, halves, options_of


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

    from sameas.recipes import minerals

    options = options_of(__doc__, deals=2).parse_args()
    sites, mrds, group = assessment(options.data)
    records = mrds.filter(pc.is_in(mrds["id"], pa.array(list(group))))
    results: dict[str, list[tuple[float, float, float]]] = {}
    begin = time.process_time()
    for deal, held, fold in halves(group, options.deals):
        parts = []
        for part in (1 - held, held):
            mine = [fold[one] == part for one in sites["id"].to_pylist()]
            own = [fold[group[one]] == part for one in records["id"].to_pylist()]
            parts.append((sites.filter(pa.array(mine)), records.filter(pa.array(own))))
        taught = minerals().fit(*parts[0], labels=labelled(*parts[0], group))
        truth = {(group[one], one) for one in parts[1][1]["id"].to_pylist()}
        for way, linker, mode in (
            ("taught, any partners", taught, "many"),
            ("taught, one site a record", taught, "one-to-many"),
            ("no labels", minerals(), None),
            ("no labels, one site a record", minerals(), "one-to-many"),
        ):
            found = ends_of(linker.link(*parts[1], mode=mode).links)
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
        "easier than two databases that never met."
    )
    finish(
        "minerals_two_tables", "Mineral sites: an assessment with MRDS, two tables", text,
        (["way", "precision", "recall", "F1"], rows), begin=begin, write=not options.no_results,
    )  # fmt: skip


if __name__ == "__main__":
    main()
