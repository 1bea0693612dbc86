"""Enumeration of pairs: every pair of a block once, in chunks of any size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.arrays import plain
from sameas.kernels.blocks import (
    block_ends,
    enumerate_pairs,
    partner_counts,
    rows_in_company,
    same_key,
)

quick = settings(max_examples=150, deadline=None)
NO_GROUP, NO_PLACE = np.zeros(0, np.int32), np.zeros((0, 3))


@st.composite
def sorted_rows(draw):
    rows = draw(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20))
    rows.sort()
    key = np.array([row[0] for row in rows], np.uint64)
    return key, np.array([row[1] for row in rows], bool)


def brute(key, visitor):
    rows = range(len(key))
    return [(i, j) for i in rows if not visitor[i] for j in rows if j > i and key[i] == key[j]]


def enumerate_all(key, visitor, *, chunk, limits, group=NO_GROUP, xyz=NO_PLACE, limit=0.0):
    end, record = block_ends(key), np.arange(100, 100 + len(key), dtype=np.int32)
    found, looked = [], 0
    for first, last in limits:
        state = np.array([first, 0, last, 0], np.int64)
        out = np.empty((3, chunk), np.int32)
        while True:
            count = enumerate_pairs(record, visitor, end, group, xyz, limit, state, out)
            assert all(first <= row < last for row in out[2, :count])
            assert (out[0, :count] == out[2, :count] + 100).all()
            found += list(zip(*(out[:2, :count] - 100).tolist(), strict=True))
            if count < chunk:
                break
        looked += int(state[3])
    return found, looked


@quick
@given(sorted_rows(), st.integers(1, 5), st.integers(0, 20))
def test_every_pair_of_an_anchor_once(rows, chunk, cut):
    key, visitor = rows
    cut = min(cut, len(key))
    limits = [(0, cut), (cut, len(key))]
    expected = brute(key, visitor)
    assert enumerate_all(key, visitor, chunk=chunk, limits=limits) == (expected, len(expected))
    assert int(partner_counts(block_ends(key), visitor).sum()) == len(expected)


@quick
@given(sorted_rows(), st.integers(1, 5), st.data())
def test_groups_and_positions_leave_pairs_out_but_they_are_counted(rows, chunk, data):
    key, visitor = rows
    count = len(key)
    group = np.array(data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    place = np.array(data.draw(st.lists(st.integers(0, 4), min_size=count, max_size=count)))
    xyz = np.column_stack([place, place * 0, place * 0]).astype(float)
    near = [
        (i, j) for i, j in brute(key, visitor)
        if group[i] != group[j] and abs(place[i] - place[j]) <= 2
    ]  # fmt: skip
    found = enumerate_all(
        key, visitor, chunk=chunk, limits=[(0, count)], group=group.astype(np.int32), xyz=xyz,
        limit=4.0,
    )  # fmt: skip
    assert found == (near, len(brute(key, visitor)))


def test_blocks_end_where_the_key_changes():
    key = np.array([1, 1, 2, 5, 5, 5], np.uint64)
    assert block_ends(key).tolist() == [2, 2, 3, 6, 6, 6]
    assert block_ends(key[:0]).tolist() == []
    visitor = np.array([0, 1, 0, 0, 0, 1], bool)
    assert partner_counts(block_ends(key), visitor).tolist() == [1, 0, 0, 2, 1, 0]


def test_counts_of_a_huge_block_do_not_overflow():
    count = 100_000
    end = np.full(count, count, np.int64)
    total = partner_counts(end, np.zeros(count, bool)).sum()
    assert total == count * (count - 1) // 2 > 2**31


def test_read_only_rows_will_do():
    key, visitor = np.zeros(4, np.uint64), np.zeros(4, bool)
    for array in (key, visitor):
        array.flags.writeable = False
    assert len(enumerate_all(key, visitor, chunk=9, limits=[(0, 4)])[0]) == 6


def test_a_key_is_shared_unless_it_is_none_whatever_its_lowest_bit():
    key = np.array([0, 0, 6, 7, 8, 6, 1], np.uint64)
    left, right = (np.array(side, np.int32) for side in ([0, 2, 2, 2, 0], [1, 3, 4, 5, 6]))
    assert same_key(key, left, right).tolist() == [False, True, False, True, False]


@pytest.mark.parametrize("keys", [3, 50, 5_000])
def test_rows_in_company_are_all_that_share_a_key_and_few_others(keys):
    key = np.random.default_rng(keys).integers(0, keys, 1_000).astype(np.uint64)
    kept = rows_in_company(plain(key, np.uint64), len(key).bit_length() + 1)
    assert (np.diff(kept) > 0).all()
    _, where, count = np.unique(key, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(count[where] > 1)
    assert np.isin(shared, kept).all(), "0 is a key like any other"
    assert len(kept) <= len(shared) + 0.5 * (len(key) - len(shared))
