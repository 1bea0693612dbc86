"""Two lists of names, nothing else: the 50 tasks that come with autofj, without labels.

    python benchmarks/lists_of_names.py --package VENV/bin/python [--peer 200_000]

The interpreter has the package autofj 0.0.6 (MIT; SIGMOD 2021). It carries two lists of names from
DBpedia for each of 50 kinds of things, one from an older and one from a newer edition, and which
names mean the same: measured, never kept. `sameas link left.csv right.csv` does the job with
nothing said about it, and the truth is read afterwards.

Beside it stand the nearest name on the left for each on the right, and pairs that are each other's
nearest, both by TF-IDF over sequences of 2 to 4 characters. With `--peer N` autofj itself joins the
tasks of which the lists have at most so many pairs, with its defaults on one thread; that is slow
(and needs pandas 1.5.3, numpy 1 and spacy 3.7 besides).

In the order of their names every other task was looked at while it was chosen how two lists are
linked; the others were read once then. That numbers tell names of a series apart was chosen on
lists of both kinds.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import time
from itertools import combinations
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.csv
from sklearn.feature_extraction.text import TfidfVectorizer

from common import about, run, table, whole, write_section
from planned import pairs_of
from sameas.linker import plan_tables

Pairs = set[tuple[int, int]]
_WHERE = "import importlib.util as u; print(*u.find_spec('autofj').submodule_search_locations)"
_PEER = """
import json, sys
import pandas as pd
from autofj import AutoFJ
left, right = (pd.read_csv(f"{sys.argv[1]}/{side}.csv") for side in ("left", "right"))
found = AutoFJ(n_jobs=1).join(left, right, id_column="id")
pairs = [] if found is None else zip(found["id_l"].tolist(), found["id_r"].tolist())
print(json.dumps({"pairs": list(pairs)}))
"""
_TITLE = "Without labels: two lists of names"
_NOTE = """Figures are percentages of links against the true pairs. Nearest: the name on the left
that is nearest to each on the right by TF-IDF over sequences of 2 to 4 characters. sameas: as
`sameas link left.csv right.csv` does, with nothing said. One list: both together, as `sameas
dedupe` does. autofj: with its defaults (precision 0.9 asked for), CPU seconds of the whole process;
empty where it was not asked."""
_HEAD = (
    "task", "left", "right", "true", "taken for", "nearest: F1", "each other's nearest: F1",
    "precision", "recall", "F1", "CPU s", "one list: precision", "recall", "F1",
    "autofj: precision", "recall", "F1", "CPU s",
)  # fmt: skip
#: Lists from which what is not to be measured, such as imports and kernels, is made ready.
_FIRST = "Galaxy"


def main() -> None:
    """Measure all tasks and write the section."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--package", required=True, help="an interpreter that has autofj")
    options.add_argument("--peer", type=whole, default=0, help="pairs, of the tasks it joins")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    where = subprocess.run(
        [given.package, "-c", _WHERE], capture_output=True, text=True, check=True
    )
    folder = Path(where.stdout.strip()) / "benchmark"
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    linked(*lists_of(folder / _FIRST)[:2])
    text = []
    for part, every in (("Looked at", names[::2]), ("The others", names[1::2])):
        rows = [measured(folder / name, given) for name in every]
        text += [f"### {part}", table(_HEAD, [*rows, mean_of(rows)])]
    text.append(_NOTE)
    about_it = about("scikit-learn", "pyarrow")
    write_section("lists_of_names", _TITLE, "\n\n".join(text), about_it)


def lists_of(folder: Path) -> tuple[pa.Table, pa.Table, Pairs]:
    """Read the lists of a task, and which names mean the same."""
    left, right, given = (
        pa.csv.read_csv(folder / f"{name}.csv") for name in ("left", "right", "gt")
    )
    ends = (given[name].to_pylist() for name in ("id_l", "id_r"))
    return left, right, set(zip(*ends, strict=True))


def measured(folder: Path, given: argparse.Namespace) -> list[Any]:
    """Return the row of a task."""
    left, right, true = lists_of(folder)
    began = time.process_time()
    found, kinds = linked(left, right)
    spent = time.process_time() - began
    row = [folder.name, len(left), len(right), len(true), kinds]
    row += [figures(pairs, true)[2] for pairs in by_wording(left, right)]
    row += [*figures(found, true), round(spent, 1)]
    row += figures(*inside_one(left, right, true))
    if len(left) * len(right) <= given.peer:
        cost = run(["-c", _PEER, str(folder)], python=given.package)
        pairs = {tuple(pair) for pair in cost.output["pairs"]}
        row += [*figures(pairs, true), round(cost.cpu_seconds, 1)]
    row += [""] * (len(_HEAD) - len(row))
    print(*row, flush=True)
    return row


def linked(left: pa.Table, right: pa.Table) -> tuple[Pairs, str]:
    """Return the pairs that are linked, and what the column was taken for."""
    plan = plan_tables(left, right)
    links = plan.linker().link(left, right, options=plan.options()).links
    return set(pairs_of(links)), ", ".join(field.kind for field in plan.fields)


def inside_one(left: pa.Table, right: pa.Table, true: Pairs) -> tuple[set[Any], set[Any]]:
    """Return the pairs that share an entity where both lists are one, and the true ones."""
    ids = [
        f"{side}{key}"
        for side, one in zip("lr", (left, right), strict=True)
        for key in one["id"].to_pylist()
    ]
    titles = [*left["title"].to_pylist(), *right["title"].to_pylist()]
    both = pa.table({"id": ids, "title": titles})
    plan = plan_tables(both)
    clusters = plan.linker().dedupe(both, options=plan.options()).clusters
    members: dict[Any, list[str]] = {}
    for key, entity in zip(*(clusters[c].to_pylist() for c in ("id", "entity")), strict=True):
        members.setdefault(entity, []).append(key)
    found = {pair for keys in members.values() for pair in combinations(sorted(keys), 2)}
    return found, {(f"l{one}", f"r{other}") for one, other in true}


def by_wording(left: pa.Table, right: pa.Table) -> tuple[Pairs, Pairs]:
    """Return the nearest on the left for each on the right, and those that are so both ways."""
    names = [side["title"].to_pylist() for side in (left, right)]
    weigh = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    weigh.fit([*names[0], *names[1]])
    alike = (weigh.transform(names[1]) @ weigh.transform(names[0]).T).toarray()
    nearest, back = alike.argmax(axis=1), alike.argmax(axis=0)
    ids = [side["id"].to_numpy() for side in (left, right)]
    pairs = list(zip(ids[0][nearest].tolist(), ids[1].tolist(), strict=True))
    mutual = back[nearest] == np.arange(len(nearest))
    return set(pairs), {pair for pair, both in zip(pairs, mutual, strict=True) if both}


def figures(found: set[Any], true: set[Any]) -> tuple[float, float, float]:
    """Return precision, recall and F1 in per cent."""
    right = len(found & true)
    parts = right / max(len(found), 1), right / len(true), 2 * right / (len(found) + len(true))
    return tuple(round(100 * part, 1) for part in parts)  # type: ignore[return-value]


def mean_of(rows: list[list[Any]]) -> list[Any]:
    """Return the mean of the figures of all tasks; of autofj where all have one."""
    means = ["**mean**", "", "", "", ""]
    for column in list(zip(*rows, strict=True))[5:]:
        known = [value for value in column if value != ""]
        means.append(round(float(np.mean(known)), 1) if len(known) == len(column) else "")
    return means


if __name__ == "__main__":
    main()
