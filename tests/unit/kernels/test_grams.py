"""Characters and character n-grams, against plain Python."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.arrays import sort_few
from sameas.kernels.grams import count_grams, to_units

quick = settings(max_examples=100, deadline=None)
MASK = 2**64 - 1
texts = st.lists(st.text(st.characters(codec="utf-8"), max_size=10), max_size=5)


def python_units(text):
    return [p if (p := ord(c)) <= 0xFFFF else 0xE000 + p % 6400 for c in text]


def arrow(given):
    data = [text.encode() for text in given]
    return np.cumsum([0, *map(len, data)]), np.frombuffer(b"".join(data), np.uint8)


def python_dimension(gram, bits):
    state = len(gram)
    for unit in gram:
        state = (state ^ unit) * 0x100000001B3 & MASK
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
    state = (state ^ state >> 27) * 0x94D049BB133111EB & MASK
    return (state ^ state >> 31) >> 64 - bits


def python_grams(text, low, high, bits):
    padded = [32, *python_units(text), 32]
    grams = [
        tuple(padded[begin : begin + size])
        for size in range(low, high + 1)
        for begin in range(len(padded) - size + 1)
    ]
    return sorted(Counter(python_dimension(gram, bits) for gram in grams).items())


@quick
@given(texts)
def test_units_are_the_characters(given):
    start, units = to_units(*arrow(given))
    assert start.dtype == np.int64
    assert units.dtype == np.uint16
    found = [units[a:b].tolist() for a, b in pairwise(start)]
    assert found == [python_units(text) for text in given]


@quick
@given(texts, st.sampled_from([(1, 1), (2, 4), (3, 3), (5, 7)]), st.sampled_from([4, 20]))
def test_grams_are_counted_by_hashed_dimension(given, sizes, bits):
    start, index, count = count_grams(*to_units(*arrow(given)), *sizes, bits)
    assert (start.dtype, index.dtype, count.dtype) == (np.int64, np.int32, np.float32)
    found = [
        list(zip(index[a:b].tolist(), count[a:b].tolist(), strict=True)) for a, b in pairwise(start)
    ]
    assert found == [python_grams(text, *sizes, bits) for text in given]


def test_long_texts_outgrow_the_first_buffers():
    long = "".join(chr(97 + (n * n) % 26) for n in range(5_000))
    start, index, count = count_grams(*to_units(*arrow(["a", long, ""])), 2, 5, 20)
    assert list(
        zip(index[start[1] : start[2]].tolist(), count[start[1] : start[2]], strict=True)
    ) == (python_grams(long, 2, 5, 20))


@pytest.mark.parametrize("given", [[], [""], ["", ""]])
def test_nothing_has_no_units(given):
    start, units = to_units(*arrow(given))
    assert start.tolist() == [0] * (len(given) + 1)
    assert units.tolist() == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 60, 1_000])
def test_few_numbers_are_sorted_and_what_follows_stays(count):
    values = np.random.default_rng(count).integers(0, 50, count + 5).astype(np.int32)
    wanted = np.append(np.sort(values[:count]), values[count:])
    sort_few.py_func(values, count)
    assert values.tolist() == wanted.tolist()


def test_long_texts_count_each_gram_of_theirs():
    text = "the quick brown fox jumps over the lazy dog " * 40
    start, units = np.array([0, len(text)]), np.frombuffer(text.encode("utf-16-le"), np.uint16)
    found, index, count = count_grams(start, units, 2, 3, 30)
    padded = f" {text} "
    grams = [padded[n : n + size] for size in (2, 3) for n in range(len(padded) - size + 1)]
    assert found[1] == len(set(grams)) == len(index)
    assert count.sum() == len(grams)
    assert np.all(np.diff(index) > 0)
