"""What a candidate must show where the rules of a plan bring many pairs."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import Evidence, Key, Part, without_fields
from sameas.core.errors import ArgumentError
from sameas.datasets.persons import generate_persons
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import plan_tables
from sameas.linker.candidates import find_candidates
from sameas.linker.planning import Plan, narrow
from sameas.records import collect, prepare


@pytest.fixture(scope="module")
def persons():
    return generate_persons(4_000, seed=5)


@pytest.fixture(scope="module")
def plans(persons):
    plain = plan_tables({"people": persons}, threads=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrow, "_MANY", 1_000)
        return plain, plan_tables({"people": persons}, threads=2)


def candidates(plan, persons):
    """How many candidates a plan makes, and which share of the true pairs is among them."""
    records = collect({"people": persons}, plan.used, id_column="id")
    rules = plan.linker().spec.blocking
    needs = [n for r in rules for n in (*r.needs(), *(r.filter.needs() if r.filter else ()))]
    found = find_candidates(
        prepare(records.table, needs, {}), rules, len(records), group=None,
        engine=DuckDBEngine(threads=1),
    )  # fmt: skip
    number = dict(zip(persons["id"].to_pylist(), persons["entity_id"].to_pylist(), strict=True))
    entity = np.array([number[key] for key in records.table["id"].to_pylist()])
    size = np.unique(entity, return_counts=True)[1]
    hits = (entity[found.left] == entity[found.right]).sum()
    return len(found), hits / (size * (size - 1) / 2).sum()


def test_small_tables_keep_all_candidates(plans):
    assert plans[0].evidence is None
    assert all(rule.filter is None for rule in plans[0].linker().spec.blocking)


def test_a_plan_holds_the_filter_once_and_its_keys_have_it(plans):
    plan = plans[1]
    assert plan.to_json().count('"type": "evidence"') == 1
    rules = plan.linker().spec.blocking
    assert {rule.filter for rule in rules if isinstance(rule, Key)} == {plan.evidence}


def test_a_plan_whose_rules_hold_the_filter_still_makes_the_same_linker(plans):
    plan = plans[1]
    old = [
        replace(item, rule=replace(item.rule, filter=plan.evidence))
        if isinstance(item.rule, Key) else item
        for item in plan.blocking
    ]  # fmt: skip
    read = Plan.from_json(replace(plan, blocking=tuple(old), evidence=None).to_json())
    assert read.evidence is None
    assert read.linker().spec == plan.linker().spec


def test_the_plan_says_that_candidates_need_evidence(plans):
    said = [[line for line in plan.assumptions if "speak for a match" in line] for plan in plans]
    assert [len(lines) for lines in said] == [0, 1]
    assert "date_of_birth" in said[1][0]


def test_most_pairs_are_left_out_and_nearly_no_match(plans, persons):
    many, before = candidates(plans[0], persons)
    few, after = candidates(plans[1], persons)
    assert few < 0.6 * many
    assert after > before - 0.02


def test_rare_values_say_more_than_frequent_ones(plans):
    chosen = plans[1].evidence
    agree = dict(zip(chosen.fields, chosen.agree, strict=True))
    assert agree["phone"] > agree["given_name"]
    assert max(chosen.differ) < 0 < min(agree.values())


def test_a_field_that_is_ignored_is_not_asked(plans):
    plan = plans[1]
    fields = tuple(replace(f, kind="ignore") if f.name == "city" else f for f in plan.fields)
    rules = replace(plan, fields=fields).linker().spec.blocking
    assert {rule.filter.fields for rule in rules} == {
        tuple(name for name in plan.evidence.fields if name != "city")
    }


def test_a_column_without_values_is_not_asked(plans):
    spec = plans[1].linker().spec
    left = spec.without({"email"})
    assert len(left.blocking) >= len(spec.blocking) - 2
    assert all("email" not in rule.filter.fields for rule in left.blocking)


PARTS = (Part("a"), Part("a", "first", 2), Part("b"), Part("c"))
ASKED = Evidence(PARTS, (2.0, 1.0, 3.0), (-1.0, -2.0, -4.0), 0.5)


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        ({"a": "abc", "b": "x", "c": "y"}, True),  # 2 + 1 + 3
        ({"a": "abd", "b": "x", "c": None}, True),  # by the first two letters: 2 + 1
        ({"a": "abc", "b": "q", "c": None}, False),  # 2 - 2
        ({"a": "zzz", "b": "x", "c": "y"}, True),  # -1 + 1 + 3
        ({"a": None, "b": None, "c": None}, False),
    ],
)
def test_what_fields_say_is_added_up(other, kept):
    rows = [{"a": "abc", "b": "x", "c": "y"}, other]
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in "abc"})
    columns = prepare(table, ASKED.needs(), {})
    one, two = np.array([0], np.int32), np.array([1], np.int32)
    assert ASKED.keep(columns, one, two).tolist() == [kept]
    assert ASKED.keep(columns, two, one).tolist() == [kept]


def test_fields_are_left_out_with_what_they_say():
    rule = Key((Part("a"),), filter=ASKED)
    left = without_fields(rule, {"b"}).filter
    assert (left.fields, left.agree, left.differ) == (("a", "c"), (2.0, 3.0), (-1.0, -4.0))
    assert without_fields(rule, {"a", "b", "c"}).filter is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (((), (), (), 0.0), "parts must be"),
        ((PARTS, (1.0,), (1.0, 1.0, 1.0), 0.0), "agree needs a number for each of 3 fields"),
        ((tuple(Part(f"f{n}") for n in range(9)), (1.0,) * 9, (1.0,) * 9, 0.0), "8 fields"),
    ],
)
def test_mistakes_are_named(given, message):
    with pytest.raises(ArgumentError, match=message):
        Evidence(*given)
