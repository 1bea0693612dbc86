"""Plans of tables in which most records lack what the surest pairs share."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import TextNeighbours
from sameas.cli._plans import _short
from sameas.datasets.persons import generate_persons
from sameas.linker import Plan, plan_tables
from sameas.linker.candidates import find_candidates
from sameas.linker.planning import PlannedRule
from sameas.linker.planning.propose import fields_of
from sameas.linker.planning.sample import Sample
from sameas.records import Field, collect, prepare


def members(columns, *, records, share=0.1):
    """Generated persons, of whom some have a number that all of their records bear."""
    persons = generate_persons(records, seed=5)
    entity = np.unique(persons["entity_id"].to_numpy(), return_inverse=True)[1]
    rng = np.random.default_rng(5)
    number = rng.choice(10**8, entity.max() + 1, replace=False)
    bears = rng.random(entity.max() + 1) < share
    codes = [f"{number[e]:08d}" if bears[e] else None for e in entity]
    return persons.select(["id", *columns]).append_column("member_no", pa.array(codes)), entity


def found(plan, table, entity):
    """Share of the pairs of one person that are candidates."""
    names = list(plan.ids)
    mapping = plan.options(names).mapping
    records = collect({names[0]: table}, plan.used, id_column=None, mapping=mapping)
    rules = plan.linker().spec.blocking
    needs = [need for rule in rules for need in rule.needs()]
    needs += [need for rule in rules if rule.filter for need in rule.filter.needs()]
    columns = prepare(records.table, needs, {})
    from sameas.engines.duckdb import DuckDBEngine

    pairs = find_candidates(columns, rules, len(records), group=None, engine=DuckDBEngine())
    place = dict(zip(table["id"].to_pylist(), entity.tolist(), strict=True))
    person = np.array([place[key] for key in records.table["id"].to_pylist()])
    size = np.bincount(entity)
    same = person[pairs.left] == person[pairs.right]
    return same.sum() / (size @ (size - 1) / 2), len(pairs) / len(records)


@pytest.fixture(scope="module")
def surnames():
    """Most sure pairs share the number that one person in ten has."""
    table, entity = members(["surname", "city"], records=20_000)
    return table, entity, plan_tables(table, threads=2)


def test_records_without_the_number_meet_by_what_they_have(surnames):
    table, entity, plan = surnames
    share, pairs = found(plan, table, entity)
    assert share > 0.8  # by the number alone it was 0.096
    assert pairs < 20
    assert any("member_no" not in fields_of(rule.rule) for rule in plan.blocking)


def test_the_estimate_counts_those_who_lack_the_number(surnames):
    _, _, plan = surnames
    assert plan.reached > 0.99
    by_number = [rule for rule in plan.blocking if fields_of(rule.rule) == {"member_no"}]
    assert by_number
    assert all(rule.recall < 0.25 for rule in by_number)  # it was 1.0
    assert plan.recall < 0.95


def test_it_is_said_how_many_have_a_key(surnames):
    _, _, plan = surnames
    assert f"{100 * plan.reached:.1f} % of the records have a key" in plan.to_text()
    told = list(_short(plan, {"people": "people.csv"}))
    assert any("of the records have a key" in line for line in told)
    assert Plan.from_json(plan.to_json()) == plan
    assert '"reached": 0.99' in plan.to_json()


def test_where_next_to_nothing_is_sure_records_are_reached_all_the_same():
    table, entity = members(["surname", "city"], records=20_000)
    persons = generate_persons(20_000, seed=5)
    rng = np.random.default_rng(3)
    alone = [
        f"{code:08d}" if keep else None
        for code, keep in zip(
            rng.choice(10**8, 20_000, replace=False), rng.random(20_000) < 0.1, strict=True
        )
    ]
    table = persons.select(["id", "surname", "city"]).append_column("member_no", pa.array(alone))
    plan = plan_tables(table, threads=2)
    assert plan.recall is None
    assert plan.reached > 0.9  # it was 0.21
    assert found(plan, table, entity)[0] > 0.7


def test_the_names_of_persons_count_where_one_column_else_is_known():
    table, entity = members(["given_name", "surname"], records=3_000)
    plan = plan_tables(table, threads=2)
    assert not any(isinstance(rule.rule, TextNeighbours) for rule in plan.blocking)
    assert found(plan, table, entity)[0] > 0.7  # the nearest in the number found 0.09


def test_who_cannot_be_reached_is_told():
    persons = generate_persons(2_000, seed=5)
    rng = np.random.default_rng(1)
    phone = [
        p if keep else None
        for p, keep in zip(persons["phone"].to_pylist(), rng.random(2_000) < 0.2, strict=True)
    ]
    table = pa.table({"id": persons["id"], "city": persons["city"], "phone": phone})
    plan = plan_tables(table, distinct=False)
    assert plan.reached < 0.3
    warning = plan.assumptions[0]
    assert warning.startswith("Warning: ")
    assert "% of the records have no key by any rule" in warning
    assert "city (" in warning
    assert "give a further column" in warning
    assert plan.to_text().count("Warning: ") == 1


def test_a_budget_that_is_too_small_is_named(surnames):
    table, _, _ = surnames
    plan = plan_tables(table, pairs_a_record=0.5, threads=2)
    assert plan.reached < 0.9
    assert "--pairs-a-record" in plan.assumptions[0]
    assert "pairs a record" in plan.assumptions[0]


def test_neighbours_are_asked_of_those_who_have_a_wording():
    table = {"id": range(40), "note": ["red box"] * 10 + [None] * 30}
    records = collect({"a": table}, (Field("note", "text"),), id_column="id")
    sample = Sample(records, False, 1.0)
    figures = sample.figures(TextNeighbours(("note",), k=5))
    assert (figures.reached, figures.pairs) == (0.25, 50)


def test_a_run_says_how_many_no_rule_reaches():
    table, _ = members(["surname", "city"], records=2_000)
    plan = plan_tables(table, threads=2, distinct=False)
    by_number = next(r for r in plan.blocking if fields_of(r.rule) == {"member_no"})
    alone = Plan(plan.fields, plan.ids, (PlannedRule(by_number.rule),))
    report = alone.linker().dedupe(table, options=plan.options()).report
    lacking = table["member_no"].null_count
    assert report["unreached"] == lacking
    said = next(line for line in report["assumptions"] if "can meet no other" in line)
    assert said.startswith(f"{lacking:,} records (")
    assert "`sameas plan` shows" in said
