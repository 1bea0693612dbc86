"""Invariants of a whole linker, over tables of any shape."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sameas.blocking import ExactKey, Radius, SharedTokenNearby
from sameas.clustering import MODES as LINK_MODES
from sameas.comparison import Context, Distance, JaroWinkler, TokenOverlap
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import Linker, Options
from sameas.matching import Boosting

quick = settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
words = st.sampled_from(["blue", "door", "cafe", "mill", "é", "門", ""])
rows = st.tuples(
    st.lists(words, max_size=3).map(" ".join),
    st.sampled_from([None, 55.0, 55.001, 55.02, 90.0, -90.0, 91.0]),
    st.sampled_from([None, -3.0, 180.0, -180.0, 200.0]),
)
tables = st.lists(rows, max_size=12)


def as_table(given, order=None):
    order = range(len(given)) if order is None else order
    columns = {"id": [f"{n:02d}" for n in order]}
    for place, name in enumerate(FIELDS):
        columns[name] = [given[n][place] for n in order]
    return columns


@pytest.fixture(scope="module")
def linker():
    rng = np.random.default_rng(0)
    names = [" ".join(rng.choice(["blue", "door", "cafe", "mill", "gym"], 2)) for _ in range(80)]
    sides = [
        {"id": list(range(80)), "name": names, "latitude": (55 + rng.random(80) / 50).tolist(),
         "longitude": [-3.0] * 80}
        for _ in range(2)
    ]  # fmt: skip
    labels = {
        "left_id": list(range(80)) * 2,
        "right_id": [*range(80), *((n + 7) % 80 for n in range(80))],
        "label": [True] * 80 + [False] * 80,
        "split": ["train", "valid"] * 80,
    }
    made = Linker(
        FIELDS, blocking=(Radius(3_000.0), SharedTokenNearby("name", 2e7), ExactKey(("name",))),
        comparisons=(JaroWinkler("name"), TokenOverlap("name"), Distance()),
        context=Context((JaroWinkler("name"),)),
        matcher=Boosting(iterations=10, leaves=4, min_leaf=5, members=1),
    )  # fmt: skip
    return made.fit(*sides, labels=labels)


def content(result):
    links = sorted(tuple(row.values()) for row in result.links.to_pylist())
    return links, result.clusters.to_pylist(), result.entities.to_pylist()


@quick
@given(tables, st.sampled_from([0.0, 0.3, 0.7]))
def test_clusters_partition_the_records_of_one_table(linker, given, threshold):
    result = linker.dedupe(as_table(given), threshold=threshold)
    ids = [row["id"] for row in result.clusters.to_pylist()]
    assert sorted(ids) == sorted(as_table(given)["id"])
    entities = result.entities.to_pylist()
    assert sum(row["size"] for row in entities) == len(given)
    assert len({row["entity"] for row in entities}) == len(entities)
    linked = {row[side] for row in result.links.to_pylist() for side in ("left_id", "right_id")}
    alone = [row for row in result.clusters.to_pylist() if row["id"] not in linked]
    sizes = {row["entity"]: row["size"] for row in entities}
    assert all(sizes[row["entity"]] == 1 for row in alone)


@quick
@given(tables, tables, st.sampled_from(list(LINK_MODES)), st.data())
def test_nothing_depends_on_order_threads_or_engine(linker, left, right, mode, data):
    plain = content(linker.link(as_table(left), as_table(right), mode=mode, threshold=0.3))
    order = data.draw(st.permutations(range(len(left))))
    options = Options(threads=4)
    moved = linker.link(
        as_table(left, order), as_table(right), mode=mode, threshold=0.3, options=options
    )
    assert content(moved) == plain
    spilling = Options(engine=DuckDBEngine(threads=2, rows_in_memory=5))
    spilled = linker.link(
        as_table(left), as_table(right), mode=mode, threshold=0.3, options=spilling
    )
    assert content(spilled) == plain


@quick
@given(tables, tables, st.data())
def test_scores_do_not_depend_on_side_or_on_the_other_pairs(linker, left, right, data):
    every = [(a, b) for a in as_table(left)["id"] for b in as_table(right)["id"]]
    some = data.draw(st.lists(st.sampled_from(every), max_size=8)) if every else []
    one, two = as_table(left), as_table(right)
    pairs = {"left_id": [a for a, _ in some], "right_id": [b for _, b in some]}
    turned = {"left_id": pairs["right_id"], "right_id": pairs["left_id"]}
    straight = linker.score(one, two, pairs=pairs)
    swapped = linker.score(two, one, pairs=turned)
    for name in ("score", "decision", "candidate"):
        assert straight[name].to_pylist() == swapped[name].to_pylist()
    whole = {"left_id": [a for a, _ in every], "right_id": [b for _, b in every]}
    known = dict(zip(every, linker.score(one, two, pairs=whole)["score"].to_pylist(), strict=True))
    assert straight["score"].to_pylist() == [known[pair] for pair in some]
