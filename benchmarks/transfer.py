"""Linkers brought to tables that they were not fitted on: as they are, adapted, learned there.

    python benchmarks/transfer.py --data FOLDER [--no-results]

A linker is fitted on the labelled pairs of one set and links the two tables of another one with the
same fields. Labels of the second set only judge.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import sameas
from common import about, table, write_json, write_section
from sameas.linker import adapt
from unlabelled import Measured, spec_for

#: Where a linker learned, and where it links.
TRANSFERS = [
    ("places/osm_fsq_pit", "places/osm_fsq_tor"), ("places/osm_fsq_pit", "places/osm_yelp_edi"),
    ("places/osm_fsq_edi", "places/osm_fsq_sin"), ("places/osm_fsq_edi", "places/osm_yelp_pit"),
    ("places/osm_yelp_tor", "places/osm_fsq_tor"), ("places/osm_yelp_tor", "places/osm_fsq_pit"),
    ("places/osm_yelp_pit", "places/osm_yelp_tor"), ("places/osm_yelp_pit", "places/osm_fsq_pit"),
    ("places/osm_fsq_sin", "places/osm_yelp_sin"), ("places/osm_fsq_sin", "places/osm_fsq_edi"),
    ("magellan/dblp_acm", "magellan/dblp_google_scholar"),
    ("magellan/dirty_dblp_acm", "magellan/dirty_dblp_google_scholar"),
    ("magellan/dblp_google_scholar", "magellan/dblp_acm"),
]  # fmt: skip
WAYS = ("as it is", "adapted", "no labels")


def measure(folder: Path, there: str, here: str) -> dict[str, Any]:
    """Return F1 on the train and valid pairs of the second set, and what `adapt` estimated."""
    source = Measured(folder, there, test=False)
    target = Measured(folder, here, test=False)
    taught = source.labelled(spec_for(there))
    moved = adapt(taught, *target.tables)
    alone = sameas.Linker(spec_for(here)).fit(*target.tables)
    f1 = [target.of(linker)["train+valid"] for linker in (taught, moved, alone)]
    return {
        "fitted on": there, "links": here, "f1": dict(zip(WAYS, f1, strict=True)),
        **moved.fitted_.report["adapted"],
    }  # fmt: skip


def as_text(rows: list[dict[str, Any]]) -> str:
    """Return the Markdown of the section."""
    lines = [
        [row["fitted on"], row["links"], *(f"{row['f1'][way]:.1f}" for way in WAYS),
         f"{row['share_at_fit']:.1%}", f"{row['share_here']:.1%}"]
        for row in rows
    ]  # fmt: skip
    for name in ("places", "magellan"):
        some = [row["f1"] for row in rows if row["links"].startswith(name)]
        means = [f"**{np.mean([one[way] for one in some]):.1f}**" for way in WAYS]
        lines.append([f"mean of {name}", "", *means, "", ""])
    head = ["fitted on", "links", *WAYS, "matches at fit", "estimated here"]
    notes = (
        "F1 in per cent over the train and valid pairs of the set that is linked, at the threshold "
        "of the linker; none of its labels were read. Adapted: `sameas.linker.adapt` on the two "
        "tables. No labels: the same settings, learned from the two tables alone. The labelled "
        "pairs of these sets were picked because they look alike, so the share of matches among "
        "them says little of the share among all candidates, and `adapt` takes the difference of "
        "the two for one between the places."
    )
    return f"{table(head, lines)}\n\n{notes}"


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    arguments = parser.parse_args()
    rows = []
    for there, here in TRANSFERS:
        rows.append(measure(arguments.data, there, here))
        print(rows[-1], flush=True)
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_json({"facts": facts, "transfers": rows})
    if not arguments.no_results:
        title = "Linkers brought to other tables: as they are, adapted, learned there"
        write_section("transfer", title, as_text(rows), facts)


if __name__ == "__main__":
    main()
