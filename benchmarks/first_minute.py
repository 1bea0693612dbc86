"""A newcomer's first minutes: three unknown tables, the commands as typed, what they say.

    python benchmarks/first_minute.py --data FOLDER

The commands run as they stand, in a folder that holds the tables alone. Where somebody knows the
truth, the links are compared with it afterwards; what was guessed right and wrong is written below
the section by hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from common import about, write_section
from persons import figures, hidden_tables

_WIDEST = 150  # characters of a line that are shown
_MOST = 60  # lines of an answer that are shown


def typed(command: str, folder: Path) -> tuple[str, float]:
    """Run a command; return what it said, cut to the width of a page, and the CPU seconds."""
    before = os.times()
    ran = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=folder, text=True, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    spent = os.times()
    lines = [
        line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
        for line in ran.stdout.rstrip().splitlines()
    ]
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"... ({len(lines) - _MOST} lines more)"]
    cpu = spent.children_user + spent.children_system
    return "\n".join(lines), cpu - before.children_user - before.children_system


def against_labels(links: Path, labels: Path) -> str:
    """Compare links with labelled pairs."""
    found = pq.read_table(links)
    taken = set(zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True))
    taken |= {(right, left) for left, right in taken}
    given = pq.read_table(labels).filter(pc.field("label").is_valid()).to_pylist()
    pairs = [((row["left_id"], row["right_id"]) in taken, row["label"] == 1) for row in given]
    both = sum(link and match for link, match in pairs)
    linked, true = sum(link for link, _ in pairs), sum(match for _, match in pairs)
    return (
        f"Of {len(pairs):,} labelled pairs {true:,} are matches; {linked:,} are linked, "
        f"{both:,} of them matches: precision {both / linked:.1%}, recall {both / true:.1%}, "
        f"F1 {2 * both / (linked + true):.1%}."
    )


def main() -> None:
    """Run the commands and write what they said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    data = parser.parse_args().data.resolve()
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for number, (what, command, judged) in enumerate(tasks(data, home), 1):
            begun = time.perf_counter()
            said, cpu = typed(command, home)
            wall = time.perf_counter() - begun
            parts.append(
                f"**{number}. {what}** ({cpu:.1f} CPU s, {wall:.1f} s)\n\n"
                f"```\n$ {command}\n{said}\n```\n\n{judged()}"
            )
            print(parts[-1], flush=True)
    facts = about("sameas", "numpy", "scikit-learn", "numba", "pyarrow")
    write_section("first_minute", "The first minute on unknown tables", "\n\n".join(parts), facts)


def tasks(data: Path, home: Path) -> Iterator[tuple[str, str, Callable[[], str]]]:
    """Lay out the tables; give what they are, the command, and who judges the run."""
    for name in ("usmin", "mrds"):
        shutil.copy(data / "minerals" / f"{name}.parquet", home)
    yield (
        "Two registers of mineral sites", "sameas link usmin.parquet mrds.parquet --out sites",
        lambda: "Nobody knows the truth of these tables.",
    )  # fmt: skip
    firms = data / "products" / "japanese_firms"
    for side in ("left", "right"):
        shutil.copy(firms / f"{side}.parquet", home / f"firms_{side}.parquet")
    yield (
        "Japanese firms, read by machine from two old directories",
        "sameas link firms_left.parquet firms_right.parquet --out firms",
        lambda: against_labels(home / "firms" / "links.parquet", firms / "pairs.parquet"),
    )
    (hidden,), truth = hidden_tables(data / "febrl" / "febrl3", home, key=True)
    shutil.move(hidden, home / "people.parquet")

    def persons() -> str:
        measured = figures(home / "persons" / "clusters.parquet", truth)
        return ", ".join(
            f"{name.removeprefix('pairwise_')} {measured[name]:.1%}"
            for name in measured
            if name.startswith("pairwise")
        )

    yield (
        "Persons", "sameas dedupe people.parquet --out persons",
        lambda: f"Of the pairs of the entities, against the truth: {persons()}.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
