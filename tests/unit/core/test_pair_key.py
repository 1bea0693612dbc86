"""A pair of records as one number."""

import numpy as np

from sameas.core.pair_key import distinct_keys, ends_of_key, pair_key

LAST = 2**31 - 1


def test_keys_are_in_the_order_of_pairs_and_can_be_taken_apart():
    left = np.array([0, 0, 1, LAST - 1], np.int32)
    right = np.array([1, LAST, 2, LAST], np.int32)
    key = pair_key(left, right)
    assert key.dtype == np.int64
    assert (np.diff(key) > 0).all()
    for end, expected in zip(ends_of_key(key), (left, right), strict=True):
        assert end.dtype == np.int32
        np.testing.assert_array_equal(end, expected)


def test_the_given_arrays_are_not_changed():
    left, right = np.array([1]), np.array([2])
    pair_key(left, right)
    assert (left[0], right[0]) == (1, 2)


def test_distinct_keys():
    assert distinct_keys(np.array([5, 2, 5, 2, 9])).tolist() == [2, 5, 9]
    assert distinct_keys(np.zeros(0, np.int64)).tolist() == []
