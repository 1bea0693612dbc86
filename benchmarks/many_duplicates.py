"""Tables in which everything is there many times, by planned runs.

    python benchmarks/many_duplicates.py [--data FOLDER] [--seed 21]

Generated persons with up to eight records each; lists of visits, in which persons are written down
anew each time, with values left out and mistyped; and, of products and papers of a folder, offers
in which words are left out, mistyped or in another order, beside others that are there once. What
changed in sameas on account of such tables was looked at with the seeds 1 to 7.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from common import about, table, write_section
from sameas.clustering import ConnectedComponents
from sameas.datasets.persons import PersonSettings, generate_persons
from sameas.evaluation import cluster_metrics
from sameas.linker import plan_tables

#: Records, and shares of persons with one, two and three of them; the others have 4 to 8.
_PERSONS = ((3_000, (0.0, 0.0, 0.0)), (40_000, (0.3, 0.1, 0.1)), (100_000, (0.0, 0.0, 0.0)))
#: Things, times each, and others that are there once.
_VISITS = ((1_000, 5, 3_000), (1_000, 10, 0), (300, 30, 5_000))
_OFFERS = ((500, 3, 300), (300, 5, 300), (200, 8, 0), (100, 12, 0))
_SETS = ("abt_buy", "dblp_acm")
_FIGURES = ("pairwise_precision", "pairwise_recall", "pairwise_f1")
_HEAD = ["table", "records", "true pairs", "learner", "precision", "recall", "F1",
         "F1, components", "CPU s"]  # fmt: skip


def noisy_value(value: str | None, random: np.random.Generator) -> str | None:
    """Leave a value out, mistype it, or do nothing."""
    kind = random.random()
    if value is None or kind < 0.06:
        return None
    at = int(random.integers(len(value))) if value else 0
    return f"{value[:at]}{random.choice(list('aeirtno'))}{value[at + 1 :]}" if kind < 0.2 else value


def noisy_words(value: Any, random: np.random.Generator) -> Any:
    """Leave words of a text out, mistype one, change their order; let a number vary."""
    if value is None or random.random() < 0.08:
        return None
    if not isinstance(value, str):
        return value * random.choice([1.0, 1.0, 1.05, 0.9]) if isinstance(value, float) else value
    words = [word for word in value.split() if random.random() > 0.12] or value.split()
    if random.random() < 0.3:
        at = int(random.integers(len(words)))
        words[at] = noisy_value(words[at], random) or words[at]
    if random.random() < 0.1:
        random.shuffle(words)
    return " ".join(words)


def repeated(rows: pa.Table, shape: tuple[int, int, int], noise: Any, seed: int) -> pa.Table:
    """Return some rows many times and others once, in any order."""
    random = np.random.default_rng(seed)
    things, times, others = shape
    rows = rows.take(pa.array(random.permutation(len(rows))[: things + others]))
    found = [
        {"entity_id": thing} | {name: again(value) for name, value in row.items()}
        for thing, row in enumerate(rows.to_pylist())
        for again in ([partial(noise, random=random)] * times if thing < things else [_as_it_is])
    ]
    made = pa.Table.from_pylist(found).take(pa.array(random.permutation(len(found))))
    return made.append_column("id", pa.array([str(row) for row in range(len(made))]))


def tables(folder: Path | None, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Give the tables with the truth in `entity_id`."""
    for records, sizes in _PERSONS:
        settings = PersonSettings(cluster_sizes=sizes, cluster_tail=0.9)
        made = generate_persons(records, seed=seed, settings=settings)
        yield f"persons, {records / len(made['entity_id'].unique()):.1f} records each", made
    every = generate_persons(30_000, seed=seed)
    _, first = np.unique(every["entity_id"], return_index=True)
    once = every.take(pa.array(first)).drop_columns(["id", "entity_id"])
    for shape in _VISITS:
        yield _named("visits", shape), repeated(once, shape, noisy_value, seed)
    for name in _SETS if folder is not None else ():
        rows = pq.read_table(folder / "magellan" / name / "left.parquet").drop_columns(["id"])
        for shape in _OFFERS:
            yield _named(name, shape), repeated(rows, shape, noisy_words, seed)


def _as_it_is(value: Any) -> Any:
    return value


def _named(what: str, shape: tuple[int, int, int]) -> str:
    things, times, others = shape
    return f"{what}, {things:,} {times} times" + (f", {others:,} once" if others else "")


def measure(name: str, rows: pa.Table) -> list[Any]:
    """Plan, learn and cluster; once more with connected components."""
    given, truth = rows.drop_columns(["entity_id"]), rows["entity_id"].combine_chunks()
    count = np.unique(truth, return_counts=True)[1]
    begin = time.process_time()
    plan = plan_tables(given)
    linker = plan.linker()
    clusters = linker.dedupe(given, options=plan.options()).clusters
    cpu = time.process_time() - begin
    matcher = linker.fitted_.matcher
    learner = type(getattr(matcher, "first", matcher)).__name__.removeprefix("Fitted")
    own = table_figures(rows, clusters)
    plain = plan.linker(clusterer=ConnectedComponents())
    joined = plain.dedupe(given, options=plan.options()).clusters
    row = [name, f"{len(rows):,}", f"{int((count * (count - 1) // 2).sum()):,}", learner,
           *(f"{value:.1f}" for value in (*own, table_figures(rows, joined)[2])),
           f"{cpu:.1f}"]  # fmt: skip
    print(row, flush=True)
    return row


def table_figures(rows: pa.Table, clusters: pa.Table) -> list[float]:
    """Return precision, recall and F1 of pairs of one entity, in per cent."""
    entity = dict(zip(clusters["id"].to_pylist(), clusters["entity"].to_pylist(), strict=True))
    mine = pa.array([entity[key] for key in rows["id"].to_pylist()])
    found = cluster_metrics(mine, rows["entity_id"].combine_chunks())
    return [100 * float(found.to_dict()[name] or 0) for name in _FIGURES]


def given_options(description: str | None) -> argparse.Namespace:
    """Read the options of a benchmark on made tables."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--no-results", action="store_true", help="leave RESULTS.md alone")
    return parser.parse_args()


def finish(given: argparse.Namespace, name: str, title: str, text: str) -> None:
    """Print a section, and write it unless the options say no."""
    print(text)
    if not given.no_results:
        write_section(name, title, text, about("sameas", "scikit-learn", "numba"))


def main() -> None:
    """Measure, print and write the section."""
    given = given_options(__doc__)
    rows = [measure(name, made) for name, made in tables(given.data, given.seed)]
    title = "Without labels: tables in which everything is there many times"
    finish(given, "many_duplicates", title, f"{table(_HEAD, rows)}\n\n{_NOTE}")


_NOTE = (
    "Pairs of one entity, in per cent; `sameas dedupe TABLE`, nothing else said. F1, components: "
    "the same links with connected components instead of `SplitChains`."
)


if __name__ == "__main__":
    main()
