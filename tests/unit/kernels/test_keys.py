"""Keys folded from parts, bytes of parts, and which keys may be frequent."""

import numpy as np

from sameas.kernels.keys import fold_part, keys_of_busy_buckets, put_byte

CODE = np.array([0, 1, -1, 2], np.int32)
PART = np.array([7, 0, 1 << 63], np.uint64)  # the second text has nothing to take
OTHER = np.array([300, 5, 9], np.uint64)


def test_a_key_is_missing_where_a_part_is():
    one, two = np.empty(4, np.uint64), np.empty(4, np.uint64)
    fold_part(one, CODE, PART, True)
    assert (one != 0).tolist() == [True, False, False, True]
    fold_part(two, CODE, OTHER, True)
    assert (two != 0).tolist() == [True, True, False, True]
    fold_part(two, CODE, PART, False)
    assert (two != 0).tolist() == [True, False, False, True]
    swapped = one.copy()
    fold_part(swapped, CODE, OTHER, False)
    assert swapped[0] != two[0]  # the order of the parts counts
    assert len({*one.tolist(), *two.tolist()}) == 5


def test_a_byte_of_each_part_in_its_lane():
    held = np.zeros(4, np.uint64)
    put_byte(held, CODE, PART, 0)
    put_byte(held, CODE, OTHER, 7)
    lanes = [[int(word) >> (8 * lane) & 255 for lane in range(8)] for word in held]
    assert lanes[0] == [7 + 1, 0, 0, 0, 0, 0, 0, 300 % 255 + 1]
    assert lanes[1] == [0, 0, 0, 0, 0, 0, 0, 5 + 1]
    assert lanes[2] == [0] * 8


def test_keys_of_busy_buckets_hold_all_frequent_ones():
    key = np.random.default_rng(0).integers(0, 1 << 63, 1_000).astype(np.uint64)
    key[::10] = key[3]
    key[5::50] = 0
    found = keys_of_busy_buckets(key, 10, 9)
    frequent = np.flatnonzero((key == key[3]) & (key != 0))
    assert np.isin(frequent, found).all()
    assert not (key[found] == 0).any()
    assert (np.diff(found) > 0).all()
    assert len(found) < 200
