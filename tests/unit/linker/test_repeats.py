"""One table, no labels: rows that repeat another one in every field."""

import logging

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameas.clustering import ConnectedComponents
from sameas.clustering.base import DecidedPairs
from sameas.core.errors import ArgumentError
from sameas.datasets.persons import generate_persons
from sameas.evaluation import cluster_metrics
from sameas.linker import Linker, plan_tables
from sameas.linker.planning import Plan
from sameas.linker.repeats import Repeats
from sameas.linker.spreading import spread
from sameas.records import collect


def mentions(persons, times, seed=0):
    """Return persons, each row of them several times over, in any order."""
    random = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(persons)), random.geometric(1 / times, len(persons)))
    table = persons.take(pa.array(random.permutation(rows)))
    return table.set_column(0, "id", pa.array([f"m{row}" for row in range(len(table))]))


@pytest.fixture(scope="module")
def listed():
    return mentions(generate_persons(2_500, seed=7), 6)


@pytest.fixture(scope="module")
def plan(listed):
    return plan_tables(listed.drop_columns(["entity_id"]))


@pytest.fixture(scope="module")
def linker(plan):
    return plan.linker()


@pytest.fixture(scope="module")
def result(listed, plan, linker):
    return linker.dedupe(listed.drop_columns(["entity_id"]), options=plan.options())


def entities(result, table):
    of = dict(zip(*(result.clusters[name].to_pylist() for name in ("id", "entity")), strict=True))
    return [of[key] for key in table["id"].to_pylist()]


def test_copies_are_found_that_are_worded_otherwise(listed, plan, result):
    assert plan.distinct
    assert any("rows repeat another one in every field" in line for line in plan.assumptions)
    found = pa.array(entities(result, listed))
    assert cluster_metrics(found, listed["entity_id"].combine_chunks()).pairwise_f1 > 0.97
    assert result.report["records"] == len(listed)
    assert result.report["wordings"] < 2_500
    assert sum(result.report["sources"].values()) == len(listed)


def test_every_row_is_in_a_cluster_that_its_links_explain(listed, result):
    place = {key: row for row, key in enumerate(listed["id"].to_pylist())}
    left, right = (
        np.array([place[key] for key in result.links[f"{side}_id"].to_pylist()], np.int32)
        for side in ("left", "right")
    )
    assert result.links["decision"].to_numpy().all()
    score = result.links["score"].to_numpy()
    assert score.min() >= result.report["threshold"]
    linked = ConnectedComponents().cluster(
        left, right, score, score > 0, np.zeros(len(listed), np.int32)
    )
    names = np.unique(entities(result, listed), return_inverse=True)[1]
    both = np.unique(np.stack([linked.label, names]), axis=1)
    assert both.shape[1] == len(np.unique(names)) == result.report["clusters"]["clusters"]
    assert len(result.entities) == both.shape[1]


def test_a_wording_that_is_there_once_each_is_one_thing():
    persons = generate_persons(3_000, seed=9)
    _, first = np.unique(persons["entity_id"].to_numpy(zero_copy_only=False), return_index=True)
    table = mentions(persons.take(pa.array(first)), 4)
    shown = table.drop_columns(["entity_id"])
    plan = plan_tables(shown)
    found = plan.linker().dedupe(shown, options=plan.options())
    figures = cluster_metrics(pa.array(entities(found, table)), table["entity_id"].combine_chunks())
    assert figures.pairwise_recall == 1
    assert figures.pairwise_precision > 0.99


def test_few_repeats_are_copies_like_any_others():
    persons = generate_persons(2_000, seed=7)
    again = pa.concat_tables([persons, persons.slice(0, 200)])
    table = again.set_column(0, "id", pa.array([str(row) for row in range(len(again))]))
    assert not plan_tables(table).distinct


def test_wordings_that_never_meet_are_taken_row_by_row():
    mails = {
        "id": list(range(600)),
        "e_mail": [f"{row % 200:04}@b.org" for row in range(600)],
    }
    plan = plan_tables(mails)
    assert plan.blocking
    links = plan.linker().dedupe(mails, options=plan.options()).links
    assert len(links) >= 400


def test_all_rows_of_a_wording_have_its_links():
    persons = generate_persons(3_000, seed=11)
    truth = persons["entity_id"].to_numpy(zero_copy_only=False)
    _, first = np.unique(truth, return_index=True)
    rest = np.setdiff1d(np.arange(len(persons)), first)
    register, orders = persons.take(pa.array(first)), mentions(persons.take(pa.array(rest)), 5)
    shown = {"register": register.drop_columns(["entity_id"]),
             "orders": orders.drop_columns(["entity_id"])}  # fmt: skip
    plan = plan_tables(shown)
    assert plan.distinct
    linker = plan.linker()
    found = linker.link(shown, options=plan.options())
    person = {
        name: dict(zip(table["id"].to_pylist(), table["entity_id"].to_pylist(), strict=True))
        for name, table in (("register", register), ("orders", orders))
    }
    left, right = found.links["left_id"].to_pylist(), found.links["right_id"].to_pylist()
    right_ones = [person["register"][a] == person["orders"][b]
                  for a, b in zip(left, right, strict=True)]  # fmt: skip
    assert np.mean(right_ones) > 0.98
    assert sum(right_ones) > 0.95 * len(orders)
    rows = zip(*(orders[name].to_pylist() for name in ("id", *orders.column_names[1:-1])),
               strict=True)  # fmt: skip
    linked, partners = {}, {}
    for a, b in zip(left, right, strict=True):
        linked.setdefault(b, set()).add(a)
    for key, *wording in rows:
        partners.setdefault(tuple(wording), []).append(linked.get(key, set()))
    assert all(one == many[0] for many in partners.values() for one in many)
    assert list(shown) != sorted(shown)  # the user's order of the tables is not that of the records
    last = found.links.slice(len(found.links) - 40, 40)
    asked = last.select(["left_id", "right_id"])
    said = linker.explain(shown, pairs=asked, options=plan.options())
    assert [(one.left["id"], one.right["id"]) for one in said] == [
        (row["left_id"], row["right_id"]) for row in asked.to_pylist()
    ]
    assert {one.left["source"] for one in said} == {"register"}
    assert [one.score for one in said] == pytest.approx(last["score"].to_pylist())
    single = linker.link(shown, mode="one-to-one", options=plan.options())
    assert len(set(single.links["right_id"].to_pylist())) == len(single.links)


def test_across_tables_equal_rows_without_a_link_stay_apart():
    left = {"id": [1, 2, 3], "name": ["Ann", "Ann", "Zoe"]}
    right = {"id": [7, 8, 9], "name": ["Ann", "Ann", "Eve"]}
    repeats = Repeats.of(collect({"a": left, "b": right}, {"name": "name"}))
    assert repeats.record.tolist() == [0, 0, 1, 2, 2, 3]
    ends = np.array([0], np.int32), np.array([2], np.int32)
    links = DecidedPairs(*ends, np.array([0.9]))
    clustering = ConnectedComponents().cluster(*links, links.score > 0, np.zeros(4, np.int32))
    told = spread(repeats, clustering, links, 0.5, inside=False)
    assert list(zip(told.left, told.right, strict=True)) == [(0, 3), (0, 4), (1, 3), (1, 4)]
    assert told.clustering.label.tolist() == [0, 0, 2, 0, 0, 5]
    none = DecidedPairs(*(side[:0] for side in links))
    apart = ConnectedComponents().cluster(*none, none.score > 0, np.zeros(4, np.int32))
    told = spread(repeats, apart, none, 0.5, inside=False)
    assert told.clustering.label.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_plan_can_be_told_to_take_each_row(plan):
    assert Plan.from_json(plan.to_json()) == plan
    assert plan.linker().spec.distinct
    other = Plan.from_json(plan.to_json().replace('"distinct": true', '"distinct": false'))
    assert not other.linker().spec.distinct
    with pytest.raises(ArgumentError, match="distinct must be True or False"):
        Linker({"name": "name"}, distinct="yes")


def test_a_saved_linker_gives_the_same_and_takes_up_a_run(listed, plan, linker, result, tmp_path):
    shown = listed.drop_columns(["entity_id"])
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    for _ in range(2):
        kept = again.dedupe(shown, out=tmp_path / "run", options=plan.options())
        assert kept.links.drop_columns(["score"]).equals(result.links.drop_columns(["score"]))
        assert kept.links["score"].to_pylist() == pytest.approx(result.links["score"].to_pylist())
        assert kept.clusters.equals(result.clusters)
        assert kept.entities.equals(result.entities)
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "different ones, each compared once" in page


def test_pairs_of_rows_are_scored_and_explained(listed, plan, linker, result):
    shown, options = listed.drop_columns(["entity_id"]), plan.options()
    row = int(np.argmin(result.links["score"].to_numpy()))
    asked = result.links.slice(row, 1)
    scored = linker.score(shown, pairs=asked, options=options)
    assert scored["score"].to_pylist() == pytest.approx(asked["score"].to_pylist())
    columns = [shown[name].to_pylist() for name in shown.column_names if name != "id"]
    rows = list(zip(*columns, strict=True))
    first = next(place for place, one in enumerate(rows) if rows.count(one) > 1)
    second = rows.index(rows[first], first + 1)
    ids = shown["id"][first].as_py(), shown["id"][second].as_py()
    pairs = [ids, (asked["left_id"][0].as_py(), asked["right_id"][0].as_py())]
    same, other = linker.explain(shown, pairs=pairs, options=options)
    assert {same.left["id"], same.right["id"]} == set(ids)
    assert same.candidate
    assert {other.left["id"], other.right["id"]} == set(pairs[1])
    assert other.score == pytest.approx(asked["score"][0].as_py())


def test_where_rows_are_compared_one_by_one_it_is_said(listed, plan, linker, tmp_path, caplog):
    shown, options = listed.drop_columns(["entity_id"]), plan.options(memory="1GB")
    with caplog.at_level(logging.WARNING):
        linker.dedupe(shown, out=tmp_path, options=options)
    assert "every row is compared by itself" in caplog.text


def test_constraints_speak_of_rows(listed, plan, linker):
    shown = listed.drop_columns(["entity_id"]).slice(0, 400)
    a, b = shown["id"][0].as_py(), shown["id"][1].as_py()
    apart = pa.table({"left_id": [a], "right_id": [b], "constraint": ["must"]})
    found = linker.dedupe(shown, options=plan.options(constraints=apart))
    of = dict(zip(*(found.clusters[name].to_pylist() for name in ("id", "entity")), strict=True))
    assert of[a] == of[b]


def test_a_common_name_alone_is_no_copy():
    random = np.random.default_rng(3)
    first = [*["Ann"] * 400, *(f"Given {row}" for row in range(600))]
    last = [*["Lee"] * 400, *(f"Sur {row // 2}" for row in range(600))]
    shuffled = random.permutation(1_000)
    table = {"id": range(1_000), "given": [first[row] for row in shuffled], "sur": last}
    kinds = {"given": "given_name", "sur": "surname"}
    chance = Repeats.of(collect({"a": table}, kinds)).chance_of_copy()
    records = Repeats.of(collect({"a": table}, kinds)).distinct().table
    common = np.array(
        [row["given"] == "Ann" and row["sur"] == "Lee" for row in records.to_pylist()]
    )
    assert chance[common] < 0.1
    rare = np.array([row["given"] != "Ann" and row["sur"] != "Lee" for row in records.to_pylist()])
    assert (chance[rare] > 0.5).all()
    codes = {"id": range(40), "code": [f"A{row % 25:04}" for row in range(40)]}
    alone = Repeats.of(collect({"a": codes}, {"code": "identifier"})).chance_of_copy()
    assert (alone == 1).all()  # no two things bear one code


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_spreading_keeps_clusters_and_gives_each_row_one(wordings, random):
    table = {"id": range(len(wordings)), "name": [f"n{word}" for word in wordings]}
    repeats = Repeats.of(collect({"a": table}, {"name": "name"}))
    count = len(repeats.first)
    chosen = [(a, b) for a in range(count) for b in range(a + 1, count) if random.random() < 0.2]
    left, right = (np.array([pair[side] for pair in chosen], np.int32) for side in (0, 1))
    score = np.array([random.uniform(0.5, 1) for _ in chosen])
    source = np.zeros(count, np.int32)
    clustering = ConnectedComponents().cluster(left, right, score, score > 0, source)
    told = spread(repeats, clustering, DecidedPairs(left, right, score), threshold=0.5)
    again = ConnectedComponents().cluster(
        told.left, told.right, told.score, told.score > 0,
        np.zeros(len(wordings), np.int32),
    )  # fmt: skip
    assert np.array_equal(again.label, told.clustering.label)
    assert np.array_equal(told.clustering.label[repeats.first], repeats.first[clustering.label])
    assert told.clustering.report.records == len(wordings)
    assert (told.left < told.right).all()
    known = repeats.chance_of_copy() >= 0.5
    together = told.clustering.label == told.clustering.label[repeats.first][repeats.record]
    alone = np.bincount(clustering.label, minlength=count)[clustering.label] == 1
    first = repeats.first[repeats.record] == np.arange(len(wordings))
    assert np.array_equal(together, (known | ~alone)[repeats.record] | first)
