import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import (
    brier_score,
    calibration_error,
    evaluate_scores,
    reliability_curve,
    wilson,
)


def test_brier_equals_scikit_learn():
    from sklearn.metrics import brier_score_loss

    rng = np.random.default_rng(0)
    scores = rng.random(300)
    labels = rng.random(300) < scores
    assert brier_score(labels, scores) == pytest.approx(brier_score_loss(labels, scores))
    assert brier_score([True, False], [0.5, np.nan]) == 0.25


def test_honest_scores_have_next_to_no_error_and_bent_ones_do():
    rng = np.random.default_rng(1)
    scores = rng.random(200_000)
    labels = rng.random(len(scores)) < scores
    assert calibration_error(labels, scores) < 0.01
    # The mean of |p^2 - p| over [0, 1] is 1/6.
    assert calibration_error(labels, scores**2) == pytest.approx(1 / 6, abs=0.01)


def test_bins_hold_equal_numbers_and_equal_scores_stay_together():
    curve = reliability_curve(np.arange(10) > 4, np.arange(10) / 10, bins=5)
    assert curve["pairs"].to_pylist() == [2, 2, 2, 2, 2]
    assert curve["share"].to_pylist() == [0, 0, 0.5, 1, 1]
    scores = np.array([0.0] * 90 + [0.5] * 5 + [1.0] * 5)
    curve = reliability_curve(scores > 0, scores, bins=10)
    assert curve["pairs"].to_pylist() == [90, 10]
    assert curve["score"].to_pylist() == [0, 0.75]
    row = reliability_curve([True] * 3 + [False], [0.7] * 4).to_pylist()[0]
    interval = wilson(3, 4)
    assert (row["low"], row["high"]) == (
        pytest.approx(interval.low),
        pytest.approx(interval.high),
    )


def test_nothing_and_wrong_scores():
    assert np.isnan(brier_score([], []))
    assert np.isnan(calibration_error([True], [np.nan]))
    with pytest.raises(ArgumentError, match="within"):
        brier_score([True], [2.0])
    with pytest.raises(ArgumentError, match="bins"):
        reliability_curve([True], [0.5], bins=0)


def test_the_report_says_it():
    found = evaluate_scores([True, False], [0.9, 0.2], threshold=0.5)
    assert found.to_text().splitlines()[-1].startswith("calibration: Brier score 0.0250")
    assert found.to_dict()["calibration_error"] == pytest.approx(0.15)
    raw = evaluate_scores([True, False], [9, 2], threshold=5)
    assert "calibration" not in raw.to_text()
