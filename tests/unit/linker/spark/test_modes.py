"""Modes, clusterers, constraints, passes and given pairs: as on one machine."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, Radius, SharedWord
from sameas.clustering import (
    Agglomerative,
    ConnectedComponents,
    Correlation,
    OneToOne,
    SplitBridges,
    SplitChains,
)
from sameas.core.errors import ArgumentError, LabelError
from sameas.linker import Linker, Options
from sameas.linker.rivals import FittedRivals
from sameas.linker.second_pass import SecondPass
from sameas.linker.spark import SparkLinker
from sameas.matching import Boosting, FellegiSunter

FIRST = Boosting(iterations=5, leaves=4, min_leaf=3, members=1)


def tables(table, frame, *sizes):
    named = {name: table(size, seed=place + 2)
             for place, (name, size) in enumerate(zip("bca", sizes, strict=False))}  # fmt: skip
    return named, {name: frame(each) for name, each in named.items()}


def with_clusterer(linker, clusterer):
    other = Linker(replace(linker.spec, clusterer=clusterer))
    other.fitted_ = replace(linker.fitted_, spec=other.spec)
    return other


CLUSTERERS = [
    ConnectedComponents(max_size=4, oversized="split"),
    OneToOne(),
    OneToOne("greedy"),
    Agglomerative(),
    Correlation(),
    SplitBridges(),
    SplitChains(),
]


@pytest.mark.parametrize("clusterer", CLUSTERERS, ids=lambda one: f"{one!r}"[:40])
def test_every_clusterer_gives_what_it_gives_on_one_machine(
    linker, local, frame, table, same, tmp_path, clusterer
):
    linker = with_clusterer(linker, clusterer)
    named, frames = tables(table, frame, 110, 90, 70)
    how = {"mode": "also-within", "threshold": 0.2}
    expected = linker.link(named, **how)
    assert max(map(int, expected.report["clusters"]["sizes"])) > 2
    same(SparkLinker(linker, local(2, 60, tmp_path)).link(frames, **how), expected)


@pytest.mark.parametrize("mode", ["one-to-one", "one-to-many", "many-to-one"])
def test_modes_that_let_records_match_once(linker, local, frame, table, same, tmp_path, mode):
    named, frames = tables(table, frame, 150, 100)
    expected = linker.link(named, mode=mode, threshold=0.2)
    many = linker.link(named, mode="many", threshold=0.2)
    assert expected.report["links"] < many.report["links"]
    engine = local(2, 60, tmp_path)
    same(SparkLinker(linker, engine).link(frames, mode=mode, threshold=0.2), expected)


def test_constraints_hold_whatever_the_scores(linker, local, frame, table, same, tmp_path):
    named, frames = tables(table, frame, 150, 100)
    free = linker.link(named, mode="also-within", threshold=0.2).links.to_pylist()
    apart = free[len(free) // 2]
    alone = [("b", "é00000"), ("a", "é00050")]
    rows = [(apart["left_source"], apart["left_id"], apart["right_source"], apart["right_id"],
             "cannot"), (*alone[0], "b", "é00149", "must")]  # fmt: skip
    names = ("left_source", "left_id", "right_source", "right_id", "constraint")
    given = pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    how = {"mode": "also-within", "threshold": 0.2}
    options = Options(constraints=given, unique_sources=("c",))
    expected = linker.link(named, options=options, **how)
    got = SparkLinker(linker, local(2, 60, tmp_path)).link(frames, options=options, **how)
    same(got, expected)
    entity = {row["id"]: row["entity"] for row in got.clusters.toArrow().to_pylist()
              if row["source"] == "b"}  # fmt: skip
    assert entity["é00000"] == entity["é00149"]
    with pytest.raises(ArgumentError, match="Did you mean 'c'"):
        SparkLinker(linker, local(2, 60, tmp_path)).link(
            frames, options=Options(unique_sources=("cc",)), **how
        )


def labels_for(given, count=600):
    rng, ids = np.random.default_rng(0), given["id"].to_pylist()
    pairs = rng.integers(0, len(ids), (count, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pa.table({"left_id": [ids[n] for n in pairs[:, 0]],
                     "right_id": [ids[n] for n in pairs[:, 1]],
                     "label": [(a * b) % 3 == 0 for a, b in pairs.tolist()]})  # fmt: skip


@pytest.fixture(scope="module")
def two_passes(linker, table):
    spec = replace(linker.spec, second_pass=SecondPass(FIRST, folds=2))
    given = table(400, seed=7)
    fitted = Linker(spec).fit(given, labels=labels_for(given), conflicts="drop")
    assert fitted.spec.second_pass is not None
    return fitted


@pytest.fixture(scope="module")
def competing(table):
    """A linker of two tables that learned without labels: candidates compete."""
    rules = (Radius(300.0), ExactKey(("phone",), form="digits"), SharedWord(("name",)))
    kinds = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
    fitted = Linker(kinds, blocking=rules, matcher=FellegiSunter())
    fitted.fit({"b": table(150, seed=2), "c": table(100, seed=3)})
    assert isinstance(fitted.fitted_.matcher, FittedRivals)
    return fitted


@pytest.mark.parametrize("which", ["two_passes", "competing"])
def test_matchers_that_look_at_all_candidates_first(
    request, local, frame, table, same, tmp_path, which
):
    linker = request.getfixturevalue(which)
    named, frames = tables(table, frame, 150, 100)
    how = {"mode": "many", "threshold": 0.05}
    expected = linker.link(named, **how)
    assert expected.report["links"] > 20
    same(SparkLinker(linker, local(2, 60, tmp_path)).link(frames, **how), expected)


def test_candidates_of_three_tables_compete_for_the_seats_of_each_other_table(
    competing, local, frame, table, same, tmp_path
):
    named, frames = tables(table, frame, 120, 100, 80)
    linker = Linker(competing.spec)
    matcher = FittedRivals(competing.fitted_.matcher.first, (0.8, 0.8, 0.8))
    linker.fitted_ = replace(competing.fitted_, matcher=matcher)
    how = {"mode": "many", "threshold": 0.05}
    expected = linker.link(named, **how)
    alone = Linker(competing.spec)
    alone.fitted_ = replace(competing.fitted_, matcher=replace(matcher, exclusive=(0.8, 0.8)))
    assert 20 < expected.report["links"] != alone.link(named, **how).report["links"]
    same(SparkLinker(linker, local(2, 60, tmp_path)).link(frames, **how), expected)
    pairs = expected.links.select(["left_source", "left_id", "right_source", "right_id"])
    got = SparkLinker(linker, local(3, 40, tmp_path)).score(frames, pairs=pairs)
    assert np.allclose(got["score"], linker.score(named, pairs=pairs)["score"], rtol=1e-9)


@pytest.mark.parametrize("which", ["linker", "two_passes", "competing"])
def test_given_pairs_have_their_scores_in_their_order(
    request, local, frame, table, tmp_path, which
):
    linker = request.getfixturevalue(which)
    named, frames = tables(table, frame, 150, 100)
    found = linker.link(named, mode="many", threshold=0.01).links
    rng = np.random.default_rng(5)
    left = [*found["left_id"].to_pylist()[:30], *(f"é{n:05d}" for n in rng.integers(0, 150, 60))]
    right = [*found["right_id"].to_pylist()[:30], *(f"é{n:05d}" for n in rng.integers(0, 100, 60))]
    order = rng.permutation(90)
    pairs = pa.table({"left_id": left, "right_id": right}).take(pa.array(order))
    expected = linker.score(named, pairs=pairs)
    got = SparkLinker(linker, local(3, 40, tmp_path)).score(frames, pairs=pairs)
    assert 20 < sum(expected["candidate"].to_pylist()) < 90
    assert got.drop_columns("score").equals(expected.drop_columns("score"))
    assert got.schema.metadata == expected.schema.metadata
    np.testing.assert_allclose(got["score"], expected["score"], rtol=0, atol=1e-9)


def test_unknown_ids_are_label_errors(linker, local, frame, table, tmp_path):
    pairs = pa.table({"left_id": ["é00001"], "right_id": ["none"]})
    with pytest.raises(LabelError, match="name no usable record, such as 'none'"):
        SparkLinker(linker, local(2, 60, tmp_path)).score(frame(table(50)), pairs=pairs)


def test_the_review_band_holds_the_same_pairs(linker, local, frame, table, tmp_path):
    other = Linker(linker.spec)
    other.fitted_ = replace(linker.fitted_, band=(0.1, 0.6))
    given = table(200)
    expected = other.dedupe(given, threshold=0.3)
    got = SparkLinker(other, local(2, 60, tmp_path)).dedupe(frame(given), threshold=0.3)
    by = [("left_id", "ascending"), ("right_id", "ascending")]
    assert expected.review.num_rows > 10
    assert got.review.toArrow().sort_by(by).equals(expected.review.sort_by(by))
    assert got.report["review"] == expected.report["review"]


def test_the_estimate_counts_what_one_machine_counts(linker, local, frame, table, tmp_path):
    given = table(300)
    expected = linker.estimate(given)
    got = SparkLinker(linker, local(1, 1000, tmp_path)).estimate(frame(given))
    assert (got.records, got.unreachable) == (300, expected.unreachable)
    for one, other in zip(got.rules, expected.rules, strict=True):
        assert replace(one, seconds=0, kept=0) == replace(other, seconds=0, kept=0)
        assert one.kept == pytest.approx(other.kept, rel=0.1, abs=3)
    apart = SparkLinker(linker, local(3, 60, tmp_path)).estimate(frame(given))
    assert [rule.unreachable for rule in apart.rules] == [r.unreachable for r in expected.rules]
    assert apart.candidates == pytest.approx(expected.candidates, rel=0.3)
