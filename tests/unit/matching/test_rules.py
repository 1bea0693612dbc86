import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.errors import ArgumentError, ColumnError, SavedLinkerError
from sameas.matching import Condition, FittedRules, RuleMatcher, word_relevance_heuristic

NAMES = ("name", "distance", "labels")


def f_beta(labels, decisions, weights, beta):
    hits = weights[labels & decisions].sum()
    below = (1 + beta**2) * hits + beta**2 * weights[labels & ~decisions].sum()
    below += weights[~labels & decisions].sum()
    return (1 + beta**2) * hits / below if below else 0.0


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), beta=st.sampled_from([0.5, 1.0, 2.0]))
def test_the_search_finds_what_trying_all_finds(seed, beta):
    random = np.random.default_rng(seed)
    features = random.integers(0, 4, (30, 3)).astype(np.float32)
    features[random.random(features.shape) < 0.2] = np.nan
    labels = random.random(30) < 0.4
    labels[:2] = True, False
    features[:2] = 1
    weights = random.random(30)
    spec = RuleMatcher(
        (
            Condition("name", ">="),
            Condition("distance", "<=", missing="pass"),
            Condition("labels", ">=", 1.0, missing="pass"),
        ),
        beta=beta,
    )
    fitted = spec.fit(features, labels, names=NAMES, seed=0, weights=weights)
    found = f_beta(labels, fitted.score(features) > 0, weights, beta)
    best = 0.0
    seen = [np.unique(column[~np.isnan(column)]) for column in features.T]
    for name, distance in itertools.product(*seen[:2]):
        decisions = features[:, 0] >= name
        decisions &= (features[:, 1] <= distance) | np.isnan(features[:, 1])
        decisions &= (features[:, 2] >= 1) | np.isnan(features[:, 2])
        best = max(best, f_beta(labels, decisions, weights, beta))
    assert found == pytest.approx(best)


def test_a_given_grid_is_kept_to():
    features = np.array([[0.5], [0.7], [0.71], [0.9]], np.float32)
    spec = RuleMatcher((Condition("name", ">=", grid=(0.6, 0.7, 0.8)),), beta=1.0)
    labels = np.array([False, True, True, True])
    fitted = spec.fit(features, labels, names=("name",), seed=0)
    assert fitted.score(features).tolist() == [0, 1, 1, 1]  # 0.7 as float32 reaches 0.7
    assert fitted.conditions[0].value == pytest.approx(0.7)


def test_among_equals_the_strictest_wins():
    features = np.array([[10], [20], [500]], np.float32)
    spec = RuleMatcher((Condition("distance", "<=", grid=(50, 100, 400)),))
    fitted = spec.fit(features, np.array([True, True, False]), names=("distance",), seed=0)
    assert fitted.conditions[0].value == 50


def test_conditions():
    values = np.array([0.69, 0.7, 0.71, np.nan], np.float32)
    assert Condition("a", ">=", 0.7).holds(values).tolist() == [False, True, True, False]
    assert Condition("a", "<=", 0.7).holds(values).tolist() == [True, True, False, False]
    assert Condition("a", "==", 0.7).holds(values).tolist() == [False, True, False, False]
    assert Condition("a", "==", 0.7, missing="pass").holds(values)[3]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"operator": ">"}, "operator must be"),
        ({"operator": "=="}, "needs a value"),
        ({"operator": ">=", "missing": "skip"}, "missing must be"),
        ({"operator": ">=", "value": 1.0, "grid": (1.0,)}, "would never be used"),
        ({"operator": ">=", "value": float("nan")}, "finite"),
    ],
)
def test_wrong_conditions(settings, message):
    with pytest.raises(ArgumentError, match=message):
        Condition("name", **settings)


def test_wrong_matchers():
    with pytest.raises(ArgumentError, match="at least one Condition"):
        RuleMatcher(())
    with pytest.raises(ArgumentError, match="beta"):
        RuleMatcher((Condition("name", ">="),), beta=0)
    with pytest.raises(ArgumentError, match="The threshold of 'name >= \\?' is not known"):
        RuleMatcher((Condition("name", ">="),)).without_training(NAMES)
    with pytest.raises(ColumnError, match="Did you mean 'name'"):
        RuleMatcher((Condition("nmae", ">=", 1.0),)).without_training(NAMES)


def test_a_column_without_values():
    spec = RuleMatcher((Condition("name", ">="),))
    nothing = np.full((2, 1), np.nan, np.float32)
    with pytest.raises(ColumnError, match="'name' has no values"):
        spec.fit(nothing, np.array([True, False]), names=("name",), seed=0)


def test_the_search_is_bounded():
    random = np.random.default_rng(0)
    names = tuple("abcdef")
    features = random.random((500, 6)).astype(np.float32)
    labels = features.mean(axis=1) > 0.5
    spec = RuleMatcher(tuple(Condition(name, ">=") for name in names))
    fitted = spec.fit(features, labels, names=names, seed=0)
    assert f_beta(labels, fitted.score(features) > 0, np.ones(500), 0.5) > 0.7
    wide = tuple(Condition(name, ">=", grid=tuple(range(40))) for name in names)
    with pytest.raises(ArgumentError, match="too many combinations"):
        RuleMatcher(wide).fit(features, labels, names=names, seed=0)


def test_word_relevance_heuristic():
    spec = word_relevance_heuristic(
        core_word="core", distance="distance", parents=("parent",), labels="labels"
    )
    nan = np.nan
    rows = [
        # core, distance, parent, labels: a match
        (1.0, 30, 0, 0.5, True),
        (1.0, 60, nan, nan, True),
        (1.0, 40, 0, 1.0, True),
        (1.0, 20, 1, 0.9, False),  # the one is in the other
        (1.0, 900, 0, 0.9, False),  # too far
        (1.0, 30, 0, 0.0, False),  # of another kind
        (0.9, 10, 0, 1.0, False),  # another core word
        (nan, 10, 0, 1.0, False),
    ]
    features = np.array([row[:4] for row in rows], np.float32)
    labels = np.array([row[4] for row in rows])
    fitted = spec.fit(features, labels, names=("core", "distance", "parent", "labels"), seed=0)
    np.testing.assert_array_equal(fitted.score(features) > 0, labels)
    assert fitted.describe().splitlines() == [
        "match when all hold:",
        "  core >= 1",
        "  distance <= 60",
        "  parent <= 0 or missing",
        "  labels >= 0.5 or missing",
    ]


def test_damaged_table():
    spec = RuleMatcher((Condition("name", ">=", 0.5),))
    tables = spec.without_training(NAMES).to_tables()
    wrong = tables["conditions"].set_column(1, "operator", [["~"]])
    with pytest.raises(SavedLinkerError, match="operator must be"):
        spec.load(tables | {"conditions": wrong})
    assert isinstance(spec.load(tables), FittedRules)
