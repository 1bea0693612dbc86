"""Candidate pairs, and where a pair stands among them."""

import numpy as np

from sameas.linker.found import Candidates


def candidates(*pairs: tuple[int, int]) -> Candidates:
    left, right = np.array(pairs, np.int32).reshape(-1, 2).T
    return Candidates(left, right, np.zeros(len(left), np.uint8))


def test_a_pair_is_found_where_it_stands():
    found = candidates((0, 3), (1, 2), (1, 5))
    left, right = np.array([1, 0, 1, 9], np.int32), np.array([5, 3, 3, 10], np.int32)
    assert found.places(left, right).tolist() == [2, 0, -1, -1]


def test_nothing_is_found_among_no_candidates():
    left, right = np.array([0], np.int32), np.array([1], np.int32)
    assert candidates().places(left, right).tolist() == [-1]
