"""Mineral sites: how many of the true pairs meet, and for how many candidates.

Usage: python benchmarks/minerals_candidates.py --data FOLDER
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from common import about, table, write_section


def main() -> None:
    """Count the candidates of several sets of rules on the shared half of GBW."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from sameas.blocking import Radius, SharedTokenNearby, TextNeighbours
    from sameas.linker.learning import make_job
    from sameas.recipes.minerals import minerals_spec

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    mrds, truth = (
        pq.read_table(options.data / "minerals" / f"{name}.parquet")
        for name in ("mrds", "gbw_groups")
    )
    group_of = dict(zip(truth["mrds_id"].to_pylist(), truth["group_id"].to_pylist(), strict=True))
    records = mrds.filter(pc.is_in(mrds["id"], truth["mrds_id"]))
    names = ("name", "other_names")

    def word(metres: float) -> SharedTokenNearby:
        return SharedTokenNearby(names, metres, max_share=0.02, form="site_name")

    text = TextNeighbours(names, k=10, form="site_name")
    sets = {
        "within 2 km": (Radius(2_000.0),),
        "within 10 km": (Radius(10_000.0),),
        "within 15 km": (Radius(15_000.0),),
        "within 35 km": (Radius(35_000.0),),
        "a rarer word of a name, within 60 km": (word(60_000.0),),
        "ten nearest in the text of the names": (text,),
        "15 km, or a word within 60 km": (Radius(15_000.0), word(60_000.0)),
        "15 km, a word within 60 km, ten nearest (the recipe)": minerals_spec().blocking,
        "35 km, a word within 100 km, ten nearest": (Radius(35_000.0), word(100_000.0), text),
    }
    rows = []
    for label, rules in sets.items():
        spec = replace(minerals_spec(), blocking=rules)
        job = make_job(spec, {"mrds": records}, "dedupe", None, {})
        found = job.candidates
        group = np.array([group_of[key] for key in job.records.table["id"].to_pylist()])
        sizes = np.unique(group, return_counts=True)[1]
        total = int((sizes * (sizes - 1) // 2).sum())
        met = int((group[found.left] == group[found.right]).sum())
        rows.append([label, len(found), f"{met / total:.1%}", f"{met / len(found):.1%}"])
    text_ = (
        f"{records.num_rows:,} records of the Great Basin (shared half), {total:,} true pairs. No "
        "distance alone rules a pair out: the last two unions reach pairs at any distance."
    )
    body = f"{text_}\n\n{table(['candidates', 'pairs', 'true pairs met', 'of them true'], rows)}"
    print(body)
    write_section(
        "minerals_candidates", "Mineral sites: candidates", body, about("numpy", "pyarrow")
    )


if __name__ == "__main__":
    main()
