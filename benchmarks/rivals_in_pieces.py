"""Places of two tables, learned without labels: rivals in one piece and in several.

    python benchmarks/rivals_in_pieces.py --folder FOLDER [--sizes 200_000 1_000_000]

Generated places are dealt to two tables. A linker learns without labels on 20,000 of another seed;
then pairs that share a record compete. The first size is run again with every pair of places within
`--metres` a candidate, where hardly anything but the candidates takes memory. Each run is a process
of its own, kernels compiled before; the scores of all pairs are compared.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, run, table, whole, write_json, write_section

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude",
          "address": "address", "phone": "phone"}  # fmt: skip
SEED, FIT_SEED, FIT_RECORDS = 1, 2, 20_000
_ORDER = [("left", "ascending"), ("right", "ascending")]


def tables(home: Path, records: int, seed: int) -> list[str]:
    """Write two tables once, without the truth."""
    from sameas.datasets.places import generate_places

    paths = [home / f"{side}_{records}_{seed}.parquet" for side in ("left", "right")]
    if not all(path.exists() for path in paths):
        every = generate_places(records, seed=seed).select(["id", *FIELDS])
        left = np.random.default_rng(seed).random(records) < 0.5
        for path, side in zip(paths, (left, ~left), strict=True):
            pq.write_table(every.filter(pa.array(side)), path)
    return [str(path) for path in paths]


def fit_job(left: str, right: str, folder: str) -> dict[str, Any]:
    """Learn without labels."""
    import sameas
    from sameas.linker.rivals import FittedRivals

    linker = sameas.Linker(FIELDS).fit(left, right)
    assert isinstance(linker.fitted_.matcher, FittedRivals)
    linker.save(folder)
    return {"exclusive": linker.fitted_.matcher.exclusive}


def link_job(left: str, right: str, model: str, how: str) -> dict[str, Any]:
    """Link; say how many candidates there were and what the stages cost."""
    import sameas
    from sameas.blocking import Radius
    from sameas.linker import Options

    asked = json.loads(how)
    linker = sameas.Linker.load(model)
    if asked["metres"]:
        blocking = (Radius(asked["metres"]),)
        linker.fitted_ = replace(linker.fitted_, spec=replace(linker.spec, blocking=blocking))
    options = Options(memory=asked["memory"], threads=2)
    result = linker.link(left, right, out=asked["out"], report=False, options=options)
    found = {key: result.report[key] for key in ("candidates", "links")}
    return found | {"pieces": result.report.get("pieces")}


def scored(out: Path) -> pa.Table:
    """Return all scored pairs of a run folder, in order."""
    files = [*(out / "stages").glob("scores-*.parquet"), *(out / "stages").glob("*/scores/*.arrow")]
    parts = [
        pq.read_table(file, partitioning=None)
        if file.suffix == ".parquet"
        else pa.ipc.open_file(file).read_all()
        for file in files
    ]
    return pa.concat_tables(p.replace_schema_metadata(None) for p in parts).sort_by(_ORDER)


def measure(home: Path, records: int, metres: float, memory: str) -> dict[str, Any]:
    """Run in one piece and in several, and compare all scores."""
    paths, found = tables(home, records, SEED), {"records": records, "metres": metres}
    for name, size in (("one", None), ("pieces", memory)):
        out = home / f"run_{records}_{metres:g}_{name}_{memory}"
        how = json.dumps({"metres": metres, "memory": size, "out": str(out)})
        cost = run([__file__, "link", *paths, str(home / "model"), how])
        found[name] = {"cpu": cost.cpu_seconds, "mb": cost.peak_mb, "out": str(out), **cost.output}
    one, some = (scored(Path(found[name]["out"])) for name in ("one", "pieces"))
    found["equal"] = one.equals(some)
    return found


def as_text(rows: list[dict[str, Any]], memory: str) -> str:
    """Return the Markdown of the section."""
    head = ["places", "candidates", "links", "one piece: CPU s", "peak MB", "pieces: CPU s",
            "peak MB", "pieces", "of that rivals, CPU s", "all scores equal"]  # fmt: skip
    lines = []
    for row in rows:
        one, some = row["one"], row["pieces"]
        within = f", all within {row['metres']:g} m" if row["metres"] else ""
        lines.append([
            f"{row['records']:,}{within}", one["candidates"], one["links"], one["cpu"], one["mb"],
            some["cpu"], some["mb"], some["pieces"]["count"],
            some["pieces"]["costs"]["rivals"]["cpu_seconds"], "yes" if row["equal"] else "no",
        ])  # fmt: skip
    note = (
        f'In pieces: `Options(memory="{memory}")`. A linker of two tables that learned without '
        "labels; pairs that share a record compete, all at once, after each was scored by itself."
    )
    return f"{table(head, lines)}\n\n{note}"


def main() -> None:
    """Measure all sizes and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", type=whole, nargs="*", default=[200_000, 1_000_000])
    parser.add_argument("--metres", type=float, default=500.0)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    given = parser.parse_args()
    home = given.folder
    home.mkdir(parents=True, exist_ok=True)
    run([__file__, "fit", *tables(home, FIT_RECORDS, FIT_SEED), str(home / "model")])
    link = [*tables(home, FIT_RECORDS, FIT_SEED), str(home / "model")]
    warm = {"metres": 0, "memory": None, "out": str(home / "warm")}
    run([__file__, "link", *link, json.dumps(warm)])
    cases = [*((size, 0.0) for size in given.sizes), (given.sizes[0], given.metres)]
    rows = [measure(home, *case, given.memory) for case in cases]
    facts = about("sameas", "numpy", "numba", "pyarrow", "duckdb")
    write_json({"facts": facts, "runs": rows})
    if not given.no_results:
        title = "Without labels in pieces: rivals"
        write_section("rivals_in_pieces", title, as_text(rows, given.memory), facts)


if __name__ == "__main__":
    jobs = {"fit": fit_job, "link": link_job}
    if len(sys.argv) > 1 and sys.argv[1] in jobs:
        print(json.dumps(jobs[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
