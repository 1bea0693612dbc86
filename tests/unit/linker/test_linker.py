"""Fit, score and link on a small problem; nothing may depend on how the work is laid out."""

from unittest import mock

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sameas.clustering import ConnectedComponents
from sameas.core.errors import ArgumentError, ColumnError, LabelError
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import Budget, Linker, Options, blocks, chunks
from sameas.matching import RandomForest


def by_pair(table):
    names = ("left_source", "left_id", "right_source", "right_id", "score")
    return {tuple(row[name] for name in names[:4]): row["score"] for row in table.to_pylist()}


def clusters_of(result):
    found = {}
    for row in result.clusters.to_pylist():
        found.setdefault(row["entity"], set()).add((row["source"], row["id"]))
    return sorted(map(sorted, found.values()))


def shuffled(table, seed):
    order = np.random.default_rng(seed).permutation(len(table["id"]))
    return {name: [values[place] for place in order] for name, values in table.items()}


def scores(linker, problem, **options):
    made = Options(**options)
    return linker.score(problem.left, problem.right, pairs=problem.pairs, options=made)


def test_the_problem_is_learned(fitted, problem):
    out = scores(fitted, problem)
    truth = problem.labels["label"].to_numpy()
    assert (out["decision"].to_numpy() == truth).mean() > 0.95
    assert out.schema.names == ["left_id", "right_id", "score", "decision", "candidate"]
    assert np.array_equal(out["decision"].to_numpy(), out["score"].to_numpy() >= fitted.threshold)
    about = out.schema.metadata
    assert about[b"sameas.threshold"] == repr(fitted.threshold).encode()
    assert about[b"sameas.version"] == fitted.version.encode()


def test_score_gives_every_pair_in_the_given_order(fitted, problem):
    out = scores(fitted, problem)
    assert out.select(["left_id", "right_id"]).equals(problem.pairs)
    candidate = out["candidate"].to_numpy()
    assert candidate.any()
    assert not candidate.all(), "pairs that blocking misses are scored too"
    assert np.isfinite(out["score"].to_numpy()).all()
    backwards = problem.pairs.take(pa.array(np.arange(problem.pairs.num_rows)[::-1]))
    again = fitted.score(problem.left, problem.right, pairs=backwards)
    assert again["score"].to_pylist() == out["score"].to_pylist()[::-1]
    doubled = pa.concat_tables([problem.pairs, problem.pairs])
    twice = fitted.score(problem.left, problem.right, pairs=doubled)["score"].to_pylist()
    assert twice == out["score"].to_pylist() * 2


def test_score_agrees_with_link(fitted, problem):
    result = fitted.link(problem.left, problem.right)
    links = by_pair(result.links)
    out = fitted.score(problem.left, problem.right, pairs=result.links)
    assert out["score"].to_pylist() == list(links.values())
    assert out["candidate"].to_pylist() == [True] * len(links)


def test_one_table_is_not_linked(fitted, problem):
    for one in (problem.left, {"shop": problem.left}):
        with pytest.raises(ArgumentError, match=r"two tables or more, got one: dedupe\(table\)"):
            fitted.link(one)


def test_no_pairs_to_score(fitted, problem):
    out = fitted.score(problem.left, problem.right, pairs=problem.pairs.slice(0, 0))
    assert out.num_rows == 0
    assert "candidate" in out.column_names


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({"left_id": ["l000"], "right_id": ["nowhere"]}, "right_id name no usable record.*nowhere"),
        ({"left_id": ["r000"], "right_id": ["l000"]}, "right way round"),
        ({"left_id": [None], "right_id": ["r000"]}, "1 of the 1 values of left_id"),
        ({"left_id": ["l000"], "right_id": ["r000"], "left_source": [None]}, "left_source"),
    ],
)
def test_unknown_ids_are_label_errors(fitted, problem, pairs, message):
    with pytest.raises(LabelError, match=message):
        fitted.score(problem.left, problem.right, pairs=pairs)


def test_a_table_of_pairs_without_a_side_is_named(fitted, problem):
    with pytest.raises(ColumnError, match="right_id"):
        fitted.score(problem.left, problem.right, pairs={"left_id": ["l000"]})


def test_ids_may_be_numbers_here_and_texts_there(new_linker, problem):
    tables = [{**side, "id": list(range(120))} for side in (problem.left, problem.right)]
    numbers = {
        name: [int(value[1:]) for value in problem.pairs[name].to_pylist()]
        for name in ("left_id", "right_id")
    }
    labels = {**problem.labels.to_pydict(), **numbers}
    linker = new_linker().fit(*tables, labels=labels)
    texts = {name: list(map(str, values)) for name, values in numbers.items()}
    frame = pd.DataFrame(numbers).astype(float)
    expected = linker.score(*tables, pairs=numbers)["score"].to_pylist()
    assert linker.score(*tables, pairs=texts)["score"].to_pylist() == expected
    assert linker.score(*tables, pairs=frame)["score"].tolist() == expected


def test_layout_of_the_work_does_not_change_a_bit(fitted, problem):
    plain = scores(fitted, problem)
    for options in (
        {"threads": 1}, {"threads": 4}, {"engine": DuckDBEngine(threads=2, rows_in_memory=50)},
    ):  # fmt: skip
        assert scores(fitted, problem, **options).equals(plain)
    with (
        mock.patch.object(blocks, "_CHUNK", 7),
        mock.patch.object(blocks, "_BATCH", 50),
        mock.patch.object(chunks, "_CHUNK", 13),
    ):
        assert scores(fitted, problem).equals(plain)
    moved = fitted.score(shuffled(problem.left, 3), shuffled(problem.right, 4), pairs=problem.pairs)
    assert moved.equals(plain)


def test_scores_do_not_depend_on_the_side(fitted, problem):
    pairs = problem.pairs.rename_columns(["right_id", "left_id"])
    swapped = fitted.score(problem.right, problem.left, pairs=pairs)
    plain = scores(fitted, problem)
    for name in ("score", "decision", "candidate"):
        assert swapped[name].to_pylist() == plain[name].to_pylist()
    named = {"zebra": problem.left, "ant": problem.right}
    again = fitted.score(named, pairs=problem.pairs)
    assert again["score"].to_pylist() == plain["score"].to_pylist()
    one = clusters_of(fitted.link(problem.left, problem.right))
    two = clusters_of(fitted.link(problem.right, problem.left))
    sides = {"left": "right", "right": "left"}
    renamed = sorted(sorted((sides[source], key) for source, key in group) for group in two)
    assert renamed == one


def test_test_labels_are_never_read(new_linker, fitted, problem):
    rows = problem.labels.to_pylist()
    rng = np.random.default_rng(0)
    for row in rows:
        if row["split"] == "test":
            row["label"] = bool(rng.random() < 0.5)
    linker = new_linker().fit(problem.left, problem.right, labels=pa.Table.from_pylist(rows))
    assert linker.version == fitted.version
    assert linker.threshold == fitted.threshold
    kept = pa.Table.from_pylist([row for row in rows if row["split"] != "test"])
    assert new_linker().fit(problem.left, problem.right, labels=kept).version == fitted.version
    for row in rows:
        if row["split"] == "valid":
            row["label"] = bool(rng.random() < 0.5)
    other = new_linker().fit(problem.left, problem.right, labels=pa.Table.from_pylist(rows))
    assert other.version != fitted.version, "valid rows do count"


def test_without_a_split_one_is_made_and_test_is_reported(new_linker, problem):
    labels = problem.labels.drop_columns("split")
    linker = new_linker().fit(problem.left, problem.right, labels=labels)
    report = linker.fitted_.report
    assert min(report["pairs"].values()) > 0
    assert "test" in report


def test_clusters_partition_the_records_and_links_are_candidates(fitted, problem):
    result = fitted.link(problem.left, problem.right)
    everyone = {("left", key) for key in problem.left["id"]}
    everyone |= {("right", key) for key in problem.right["id"]}
    members = [(row["source"], row["id"]) for row in result.clusters.to_pylist()]
    assert len(members) == len(everyone)
    assert set(members) == everyone, "unique records stay"
    assert result.entities.num_rows == result.report["clusters"]["clusters"]
    assert set(result.entities["entity"].to_pylist()) == set(result.clusters["entity"].to_pylist())
    assert result.links.num_rows == result.report["links"] <= result.report["candidates"]
    entity = {(r["source"], r["id"]): r["entity"] for r in result.clusters.to_pylist()}
    for source, left, other, right in by_pair(result.links):
        assert (source, other) == ("left", "right"), "sides as they were given"
        assert entity[source, left] == entity[other, right]


def test_modes(fitted, problem):
    right = {name: values + values[:10] for name, values in problem.right.items()}
    right["id"] = problem.right["id"] + [f"s{n}" for n in range(10)]
    many = fitted.link(problem.left, right, mode="many", threshold=0.5)
    single = fitted.link(problem.left, right, mode="one-to-one", threshold=0.5)
    within = fitted.link(problem.left, right, mode="also-within", threshold=0.5)
    for result in (many, single):
        assert all(r["left_source"] != r["right_source"] for r in result.links.to_pylist())
    assert any(r["left_source"] == r["right_source"] for r in within.links.to_pylist())
    for side in ("left_id", "right_id"):
        ids = single.links[side].to_pylist()
        assert len(set(ids)) == len(ids), "one-to-one: each record once"
    lefts = many.links["left_id"].to_pylist()
    assert len(set(lefts)) < len(lefts)
    for group in clusters_of(single):
        assert len({source for source, _ in group}) == len(group)


def test_links_agree_with_a_clusterer_that_splits(new_linker, problem):
    linker = new_linker(clusterer=ConnectedComponents(max_size=2, oversized="split"))
    linker.fit(problem.left, problem.right, labels=problem.labels)
    result = linker.link(problem.left, problem.right, mode="also-within", threshold=0.0)
    assert max(map(len, clusters_of(result))) == 2
    entity = {(r["source"], r["id"]): r["entity"] for r in result.clusters.to_pylist()}
    for source, left, other, right in by_pair(result.links):
        assert entity[source, left] == entity[other, right]
    assert result.report["clusters"]["dropped"] > 0


def test_three_tables(fitted, problem):
    tables = {"a": problem.left, "b": problem.right, "c": problem.right}
    result = fitted.link(tables)
    assert {row["source"] for row in result.clusters.to_pylist()} == {"a", "b", "c"}
    assert all(r["left_source"] != r["right_source"] for r in result.links.to_pylist())
    with pytest.raises(ColumnError, match="left_source"):
        fitted.score(tables, pairs=problem.pairs)


def test_a_linker_of_two_tables_dedupes_one_and_the_other_way_round(new_linker, fitted, problem):
    assert fitted.dedupe(problem.left).clusters.num_rows == 120
    table = {name: problem.left[name] + problem.right[name] for name in problem.left}
    linker = new_linker().fit(table, labels=problem.labels)
    assert linker.fitted_.mode == "dedupe"
    assert linker.link(problem.left, problem.right).report["mode"] == "many"
    one = linker.score(table, pairs=problem.pairs)
    assert one.num_rows == problem.pairs.num_rows


@pytest.mark.parametrize(
    ("mode", "tables", "message"),
    [("dedup", 1, "Did you mean 'dedupe'"), ("dedupe", 2, "does not fit 2"), ("many", 1, "fit 1")],
)
def test_modes_that_do_not_fit(fitted, problem, mode, tables, message):
    with pytest.raises(ArgumentError, match=message):
        fitted.link(*(problem.left, problem.right)[:tables], mode=mode)


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars-lazy", "arrow", "duckdb"])
def test_frames_go_out_as_they_came_in(fitted, problem, kind):
    connection = duckdb.connect()
    frame = pa.table(problem.left)
    convert = {
        "pandas": lambda: pd.DataFrame(problem.left), "polars": lambda: pl.DataFrame(problem.left),
        "polars-lazy": lambda: pl.LazyFrame(problem.left), "arrow": lambda: frame,
        "duckdb": lambda: connection.from_arrow(frame),
    }  # fmt: skip
    given = convert[kind]()
    result = fitted.link(given, pa.table(problem.right))
    plain = fitted.link(problem.left, problem.right)
    for name in ("links", "clusters", "entities", "quarantine"):
        out = getattr(result, name)
        assert type(out) is type(given)
        table = out if kind == "arrow" else pa.table(out.collect() if "lazy" in kind else out)
        assert table.num_rows == getattr(plain, name).num_rows
    connection.close()


def test_an_unfitted_linker_says_what_is_missing(new_linker, problem):
    linker = new_linker(matcher=RandomForest())
    with pytest.raises(LabelError, match="labels="):
        linker.link(problem.left, problem.right)
    with pytest.raises(LabelError, match="not fitted"):
        linker.score(problem.left, problem.right, pairs=problem.pairs)
    with pytest.raises(LabelError, match="not fitted"):
        _ = linker.threshold


def silver_linker(new_linker):
    fields = {"name": "name", "latitude": "latitude", "longitude": "longitude", "phone": "phone"}
    made = new_linker()
    spec = made.spec
    return Linker(
        fields, comparisons=spec.comparisons, context=spec.context, matcher=spec.matcher,
        silver="phone",
    )  # fmt: skip


def test_the_silver_field_stands_in_for_labels(new_linker, problem):
    phone = [f"+44 131 {number:03d}" if number % 3 else None for number in range(120)]
    tables = [{**side, "phone": phone} for side in (problem.left, problem.right)]
    linker = silver_linker(new_linker)
    result = linker.link(*tables)
    assert "silver labels from 'phone'" in linker.fitted_.report["labels"]
    assert result.report["links"] > 60
    with pytest.raises(LabelError, match="is empty in these tables"):
        silver_linker(new_linker).link(*({**side, "phone": [None] * 120} for side in tables))


def place(**columns):
    return {"id": [1], "name": ["x"], "latitude": [55.0], "longitude": [-3.0]} | columns


@pytest.mark.parametrize(
    ("table", "records", "quarantined"),
    [
        (place(id=[], name=[], latitude=[], longitude=[]), 0, 0),
        (place(), 1, 0),
        (place(name=[None], latitude=[None], longitude=[None]), 1, 0),
        (place(latitude=[91.0]), 1, 1),
        (place(latitude=[float("nan")]), 1, 1),
        (place(name=[b"caf\xe9"]), 1, 1),
        (place(name=["y" * 10_000]), 1, 1),
        (place(id=[1, 1], name=["a", "b"], latitude=[1.0] * 2, longitude=[1.0] * 2), 0, 2),
    ],
    ids=["empty", "one row", "nulls", "latitude 91", "NaN", "UTF-8", "long", "duplicate ids"],
)  # fmt: skip
def test_bad_input_is_set_aside_and_the_run_finishes(fitted, table, records, quarantined):
    result = fitted.dedupe(table)
    assert result.clusters.num_rows == result.entities.num_rows == records
    assert result.quarantine.num_rows == quarantined
    assert result.links.num_rows == 0
    assert fitted.estimate(table).records == records


def test_an_empty_table_beside_a_full_one(fitted, problem):
    empty = {name: [] for name in problem.left}
    result = fitted.link(problem.left, empty)
    assert (result.links.num_rows, result.clusters.num_rows) == (0, 120)


def crowd(count):
    return {"id": list(range(count)), "name": [f"blue door {n // 2}" for n in range(count)],
            "latitude": [55.0] * count, "longitude": [-3.0] * count}  # fmt: skip


def refuse_crowd(fitted, count, budget):
    options = Options(threads=2, budget=Budget(pairs_per_block=budget))
    estimate = fitted.estimate(crowd(count), options=options)
    result = fitted.dedupe(crowd(count), options=options)
    assert result.clusters.num_rows == count
    radius = result.report["blocking"][0]
    assert [block["records"] for block in radius["refused"]] == [count]
    assert radius["refused"][0]["pairs"] == count * (count - 1) // 2
    assert estimate.rules[0].refused == 1
    assert estimate.rules[0].pairs == radius["enumerated"] == 0


def test_a_crowd_on_one_coordinate_is_refused_by_name(fitted):
    refuse_crowd(fitted, 5_000, 100_000)


@pytest.mark.slow
def test_a_large_crowd_on_one_coordinate_is_refused_by_name(fitted):
    refuse_crowd(fitted, 200_000, 100_000_000)


@pytest.mark.parametrize("across", [True, False])
def test_the_estimate_counts_what_a_run_enumerates(fitted, problem, across):
    tables = (problem.left, problem.right) if across else (problem.left,)
    estimate = fitted.estimate(*tables)
    result = fitted.link(*tables) if across else fitted.dedupe(*tables)
    for said, done in zip(estimate.rules, result.report["blocking"], strict=True):
        assert said.rule == done["rule"]
        assert said.pairs == done["enumerated"] > 0
        assert said.unreachable == done["unreachable"]
        assert said.blocks == done["blocks"]
    assert estimate.candidates > 0
    assert "candidate pairs" in estimate.to_text()


def test_the_estimate_counts_records_without_a_place(fitted):
    table = place(id=[1, 2, 3], name=["x"] * 3, latitude=[1.0, None, 1.0],
                  longitude=[1.0, None, 1.0])  # fmt: skip
    estimate = fitted.estimate(table)
    assert estimate.unreachable == 1
    assert fitted.dedupe(table).report["blocking"][0]["unreachable"] == 1
