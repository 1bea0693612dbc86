"""Several tree ensembles as one."""

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, ColumnError
from sameas.matching import Boosting, RandomForest, TreeEnsemble
from sameas.matching.merging import as_log_odds, merge_ensembles


def fitted(columns, *, seed):
    random = np.random.default_rng(seed)
    features = random.random((300, len(columns))).astype(np.float32)
    features[random.random(features.shape) < 0.1] = np.nan
    labels = np.nan_to_num(features).sum(axis=1) > 0.5 * len(columns)
    return Boosting(iterations=8, leaves=5).fit(features, labels, names=columns, seed=seed)


def odds(score):
    return np.log(score / (1 - score))


def test_the_log_odds_are_the_mean():
    parts = [fitted(("b", "a"), seed=1), fitted(("c",), seed=2)]
    merged = merge_ensembles(parts, names=("a", "b", "c"))
    rows = np.random.default_rng(3).random((50, 3)).astype(np.float32)
    rows[::7] = np.nan
    expected = (odds(parts[0].score(rows[:, [1, 0]])) + odds(parts[1].score(rows[:, [2]]))) / 2
    np.testing.assert_allclose(odds(merged.score(rows)), expected, rtol=1e-9, atol=1e-12)


def test_parts_have_the_shares_that_are_given():
    parts = [fitted(("a",), seed=seed) for seed in (1, 2)]
    merged = merge_ensembles(parts, names=("a",), shares=(0.2, 0.8))
    rows = np.random.default_rng(3).random((50, 1)).astype(np.float32)
    first, second = (odds(part.score(rows)) for part in parts)
    np.testing.assert_allclose(odds(merged.score(rows)), 0.2 * first + 0.8 * second, atol=1e-9)


def test_a_forest_is_read_as_log_odds():
    random = np.random.default_rng(0)
    features = random.random((300, 2)).astype(np.float32)
    features[::5, 1] = np.nan
    labels = features[:, 0] > 0.5
    forest = RandomForest(trees=9).fit(features, labels, names=("a", "b"), seed=0)
    line = odds(as_log_odds(forest).score(features))
    np.testing.assert_allclose(line, 8 * (forest.score(features) - 0.5), atol=1e-9)
    assert as_log_odds(forest).cover is forest.cover
    constant = RandomForest(trees=3, missing=-1.0).fit(features, labels, names=("a", "b"), seed=0)
    with pytest.raises(ArgumentError, match="missing values count as -1"):
        as_log_odds(constant)


def test_it_is_saved_and_explained():
    parts = [fitted(("a",), seed=seed) for seed in range(3)]
    merged = TreeEnsemble.from_tables(merge_ensembles(parts, names=("a", "b")).to_tables())
    rows = np.random.default_rng(4).random((9, 2)).astype(np.float32)
    found = merged.contributions(rows)
    np.testing.assert_allclose(found.total(), odds(merged.score(rows)), atol=1e-9)
    assert not found.values[:, 1].any()


def test_what_cannot_be_merged_is_refused():
    with pytest.raises(ArgumentError, match="got none"):
        merge_ensembles([], names=("a",))
    with pytest.raises(ArgumentError, match="'mean'"):
        merge_ensembles([TreeEnsemble.constant(0.5, names=("a",))], names=("a",))
    with pytest.raises(ColumnError, match="merged"):
        merge_ensembles([fitted(("a",), seed=1)], names=("b",))
