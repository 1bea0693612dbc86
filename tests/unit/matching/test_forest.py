import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from sameas.core.errors import ArgumentError, LabelError
from sameas.matching import RandomForest, paper_forest

NAMES = ("name", "distance")


def pairs(matches: int = 30, others: int = 300, *, seed: int = 0):
    random = np.random.default_rng(seed)
    labels = np.arange(matches + others) < matches
    name = np.where(labels, 0.8, 0.3) + random.normal(size=len(labels)) * 0.2
    distance = np.where(labels, 50, 500) * random.random(len(labels))
    features = np.stack([name, distance], axis=1).astype(np.float32)
    features[::7, 1] = np.nan
    return features, labels


def test_paper_forest():
    features, labels = pairs()
    forest = paper_forest().fit(features, labels, names=NAMES, seed=0)
    assert len(forest.root) == 10
    assert forest.missing == -1.0
    assert forest._packed.depth.max() <= 23
    scores = forest.score(features)
    assert scores[labels].mean() > 0.9 > 0.1 > scores[~labels].mean()


def test_resampling_evens_out_the_classes():
    features, labels = pairs()
    plain = RandomForest(depth=2, missing=-1.0).fit(features, labels, names=NAMES, seed=0)
    even = RandomForest(depth=2, missing=-1.0, resample=("tomek", "smote"))
    resampled = even.fit(features, labels, names=NAMES, seed=0)
    assert resampled.score(features).mean() > plain.score(features).mean() + 0.05


def test_few_matches_are_still_enough_for_smote():
    features, labels = pairs(matches=3)
    paper_forest().fit(features, labels, names=NAMES, seed=0)


def test_one_match_is_not_enough_for_smote():
    features, labels = pairs(matches=1)
    with pytest.raises(LabelError, match="SMOTE needs at least 2 pairs of the rarer class, got 1"):
        RandomForest(missing=-1.0, resample=("smote",)).fit(features, labels, names=NAMES, seed=0)


def test_resampling_refuses_weights():
    features, labels = pairs()
    with pytest.raises(ArgumentError, match="weights cannot be used together with resample"):
        paper_forest().fit(features, labels, names=NAMES, seed=0, weights=np.ones(len(labels)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trees": 0}, "trees must be at least 1"),
        ({"depth": 0}, "depth must be at least 1"),
        ({"resample": ("tomec",), "missing": -1.0}, "Did you mean 'tomek'?"),
        ({"resample": ("smote",)}, "needs a constant for missing values"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ArgumentError, match=message):
        RandomForest(**settings)


def test_a_column_that_is_never_known():
    features, labels = pairs()
    features[:, 1] = np.nan
    forest = RandomForest(trees=5).fit(features, labels, names=NAMES, seed=0)
    assert np.isfinite(forest.score(features)).all()


def test_filters_that_threads_lose_come_back_and_their_own_warning_is_not_passed_on(monkeypatch):
    """What two threads of scikit-learn do now and then, done each time."""
    fit = RandomForestClassifier.fit

    def losing(self, *data, **how):
        warnings.filters.clear()
        warnings.warn("`sklearn.utils.parallel.delayed` should be used with ...", stacklevel=1)
        warnings.warn("something else", stacklevel=1)
        return fit(self, *data, **how)

    monkeypatch.setattr(RandomForestClassifier, "fit", losing)
    before = list(warnings.filters)
    with pytest.warns(UserWarning, match="something else") as said:
        RandomForest(trees=2).fit(*pairs(), names=NAMES, seed=0)
    assert [str(one.message) for one in said] == ["something else"]
    assert list(warnings.filters) == before
