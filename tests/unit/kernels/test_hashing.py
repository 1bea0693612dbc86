"""Hashes: the documented algorithm, the same everywhere, never 0; bitmaps without misses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.hashing import bitmap, hash_strings, in_bitmap, mix

quick = settings(max_examples=100, deadline=None)
MASK = 2**64 - 1


def python_mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def python_hash(data):
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & MASK
    return python_mix(state) or 1


def hashed(texts):
    data = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, data)])
    return hash_strings(offsets, np.frombuffer(b"".join(data), np.uint8)).tolist()


@quick
@given(st.lists(st.text(max_size=12), max_size=6))
def test_strings_are_hashed_as_stated(texts):
    assert hashed(texts) == [python_hash(text.encode()) for text in texts]


@quick
@given(st.integers(0, MASK))
def test_mix_is_the_finaliser_of_splitmix64(value):
    assert int(mix(np.uint64(value))) == python_mix(value)


def test_a_slice_of_a_column_is_hashed_from_its_own_offsets():
    data = np.frombuffer(b"xxabcd", np.uint8)
    assert hash_strings(np.array([2, 4, 6]), data).tolist() == hashed(["ab", "cd"])


@pytest.mark.parametrize("bits", [6, 10, 16])
def test_a_bitmap_never_misses_and_seldom_cries_wolf(bits):
    rng = np.random.default_rng(bits)
    keys = rng.integers(0, 2**63, 2**bits // 16, dtype=np.uint64)
    marked = bitmap(keys, bits)
    assert len(marked) == 2**bits // 64
    assert all(in_bitmap(marked, key, bits) for key in keys)
    others = rng.integers(0, 2**63, 2_000, dtype=np.uint64)
    assert np.mean([in_bitmap(marked, key, bits) for key in others]) < 0.1


def test_an_empty_bitmap_holds_nothing():
    assert not in_bitmap(bitmap(np.zeros(0, np.uint64), 10), np.uint64(5), 10)
