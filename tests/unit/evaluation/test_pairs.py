import json
import math

import numpy as np
import pyarrow as pa
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.evaluation import pair_metrics

LABELS = np.array([True, True, True, False, False, False, False, True])
SCORES = np.array([0.9, 0.8, 0.3, 0.8, 0.2, 0.1, np.nan, np.nan])


def test_counts_by_hand():
    found = pair_metrics(LABELS, SCORES, threshold=0.8)
    counts = (
        found.true_positives,
        found.false_positives,
        found.false_negatives,
        found.true_negatives,
    )
    assert counts == (2, 1, 2, 3)
    assert (found.n, found.unscored, found.threshold) == (8, 2, 0.8)
    assert found.precision == 2 / 3
    assert found.recall == found.prevalence == 0.5
    assert found.f1 == found.f_beta[1.0] == pytest.approx(4 / 7)
    assert found.f_beta[0.5] == pytest.approx(1.25 * 2 / (1.25 * 2 + 0.25 * 2 + 1))
    assert found.balanced_accuracy == pytest.approx((0.5 + 0.75) / 2)
    assert found.accuracy == 5 / 8


def test_a_score_on_the_threshold_is_a_match():
    assert pair_metrics([True], [0.5], threshold=0.5).true_positives == 1
    assert pair_metrics([True], [np.nextafter(0.5, 0)], threshold=0.5).true_positives == 0


def test_ties_count_half_in_auc_and_gini_whatever_the_order():
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        found = pair_metrics(
            np.array([True, False, True, False])[order], np.full(4, 0.5), threshold=0.5
        )
        assert (found.roc_auc, found.gini) == (0.5, 0.0)


def test_unscored_pairs_rank_last_and_are_never_accepted():
    found = pair_metrics([True, False], [np.nan, 0.0], threshold=-math.inf)
    assert (found.true_positives, found.false_positives) == (0, 1)
    assert found.roc_auc == 0.0


@pytest.mark.parametrize(
    ("labels", "scores", "undefined"),
    [
        ([], [], {"precision", "recall", "f1", "accuracy", "prevalence", "macro_f1", "roc_auc"}),
        ([False, False], [0.1, 0.2], {"precision", "recall", "f1", "average_precision", "gini"}),
        ([True, True], [0.9, 0.8], {"balanced_accuracy", "roc_auc", "gini"}),
        ([True, False], [0.1, 0.1], {"precision"}),
        ([True, False], [np.nan, np.nan], {"precision"}),
    ],
)
def test_undefined_figures_are_none(labels, scores, undefined):
    plain = pair_metrics(labels, scores, threshold=0.5).to_dict()
    assert undefined <= {name for name, value in plain.items() if value is None}
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_f_is_zero_where_matches_are_missed():
    found = pair_metrics([True, False], [0.1, 0.1], threshold=0.5)
    assert (found.f1, found.f_beta[0.5], found.recall) == (0.0, 0.0, 0.0)


def test_arrow_columns_and_integers_are_taken():
    found = pair_metrics(
        pa.chunked_array([[True], [False]]), pa.array([0.9, None]), threshold=0.5, betas=(2,)
    )
    assert (found.true_positives, found.unscored) == (1, 1)
    assert found.to_dict()["f2"] == 1.0
    assert pair_metrics([1, 0], [1, 0], threshold=0.5).accuracy == 1.0


def test_float32_scores_are_compared_in_float64():
    found = pair_metrics([True], np.array([0.9], dtype=np.float32), threshold=0.9)
    assert found.true_positives == 0


@pytest.mark.parametrize("labels", [[True, None], [0, 2], ["yes", "no"]])
def test_labels_must_be_true_or_false(labels):
    with pytest.raises(LabelError, match="true or false"):
        pair_metrics(labels, [0.1, 0.2], threshold=0.5)


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match=r"scores must have one entry per pair: 2, got 1"):
        pair_metrics([True, False], [0.1], threshold=0.5)
    with pytest.raises(ArgumentError, match="threshold"):
        pair_metrics([True], [0.1], threshold=math.nan)
    with pytest.raises(ArgumentError, match="beta"):
        pair_metrics([True], [0.1], threshold=0.5, betas=(0,))
    with pytest.raises(ArgumentError, match="one-dimensional"):
        pair_metrics([True], [[0.1]], threshold=0.5)
    with pytest.raises(ArgumentError, match="numbers"):
        pair_metrics([True], ["high"], threshold=0.5)
