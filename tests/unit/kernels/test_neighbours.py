"""Nearest neighbours: brute force over all cosines, ties by record number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.neighbours import invert, nearest

quick = settings(max_examples=100, deadline=None)
DIMENSIONS = 6
NO_GROUP = np.zeros(0, np.int32)


@st.composite
def vectors(draw):
    """Few values on few dimensions, so that cosines tie often."""
    texts = draw(
        st.lists(
            st.dictionaries(
                st.integers(0, DIMENSIONS - 1), st.sampled_from([0.25, 0.5, 1.0]), max_size=4
            ),
            min_size=1,
            max_size=6,
        )
    )
    code = draw(st.lists(st.integers(-1, len(texts) - 1), max_size=12))
    start = np.cumsum([0, *map(len, texts)])
    flat = [item for text in texts for item in sorted(text.items())]
    index = np.array([item[0] for item in flat], np.int32)
    value = np.array([item[1] for item in flat], np.float32)
    return texts, (np.array(code, np.int32), start, index, value)


def brute(texts, code, k, group):
    lists = []
    for query in range(len(code)):
        found = []
        for other in range(len(code)):
            if other == query or min(code[query], code[other]) < 0:
                continue
            if len(group) and group[query] == group[other]:
                continue
            a, b = texts[code[query]], texts[code[other]]
            cosine = sum(a[d] * b[d] for d in sorted(a.keys() & b.keys()))
            if cosine > 0:
                found.append((-cosine, other))
        best = [other for _, other in sorted(found)[:k]]
        lists.append(best + [-1] * (k - len(best)))
    return lists


@quick
@given(vectors(), st.integers(1, 5), st.booleans(), st.integers(0, 12))
def test_the_list_is_that_of_brute_force(given, k, grouped, cut):
    texts, arrays = given
    code = arrays[0]
    group = (np.arange(len(code)) % 3).astype(np.int32) if grouped else NO_GROUP
    inverted = invert(*arrays, DIMENSIONS)
    cut = min(cut, len(code))
    parts = [
        nearest(first, last, k, group, arrays, inverted)
        for first, last in ((0, cut), (cut, len(code)))
    ]
    assert np.concatenate(parts).tolist() == brute(texts, code, k, group)


@quick
@given(vectors())
def test_the_inversion_holds_every_value_of_every_record(given):
    texts, (code, *rest) = given
    begin, record, weight = invert(code, *rest, DIMENSIONS)
    for dimension in range(DIMENSIONS):
        here = slice(begin[dimension], begin[dimension + 1])
        found = list(zip(record[here].tolist(), weight[here].tolist(), strict=True))
        expected = [
            (row, texts[c][dimension])
            for row, c in enumerate(code)
            if c >= 0 and dimension in texts[c]
        ]
        assert found == expected


@pytest.mark.parametrize("k", [1, 3])
def test_read_only_vectors_will_do(k):
    arrays = (
        np.zeros(3, np.int32), np.array([0, 1]), np.zeros(1, np.int32), np.ones(1, np.float32),
    )  # fmt: skip
    for array in arrays:
        array.flags.writeable = False
    found = nearest(0, 3, k, NO_GROUP, arrays, invert(*arrays, 1))
    assert found[:, 0].tolist() == [1, 0, 0]
