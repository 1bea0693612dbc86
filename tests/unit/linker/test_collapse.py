"""Oversized blocks: of equal records one meets everybody; clusters are those of all pairs."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.blocking import ExactKey, Radius, SharedTokenNearby, SimilarText
from sameas.comparison import Distance, JaroWinkler, Parentage
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import Budget, Linker, Options
from sameas.linker.collapse import find_leads, likeness
from sameas.linker.saving import FittedLinker, version_of
from sameas.linker.spec import as_spec
from sameas.matching.conditions import Condition
from sameas.matching.rules import RuleMatcher
from sameas.records import collect, prepare

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "site": "url"}
NAMES = ("blue door cafe", "the blue door", "old mill", "old mill inn", "star gym", None)


def fitted(mode: str) -> Linker:
    alike = SimilarText("name", 0.7)
    conditions = (
        Condition("name_jaro_winkler", ">=", 0.85),
        Condition("distance", "<=", 150.0),
    )
    spec = as_spec(
        FIELDS,
        blocking=(
            Radius(200.0, filter=alike),
            SharedTokenNearby("name", 400.0),
            ExactKey(("site",), form="url"),
        ),
        comparisons=(JaroWinkler("name"), Distance()),
        context=None,
        matcher=RuleMatcher(conditions),
    )
    matcher = RuleMatcher(conditions).without_training(spec.names())
    linker = Linker(spec)
    linker.fitted_ = FittedLinker(spec, {}, matcher, 0.5, mode, {})
    linker.fitted_.version = version_of(linker.fitted_)
    return linker


def table(rows) -> pa.Table:
    names, places, sites = zip(*rows, strict=True)
    return pa.table({
        "id": pa.array(range(len(rows))),
        "name": pa.array([NAMES[n] for n in names], pa.string()),
        "latitude": [55.0 + place * 0.001 for place in places],
        "longitude": [-3.0] * len(rows),
        "site": pa.array([f"https://x{site}.org" if site else None for site in sites], pa.string()),
    })  # fmt: skip


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=60
)


@settings(max_examples=60, deadline=None)
@given(left=ROWS, right=ROWS, mode=st.sampled_from(["dedupe", "many", "also-within"]))
def test_clusters_are_those_of_all_pairs(left, right, mode) -> None:
    linker = fitted(mode)
    tables = [table(left)] if mode == "dedupe" else [table(left), table(right)]

    def run(budget: Budget):
        options = Options(threads=2, budget=budget)
        if mode == "dedupe":
            return linker.dedupe(*tables, options=options)
        return linker.link(*tables, mode=mode, options=options)

    whole, small = run(Budget()), run(Budget(collapse_from=12))
    assert small.clusters.equals(whole.clusters)
    pairs = {tuple(row.values()) for row in small.links.select(range(4)).to_pylist()}
    every = {tuple(row.values()) for row in whole.links.select(range(4)).to_pylist()}
    assert pairs <= every
    assert len(pairs) == small.links.num_rows


def crowd(count: int) -> pa.Table:
    return table([(n % 5, 0, 0) for n in range(count)])


def test_a_crowd_with_few_names_is_linked_and_reported() -> None:
    linker = fitted("dedupe")
    options = Options(threads=2, budget=Budget(collapse_from=6_000))
    found = linker.dedupe(crowd(1_000), options=options)
    assert found.clusters.equals(linker.dedupe(crowd(1_000)).clusters)
    radius = found.report["blocking"][0]
    pairs = 5 * 1_000 - 15
    assert radius["collapsed"] == [{"records": 1_000, "leads": 5, "pairs": pairs}]
    assert (radius["refused"], radius["enumerated"]) == ([], pairs)
    assert linker.estimate(crowd(1_000), options=options).rules[0].pairs == pairs
    for most in (Budget(6_000, collapse_from=None), Budget(4_000, collapse_from=100)):
        refused = linker.dedupe(crowd(1_000), options=Options(budget=most))
        assert refused.report["blocking"][0]["refused"][0]["records"] == 1_000


def test_two_hundred_thousand_on_one_coordinate() -> None:
    linker = fitted("dedupe")
    found = linker.dedupe(crowd(200_000))
    radius = found.report["blocking"][0]
    assert radius["collapsed"] == [{"records": 200_000, "leads": 5, "pairs": 999_985}]
    assert not any(rule["refused"] for rule in found.report["blocking"])
    assert len(found.entities) == len(linker.dedupe(crowd(1_000)).entities)


def test_a_parent_is_not_like_its_child() -> None:
    held = {
        "id": ["a", "b", "c", "d"],
        "name": ["mill"] * 4,
        "latitude": [55.0] * 4,
        "longitude": [-3.0] * 4,
        "part_of": [None, None, None, "b"],
    }
    kinds = FIELDS | {"part_of": "reference"}
    del kinds["site"]
    records = collect({"table": held}, kinds)
    comparisons = (JaroWinkler("name"), Parentage("part_of"), Distance())
    spec = as_spec(kinds, comparisons=comparisons, blocking=(Radius(100.0),), context=None)
    columns = prepare(records.table, spec.needs(), {})
    alike = likeness(columns, np.arange(4, dtype=np.int32))
    assert alike[0] == alike[2]
    assert len(np.unique(alike)) == 3
    rows = next(DuckDBEngine(threads=1).exchange(*Radius(100.0).rows(columns)))
    leads = find_leads(rows, columns, np.zeros(0, np.int32))
    assert rows.record[leads.lead].tolist() == [0, 1, 3]
    assert leads.pairs == 3 * 4 - 6
