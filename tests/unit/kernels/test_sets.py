"""Sets of hashes and sparse vectors."""

from __future__ import annotations

import numpy as np

from sameas.kernels.sets import set_jaccard, sparse_cosine


def test_set_jaccard_takes_hashes_beyond_int64() -> None:
    top = (1 << 64) - 1
    value = np.array([1, 5, top, 5, top, 7], np.uint64)
    left, right = np.array([0, 0, 0, 3, -1]), np.array([1, 2, 0, 0, 0])
    found = set_jaccard(left, right, np.array([0, 3, 5, 6, 6]), value)
    np.testing.assert_allclose(found, [2 / 3, 0, 1, np.nan, np.nan], rtol=1e-6)


def test_cosine_never_leaves_its_range() -> None:
    value = np.full(3, np.float32(0.57735032))
    found = sparse_cosine(np.array([0]), np.array([0]), np.array([0, 3]), np.arange(3), value)
    assert found.tolist() == [1.0]


def test_an_empty_vector_is_missing() -> None:
    value = np.ones(1, np.float32)
    left, right = np.array([0, 1, -1]), np.array([1, 0, 0])
    found = sparse_cosine(left, right, np.array([0, 1, 1]), np.array([3]), value)
    assert np.isnan(found).all()
