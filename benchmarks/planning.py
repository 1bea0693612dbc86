"""What plans guess about real tables, and which true matches their own blocking keeps.

    python benchmarks/planning.py --data FOLDER [--only NAME] [--labels] [--anonymous]

Matches of train and valid (all true links of the febrl sets). `--labels` lets the plan choose
its rules on them; otherwise it sees the tables only. `--anonymous` takes the names of the
columns away, so that the guesses come from values alone.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import table
from sameas.engines.duckdb import DuckDBEngine
from sameas.evaluation import pair_keys
from sameas.linker import plan_tables
from sameas.linker.candidates import find_candidates
from sameas.records import collect, prepare

#: Kinds that a person would accept, by the column's name.
RIGHT = {
    "given_name": "given_name", "surname": "surname", "street_number": "category number",
    "address_1": "street address", "address_2": "street address", "suburb": "category",
    "postcode": "postal_code", "state": "category", "date_of_birth": "date",
    "soc_sec_id": "identifier", "name": "name text", "description": "text",
    "price": "number quantity", "title": "text name", "manufacturer": "organisation category",
    "beer_name": "name text", "brew_factory_name": "organisation name", "style": "category",
    "abv": "number quantity", "abv_raw": "quantity number", "authors": "text person",
    "venue": "category text", "year": "number date", "address": "address street",
    "city": "category", "phone": "phone", "type": "category", "class": "category identifier",
    "category": "category", "brand": "category organisation", "model_no": "identifier",
    "song_name": "name text", "artist_name": "person name text", "album_name": "name text",
    "genre": "category set", "copyright": "text organisation", "time": "quantity number",
    "released": "date", "price_raw": "ignore", "latitude": "latitude", "longitude": "longitude",
    "postal_code": "postal_code",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--labels", action="store_true")
    parser.add_argument("--anonymous", action="store_true")
    given = parser.parse_args()
    rows, wrong = [], []
    folders = [item for g in ("febrl", "magellan", "places") for item in (given.data / g).iterdir()]
    for folder in sorted(item for item in folders if item.is_dir()):
        if not given.only or any(name in str(folder) for name in given.only):
            rows += [measure(folder, given, wrong)]
    head = ["set", "columns", "right", "rules", "said %", "kept %", "pairs a record", "s"]
    print(table(head, rows))
    print("\n".join(wrong))


def measure(folder: Path, given: argparse.Namespace, wrong: list[str]) -> list[object]:
    """Plan one set, and find its candidates."""
    sides = ("records",) if (folder / "records.parquet").exists() else ("left", "right")
    tables = {side: pq.read_table(folder / f"{side}.parquet") for side in sides}
    names = {}
    for side in sides if given.anonymous else ():
        columns = tables[side].column_names
        names |= {f"v{n}": name for n, name in enumerate(columns)}
        hidden = [name if name == "id" else f"v{n}" for n, name in enumerate(columns)]
        tables[side] = tables[side].rename_columns(hidden)
    left, right, labels = truth(folder)
    begun = time.perf_counter()
    plan = plan_tables(tables, labels=labels if given.labels else None)
    seconds = time.perf_counter() - begun
    right_ones = 0
    for field in plan.fields:
        column = next(iter(field.columns.values()))
        accepted = RIGHT[names.get(column, column)].split()
        right_ones += field.kind in accepted
        if field.kind not in accepted:
            wrong.append(f"{folder.name}: {names.get(column, column)} taken for {field.kind}")
    spec, options = plan.linker().spec, plan.options(list(tables))
    records = collect(tables, plan.used, id_column=None, mapping=options.mapping)
    needs = [need for rule in spec.blocking for need in rule.needs()]
    needs += [n for rule in spec.blocking if rule.filter is not None for n in rule.filter.needs()]
    candidates = find_candidates(
        prepare(records.table, needs, {}), spec.blocking, len(records),
        group=records.source_code if len(tables) > 1 else None, engine=DuckDBEngine(),
    )  # fmt: skip
    ends = records.find(sides[0], left), records.find(sides[-1], right)
    keys = pair_keys(np.minimum(*ends), np.maximum(*ends))
    kept = np.isin(keys, pair_keys(candidates.left, candidates.right)).mean()
    said = "-" if plan.recall is None else f"{100 * plan.recall:.2f}"
    return [
        folder.name, len(plan.fields), right_ones, len(plan.blocking), said, f"{100 * kept:.2f}",
        f"{len(candidates) / len(records):.1f}", f"{seconds:.1f}",
    ]  # fmt: skip


def truth(folder: Path) -> tuple[pa.Array, pa.Array, pa.Table | None]:
    """Return the ids of the true matches outside test, and the labelled pairs if there are any."""
    if not (folder / "pairs.parquet").exists():
        links = pq.read_table(folder / "true_links.parquet")
        return links[0].combine_chunks(), links[1].combine_chunks(), None
    pairs = pq.read_table(folder / "pairs.parquet")
    pairs = pairs.filter(pc.not_equal(pairs["split"], "test"))
    matches = pairs.filter(pc.equal(pairs["label"], 1))
    return matches["left_id"].combine_chunks(), matches["right_id"].combine_chunks(), pairs


if __name__ == "__main__":
    main()
