import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.core.errors import ArgumentError
from sameas.labeling import split_by_group, stratified_split


def sparse_pairs(seed: int, *, pairs: int = 2000):
    """Make many small groups of connected records."""
    random = np.random.default_rng(seed)
    left = random.integers(0, pairs * 2, pairs).astype(np.int32)
    right = (left + random.integers(1, 4, pairs)).astype(np.int32)
    return left, right


def parts_of(records, part):
    order = np.argsort(records, kind="stable")
    first = np.flatnonzero(np.diff(records[order], prepend=-1))
    low, high = np.minimum.reduceat(part[order], first), np.maximum.reduceat(part[order], first)
    return low, high


@pytest.mark.parametrize("seed", range(3))
def test_no_record_stands_in_two_parts(seed):
    left, right = sparse_pairs(seed)
    split = split_by_group(left, right, seed=seed)
    assert split.note.startswith("split by group of connected records")
    low, high = parts_of(np.concatenate([left, right]), np.tile(split.part, 2))
    np.testing.assert_array_equal(low, high)
    np.testing.assert_allclose(
        list(split.counts().values()), np.array([0.6, 0.2, 0.2]) * len(left), atol=20
    )


def test_order_and_side_do_not_matter():
    left, right = sparse_pairs(1)
    part = split_by_group(left, right, seed=3).part
    random = np.random.default_rng(0)
    order = random.permutation(len(left))
    np.testing.assert_array_equal(
        split_by_group(left[order], right[order], seed=3).part, part[order]
    )
    np.testing.assert_array_equal(split_by_group(right, left, seed=3).part, part)
    assert (split_by_group(left, right, seed=4).part != part).any()


def test_a_giant_group_is_cut_by_the_left_record():
    random = np.random.default_rng(0)
    left = random.integers(0, 500, 3000).astype(np.int32)
    right = random.integers(500, 900, 3000).astype(np.int32)
    split = split_by_group(left, right, seed=0)
    assert "holds 100% of the pairs, so pairs were split by their left record" in split.note
    low, high = parts_of(left, split.part)
    np.testing.assert_array_equal(low, high)
    np.testing.assert_allclose(list(split.counts().values()), [1800, 600, 600], atol=20)


def test_names_and_shares():
    left, right = sparse_pairs(2)
    split = split_by_group(left, right, seed=0, shares=(0.5, 0.5), names=("one", "two"))
    assert split.rows("two").sum() == split.counts()["two"]
    assert (split_by_group(left, right, seed=0, shares=(0, 1, 0)).part == 1).all()
    with pytest.raises(ArgumentError, match="no part 'three'"):
        split.rows("three")


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.6, 0.2), (1.2, -0.2, 0.0)])
def test_wrong_shares(shares):
    with pytest.raises(ArgumentError, match="shares"):
        split_by_group(*sparse_pairs(0), seed=0, shares=shares)


def test_sides_of_different_length():
    with pytest.raises(ArgumentError, match="left has 2 records and right has 1"):
        split_by_group(np.array([1, 2], np.int32), np.array([1], np.int32), seed=0)


def test_no_pairs():
    nothing = np.empty(0, np.int32)
    assert split_by_group(nothing, nothing, seed=0).counts() == {"train": 0, "valid": 0, "test": 0}


@settings(max_examples=40, deadline=None)
@given(
    labels=st.lists(st.sampled_from([-1, 0, 1]), max_size=200),
    seed=st.integers(0, 2**64 - 1),
)
def test_stratified(labels, seed):
    labels = np.array(labels, np.int8)
    split = stratified_split(labels, seed=seed)
    np.testing.assert_array_equal(split.part < 0, labels < 0)
    for value in (0, 1):
        chosen = labels == value
        assert abs((split.part[chosen] == 0).sum() - 0.7 * chosen.sum()) <= 0.51


def test_stratified_by_pair_does_not_depend_on_order():
    left, right = np.unique(np.stack(sparse_pairs(0)), axis=1)
    labels = np.arange(len(left)) % 3 == 0
    part = stratified_split(labels, seed=1, pairs=(left, right)).part
    order = np.random.default_rng(0).permutation(len(left))
    again = stratified_split(labels[order], seed=1, pairs=(left[order], right[order])).part
    np.testing.assert_array_equal(again, part[order])
