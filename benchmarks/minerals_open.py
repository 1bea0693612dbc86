"""Sites of an assessment among all records of a region: most records belong to none of them.

Usage: python benchmarks/minerals_open.py --data FOLDER [--deals 2]

The folder holds ``minerals/`` with mrds, gbw_sites, gbw_groups. A linker learns from the records
of half of the groups, in one table. It links the sites of the other half, without the other names
that the assessment took from MRDS, with all MRDS records of the region but those it learned from.
The case of USMIN with MRDS, where the truth is known.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from minerals_data import assessment, ends_of, finish, halves, options_of, pairs_of

#: The region reaches so many degrees beyond the labelled records.
MARGIN = 0.3


def ways(linker: Any, tables: dict[str, Any]) -> dict[str, Any]:
    """Link in every way; return the links across the tables."""
    from sameas.linker import Linker, adapt

    found = {}
    before = Linker(linker.spec)
    before.fitted_ = replace(linker.fitted_, mode="many")  # as if it had learned across tables
    adapted = adapt(linker, tables)
    print(adapted.fitted_.report["adapted"], flush=True)
    for name, one in (
        ("windows across the tables only (before)", before),
        ("windows as where it learned", linker),
        ("the same, adapted", adapted),
    ):
        for mode in ("many", "one-to-many"):
            found[f"{name}; {mode}"] = one.link(tables, mode=mode).links
    found["also inside the tables (also-within)"] = linker.link(tables, mode="also-within").links
    return found


def around(mrds: Any, known: Any) -> Any:
    """Return the records of MRDS in the region of those that are known."""
    import pyarrow.compute as pc

    for column in ("latitude", "longitude"):
        low, high = pc.min_max(known[column]).as_py().values()
        mrds = mrds.filter(pc.greater(mrds[column], low - MARGIN))
        mrds = mrds.filter(pc.less(mrds[column], high + MARGIN))
    return mrds


def across(links: Any) -> set[tuple[str, str]]:
    """Return the links from a site to a record of MRDS."""
    return {
        ends
        for ends in ends_of(links)
        if ends[0].startswith("gbw:") and not ends[1].startswith("gbw:")
    }


def main() -> None:
    """Measure and write the section."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from sameas.recipes import minerals

    options = options_of(__doc__, deals=2).parse_args()
    sites, mrds, group = assessment(options.data)
    place = sites.column_names.index("other_names")
    empty = pa.nulls(sites.num_rows, sites.schema.field(place).type)
    sites = sites.set_column(place, "other_names", empty)
    known = mrds.filter(pc.is_in(mrds["id"], pa.array(list(group)))).sort_by("id")
    region = around(mrds, known)
    counts: dict[str, list[tuple[int, int, int]]] = {}
    begin = time.process_time()
    for deal, held, fold in halves(group, options.deals):
        own = np.array([fold[group[one]] != held for one in known["id"].to_pylist()])
        taught = known.filter(pa.array(own))
        ids = taught["id"].to_pylist()
        linker = minerals().fit(taught, labels=pairs_of(ids, np.array([group[one] for one in ids])))
        mine = [fold[one] == held for one in sites["id"].to_pylist()]
        rest = region.filter(pc.invert(pc.is_in(region["id"], taught["id"])))
        truth = {(group[one], one) for one in rest["id"].to_pylist() if one in group}
        tables = {"sites": sites.filter(pa.array(mine)), "mrds": rest}
        for way, links in ways(linker, tables).items():
            found = across(links)
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
        "added up. A record of no site of these counts as a non-match whatever it is."
    )
    finish(
        "minerals_open", "Mineral sites: few sites among all records of a region", text,
        (["way", "links", "precision", "recall", "F1"], rows), begin=begin,
        write=not options.no_results,
    )  # fmt: skip


if __name__ == "__main__":
    main()
