import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, SavedLinkerError
from sameas.evaluation import brier_score, calibration_error
from sameas.matching import Boosting, Calibrated, Condition, RandomForest, RuleMatcher
from sameas.matching.calibration import fit_isotonic, fit_platt

NAMES = ("name", "distance")


def pairs(rows, *, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.random((rows, 2)).astype(np.float32)
    probability = 1 / (1 + np.exp(-6 * (features[:, 0] - features[:, 1] - 0.3)))
    return features, rng.random(rows) < probability


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_an_overconfident_matcher_becomes_honest(method):
    matcher = Boosting(iterations=200, learning_rate=0.3, min_leaf=1)
    train, test = pairs(2000), pairs(20_000, seed=1)
    plain = matcher.fit(*train, names=NAMES, seed=0).score(test[0])
    fitted = Calibrated(matcher, method=method).fit(*train, names=NAMES, seed=0)
    honest = fitted.score(test[0])
    assert calibration_error(test[1], plain) > 0.06
    assert calibration_error(test[1], honest) < 0.03
    assert brier_score(test[1], honest) < brier_score(test[1], plain)
    assert np.array_equal(np.argsort(plain, kind="stable"), np.argsort(honest, kind="stable"))


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_the_order_of_scores_stays(method):
    fitted = Calibrated(RandomForest(trees=20), method=method).fit(*pairs(300), names=NAMES, seed=0)
    features, _ = pairs(2000, seed=2)
    inner, outer = fitted.matcher.score(features), fitted.score(features)
    assert np.array_equal(inner[:, None] < inner, outer[:, None] < outer)


def test_a_rule_gets_its_precision_as_score():
    rule = RuleMatcher((Condition("name", ">=", 0.5),))
    features, labels = pairs(5000)
    fitted = Calibrated(rule, folds=2).fit(features, labels, names=NAMES, seed=0)
    low, high = np.unique(fitted.score(features))
    accepted = features[:, 0] >= 0.5
    assert high == pytest.approx(labels[accepted].mean())
    assert low == pytest.approx(labels[~accepted].mean())


def test_isotonic_equals_scikit_learn():
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(3)
    score = np.round(rng.random(500), 2)
    labels = rng.random(500) < score**2
    weights = rng.integers(1, 4, 500).astype(float)
    other = IsotonicRegression().fit(score, labels, sample_weight=weights)
    x, y = fit_isotonic(score, labels, weights=weights)
    inside = (x > 0) & (x < 1) & (y > 0.01) & (y < 0.99)
    np.testing.assert_allclose(y[inside], other.predict(x[inside]))
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) > 0).all()
    repeated = fit_isotonic(np.repeat(score, weights.astype(int)),
                            np.repeat(labels, weights.astype(int)))  # fmt: skip
    np.testing.assert_allclose(repeated, (x, y))


def test_platt_finds_slope_and_intercept():
    rng = np.random.default_rng(4)
    odds = rng.normal(0, 2, 200_000)
    labels = rng.random(len(odds)) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    slope, intercept = fit_platt(1 / (1 + np.exp(-odds)), labels)
    assert slope[0] == pytest.approx(0.5, abs=0.02)
    assert intercept[0] == pytest.approx(-1, abs=0.02)


def test_scores_that_mislead_still_rise():
    rng = np.random.default_rng(5)
    score = rng.random(200)
    assert fit_platt(score, score < 0.5)[0][0] > 0
    assert (np.diff(fit_isotonic(score, score < 0.5)[1]) > 0).all()


def test_one_match_is_too_few_to_calibrate_on():
    features, _ = pairs(40)
    labels = np.arange(40) == 3
    fitted = Calibrated(RandomForest(trees=5)).fit(features, labels, names=NAMES, seed=0)
    assert np.array_equal(fitted.score(features), fitted.matcher.score(features))


def test_damaged_and_wrong_settings():
    with pytest.raises(ArgumentError, match="Did you mean 'isotonic'"):
        Calibrated(RandomForest(), method="isotonc")
    with pytest.raises(ArgumentError, match="folds"):
        Calibrated(RandomForest(), folds=1)
    spec = Calibrated(RandomForest(trees=3))
    tables = spec.fit(*pairs(50), names=NAMES, seed=0).to_tables()
    table = tables["calibration"]
    falling = table.set_column(2, table.schema.field("y"), pa.array(table["y"].to_pylist()[::-1]))
    with pytest.raises(SavedLinkerError, match="does not rise"):
        spec.load({**tables, "calibration": falling})
    del tables["calibration"]
    with pytest.raises(SavedLinkerError, match="calibration"):
        spec.load(tables)


def test_columns_that_are_gone_are_left_out():
    spec = Calibrated(Boosting(monotone=(("name", 1), ("distance", -1))))
    assert spec.without({"name"}).matcher.monotone == (("name", 1),)
    assert Calibrated(RandomForest()).without({"name"}) == Calibrated(RandomForest())
