"""Sites of an assessment among all records of a region: most records belong to none of them.

Usage: python benchmarks/minerals_open.py --data FOLDER [--deals 2]

The folder holds ``minerals/`` with mrds, gbw_sites, gbw_groups. A linker learns from the records
of half of the groups, in one table. It links the sites of the other half, without the other names
that the assessment took from MRDS, with all MRDS records of the region but those it learned from.
The case of USMIN with MRDS, where the truth is known.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from common import about, table, write_section
from minerals import pairs_of

#: The region reaches so many degrees beyond the labelled records.
MARGIN = 0.3
KEPT = ["id", "name", "other_names", "latitude", "longitude", "state_or_province", "commodities",
        "deposit_types"]  # fmt: skip


def ways(linker: Any, tables: dict[str, Any]) -> dict[str, Any]:
    """Link in every way; return the links across the tables."""
    from sameas.linker import Linker, adapt

    found = {}
    across = Linker(linker.spec)
    across.fitted_ = replace(linker.fitted_, mode="many")  # as if it had learned across tables
    adapted = adapt(linker, tables)
    print(adapted.fitted_.report["adapted"], flush=True)
    for name, one in (
        ("windows across the tables only (before)", across),
        ("windows as where it learned", linker),
        ("the same, adapted", adapted),
    ):
        for mode in ("many", "one-to-many"):
            found[f"{name}; {mode}"] = one.link(tables, mode=mode).links
    found["also inside the tables (also-within)"] = linker.link(tables, mode="also-within").links
    return found


def main() -> None:
    """Measure and write the section."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.recipes import minerals

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--deals", type=int, default=2)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    mrds, sites, groups = (
        pq.read_table(options.data / "minerals" / f"{name}.parquet")
        for name in ("mrds", "gbw_sites", "gbw_groups")
    )
    sites = sites.rename_columns(
        ["commodities" if c == "primary_commodity_codes" else c for c in sites.column_names]
    ).select(KEPT)
    place = KEPT.index("other_names")
    empty = pa.nulls(sites.num_rows, sites.schema.field(place).type)
    sites, mrds = sites.set_column(place, "other_names", empty), mrds.select(KEPT)
    group = dict(zip(groups["mrds_id"].to_pylist(), groups["group_id"].to_pylist(), strict=True))
    known = mrds.filter(pc.is_in(mrds["id"], groups["mrds_id"])).sort_by("id")
    region = mrds
    for column in ("latitude", "longitude"):
        low, high = pc.min_max(known[column]).as_py().values()
        region = region.filter(pc.greater(region[column], low - MARGIN))
        region = region.filter(pc.less(region[column], high + MARGIN))
    names = np.array(sorted(set(group.values())))
    counts: dict[str, list[tuple[int, int, int]]] = {}
    begin = time.process_time()
    for deal in range(1, options.deals + 1):
        dealt = np.random.default_rng(deal).permutation(len(names)) % 2
        fold = dict(zip(names, dealt, strict=True))
        for held in range(2):
            own = np.array([fold[group[one]] != held for one in known["id"].to_pylist()])
            taught = known.filter(pa.array(own))
            ids = taught["id"].to_pylist()
            linker = minerals().fit(
                taught, labels=pairs_of(ids, np.array([group[one] for one in ids]))
            )
            mine = [fold[one] == held for one in sites["id"].to_pylist()]
            rest = region.filter(pc.invert(pc.is_in(region["id"], taught["id"])))
            truth = {(group[one], one) for one in rest["id"].to_pylist() if one in group}
            tables = {"sites": sites.filter(pa.array(mine)), "mrds": rest}
            for way, links in ways(linker, tables).items():
                found = set(
                    zip(links["left_id"].to_pylist(), links["right_id"].to_pylist(), strict=True)
                )
                found = {ends for ends in found if ends[0].startswith("gbw:")}
                found = {ends for ends in found if not ends[1].startswith("gbw:")}
                counts.setdefault(way, []).append((len(found & truth), len(found), len(truth)))
                print(deal, held, way, counts[way][-1], flush=True)
    rows = []
    for way, each in counts.items():
        hits, made, true = np.sum(each, axis=0)
        rows.append([way, f"{made:,}", f"{100 * hits / made:.1f}", f"{100 * hits / true:.1f}",
                     f"{200 * hits / (made + true):.1f}"])  # fmt: skip
    text = (
        "Half of the groups of the Great Basin teach, in one table; the "
        f"{sites.num_rows // 2} sites of the other half, without other names, are linked with the "
        f"{region.num_rows:,} MRDS records of the region less those that taught; "
        f"{options.deals} deals of both halves, "
        "added up. A record of no site of these counts as a non-match whatever it is. "
        f"{round(time.process_time() - begin)} CPU seconds."
    )
    body = f"{text}\n\n{table(['way', 'links', 'precision', 'recall', 'F1'], rows)}"
    print(body)
    if not options.no_results:
        title = "Mineral sites: few sites among all records of a region"
        write_section("minerals_open", title, body, about("numpy", "pyarrow", "scikit-learn"))


if __name__ == "__main__":
    main()
