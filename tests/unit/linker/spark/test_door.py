"""The Spark door without Spark: what is found is what one machine finds, on nasty tables too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import ExactKey, Geohash, NoSeries, Radius, SharedWord
from sameas.core.errors import ArgumentError, RunError
from sameas.engines import pieces
from sameas.linker import Budget, Linker, Options
from sameas.linker.spark import SparkLinker


@pytest.mark.parametrize(
    ("count", "parts", "per_part"),
    [(1, 1, 10), (40, 5, 8), (300, 3, 60), (300, 1, 10**6)],
)
def test_dedupe_is_that_of_one_machine(
    linker, local, frame, tmp_path, count, parts, per_part, same, table
):
    given = table(count)
    got = SparkLinker(linker, local(parts, per_part, tmp_path)).dedupe(frame(given), threshold=0.4)
    same(got, linker.dedupe(given, threshold=0.4))


def test_without_golden_records(linker, local, frame, tmp_path, table):
    given = table(300)
    door = SparkLinker(linker, local(3, 60, tmp_path))
    whole, bare = door.dedupe(frame(given)), door.dedupe(frame(given), entities=False)
    assert bare.entities is None
    assert bare.report["clusters"] == whole.report["clusters"]
    keys = [("source", "ascending"), ("id", "ascending")]
    first, second = (one.clusters.toArrow().sort_by(keys) for one in (whole, bare))
    assert first.equals(second)
    assert pa.compute.count_distinct(first["entity"]).as_py() < first.num_rows


@pytest.mark.parametrize("mode", ["many", "also-within"])
def test_sources_are_linked_as_on_one_machine(linker, local, frame, tmp_path, mode, same, table):
    left, right = table(150, seed=2), table(100, seed=3, whole=True)
    named, frames = {"b": left, "a": right}, {"b": frame(left), "a": frame(right)}
    engine = local(2, 60, tmp_path)
    got = SparkLinker(linker, engine).link(frames, mode=mode, threshold=0.4)
    same(got, linker.link(named, mode=mode, threshold=0.4))


def test_words_of_a_series_keep_apart_as_on_one_machine(local, frame, tmp_path, same, table, make):
    apart = NoSeries("name", (("blue", "oak", "Mill"),))
    linker = make((Radius(300.0, filter=apart), SharedWord(("name",), filter=apart)))
    given = table(300)
    got = SparkLinker(linker, local(3, 60, tmp_path)).dedupe(frame(given), threshold=0.4)
    same(got, linker.dedupe(given, threshold=0.4))
    loose = make((Radius(300.0), SharedWord(("name",))))
    assert got.report["candidates"] < loose.dedupe(given).report["candidates"]


def test_stages_lie_in_files_and_only_their_places_travel(
    linker, local, frame, tmp_path, monkeypatch, same, table
):
    monkeypatch.setattr(pieces, "_SMALL", 0)
    given, engine = table(300), local(3, 60, tmp_path)
    got = SparkLinker(linker, engine).dedupe(frame(given), threshold=0.4)
    same(got, linker.dedupe(given, threshold=0.4))
    kept = [row for rows in engine.given for row in rows if row["place"][0].is_valid]
    kinds = {row["kind"][0].as_py() for row in kept}
    assert {"records", "pairs", "seen", "member"} <= kinds
    assert not any(row["blob"][0].as_py() for row in kept)
    file = kept[0]["place"][0].as_py().partition("#")[0]
    assert Path(file.removeprefix("file://")).is_relative_to(tmp_path)


def test_a_giant_block_is_cut_into_tiles_of_like_size(local, frame, tmp_path, same, table, make):
    linker = make((ExactKey(("phone",), form="digits"), Geohash(5)))
    given = table(400)
    phones = ["0123456789" if n % 2 else phone for n, phone in enumerate(given["phone"])]
    given = given.set_column(4, "phone", pa.array([None if p is None else str(p) for p in phones]))
    engine = local(2, 60, tmp_path)
    got = SparkLinker(linker, engine).dedupe(frame(given), threshold=0.4)
    same(got, linker.dedupe(given, threshold=0.4))
    rows = [row for row in engine.given[1] if row["kind"][0].as_py() == "records"]
    sizes = np.bincount([row["part"][0].as_py() for row in rows],
                        [row["rows"][0].as_py() for row in rows])  # fmt: skip
    assert len(sizes) > 4
    assert sizes.max() <= 2 * 60


def test_columns_that_hold_a_field_together_are_joined(linker, local, frame, tmp_path, same, table):
    whole = {"a": table(80, seed=2), "b": table(80, seed=3)}
    names = [pa.array(text.as_py().split(" ", 1) if text.is_valid else [None, None])
             for text in whole["b"]["name"]]  # fmt: skip
    cut = {
        "first": pa.array([name[0].as_py() for name in names], pa.string()),
        "rest": pa.array([name[1].as_py() if len(name) > 1 else "" for name in names], pa.string()),
    }
    parts = pa.table({n: whole["b"][n] for n in whole["b"].column_names if n != "name"} | cut)
    named = {"a": whole["a"], "b": parts}
    expected = linker.link(whole)
    options = Options(mapping={"b": {"name": "first + rest"}})
    frames = {name: frame(each) for name, each in named.items()}
    same(SparkLinker(linker, local(3, 60, tmp_path)).link(frames, options=options), expected)
    assert linker.link(named, options=options).links.equals(expected.links)


def test_duplicate_and_absent_ids_go_to_the_quarantine(linker, local, frame, tmp_path, same, table):
    given = table(60)
    ids = given["id"].to_pylist()
    ids[3], ids[4], ids[5] = None, ids[6], ids[6]
    given = given.set_column(0, "id", pa.array(ids))
    got = SparkLinker(linker, local(3, 10, tmp_path)).dedupe(frame(given), threshold=0.4)
    expected = linker.dedupe(given, threshold=0.4)
    same(got, expected)
    reasons = [sorted(one["reason"].to_pylist()) for one in (got.quarantine.toArrow(),
                                                             expected.quarantine)]  # fmt: skip
    assert reasons[0] == reasons[1]


def test_no_record_at_all(linker, local, frame, tmp_path, table):
    got = SparkLinker(linker, local(3, 10, tmp_path)).dedupe(frame(table(5).slice(0, 0)))
    assert got.report["records"] == got.report["links"] == 0
    assert got.entities.toArrow().num_rows == 0


def test_a_block_above_the_budget_is_refused_as_on_one_machine(local, frame, tmp_path, table, make):
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


def test_what_spark_cannot_do_is_said_before_any_work(linker, local, frame, table):
    with pytest.raises(RunError, match=r"no numbers of rows as ids .* have no order"):
        SparkLinker(linker, local()).dedupe(frame(table(3)), options=Options(id_column=None))
    with pytest.raises(ArgumentError, match="does not fit 1 table"):
        SparkLinker(linker, local()).link(frame(table(3)), mode="many")


def test_rows_that_repeat_others_are_told_of(linker, local, frame, tmp_path, table, caplog):
    given = table(40)
    once = Linker(replace(linker.spec, distinct=True))
    once.fitted_ = replace(linker.fitted_, spec=once.spec)
    engine = local(2, 60, tmp_path)
    plain = SparkLinker(linker, engine).dedupe(frame(given), threshold=0.4)
    assert "every row is compared by itself" not in caplog.text
    told = SparkLinker(once, engine).dedupe(frame(given), threshold=0.4)
    assert "every row is compared by itself" in caplog.text
    assert told.report["links"] == plain.report["links"]
