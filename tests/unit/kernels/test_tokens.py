"""Token sets: what is shared, and what only one text has."""

from __future__ import annotations

import numpy as np

from sameas.kernels.token_sets import bearers, unit_vectors, united_tokens
from sameas.kernels.tokens import (
    shares_token,
    smallest_shared,
    token_overlap,
    token_signature,
)

START = np.array([0, 3, 5, 6])
TOKEN = np.array([0, 2, 4, 2, 3, 1])
HASH = np.array([50, 40, 30, 20, 10], np.uint64) << np.uint64(50)
LEFT = np.array([0, 1, 0, 2, -1, 1])
RIGHT = np.array([1, 0, 2, 2, 1, -1])


def test_shares_token() -> None:
    signature = token_signature(START, TOKEN, HASH)
    found = shares_token(LEFT, RIGHT, START, TOKEN, signature)
    assert found.tolist() == [True, True, False, True, False, False]


def test_colliding_signatures_are_looked_into() -> None:
    signature = token_signature(START, TOKEN, np.ones(5, np.uint64))
    found = shares_token(LEFT, RIGHT, START, TOKEN, signature)
    assert found.tolist() == [True, True, False, True, False, False]


def test_smallest_shared_obeys_eligibility() -> None:
    every = smallest_shared(LEFT, RIGHT, START, TOKEN, HASH, np.ones(5, bool))
    assert every.tolist() == [HASH[2], HASH[2], 0, HASH[1], 0, 0]
    none = smallest_shared(LEFT, RIGHT, START, TOKEN, HASH, np.zeros(5, bool))
    assert not none.any()


def test_overlap_is_ordered_small_before_large() -> None:
    weight = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    jaccard, weighted, small, large = token_overlap(LEFT, RIGHT, START, TOKEN, weight)
    nan = np.nan
    np.testing.assert_allclose(jaccard, [0.25, 0.25, 0, 1, nan, nan])
    np.testing.assert_allclose(weighted, [4 / 29, 4 / 29, 0, 1, nan, nan])
    np.testing.assert_allclose(small, [8, 8, 2, 0, nan, nan])
    np.testing.assert_allclose(large, [17, 17, 21, 0, nan, nan])


def test_weightless_tokens_have_no_weighted_jaccard() -> None:
    jaccard, weighted, small, large = token_overlap(LEFT, RIGHT, START, TOKEN, np.zeros(5))
    assert jaccard[0] == 0.25
    assert np.isnan(weighted).all()
    assert small[0] == large[0] == 0.0


def test_united_tokens_are_those_of_all_fields_rising_and_once() -> None:
    start = np.array([0, 2, 3, 0, 3]) + np.array([0, 0, 0, 3, 3])
    token = np.array([4, 7, 1, 4, 2, 9], np.int32)
    codes = np.array([[0, 1, -1, -1], [0, -1, -1, 0]], np.int32)
    own, united = united_tokens(codes, np.array([0, 3]), start, token)
    assert own.tolist() == [0, 4, 5, 5, 8]
    assert united.tolist() == [2, 4, 7, 9, 1, 2, 4, 9]


def test_unit_vectors() -> None:
    weight = np.array([3.0, 4.0, 2.0])
    token = np.array([0, 1, 2], np.int32)
    found = unit_vectors(np.array([0, 2, 2, 3]), token, weight)
    assert np.allclose(found, [0.6, 0.8, 1.0])


def test_bearers() -> None:
    token = np.array([0, 2, 2], np.int32)
    assert bearers(np.array([0, 2, 3]), token, np.array([5, 1]), 4).tolist() == [5, 0, 6, 0]
