import json

import numpy as np
import pytest

from sameas.blocking import ExactKey
from sameas.comparison import Equal
from sameas.core.errors import ArgumentError, LabelError, RunError
from sameas.linker import Linker
from sameas.matching import Case, Condition, FellegiSunter, Levels, RandomForest, RuleMatcher
from sameas.reporting import Explanation


def some_pairs(problem, count=12):
    rows = problem.labels.to_pylist()[:count]
    return [(row["left_id"], row["right_id"]) for row in rows]


@pytest.fixture(scope="module")
def explained(fitted, problem):
    return fitted.explain(problem.left, problem.right, pairs=some_pairs(problem))


def test_contributions_and_base_are_the_score(fitted, problem, explained):
    scores = fitted.score(problem.left, problem.right, pairs=problem.pairs.slice(0, 12))
    for pair, score in zip(explained, scores["score"].to_pylist(), strict=True):
        total = pair.base + sum(part.contribution for part in pair.parts)
        assert pair.score == score
        assert pair.raw == pytest.approx(total, abs=1e-9)
        assert 1 / (1 + np.exp(-pair.raw)) == pytest.approx(score, abs=1e-9)
        for part in pair.parts:
            columns = sum(column.contribution for column in part.columns)
            assert part.contribution == pytest.approx(columns, abs=1e-9)


def test_parts_are_fields_and_context(fitted, explained):
    assert {part.label for part in explained[0].parts} == {"name", "distance", "rivals"}
    names = [column.name for part in explained[0].parts for column in part.columns]
    assert sorted(names) == sorted(fitted.fitted_.matcher.names)


def test_records_stand_as_given(problem, explained):
    for pair, (left, right) in zip(explained, some_pairs(problem), strict=True):
        assert (pair.left["source"], pair.left["id"]) == ("left", left)
        assert (pair.right["source"], pair.right["id"]) == ("right", right)


def test_the_change_turns_the_verdict_round(fitted, explained):
    matcher, changed = fitted.fitted_.matcher, 0
    for pair in explained:
        assert pair.decision == (pair.score >= pair.threshold)
        if pair.change is None:
            continue
        changed += 1
        values = {column.name: column.value for part in pair.parts for column in part.columns}
        for name, before, after in pair.change.columns:
            assert values[name] == before
            values[name] = after
        row = [np.nan if values[name] is None else values[name] for name in matcher.names]
        again = matcher.score(np.array([row], np.float32))[0]
        assert again == pytest.approx(pair.change.score)
        assert (again >= pair.threshold) != pair.decision
    assert changed >= 6


def test_explanations_become_data_and_back(explained):
    for pair in explained:
        text = json.dumps(pair.to_dict())
        assert Explanation.from_dict(json.loads(text)) == pair
        assert pair.verdict in pair.summary()
        assert f"score {pair.score:.4f}" in pair.to_text()
        assert pair.to_svg().startswith("<svg")
        assert pair._repr_html_().startswith("<article")


def test_a_forest_is_explained_on_the_scale_of_its_score(new_linker, problem):
    linker = new_linker(matcher=RandomForest(trees=10))
    linker.fit(problem.left, problem.right, labels=problem.labels)
    for pair in linker.explain(problem.left, problem.right, pairs=some_pairs(problem)):
        assert pair.scale == "mean"
        total = pair.base + sum(part.contribution for part in pair.parts)
        assert total == pytest.approx(pair.score, abs=1e-9)


def test_rules_say_which_condition_fails(new_linker, problem):
    rules = RuleMatcher((Condition("name_soft_tfidf", ">=", 0.9), Condition("distance", "<=", 80)))
    linker = new_linker(matcher=rules, context=None)
    linker.fit(problem.left, problem.right, labels=problem.labels)
    seen = set()
    for pair in linker.explain(problem.left, problem.right, pairs=some_pairs(problem, 40)):
        assert pair.decision == all(step.holds for step in pair.steps)
        assert pair.scale == "rule"
        assert pair.base is None
        if not pair.decision:
            assert "not hold" in pair.summary()
        seen.add(pair.decision)
        failing = [step for step in pair.steps if not step.holds]
        if len(failing) == 1 and pair.change is not None:
            assert [name for name, _, _ in pair.change.columns] == [failing[0].condition.split()[0]]
    assert seen == {True, False}


def test_unknown_pairs_are_refused(fitted, problem):
    with pytest.raises(LabelError, match=r"'nobody'\. Ids that can be used are such as 'l000'"):
        fitted.explain(problem.left, problem.right, pairs=[("l000", "nobody")])
    with pytest.raises(RunError, match="run: nowhere does not exist"):
        fitted.explain(problem.left, problem.right, pairs=[("l000", "r000")], run="nowhere")
    with pytest.raises(ArgumentError, match="a list of"):
        fitted.explain(problem.left, problem.right, pairs=["l000"])


def test_match_weights_start_at_the_prior(problem):
    from sameas.linker import Linker

    kinds = {"name": "name", "latitude": "latitude", "longitude": "longitude"}
    linker = Linker(kinds, matcher=FellegiSunter())
    linker.fit(problem.left, problem.right)
    for pair in linker.explain(problem.left, problem.right, pairs=some_pairs(problem)):
        assert pair.scale == "log2"
        assert pair.baseline == "the prior"
        total = pair.base + sum(part.contribution for part in pair.parts)
        assert 1 / (1 + 2.0**-total) == pytest.approx(pair.score, abs=1e-9)


def test_a_level_of_several_fields_is_a_line_of_all_of_them():
    """Else the one named first would get what the other says."""
    case = Case("same surname", (Condition("last_equal", "==", 1.0),))
    both = Case(
        "both", (Condition("first_equal", "==", 1.0), Condition("last_equal", "==", 1.0))
    )  # fmt: skip
    names = Levels("names", cases=(both, case), m=(0.8, 0.15, 0.05), u=(0.01, 0.02, 0.97))
    town = Levels("town_equal", (1.0,), m=(0.9, 0.1), u=(0.1, 0.9))
    linker = Linker(
        {"first": "given_name", "last": "surname", "town": "category"},
        blocking=(ExactKey(("town",)),),
        comparisons=(Equal("first"), Equal("last"), Equal("town")), context=None,
        matcher=FellegiSunter((names, town), prior=0.5),
    )  # fmt: skip
    table = {"id": [1, 2, 3], "first": ["Ann", "Bea", "Cy"], "last": ["Lee", "Lee", "Fox"],
             "town": ["York"] * 3}  # fmt: skip
    linker.dedupe(table)
    (pair,) = linker.explain(table, pairs=[(1, 2)])
    found = {part.label: part for part in pair.parts}
    assert set(found) == {"first + last", "town"}
    assert found["first + last"].contribution == pytest.approx(np.log2(0.15 / 0.02), abs=1e-6)
    assert found["first + last"].words == "first + last shares 1 of 3 words (lee)"
