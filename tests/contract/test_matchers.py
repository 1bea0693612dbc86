"""What every matcher keeps. A new one is one line in SPECS."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from sameas.core.errors import ArgumentError, ColumnError, LabelError
from sameas.core.specs import from_dict, registered, spec_name, to_dict
from sameas.matching import (
    Boosting,
    Calibrated,
    Condition,
    FellegiSunter,
    FittedMatcher,
    Levels,
    Matcher,
    RandomForest,
    RuleMatcher,
    SelfTraining,
    paper_forest,
    word_relevance_heuristic,
)

NAMES = ("name", "distance", "labels")
SPECS = [
    RandomForest(trees=12),
    RandomForest(trees=7, depth=3, min_leaf=2, columns_per_split=0.7, missing=-1.0),
    RandomForest(trees=7, extra_trees=True),
    paper_forest(),
    Boosting(iterations=15, leaves=7),
    Boosting(iterations=5, members=3, rows=0.7, columns_per_split=0.7, monotone=(("name", 1),)),
    Boosting(iterations=5, leaves=7, forest=0.5),
    RuleMatcher((Condition("name", ">="), Condition("distance", "<=", grid=(0.2, 0.5, 0.8)))),
    FellegiSunter(
        (
            Levels("name", (0.9, 0.7, 0.5), missing="level"),
            Levels("distance", (0.2, 0.5), direction="<="),
            Levels("labels", (0.5,), frequency=("name", "distance")),
        )
    ),
    word_relevance_heuristic(core_word="name", distance="distance", labels="labels"),
    SelfTraining(Boosting(iterations=5, leaves=7)),
    Calibrated(RandomForest(trees=7)),
    Calibrated(Boosting(iterations=5, leaves=7), method="platt", folds=3),
]


@pytest.fixture(params=SPECS, ids=lambda spec: f"{spec_name(spec)}-{SPECS.index(spec)}")
def spec(request):
    return request.param


def pairs(rows: int = 400, *, seed: int = 0):
    random = np.random.default_rng(seed)
    features = random.random((rows, len(NAMES))).astype(np.float32)
    features[:, 0] = np.round(features[:, 0], 1)
    labels = features[:, 0] - features[:, 1] + 0.2 * random.normal(size=rows) > 0.3
    features[random.random(features.shape) < 0.15] = np.nan
    return features, labels


@pytest.fixture
def fitted(spec):
    return spec.fit(*pairs(), names=NAMES, seed=5)


def test_every_registered_matcher_is_tested():
    assert {spec_name(spec) for spec in SPECS} == set(registered("matcher"))


def test_json_and_back(spec):
    assert from_dict(json.loads(json.dumps(to_dict(spec))), family="matcher") == spec


def test_protocols(spec, fitted):
    assert isinstance(spec, Matcher)
    assert isinstance(fitted, FittedMatcher)
    assert fitted.names == NAMES
    assert fitted.describe()


def test_scores_are_probabilities(fitted):
    scores = fitted.score(pairs(seed=1)[0])
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()


def test_something_is_learned(fitted):
    features, labels = pairs(seed=1)
    scores = fitted.score(features)
    assert scores[labels].mean() > scores[~labels].mean()


def test_the_saved_form_gives_equal_scores(spec, fitted, tmp_path):
    features, _ = pairs(seed=2)
    tables = {}
    for name, table in fitted.to_tables().items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
        tables[name] = pq.read_table(tmp_path / f"{name}.parquet")
    loaded = spec.load(tables)
    np.testing.assert_array_equal(loaded.score(features), fitted.score(features))
    assert loaded.names == fitted.names
    assert loaded.describe() == fitted.describe()


def test_scores_do_not_depend_on_the_other_rows(fitted):
    features, _ = pairs(seed=3)
    scores = fitted.score(features)
    np.testing.assert_array_equal(fitted.score(features[::-1])[::-1], scores)
    for size in (1, 7, 128, 129):
        parts = [
            fitted.score(features[start : start + size]) for start in range(0, len(features), size)
        ]
        np.testing.assert_array_equal(np.concatenate(parts), scores)


def test_no_rows(fitted):
    assert fitted.score(np.empty((0, len(NAMES)), np.float32)).shape == (0,)


def test_everything_missing(fitted):
    nothing = np.full((3, len(NAMES)), np.nan, np.float32)
    scores = fitted.score(nothing)
    assert np.isfinite(scores).all()
    assert len(set(scores)) == 1


def test_the_same_seed_gives_the_same_matcher(spec, fitted):
    again = spec.fit(*pairs(), names=NAMES, seed=5)
    for name, table in fitted.to_tables().items():
        assert again.to_tables()[name].equals(table), name


def test_the_input_is_not_changed(spec):
    features, labels = pairs()
    before = features.copy()
    spec.fit(features, labels, names=NAMES, seed=5).score(features)
    np.testing.assert_array_equal(features, before)


@pytest.mark.parametrize(("value", "word"), [(True, "matches"), (False, "non-matches")])
def test_one_class_only(spec, value, word):
    features, labels = pairs(20)
    with pytest.raises(LabelError, match=f"all 20 labels are {word}"):
        spec.fit(features, np.full_like(labels, value), names=NAMES, seed=5)


def test_no_labels(spec):
    with pytest.raises(LabelError, match="there are no labels"):
        spec.fit(np.empty((0, 3), np.float32), np.empty(0, bool), names=NAMES, seed=5)


def test_labels_that_are_not_boolean(spec):
    features, labels = pairs(20)
    with pytest.raises(LabelError, match="Labels must be boolean"):
        spec.fit(features, labels.astype(np.int8), names=NAMES, seed=5)
    with pytest.raises(LabelError, match="one label for each of 20 pairs"):
        spec.fit(features, labels[:-1], names=NAMES, seed=5)


def test_wrong_weights(spec):
    features, labels = pairs(20)
    with pytest.raises(ArgumentError, match="weights must be 20 finite numbers"):
        spec.fit(features, labels, names=NAMES, seed=5, weights=np.full(20, -1.0))


def test_wrong_columns(spec, fitted):
    features, labels = pairs(20)
    with pytest.raises(ColumnError, match=r"Expected 3 comparison columns \(name, distance, lab"):
        fitted.score(features[:, :2])
    with pytest.raises(ColumnError, match=r"Missing: labels. Unexpected: phone"):
        fitted.score(features, names=("name", "distance", "phone"))
    with pytest.raises(ColumnError, match="Expected 2 comparison columns"):
        spec.fit(features, labels, names=("name", "distance"), seed=5)
    with pytest.raises(ColumnError, match=r"twice: \['name'\]"):
        spec.fit(features, labels, names=("name", "distance", "name"), seed=5)


def test_infinite_values(spec):
    features, labels = pairs(20)
    features[3, 1] = np.inf
    with pytest.raises(ColumnError, match="infinite values: distance"):
        spec.fit(features, labels, names=NAMES, seed=5)
