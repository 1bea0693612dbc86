import math

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import bootstrap, bootstrap_difference, pair_metrics, wilson

EVERY = [
    *("precision", "recall", "specificity", "accuracy", "balanced_accuracy", "macro_f1"),
    *("prevalence", "f1", "f0.5", "f2", "average_precision", "roc_auc", "gini"),
]


def sample(n=1200, seed=1):
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.3
    scores = np.round(np.clip(0.3 + 0.3 * labels + rng.normal(0, 0.2, n), 0, 1), 2)
    return labels, scores, rng.integers(0, n // 5, n)


def loop_bootstrap(labels, scores, groups, name, replicates=1500):
    rng = np.random.default_rng(99)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    values = []
    for _ in range(replicates):
        picked = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[group] for group in picked])
        values.append(pair_metrics(labels[rows], scores[rows], threshold=0.5).figures()[name])
    return np.quantile(values, [0.025, 0.975])


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("name", ["f1", "roc_auc", "average_precision"])
def test_equals_a_plain_loop(grouped, name):
    labels, scores, groups = sample(500)
    if grouped:
        groups = np.where(labels, groups % 20, 20 + groups % 40)
    found = bootstrap(
        labels,
        scores,
        threshold=0.5,
        metrics=[name],
        replicates=4000,
        groups=groups if grouped else None,
    )[name]
    slow = loop_bootstrap(labels, scores, groups if grouped else np.arange(500), name)
    width = slow[1] - slow[0]
    assert abs(found.low - slow[0]) < 0.12 * width
    assert abs(found.high - slow[1]) < 0.12 * width


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_hold_the_figure_and_ignore_order_and_company(grouped):
    labels, scores, groups = sample()
    groups = groups if grouped else None
    found = bootstrap(labels, scores, threshold=0.5, metrics=EVERY, replicates=200, groups=groups)
    assert list(found) == EVERY
    point = pair_metrics(labels, scores, threshold=0.5)
    for name in ("f1", "precision", "recall", "roc_auc", "average_precision", "prevalence"):
        assert found[name].low < getattr(point, name) < found[name].high
    order = np.random.default_rng(0).permutation(len(labels))
    moved = None if groups is None else groups[order]
    for name in EVERY:
        alone = bootstrap(
            labels[order],
            scores[order],
            threshold=0.5,
            metrics=[name],
            replicates=200,
            groups=moved,
        )
        assert alone[name] == found[name]


def test_groups_that_agree_widen_the_interval():
    labels, scores, _ = sample(100)
    labels, scores, groups = np.tile(labels, 10), np.tile(scores, 10), np.tile(np.arange(100), 10)
    pairs = bootstrap(labels, scores, threshold=0.5)["f1"]
    whole = bootstrap(labels, scores, threshold=0.5, groups=groups)["f1"]
    assert whole.high - whole.low > 2 * (pairs.high - pairs.low)


def test_group_codes_may_be_strings_and_long_runs_are_chunked(monkeypatch):
    labels, scores, groups = sample(60)
    names = np.array([f"g{group:03d}" for group in groups])
    arguments = {"threshold": 0.5, "metrics": ["f1", "roc_auc"], "replicates": 50}
    whole = bootstrap(labels, scores, groups=groups, **arguments)
    monkeypatch.setattr("sameas.evaluation._resampling._CHUNK", 100)
    assert bootstrap(labels, scores, groups=names, **arguments) == whole


@pytest.mark.parametrize("labels", [[], [False, False], [True, True]])
def test_undefined_figures_have_undefined_intervals(labels):
    found = bootstrap(labels, [0.2] * len(labels), threshold=0.5, metrics=EVERY, replicates=20)
    assert math.isnan(found["precision"].low)
    assert found["roc_auc"].to_dict() == {"low": None, "high": None, "level": 0.95}


def test_difference_of_a_better_scorer():
    labels, scores, groups = sample()
    better = np.clip(scores + np.where(labels, 0.1, -0.1), 0, 1)
    for drawn in (None, groups):
        found = bootstrap_difference(
            labels,
            better,
            scores,
            thresholds=(0.5, 0.5),
            metrics=["f1", "roc_auc"],
            replicates=300,
            groups=drawn,
        )
        points = [pair_metrics(labels, s, threshold=0.5) for s in (better, scores)]
        assert found["f1"].value == points[0].f1 - points[1].f1
        assert found["roc_auc"].value == points[0].roc_auc - points[1].roc_auc
        for difference in found.values():
            assert 0 < difference.interval.low < difference.value < difference.interval.high
    assert set(found["f1"].to_dict()) == {"value", "low", "high", "level"}


def test_difference_is_paired():
    labels, scores, _ = sample()
    nearly = scores.copy()
    nearly[:3] = 0.5
    paired = bootstrap_difference(labels, nearly, scores, thresholds=(0.5, 0.5))["f1"].interval
    alone = bootstrap(labels, scores, threshold=0.5)["f1"]
    assert paired.high - paired.low < 0.3 * (alone.high - alone.low)
    swapped = bootstrap_difference(labels, scores, nearly, thresholds=(0.5, 0.5))["f1"]
    assert swapped.interval.low <= 0 <= swapped.interval.high


def test_each_scorer_keeps_its_own_threshold():
    labels, scores, _ = sample(300)
    found = bootstrap_difference(
        labels, scores, scores, thresholds=(0.3, 0.7), metrics=["recall"], replicates=100
    )
    low, high = (pair_metrics(labels, scores, threshold=t).recall for t in (0.3, 0.7))
    assert found["recall"].value == low - high > 0


def test_wilson():
    found = wilson(8, 10)
    assert (found.low, found.high) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == 1
    assert math.isnan(wilson(0, 0).low)
    narrow = wilson(8, 10, level=0.5)
    assert found.low < narrow.low < narrow.high < found.high
    with pytest.raises(ArgumentError, match="successes"):
        wilson(11, 10)
    with pytest.raises(ArgumentError, match="level"):
        wilson(1, 2, level=95)


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match="Did you mean 'precision'"):
        bootstrap([True], [0.5], threshold=0.5, metrics=["precison"])
    with pytest.raises(ArgumentError, match="replicates"):
        bootstrap([True], [0.5], threshold=0.5, replicates=0)
    with pytest.raises(ArgumentError, match="level"):
        bootstrap([True], [0.5], threshold=0.5, level=1.0)
    with pytest.raises(ArgumentError, match="groups must have one entry per pair"):
        bootstrap([True], [0.5], threshold=0.5, groups=[1, 2])
    with pytest.raises(ArgumentError, match="two numbers"):
        bootstrap_difference([True], [0.5], [0.5], thresholds=(0.5,))
