import numpy as np
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.matching import Boosting

NAMES = ("name", "distance")


def pairs(rows: int = 600, *, seed: int = 0):
    random = np.random.default_rng(seed)
    features = random.random((rows, 2)).astype(np.float32)
    labels = features[:, 0] + 0.4 * random.normal(size=rows) > 0.6
    features[::7, 1] = np.nan
    return features, labels


def test_members_make_one_ensemble():
    features, labels = pairs()
    spec = Boosting(iterations=7, members=3, columns_per_split=0.5, rows=0.8)
    fitted = spec.fit(features, labels, names=NAMES, seed=0)
    assert len(fitted.root) == 21
    scores = fitted.score(features)
    assert scores[labels].mean() > scores[~labels].mean()


def test_few_pairs_are_learned_by_steady_members_too():
    random = np.random.default_rng(0)
    features = random.random((2_060, 20)).astype(np.float32)
    labels = features.sum(axis=1) > 10  # every column counts a little
    names = tuple(f"column_{place}" for place in range(20))
    train, rest = slice(0, 60), slice(60, None)
    plain, steady, many = (
        Boosting(iterations=100, members=2, columns_per_split=0.3, few=few).fit(
            features[train], labels[train], names=names, seed=0
        )
        for few in (0, 61, 60)
    )
    assert len(steady.root) == 2 * len(plain.root)
    assert np.array_equal(plain.score(features), many.score(features))
    right = [
        ((model.score(features[rest]) > 0.5) == labels[rest]).mean() for model in (plain, steady)
    ]
    assert right[1] > right[0] + 0.02


def test_a_forest_has_its_share_of_the_log_odds():
    features, labels = pairs()
    plain, half, whole = (
        Boosting(iterations=7, forest=share).fit(features, labels, names=NAMES, seed=0)
        for share in (0.0, 0.5, 1.0)
    )
    assert half.aggregation == "logit"
    assert len(half.root) == 7 + len(whole.root) - len(plain.root)
    odds = [np.log(one.score(features) / (1 - one.score(features))) for one in (plain, half, whole)]
    np.testing.assert_allclose(odds[1], (odds[0] + odds[2]) / 2, atol=1e-9)
    assert np.abs(odds[2]).max() <= 4 + 1e-9
    assert odds[2][labels].mean() > odds[2][~labels].mean() + 4
    np.testing.assert_allclose(half.contributions(features).total(), odds[1], atol=1e-9)
    small = Boosting(iterations=7, forest=0.5, forest_trees=9)
    assert len(small.fit(features, labels, names=NAMES, seed=0).root) == 7 + 9
    with pytest.raises(ArgumentError, match="forest_trees must be at least 1, got 0"):
        Boosting(forest_trees=0)


def test_monotone_columns():
    features, labels = pairs()
    spec = Boosting(iterations=30, monotone=(("name", 1),))
    fitted = spec.fit(features, labels, names=NAMES, seed=0)
    ramp = np.stack([np.linspace(0, 1, 200), np.full(200, 0.5)], axis=1).astype(np.float32)
    assert (np.diff(fitted.score(ramp)) >= 0).all()
    free = Boosting(iterations=30).fit(features, labels, names=NAMES, seed=0)
    assert (np.diff(free.score(ramp)) < 0).any()


def test_unknown_monotone_column():
    features, labels = pairs()
    with pytest.raises(ColumnError, match="Did you mean 'name'"):
        Boosting(monotone=(("nmae", 1),)).fit(features, labels, names=NAMES, seed=0)


def test_weights_count():
    features, labels = pairs()
    spec = Boosting(iterations=10, rows=0.9, columns_per_split=0.5)
    weights = np.where(labels, 5.0, 1.0)
    plain = spec.fit(features, labels, names=NAMES, seed=0).score(features)
    heavy = spec.fit(features, labels, names=NAMES, seed=0, weights=weights).score(features)
    assert heavy.mean() > plain.mean()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"iterations": 0}, "iterations must be at least 1"),
        ({"leaves": 1}, "leaves must be at least 2"),
        ({"learning_rate": 0}, "learning_rate must be above 0"),
        ({"rows": 0}, r"rows must be a share in \(0, 1\]"),
        ({"forest": 1.5}, r"forest must be a share in \[0, 1\]"),
        ({"members": 2, "columns_per_split": 1.0}, "would all be equal"),
        ({"monotone": (("name", 2),)}, "must be 1 or -1, got 2"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ArgumentError, match=message):
        Boosting(**settings)


def test_a_column_that_is_never_known():
    features, labels = pairs()
    features[:, 1] = np.nan
    fitted = Boosting(iterations=5).fit(features, labels, names=NAMES, seed=0)
    assert np.isfinite(fitted.score(features)).all()


def test_a_few_dozen_pairs_teach_something():
    features = np.linspace(0, 1, 36, dtype=np.float32).reshape(-1, 1)
    labels = features[:, 0] > 0.5
    scores = Boosting().fit(features, labels, names=("name",), seed=0).score(features)
    assert scores[labels].min() > scores[~labels].max()
