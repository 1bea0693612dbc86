import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import permutation_importance

NAMES = ["strong", "copy", "weak", "noise"]


def score(features):
    return features[:, :3] @ np.array([0.4, 0.4, 0.1]) / 0.9


def sample(n=600):
    rng = np.random.default_rng(4)
    labels = rng.random(n) < 0.4
    strong = labels + rng.normal(0, 0.3, n)
    features = np.column_stack([strong, strong, labels + rng.normal(0, 1, n), rng.random(n)])
    return features.astype(np.float32), labels


@pytest.mark.parametrize("metric", ["average_precision", "gini", ("f1", 0.5)])
def test_order_of_importance(metric):
    features, labels = sample()
    before = features.copy()
    found = permutation_importance(score, features, labels, NAMES, metric=metric)
    assert found.schema.names == ["feature", "drop_mean", "drop_sd"]
    assert found["feature"].to_pylist()[2:] == ["weak", "noise"]
    assert found["drop_mean"].to_pylist()[3] == 0.0
    assert (features == before).all()
    assert found.equals(permutation_importance(score, features, labels, NAMES, metric=metric))


def test_copies_hide_each_other_unless_grouped():
    features, labels = sample()
    alone = permutation_importance(score, features, labels, NAMES)
    grouped = permutation_importance(
        score, features, labels, NAMES, groups={"both": ["strong", "copy"]}
    )
    assert grouped["feature"].to_pylist() == ["both", "weak", "noise"]
    assert grouped["drop_mean"][0].as_py() > 2 * alone["drop_mean"][0].as_py()
    tail = alone.filter(pa.compute.is_in(alone["feature"], pa.array(["weak", "noise"])))
    assert grouped.slice(1).to_pylist() == tail.to_pylist()


def test_undefined_figures_are_null_and_no_features_is_empty():
    features, _ = sample(10)
    found = permutation_importance(score, features, np.zeros(10, dtype=bool), NAMES)
    assert found["drop_mean"].null_count == 4
    empty = permutation_importance(lambda f: np.zeros(len(f)), features[:, :0], [True] * 10, [])
    assert empty.num_rows == 0
    assert empty.schema == found.schema


def test_bad_arguments_are_named():
    features, labels = sample(10)
    with pytest.raises(ArgumentError, match="needs a threshold"):
        permutation_importance(score, features, labels, NAMES, metric="f1")
    with pytest.raises(ArgumentError, match="Did you mean 'roc_auc'"):
        permutation_importance(score, features, labels, NAMES, metric="rocauc")
    with pytest.raises(ArgumentError, match="shape"):
        permutation_importance(score, features, labels, NAMES[:2])
    with pytest.raises(ArgumentError, match="repeats"):
        permutation_importance(score, features, labels, NAMES, repeats=0)
    with pytest.raises(ArgumentError, match="Did you mean 'noise'"):
        permutation_importance(score, features, labels, NAMES, groups={"g": ["nois"]})
    with pytest.raises(ArgumentError, match="is in 'a' and 'b'"):
        permutation_importance(
            score, features, labels, NAMES, groups={"a": ["weak"], "b": ["weak"]}
        )
    with pytest.raises(ArgumentError, match="list of feature names"):
        permutation_importance(score, features, labels, NAMES, groups={"a": "weak"})
    with pytest.raises(ArgumentError, match="used twice"):
        permutation_importance(score, features, labels, NAMES, groups={"noise": ["weak"]})
