"""The flat form against scikit-learn's own predictions."""

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from threadpoolctl import threadpool_limits

from sameas.matching.conversion import _round_down, from_boosting, from_forest

NAMES = tuple("abcdef")


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1, user_api="openmp"):
        yield


def pairs(rows: int = 1500, *, seed: int = 0, missing: float = 0.2):
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, len(NAMES)))
    features[:, 1] = np.round(features[:, 1], 1)  # ties with thresholds
    features[:, 2] = np.round(features[:, 2])
    logit = features[:, 0] + features[:, 1] * features[:, 2] + random.normal(size=rows)
    features[random.random(features.shape) < missing] = np.nan
    features[:, 5] = np.where(logit > 1, np.nan, features[:, 5])  # being missing is evidence
    return features.astype(np.float32), logit > 0.5


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize("depth", [1, 4, None])
def test_forest(kind, depth):
    features, labels = pairs()
    model = kind(15, max_depth=depth, random_state=1).fit(features, labels)
    ensemble = from_forest(model, names=NAMES)
    new = pairs(seed=9)[0]
    for rows in (features, new):
        expected = model.predict_proba(rows)[:, 1]
        np.testing.assert_allclose(ensemble.score(rows), expected, rtol=0, atol=1e-12)


def test_forest_with_a_constant_for_missing_values():
    features, labels = pairs()
    filled = np.nan_to_num(features, nan=-1.0)
    model = RandomForestClassifier(10, max_depth=23, random_state=1).fit(filled, labels)
    ensemble = from_forest(model, names=NAMES, missing=-1.0)
    expected = model.predict_proba(filled)[:, 1]
    np.testing.assert_allclose(ensemble.score(features), expected, rtol=0, atol=1e-12)


def test_forest_with_weights():
    features, labels = pairs()
    weights = np.random.default_rng(1).random(len(labels))
    model = RandomForestClassifier(10, random_state=1).fit(features, labels, weights)
    expected = model.predict_proba(features)[:, 1]
    ensemble = from_forest(model, names=NAMES)
    np.testing.assert_allclose(ensemble.score(features), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_leaf_nodes": 4},
        {"max_depth": 1},
        {"max_leaf_nodes": None, "min_samples_leaf": 2},
        {"monotonic_cst": [1, 0, 0, 0, 0, 0]},
    ],
)
def test_boosting(options):
    features, labels = pairs()
    model = HistGradientBoostingClassifier(max_iter=40, early_stopping=False, **options)
    model.fit(features, labels)
    ensemble = from_boosting([model], names=NAMES)
    new = pairs(seed=9)[0]
    new[0], new[1] = np.inf, -np.inf
    for rows in (features, new):
        expected = model.predict_proba(rows)[:, 1]
        np.testing.assert_allclose(ensemble.score(rows), expected, rtol=0, atol=1e-12)


def test_boosting_where_nothing_was_missing_in_training():
    features, labels = pairs()
    model = HistGradientBoostingClassifier(max_iter=20, early_stopping=False)
    model.fit(np.nan_to_num(features), labels)
    expected = model.predict_proba(features)[:, 1]
    ensemble = from_boosting([model], names=NAMES)
    np.testing.assert_allclose(ensemble.score(features), expected, rtol=0, atol=1e-12)


def test_members_are_averaged_by_logits():
    features, labels = pairs()
    models = [
        HistGradientBoostingClassifier(
            max_iter=10, early_stopping=False, max_features=0.5, random_state=seed
        ).fit(features, labels)
        for seed in range(3)
    ]
    mean = np.mean([model.decision_function(features) for model in models], axis=0)
    scores = from_boosting(models, names=NAMES).score(features)
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-mean)), rtol=0, atol=1e-12)


def test_thresholds_are_rounded_down():
    random = np.random.default_rng(0)
    values = random.normal(size=1000).astype(np.float32)
    threshold = np.concatenate([values.astype(np.float64), random.normal(size=1000)])
    threshold = np.append(threshold, [np.inf, -np.inf, 1e300, -1e300, 1e-320])
    rounded = _round_down(threshold)
    some = np.concatenate([values, np.float32([np.inf, -np.inf, 3.4e38, -3.4e38, 0, 1e-45])])
    for value in some:
        np.testing.assert_array_equal(value <= rounded, np.float64(value) <= threshold)
