from itertools import combinations
from math import factorial

import numpy as np
import pytest

from sameas.matching import Boosting, RandomForest, TreeEnsemble, paper_forest

NAMES = ("name", "street", "distance", "phone")


def make_pairs(seed=0, rows=400):
    rng = np.random.default_rng(seed)
    features = rng.random((rows, 4)).astype(np.float32)
    features[rng.random(features.shape) < 0.15] = np.nan
    known = np.nan_to_num(features, nan=0.4)
    return features, known[:, 0] + known[:, 1] * known[:, 2] > 0.75


def raw_score(fitted, features):
    score = fitted.score(features)
    return np.log(score / (1 - score)) if fitted.aggregation == "logit" else score


def expected(fitted, row, known, node):
    """The mean score of a tree when only the `known` columns are seen: the definition."""
    column = fitted.feature[node]
    if column < 0:
        return fitted.value[node]
    left, right = fitted.left[node], fitted.left[node] + 1
    if column in known:
        cell = row[column]
        unknown = bool(fitted.missing_left[node])
        goes_left = unknown if np.isnan(cell) else cell <= fitted.threshold[node]
        return expected(fitted, row, known, left if goes_left else right)
    share = fitted.cover[left] / fitted.cover[node]
    return share * expected(fitted, row, known, left) + (1 - share) * expected(
        fitted, row, known, right
    )


def brute_force(fitted, row):
    """Shapley values by their definition, over all sets of columns."""
    columns = range(len(fitted.names))
    value = {
        chosen: sum(expected(fitted, row, chosen, root) for root in fitted.root)
        for size in range(len(fitted.names) + 1)
        for chosen in combinations(columns, size)
    }
    out = np.zeros(len(fitted.names))
    for chosen, worth in value.items():
        for column in set(columns) - set(chosen):
            share = factorial(len(chosen)) * factorial(len(out) - len(chosen) - 1)
            with_it = tuple(sorted((*chosen, column)))
            out[column] += share / factorial(len(out)) * (value[with_it] - worth)
    return value[()], out


@pytest.mark.parametrize(
    "matcher",
    [
        Boosting(iterations=12, leaves=6, min_leaf=5, members=2),
        RandomForest(trees=6, min_leaf=3),
        paper_forest(),
    ],
    ids=["boosting", "forest", "paper"],
)
def test_contributions_and_base_are_the_raw_score(matcher):
    features, labels = make_pairs()
    fitted = matcher.fit(features, labels, names=NAMES, seed=0)
    found = fitted.contributions(features)
    np.testing.assert_allclose(found.total(), raw_score(fitted, features), rtol=0, atol=1e-9)
    assert found.scale == fitted.aggregation
    assert found.baseline == "the training pairs"


@pytest.mark.parametrize("aggregation", ["logit", "mean"])
def test_contributions_are_shapley_values(aggregation):
    features, labels = make_pairs()
    if aggregation == "logit":
        matcher = Boosting(iterations=8, leaves=9, min_leaf=5, members=1)
    else:
        matcher = RandomForest(trees=3, min_leaf=5)
    fitted = matcher.fit(features, labels, names=NAMES, seed=0)
    found = fitted.contributions(features[:12])
    trees = 1 if aggregation == "logit" else len(fitted.root)
    for row, values in zip(features[:12], found.values, strict=True):
        base, exact = brute_force(fitted, row)
        np.testing.assert_allclose(values, exact / trees, rtol=0, atol=1e-12)
        assert found.base == pytest.approx((fitted.baseline + base) / trees, abs=1e-12)


def test_a_column_that_no_tree_asks_for_adds_nothing():
    features, labels = make_pairs()
    features[:, 3] = 1.0
    fitted = Boosting(iterations=5, min_leaf=5).fit(features, labels, names=NAMES, seed=0)
    assert (fitted.contributions(features).values[:, 3] == 0).all()


def test_one_leaf_has_a_base_and_nothing_else():
    found = TreeEnsemble.constant(0.25, names=NAMES).contributions(np.zeros((2, 4), np.float32))
    assert found.base == 0.25
    assert (found.values == 0).all()


def test_cover_is_saved_and_an_older_linker_does_without():
    features, labels = make_pairs()
    fitted = Boosting(iterations=5, min_leaf=5).fit(features, labels, names=NAMES, seed=0)
    tables = fitted.to_tables()
    again = TreeEnsemble.from_tables(tables)
    np.testing.assert_array_equal(again.cover, fitted.cover)
    np.testing.assert_array_equal(
        again.contributions(features).values, fitted.contributions(features).values
    )
    older = TreeEnsemble.from_tables(tables | {"nodes": tables["nodes"].drop_columns("cover")})
    assert "cover" not in older.to_tables()["nodes"].column_names  # its version stays the same
    found = older.contributions(features)
    assert "without the counts" in found.baseline
    np.testing.assert_allclose(found.total(), raw_score(older, features), rtol=0, atol=1e-9)
