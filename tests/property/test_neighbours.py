"""The nearest in the wording: brute force over all cosines, ties by record number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.blocking import TextNeighbours, neighbours
from sameas.core.prepared import Vectors

DIMENSIONS = 6
quick = settings(max_examples=100, deadline=None)


@st.composite
def vectors(draw):
    """Unit vectors of few values on few dimensions, so that cosines tie often; some missing."""
    entries = st.dictionaries(
        st.integers(0, DIMENSIONS - 1), st.sampled_from([1.0, 2.0, 3.0]), min_size=1, max_size=4
    )
    texts = draw(st.lists(entries, max_size=6))
    rows = []
    for text in texts:
        row = np.zeros(DIMENSIONS, np.float32)
        row[list(text)] = list(text.values())
        rows.append(row / np.linalg.norm(row))
    code = draw(st.lists(st.integers(-1, len(texts) - 1), max_size=12))
    return np.array(rows, np.float32).reshape(-1, DIMENSIONS), np.array(code, np.int32)


def columns_of(rule, rows, code):
    row, index = np.nonzero(rows)
    start = np.searchsorted(row, np.arange(len(rows) + 1))
    made = Vectors(code, start, index.astype(np.int32), rows[row, index], rows.shape[1])
    return {rule.needs()[0]: made}


def brute(rows, code, k, group):
    """Return the pairs of each record with its nearest, by the cosines of all."""
    pairs = set()
    for query in range(len(code)):
        found = []
        for other in range(len(code)):
            if other == query or min(code[query], code[other]) < 0:
                continue
            if group is not None and group[query] == group[other]:
                continue
            cosine = np.float32(rows[code[query]].astype(float) @ rows[code[other]])
            if cosine > 0:
                found.append((-min(cosine, np.float32(1)), other))
        pairs |= {(min(query, other), max(query, other)) for _, other in sorted(found)[:k]}
    return pairs


@quick
@given(vectors(), st.integers(1, 5), st.booleans(), st.integers(1, 3))
def test_the_list_is_that_of_brute_force(given, k, grouped, threads):
    rows, code = given
    rule = TextNeighbours(("name",), k=k)
    group = (np.arange(len(code)) % 3).astype(np.int32) if grouped else None
    left, right = rule.pairs(columns_of(rule, rows, code), group, threads=threads)
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == brute(rows, code, k, group)
    assert len(left) == len(set(zip(left.tolist(), right.tolist(), strict=True)))


@quick
@given(vectors(), st.integers(1, 3), st.booleans(), st.data())
def test_some_records_have_the_lists_that_they_have_among_all(given, k, grouped, data):
    rows, code = given
    rule = TextNeighbours(("name",), k=k)
    columns = columns_of(rule, rows, code)
    group = (np.arange(len(code)) % 2).astype(np.int32) if grouped else None
    asked = data.draw(st.lists(st.integers(0, max(len(code) - 1, 0)), max_size=5))
    if not len(code):
        asked = []
    part = rule.pairs_of(columns, group, np.array(asked, np.int32), threads=1)
    each = [rule.pairs_of(columns, group, np.array([one], np.int32), threads=2) for one in asked]
    joined = {pair for left, right in each for pair in zip(left, right, strict=True)}
    assert set(zip(*part, strict=True)) == joined


@pytest.mark.parametrize("across", [False, True])
def test_within_its_budget_nearly_all_of_the_nearest_are_found(across, monkeypatch):
    rng = np.random.default_rng(0)
    frequency = 1 / np.arange(1, 401)
    size, k = 1_500, 5
    rows = np.zeros((size, 400), np.float32)
    for row in rows:
        held = rng.choice(400, 25, replace=False, p=frequency / frequency.sum())
        row[held] = np.log(1 / frequency[held] + 1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rule = TextNeighbours(("name",), k=k)
    columns = columns_of(rule, rows, np.arange(size, dtype=np.int32))
    group = (np.arange(size) % 2).astype(np.int32) if across else None
    exact = set(zip(*rule.pairs(columns, group, threads=2), strict=True))
    monkeypatch.setattr(neighbours, "_READ", 1_000)
    monkeypatch.setattr(neighbours, "_FULL", 20)
    within = set(zip(*rule.pairs(columns, group, threads=2), strict=True))
    assert 0.75 < len(within & exact) / len(exact) < 1
