"""A plan by keys alone: shared words and how alike the wording is stand for the nearest."""

import numpy as np
import pytest

from sameas.blocking import KeyRule, SharedWord, SimilarWording, TextNeighbours
from sameas.linker import plan_tables
from sameas.linker.learning import make_job
from sameas.linker.planning import Plan
from sameas.linker.planning.propose import propose
from sameas.records import Field

FIELDS = [Field("title", "text"), Field("kind", "category"), Field("code", "identifier")]


def products(count=500):
    """Two catalogues; what names a thing is worded differently, with frequent words around."""
    random = np.random.default_rng(0)
    words = [f"word{n}" for n in range(60)]
    rare = [f"{chr(97 + n % 26)}x{n * 7919 % 10007}" for n in range(count)]
    tables = []
    for side in ("l", "r"):
        titles = [
            " ".join([*random.choice(words, 6, replace=False), rare[n], f"mark{n % (count // 3)}"])
            for n in range(count)
        ]
        order = random.permutation(count)
        tables.append({
            "id": [f"{side}{n}" for n in order], "title": [titles[n] for n in order],
            "kind": [f"kind {n % 4}" for n in order],
        })  # fmt: skip
    return tables


def test_no_rule_lists_neighbours():
    distinct = {"title": 900, "kind": 40, "code": 800}
    base, further = propose(FIELDS, distinct, 4_000, by_keys=True)
    assert all(isinstance(rule, KeyRule) for rule in (*base, *further))
    (rule,) = base
    assert rule.fields == ("title", "code"), "a word of a category does not say which thing it is"
    assert rule.filter.fields == ("title", "kind", "code")
    assert rule.max_share == pytest.approx(160 / 4_000)
    assert any(isinstance(r, TextNeighbours) for r in propose(FIELDS, distinct, 4_000)[0])


def test_persons_and_places_are_blocked_as_ever():
    people = [Field("given", "given_name"), Field("surname", "surname"), Field("mail", "email"),
              Field("street", "street")]  # fmt: skip
    distinct = dict.fromkeys(("given", "surname", "mail", "street"), 900)
    assert propose(people, distinct, 4_000, by_keys=True) == propose(people, distinct, 4_000)


def test_candidates_are_few_and_hold_the_matches():
    left, right = products()
    plan = plan_tables(left, right, by_keys=True)
    assert all(isinstance(planned.rule, KeyRule) for planned in plan.blocking)
    (words,) = (p.rule for p in plan.blocking if isinstance(p.rule.filter, SimilarWording))
    assert isinstance(words, SharedWord)
    assert 0 < words.filter.at_least < 1
    assert any("alike in wording" in planned.label for planned in plan.blocking)
    again = Plan.from_json(plan.to_json())
    assert again == plan
    linker = plan.linker()
    assert linker.spec.second_pass is None
    named = {"left": left, "right": right}
    job = make_job(linker.spec, named, None, plan.options(), {})
    found = job.candidates
    ids = job.records.table["id"].to_pylist()
    met = {(ids[a], ids[b]) for a, b in zip(found.left.tolist(), found.right.tolist(), strict=True)}
    assert sum((f"l{n}", f"r{n}") in met for n in range(500)) >= 490
    assert 5 < len(found) / len(ids) < 15
    loose = make_job(linker.spec, named, None, plan.options(), {})
    loose.spec = plan.linker(blocking=(SharedWord(words.fields, words.max_share),)).spec
    assert len(loose.candidates) > 2 * len(found), "the filter takes most pairs out"


def test_few_pairs_need_no_filter():
    left, right = ({key: values[:12] for key, values in table.items()} for table in products())
    plan = plan_tables(left, right, by_keys=True)
    assert all(planned.rule.filter is None for planned in plan.blocking)


def test_half_of_a_small_budget_is_kept():
    left, right = products()
    rich, poor = (
        plan_tables(left, right, by_keys=True, pairs_a_record=pairs) for pairs in (20.0, 4.0)
    )
    cut = [
        next(p.rule.filter.at_least for p in plan.blocking if p.rule.filter is not None)
        for plan in (rich, poor)
    ]
    assert cut[1] > cut[0]


def test_labels_choose_among_rules_by_keys():
    left, right = products()
    ends = {side: [f"{side[0]}{n}" for n in range(60)] for side in ("left", "right")}
    ends["right"][59] = "r0"
    labels = {"left_id": ends["left"], "right_id": ends["right"], "label": [1] * 59 + [0]}
    plan = plan_tables(left, right, labels=labels, by_keys=True)
    assert plan.measured
    assert plan.recall > 0.95
    assert all(isinstance(planned.rule, KeyRule) for planned in plan.blocking)


def test_lists_of_neighbours_are_no_longer_than_the_budget():
    left, right = products(200)
    plans = {pairs: plan_tables(left, right, pairs_a_record=pairs) for pairs in (20.0, 4.0, 0.5)}
    lengths = {
        pairs: [item.rule.k for item in plan.blocking if isinstance(item.rule, TextNeighbours)]
        for pairs, plan in plans.items()
    }
    assert lengths == {20.0: [20], 4.0: [4], 0.5: [1]}
    assert sum(item.pairs for item in plans[4.0].blocking) <= 4 * 400
