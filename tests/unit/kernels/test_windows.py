"""Rank and margin among the candidates of each record, against plain Python."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.windows import rank_and_margin, scores_by_record

quick = settings(max_examples=150, deadline=None)
RECORDS = 6
values = st.sampled_from([float("nan"), 0.0, 0.25, 0.5, 0.5, 1.0])


@st.composite
def candidates(draw):
    every = [(a, b) for a in range(RECORDS) for b in range(a + 1, RECORDS)]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=10))
    return {pair: draw(values) for pair in sorted(chosen)}


def arrays(pairs):
    left, right = np.array(list(pairs), np.int32).reshape(-1, 2).T
    return left.copy(), right.copy(), np.array([pairs[pair] for pair in pairs], np.float32)


def reference(pair, own, listed, known):
    if math.isnan(own):
        return [math.nan] * 6
    ranks, margins, counts = [], [], []
    for record in pair:
        scores = [
            score for other, score in known.items()
            if record in other and not math.isnan(score) and not (listed and other == pair)
        ]  # fmt: skip
        ranks.append(1 + sum(score > own for score in scores))
        counts.append(len(scores))
        if scores:
            margins.append(own - max(scores))
    margins = [max(margins), min(margins)] if margins else [math.nan] * 2
    return [min(ranks), max(ranks), *margins, min(counts), max(counts)]


@quick
@given(candidates())
def test_scores_are_gathered_with_the_two_best_last(known):
    start, found = scores_by_record(*arrays(known), RECORDS)
    for record in range(RECORDS):
        mine = [s for pair, s in known.items() if record in pair and not math.isnan(s)]
        window = found[start[record] : start[record + 1]].tolist()
        assert sorted(window) == sorted(mine)
        assert window[-2:] == sorted(mine)[-2:]
    assert start[-1] == len(found)


@quick
@given(candidates(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), values), max_size=6))
def test_rank_and_margin_are_those_of_plain_python(known, others):
    window = scores_by_record(*arrays(known), RECORDS)
    asked = [(pair, score, True) for pair, score in known.items()]
    asked += [((a, b), score, False) for a, b, score in others if a < b and (a, b) not in known]
    left, right = np.array([item[0] for item in asked], np.int32).reshape(-1, 2).T
    score = np.array([item[1] for item in asked], np.float32)
    listed = np.array([item[2] for item in asked], bool)
    found = rank_and_margin(left.copy(), right.copy(), score, listed, *window)
    expected = np.array([reference(*item, known) for item in asked], np.float32).reshape(-1, 6)
    np.testing.assert_array_equal(found, expected)
    swapped = rank_and_margin(right.copy(), left.copy(), score, listed, *window)
    np.testing.assert_array_equal(swapped, found)
    less = rank_and_margin(left.copy(), right.copy(), score, listed, *window, ranks=False)
    assert np.isnan(less[:, :2]).all()
    np.testing.assert_array_equal(less[:, 2:], expected[:, 2:])


def test_a_single_candidate_is_best_without_a_margin():
    left, right, score = arrays({(0, 1): 0.5})
    window = scores_by_record(left, right, score, RECORDS)
    (row,) = rank_and_margin(left, right, score, np.ones(1, bool), *window).tolist()
    assert row[:2] == [1, 1]
    assert np.isnan(row[2:4]).all()
    assert row[4:] == [0, 0]
    (row,) = rank_and_margin(left, right, score, np.zeros(1, bool), *window).tolist()
    assert row == [1, 1, 0, 0, 1, 1], "asked about from outside, the listed pair is another"


def test_ties_share_a_rank():
    left, right, score = arrays({(0, 1): 0.5, (0, 2): 0.5, (0, 3): 0.25})
    window = scores_by_record(left, right, score, RECORDS)
    found = rank_and_margin(left, right, score, np.ones(3, bool), *window)
    assert found[:, 1].tolist() == [1, 1, 3]
    assert found[:, 3].tolist() == [0, 0, -0.25]


def test_no_pairs_at_all():
    left, right, score = arrays({})
    start, found = scores_by_record(left, right, score, 3)
    assert start.tolist() == [0, 0, 0, 0]
    assert rank_and_margin(left, right, score, np.ones(0, bool), start, found).shape == (0, 6)
