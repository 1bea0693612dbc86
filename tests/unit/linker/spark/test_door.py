"""The Spark door without Spark: what is found is what one machine finds, on nasty tables too."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, Geohash, Radius, SharedTokenNearby, SharedWord
from sameas.clustering import OneToOne
from sameas.comparison import Context, Distance, Faded, JaroWinkler, SoftTfidf
from sameas.core.errors import ArgumentError, RunError
from sameas.linker import Budget, Linker, Options
from sameas.linker.spark import SparkLinker
from sameas.matching import Boosting

FIELDS = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
BLOCKING = (
    Radius(300.0),
    SharedTokenNearby("name", 1500.0),
    ExactKey(("phone",), form="digits", at_most=5),
    SharedWord(("name",), max_share=0.02),
)
PAIR = [("left_source", "ascending"), ("left_id", "ascending"),
        ("right_source", "ascending"), ("right_id", "ascending")]  # fmt: skip


def table(count, seed=1, *, whole=False):
    """Names of few words over a few kilometres; phones that many share; nulls; odd letters."""
    rng = np.random.default_rng(seed)
    words = np.array(["blue", "mill", "Café", "北京", "São", "oak", "straße", "No 1", "x", "🍕"])
    names = [" ".join(rng.choice(words, rng.integers(1, 4))) for _ in range(count)]
    names = [f"{name} {n % 211}" if n % 9 else None for n, name in enumerate(names)]
    place = 45 + rng.random((count, 2)) * 0.08
    place[::50] = np.nan
    phones = [None if n % 3 else f"+33 1 {n % 17:02d} 00 00 00" for n in range(count)]
    order = rng.permutation(count)
    ids = pa.array(order if whole else [f"é{n:05d}" for n in order])
    return pa.table({"id": ids, "name": names, "latitude": place[:, 0].tolist(),
                     "longitude": place[:, 1].tolist(), "phone": phones})  # fmt: skip


def make(blocking=BLOCKING, **settings):
    fitted = Linker(
        FIELDS, blocking=blocking,
        comparisons=(JaroWinkler("name"), SoftTfidf("name"), Distance()),
        context=Context((Faded(SoftTfidf("name")),)), second_pass=None,
        matcher=Boosting(iterations=10, leaves=5, min_leaf=5, members=1), **settings,
    )  # fmt: skip
    left = table(400, seed=7)
    rng = np.random.default_rng(0)
    ids = left["id"].to_pylist()
    pairs = rng.integers(0, 400, (600, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    labels = pa.table({"left_id": [ids[n] for n in pairs[:, 0]],
                       "right_id": [ids[n] for n in pairs[:, 1]],
                       "label": [(a * b) % 3 == 0 for a, b in pairs.tolist()]})  # fmt: skip
    return fitted.fit(left, labels=labels, conflicts="drop")


@pytest.fixture(scope="module")
def linker():
    return make()


def assert_same(got, expected):
    links, wanted = (one.sort_by(PAIR) for one in (got.links.toArrow(), expected.links))
    assert links.drop_columns("score").equals(wanted.cast(links.schema).drop_columns("score"))
    np.testing.assert_allclose(links["score"], wanted["score"], rtol=0, atol=1e-9)
    for name, keys in (("clusters", ["source", "id"]), ("entities", ["entity"])):
        by = [(key, "ascending") for key in keys]
        found, other = getattr(got, name).toArrow(), getattr(expected, name)
        assert found.sort_by(by).equals(other.cast(found.schema).sort_by(by)), name
    for figure in ("candidates", "links", "records"):
        assert got.report[figure] == expected.report[figure]
    kept = [rule["kept"] for rule in got.report["blocking"]]
    assert kept == [rule["kept"] for rule in expected.report["blocking"]]


@pytest.mark.parametrize(
    ("count", "parts", "per_part"),
    [(1, 1, 10), (40, 5, 8), (300, 3, 60), (300, 1, 10**6)],
)
def test_dedupe_is_that_of_one_machine(linker, local, frame, tmp_path, count, parts, per_part):
    given = table(count)
    got = SparkLinker(linker, local(parts, per_part, tmp_path)).dedupe(frame(given), threshold=0.4)
    assert_same(got, linker.dedupe(given, threshold=0.4))


@pytest.mark.parametrize("mode", ["many", "also-within"])
def test_sources_are_linked_as_on_one_machine(linker, local, frame, tmp_path, mode):
    left, right = table(150, seed=2), table(100, seed=3, whole=True)
    named, frames = {"b": left, "a": right}, {"b": frame(left), "a": frame(right)}
    engine = local(2, 60, tmp_path)
    got = SparkLinker(linker, engine).link(frames, mode=mode, threshold=0.4)
    assert_same(got, linker.link(named, mode=mode, threshold=0.4))


def test_a_giant_block_is_cut_into_tiles_of_like_size(local, frame, tmp_path):
    linker = make((ExactKey(("phone",), form="digits"), Geohash(5)))
    given = table(400)
    phones = ["0123456789" if n % 2 else phone for n, phone in enumerate(given["phone"])]
    given = given.set_column(4, "phone", pa.array([None if p is None else str(p) for p in phones]))
    engine = local(2, 60, tmp_path)
    got = SparkLinker(linker, engine).dedupe(frame(given), threshold=0.4)
    assert_same(got, linker.dedupe(given, threshold=0.4))
    rows = [row for row in engine.given[1] if row["kind"][0].as_py() == "records"]
    sizes = np.bincount([row["part"][0].as_py() for row in rows],
                        [row["rows"][0].as_py() for row in rows])  # fmt: skip
    assert len(sizes) > 4
    assert sizes.max() <= 2 * 60


def test_duplicate_and_absent_ids_go_to_the_quarantine(linker, local, frame, tmp_path):
    given = table(60)
    ids = given["id"].to_pylist()
    ids[3], ids[4], ids[5] = None, ids[6], ids[6]
    given = given.set_column(0, "id", pa.array(ids))
    got = SparkLinker(linker, local(3, 10, tmp_path)).dedupe(frame(given), threshold=0.4)
    expected = linker.dedupe(given, threshold=0.4)
    assert_same(got, expected)
    reasons = [sorted(one["reason"].to_pylist()) for one in (got.quarantine.toArrow(),
                                                             expected.quarantine)]  # fmt: skip
    assert reasons[0] == reasons[1]


def test_no_record_at_all(linker, local, frame, tmp_path):
    got = SparkLinker(linker, local(3, 10, tmp_path)).dedupe(frame(table(5).slice(0, 0)))
    assert got.report["records"] == got.report["links"] == 0
    assert got.entities.toArrow().num_rows == 0


def test_a_block_above_the_budget_is_refused_as_on_one_machine(local, frame, tmp_path):
    linker = make((ExactKey(("phone",), form="digits"),))
    given, options = table(300), Options(budget=Budget(pairs_per_block=10))
    engine = local(2, 200, tmp_path)
    got = SparkLinker(linker, engine).dedupe(frame(given), threshold=0.4, options=options)
    expected = linker.dedupe(given, threshold=0.4, options=options)
    assert (
        len(got.report["blocking"][0]["refused"])
        == len(expected.report["blocking"][0]["refused"])
        > 0
    )


def test_what_spark_cannot_do_is_said_before_any_work(linker, local, frame):
    with pytest.raises(ArgumentError, match="id_column=None"):
        SparkLinker(linker, local()).dedupe(frame(table(3)), options=Options(id_column=None))
    with pytest.raises(ArgumentError, match="does not fit 1 table"):
        SparkLinker(linker, local()).link(frame(table(3)), mode="many")
    both = {"a": frame(table(3)), "b": frame(table(3))}
    with pytest.raises(RunError, match="one-to-one"):
        SparkLinker(linker, local()).link(both, mode="one-to-one")
    other = replace(linker.fitted_, spec=replace(linker.spec, clusterer=OneToOne()))
    with pytest.raises(RunError, match="connected components"):
        SparkLinker(other, local())
