import numpy as np
import pytest
from sklearn.metrics import auc
from sklearn.metrics import precision_recall_curve as reference_curve

from sameas.core.errors import ArgumentError
from sameas.evaluation import pair_metrics, precision_recall_curve, roc_curve, threshold_curve


def sample(n=400, seed=3):
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.3
    return labels, np.round(np.clip(0.3 + 0.3 * labels + rng.normal(0, 0.2, n), 0, 1), 2)


def test_every_row_is_what_pair_metrics_says_there():
    labels, scores = sample(80)
    scores[:5] = np.nan
    for row in threshold_curve(labels, scores).to_pylist():
        found = pair_metrics(labels, scores, threshold=row["threshold"])
        assert {name: getattr(found, name) for name in row} == row


def test_one_row_a_distinct_score_and_falling():
    labels, scores = sample()
    threshold = threshold_curve(labels, scores)["threshold"].to_numpy()
    assert (threshold == np.unique(scores)[::-1]).all()


def test_precision_recall_equals_scikit_learn():
    labels, scores = sample()
    precision, recall, threshold = reference_curve(labels, scores)
    curve = precision_recall_curve(labels, scores)
    np.testing.assert_allclose(curve["threshold"], threshold[::-1])
    np.testing.assert_allclose(curve["precision"], precision[:-1][::-1], atol=1e-12)
    np.testing.assert_allclose(curve["recall"], recall[:-1][::-1], atol=1e-12)


def test_area_under_the_roc_table():
    labels, scores = sample()
    curve = roc_curve(labels, scores)
    area = auc(curve["false_positive_rate"].to_numpy(), curve["true_positive_rate"].to_numpy())
    assert area == pytest.approx(pair_metrics(labels, scores, threshold=0).roc_auc, abs=1e-12)
    assert curve["threshold"].null_count == 1


def test_thinning_keeps_both_ends():
    labels, scores = sample()
    full, thin = (threshold_curve(labels, scores, points=points) for points in (None, 7))
    assert thin.num_rows == 7
    assert thin.slice(0, 1).equals(full.slice(0, 1))
    assert thin.slice(6).to_pylist() == full.slice(full.num_rows - 1).to_pylist()
    with pytest.raises(ArgumentError, match="points"):
        threshold_curve(labels, scores, points=1)


@pytest.mark.parametrize("curve", [threshold_curve, precision_recall_curve, roc_curve])
@pytest.mark.parametrize(
    ("labels", "scores"), [([], []), ([True, False], [np.nan] * 2), ([False], [0.5])]
)
def test_nothing_to_draw_is_no_error(curve, labels, scores):
    table = curve(np.array(labels, dtype=bool), np.array(scores, dtype=float))
    expected = threshold_curve(np.array([True]), np.array([1.0])).schema
    assert all(expected.field(f.name) == f for f in table.schema if f.name in expected.names)
