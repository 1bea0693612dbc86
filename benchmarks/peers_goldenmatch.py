"""goldenmatch on a generated table of places; `peers_splink.py --goldenmatch PATH` calls it.

Prepared as a user would: names in plain letters, two grids of cells of about 600 m that overlap
by half, so that places within 300 m share a cell of one of them. Blocking in two passes, a
weighted match key of the name (words in any order, Jaro-Winkler). Its threshold is picked on the
truth of a table of another seed. Tried on 20,000 records of that seed and left out, best F1 of
the thresholds: homepages as a third pass, which join the shops of a chain, 0.20, and only those
of at most 20 places 0.54; address, phone and postal code in the key 0.74 (0.75 without). The
backend is named, for above 750,000 records another one is taken by itself, which did not end
within 14 CPU minutes on a million.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

#: Edge of the cells in degrees of latitude.
_CELL = 0.0054
THRESHOLDS = (0.76, 0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.96)


def prepared(path: str) -> str:
    """Return SQL that prepares the table once."""
    plain = "nullif(trim(regexp_replace(strip_accents(lower(name)), '[^a-z0-9]+', ' ', 'g')), '')"
    east = "longitude * cos(radians(round(latitude, 1)))"
    cell = (
        f"(floor(latitude / {_CELL} + {{0}})::BIGINT || '/' || "
        f"floor({east} / {_CELL} + {{0}})::BIGINT)"
    )
    return f"""
    SELECT id, {plain} AS name, {cell.format(0)} AS cell, {cell.format(0.5)} AS shifted_cell
    FROM read_parquet('{path}')"""


def configuration(threshold: float) -> Any:
    """Return the configuration: two passes, one weighted match key."""
    from goldenmatch.config import schemas

    fields = [("name", "token_sort", 0.6), ("name", "jaro_winkler", 0.4)]
    key = schemas.MatchkeyConfig(
        name="place", type="weighted", threshold=threshold,
        fields=[schemas.MatchkeyField(field=name, scorer=scorer, weight=weight)
                for name, scorer, weight in fields],
    )  # fmt: skip
    passes = [schemas.BlockingKeyConfig(fields=[name])
              for name in ("cell", "shifted_cell")]  # fmt: skip
    blocking = schemas.BlockingConfig(strategy="multi_pass", keys=passes[:1], passes=passes)
    return schemas.GoldenMatchConfig(matchkeys=[key], blocking=blocking, backend="bucket")


def job(path: str, out: str, *thresholds: str) -> dict[str, Any]:
    """Deduplicate at each threshold; write the entities to ``out``, once a threshold."""
    import duckdb
    import goldenmatch
    import pyarrow as pa
    import pyarrow.parquet as pq

    connection = duckdb.connect()
    connection.execute("SET threads TO 1")
    made = str(Path(out).with_suffix(".prepared.parquet"))
    connection.sql(prepared(path)).write_parquet(made)
    ids = pq.read_table(made, columns=["id"])["id"].combine_chunks()
    for threshold in thresholds:
        found = goldenmatch.dedupe(made, config=configuration(float(threshold)))
        rows, entity = [], []
        for number, cluster in found.clusters.items():
            rows += cluster["members"]
            entity += [number] * len(cluster["members"])
        table = pa.table({"id": ids.take(pa.array(rows)), "entity": pa.array(entity)})
        pq.write_table(table, out.replace("THRESHOLD", threshold))
    return {"thresholds": list(thresholds)}


def side(home: Path, path: str, other: str, python: str) -> dict[str, Any]:
    """Pick the threshold on the other table, then do the job on this one."""
    from common import run
    from scale import entity_figures

    tried = [str(threshold) for threshold in THRESHOLDS]
    picked = str(home / "goldenmatch_THRESHOLD.parquet")
    environment = {"POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    run([__file__, other, picked, *tried], python=python, **environment)
    found = {
        threshold: entity_figures(other, picked.replace("THRESHOLD", threshold))["pairwise_f1"]
        for threshold in tried
    }
    best = max(tried, key=lambda threshold: found[threshold])
    out = str(home / "goldenmatch.parquet")
    cost = run([__file__, path, out, best], python=python, **environment)
    return {
        **vars(cost), "threshold": float(best), "f1_there": found[best],
        "entities": entity_figures(path, out),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(job(*sys.argv[1:])))
