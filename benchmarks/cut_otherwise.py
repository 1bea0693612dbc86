"""Two tables whose columns are cut in different ways, and nothing else.

    python benchmarks/cut_otherwise.py --data FOLDER [--sets magellan/dblp_acm ...]

The right table of a set is rewritten: several of its columns become one text, as another owner
would keep them. `plan_tables` has to find out which columns of the left table that text holds.
Beside it: the set as it is, and the rewritten one with columns that are paired one to one.
Train and valid pairs; links are counted as they come, after the clustering.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_section
from planned import linked
from sameas.core.errors import ArgumentError
from sameas.linker import Plan, plan_tables
from sameas.records.recognise import tables as recognised
from unlabelled import Measured

#: By set: the new column of the right table, and the columns that it swallows, in its order.
CUTS = {
    "magellan/dblp_acm": ("reference", ("authors", "title", "venue", "year")),
    "magellan/fodors_zagats": ("where", ("address", "city")),
    "magellan/walmart_amazon": ("product", ("brand", "title", "model_no")),
    "magellan/beer": ("beer", ("brew_factory_name", "beer_name")),
    "magellan/itunes_amazon": ("track", ("artist_name", "song_name", "album_name")),
    "places/osm_fsq_edi": ("location", ("address", "postal_code")),
}


def cut(right: pa.Table, name: str, parts: tuple[str, ...]) -> pa.Table:
    """Return a table with some columns in one text."""
    texts = [[_text(value) for value in right[part].to_pylist()] for part in parts]
    joined = [", ".join(filter(None, row)) for row in zip(*texts, strict=True)]
    return right.drop_columns(list(parts)).append_column(name, pa.array(joined, pa.string()))


def _text(value: Any) -> str:
    whole = isinstance(value, float) and value == int(value)
    return "" if value is None else str(int(value) if whole else value)


def one_to_one(*tables: pa.Table) -> Plan | None:
    """Plan with columns paired one to one; None where none pair."""
    with mock.patch.object(recognised, "join_parts", lambda groups, _: (list(groups), [])):
        try:
            return plan_tables(*tables)
        except ArgumentError:
            return None


def f1_of(found: Measured, plan: Plan | None, tables: tuple[Any, ...]) -> str:
    """Link, and return F1 in per cent; nothing without a plan."""
    if plan is None:
        return ""
    result = plan.linker().link(*tables, options=plan.options())
    (f1,) = found.f1(linked(found, result)).values()
    return f"{f1:.1f}"


def main() -> None:
    """Measure, print and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--sets", nargs="*", default=list(CUTS))
    given = parser.parse_args()
    rows = []
    for name in given.sets:
        found = Measured(given.data, name, test=False)
        left, right = (pq.read_table(file) for file in found.tables)
        other = (left, cut(right, *CUTS[name]))
        plan, whole = plan_tables(*other), plan_tables(left, right)
        joined = [f"{' = '.join(f.columns.values())}" for f in plan.fields
                  if any(" + " in column for column in f.columns.values())]  # fmt: skip
        figures = [f1_of(found, whole, (left, right)), f1_of(found, plan, other)]
        rows.append([name, *figures, f1_of(found, one_to_one(*other), other), "; ".join(joined)])
        print(rows[-1], flush=True)
    heads = ["set", "as it is", "cut otherwise", "... nothing joined", "what was joined"]
    text = (
        f"{table(heads, rows)}\n\n"
        "F1 in per cent over the labelled train and valid pairs, of the links of `sameas link LEFT "
        "RIGHT` with nothing said about the tables. In the right table several columns were made "
        "one text; nothing joined: columns are paired one to one, as before."
    )
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_section("cut-otherwise", "Without labels: tables that are cut otherwise", text, facts)


if __name__ == "__main__":
    main()
