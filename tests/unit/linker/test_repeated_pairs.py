"""Pairs that several rules of small blocks find: each once, of its first rule."""

import numpy as np
import pyarrow as pa
import pytest

from sameas.blocking import Key, Part, TextNeighbours
from sameas.core.errors import RunError
from sameas.engines.duckdb import DuckDBEngine
from sameas.linker import candidates
from sameas.linker.candidates import find_candidates
from sameas.linker.found import Budget
from sameas.records import prepare

RULES = tuple(Key((Part(name),), at_most=40) for name in "abc")


@pytest.fixture(scope="module")
def table():
    """Three columns that repeat each other's blocks."""
    random = np.random.default_rng(3)
    a = random.integers(0, 60, 400)
    b = np.where(random.random(400) < 0.5, a, random.integers(0, 60, 400))
    c = np.where(random.random(400) < 0.5, b, random.integers(0, 12, 400))
    columns = {"a": a, "b": b, "c": c}
    return pa.table({name: pa.array(x).cast(pa.string()) for name, x in columns.items()})


def found(table, rules=RULES, **settings):
    needs = [need for rule in rules for need in rule.needs()]
    return find_candidates(
        prepare(table, needs, {}), rules, len(table), group=None, engine=DuckDBEngine(threads=1),
        budget=Budget(**settings),
    )  # fmt: skip


@pytest.mark.parametrize("rules", [RULES, (*RULES, TextNeighbours(("a", "c"), k=3))])
def test_sorting_out_repeated_pairs_gives_what_asking_earlier_rules_gives(
    table, rules, monkeypatch
):
    fast = found(table, rules)
    monkeypatch.setattr(candidates, "_small_blocks", lambda *_: False)
    slow = found(table, rules)
    assert len(fast) > 1000
    for one, two in ((fast.left, slow.left), (fast.right, slow.right), (fast.rule, slow.rule)):
        assert np.array_equal(one, two)
    assert [r.to_dict() for r in fast.reports] == [r.to_dict() for r in slow.reports]


def test_the_budget_is_of_the_pairs_without_their_repetitions(table):
    each = sum(len(found(table, (rule,))) for rule in RULES)
    together = len(found(table))
    assert together < each
    assert len(found(table, candidates=together)) == together
    with pytest.raises(RunError, match="candidate pairs survive"):
        found(table, candidates=together - 1)


def test_blocks_that_may_be_collapsed_are_not_taken_for_small():
    assert candidates._small_blocks(RULES, Budget())
    assert not candidates._small_blocks(RULES, Budget(collapse_from=100))
    assert not candidates._small_blocks((*RULES, Key((Part("a"),))), Budget())


@pytest.mark.parametrize("first", [0, 1 << 29])
def test_the_first_rule_owns_a_pair_however_many_records_there_are(first):
    left, right = np.array([5, 3, 5], np.int32), np.array([9, 4, 9], np.int32) + np.int32(first)
    owner = np.array([7, 1, 2], np.uint8)
    got = candidates._distinct([left], [right], [owner])
    assert [each.tolist() for each in got] == [[3, 5], [4 + first, 9 + first], [1, 2]]


def test_nothing_found_is_nothing():
    assert [len(each) for each in candidates._distinct([], [], [])] == [0, 0, 0]


@pytest.mark.parametrize("most", [60, 100_000])
def test_rows_without_company_make_no_difference(monkeypatch, most):
    values = np.random.default_rng(5).integers(0, most, 400)
    columns = {"a": values, "b": values // 7, "c": np.arange(400)}
    few = pa.table({name: pa.array(x).cast(pa.string()) for name, x in columns.items()})
    whole = found(few)
    monkeypatch.setattr("sameas.linker.blocks._FEW", 0)
    spared = found(few)
    for name in ("left", "right", "rule"):
        assert np.array_equal(getattr(whole, name), getattr(spared, name))
    assert len(whole) > 0
    assert [one.to_dict() for one in whole.reports] == [one.to_dict() for one in spared.reports]
