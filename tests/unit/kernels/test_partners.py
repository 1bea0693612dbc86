"""The random matching against all matchings counted one by one."""

from itertools import product

import numpy as np
import pytest

from sameas.kernels.partners import at_most_one


def chances(left, right, odds, records, steps=200):
    reach, _ = at_most_one(
        np.asarray(left, np.int32), np.asarray(right, np.int32), odds, records, steps
    )
    changed = odds * np.exp(reach)
    return changed / (1 + changed)


def counted(left, right, odds, records):
    total, of_pair = 0.0, np.zeros(len(odds))
    for kept in product((False, True), repeat=len(odds)):
        rows = np.flatnonzero(kept)
        ends = np.concatenate([left, right]).reshape(2, -1)[:, rows].ravel()
        if np.bincount(ends, minlength=records).max(initial=0) <= 1:
            weight = float(np.prod(odds[rows]))
            total += weight
            of_pair[rows] += weight
    return of_pair / total


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([0], [3]),
        ([0, 0, 0], [3, 4, 5]),
        ([0, 1, 1, 2], [3, 3, 4, 4]),
        ([0, 0, 1, 2, 2], [3, 4, 4, 4, 5]),
    ],
)
def test_on_trees_it_is_exact(left, right):
    odds = np.random.default_rng(len(left)).gamma(1.0, 2.0, len(left))
    found = chances(left, right, odds, 6)
    np.testing.assert_allclose(found, counted(left, right, odds, 6), rtol=1e-6)


def test_on_rounds_it_is_near():
    left, right = [0, 0, 1, 1], [2, 3, 2, 3]
    odds = np.array([5.0, 1.0, 0.5, 3.0])
    found = chances(left, right, odds, 4)
    np.testing.assert_allclose(found, counted(left, right, odds, 4), atol=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_no_record_has_more_than_one_partner(seed):
    random = np.random.default_rng(seed)
    left, right = random.integers(0, 20, 90), random.integers(20, 40, 90)
    key = np.unique(left * 64 + right)
    left, right = key // 64, key % 64
    found = chances(left, right, np.exp(random.normal(0, 4, len(key))), 40)
    for side in (left, right):
        assert np.bincount(side, found).max() <= 1.02
