"""Bytes of fields side by side, against a loop over fields."""

import numpy as np

from sameas.kernels.lanes import compare_lanes, outweigh


def test_fields_agree_where_both_have_the_same_byte():
    random = np.random.default_rng(4)
    byte = random.integers(0, 3, (60, 8)).astype(np.uint64)
    byte[byte == 2] = 255
    held = (byte << (np.arange(8, dtype=np.uint64) * np.uint64(8))).sum(axis=1, dtype=np.uint64)
    left, right = (random.integers(0, 60, 500).astype(np.int32) for _ in range(2))
    same, known = np.zeros(500, np.uint8), np.zeros(500, np.uint8)
    compare_lanes(held, left, right, same, known)
    mine, other = byte[left], byte[right]
    bit = 1 << np.arange(8)
    both = (mine != 0) & (other != 0)
    assert np.array_equal(known, (both * bit).sum(axis=1))
    assert np.array_equal(same, ((both & (mine == other)) * bit).sum(axis=1))


def test_a_second_part_of_a_field_may_agree_in_its_place():
    ends = np.array([0], np.int32), np.array([1], np.int32)
    same, known = np.zeros(1, np.uint8), np.zeros(1, np.uint8)
    compare_lanes(np.array([7, 9], np.uint64), *ends, same, known)
    compare_lanes(np.array([5, 5], np.uint64), *ends, same, known)
    assert (same[0], known[0]) == (1, 1)


def test_what_agrees_and_what_differs_is_added_and_one_must_agree():
    agree, differ = np.zeros(256), np.zeros(256)
    agree[1], differ[2], differ[3] = 3.0, -1.0, 9.0
    same, known = np.array([1, 1, 0], np.uint8), np.array([1, 3, 3], np.uint8)
    assert outweigh(same, known, agree, differ, 2.5).tolist() == [True, False, False]
    assert outweigh(same, known, agree, differ, 2.0).tolist() == [True, True, False]
