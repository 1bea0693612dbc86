"""First guesses: ranks, mutual best, the cut between two groups, directions; examples."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sameas.comparison import Distance, Equal, MissingSides, TokenOverlap
from sameas.linker.examples import examples, prior_shift, snapped, some, steps_of
from sameas.linker.guesses import (
    directions,
    first_guess,
    guess_of_best,
    middle_cut,
    mutual_best,
    ranks,
)

PAIRS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(6, 11), st.integers(0, 4)), min_size=1, max_size=30
)


@given(PAIRS)
def test_a_record_is_in_one_mutual_best_pair_at_most(pairs):
    left, right, score = (np.array(part) for part in zip(*pairs, strict=True))
    best = mutual_best(left, right, score.astype(float))
    assert best.any()
    for side in (left[best], right[best]):
        assert len(np.unique(side)) == len(side)


@given(PAIRS)
def test_ranks_count_the_better_ones(pairs):
    left, right, score = (np.array(part) for part in zip(*pairs, strict=True))
    for side, rank in zip((left, right), ranks(left, right, score.astype(float)), strict=True):
        for place in range(len(side)):
            mine = side == side[place]
            better = mine & (score > score[place])
            equal = mine & (score == score[place])
            assert better.sum() <= rank[place] < better.sum() + equal.sum()


def test_within_one_table_both_ends_count():
    left, right = np.array([0, 1, 0]), np.array([1, 2, 2])
    assert mutual_best(left, right, np.array([0.5, 0.9, 0.4])).tolist() == [False, True, False]


def test_the_cut_lies_between_two_groups():
    random = np.random.default_rng(0)
    values = np.concatenate([random.normal(0.2, 0.05, 900), random.normal(0.8, 0.05, 90)])
    assert 0.35 < middle_cut(values) < 0.7
    assert middle_cut(np.array([0.3])) == 0.3
    assert middle_cut(np.zeros(0)) == 0.0


def test_directions_are_those_of_the_columns():
    found = directions((Equal("a"), TokenOverlap("b"), Distance(), MissingSides("c")))
    assert found == {
        "a_equal": 1, "b_jaccard": 1, "b_weighted_jaccard": 1, "b_unmatched_less": -1,
        "b_unmatched_more": -1, "distance": -1,
    }  # fmt: skip


def test_examples_stand_for_all_guesses():
    guess = np.array([1.0] * 5 + [0.4] * 10 + [0.0] * 1000)
    rows, label, weight = examples(guess, 100, np.random.default_rng(0))
    assert weight[label].sum() == pytest.approx(5)
    assert weight[~label].sum() == pytest.approx(10 * 0.2 + 1000), "the less sure, the lighter"
    assert (rows[~label] >= 15).sum() == 100


def test_a_guess_of_a_half_is_no_example():
    rows, label, _ = examples(np.array([1.0, 0.5, 0.495, 0.0]), 100, np.random.default_rng(0))
    assert rows.tolist() == [0, 3]
    assert label.tolist() == [True, False]


def test_the_share_of_matches_is_found_again():
    random = np.random.default_rng(2)
    for share in (0.02, 0.1, 0.3):
        match = random.random(40_000) < share
        ratio = random.normal(np.where(match, 2.0, -2.0), 2.0)  # log-odds at even chances
        learned = ratio + np.log(0.1 / 0.9)
        prior = np.log(0.1 / 0.9) + prior_shift(learned, 0.1)
        assert 1 / (1 + np.exp(-prior)) == pytest.approx(share, rel=0.2)
    assert prior_shift(np.array([-50.0, -50.0]), 0.0) == 0.0


def test_some_rows_keep_their_order():
    rows = np.arange(50)
    drawn = some(rows, 10, np.random.default_rng(0))
    assert len(drawn) == 10
    assert (np.diff(drawn) > 0).all()
    assert some(rows, 50, np.random.default_rng(0)) is rows


@given(st.lists(st.floats(-5, 5, width=32), min_size=2, max_size=60), st.integers(2, 9))
@example([-1.0, -1.401298464324817e-45, 0.0, 0.25, 1.0], 5)
def test_a_value_and_its_step_fall_on_one_side_of_every_cut(values, bins):
    column = np.array(values, np.float32)
    steps = steps_of(column, bins)
    out = snapped(column[:, None], [0], [steps])[:, 0]
    assert np.isin(out, steps).all()
    for cut in (steps[:-1] + steps[1:]) / 2:
        assert ((column <= cut) == (out <= cut)).all()


def test_missing_stays_missing():
    out = snapped(np.array([[np.nan], [1.0]], np.float32), [0], [np.array([0.0, 2.0], np.float32)])
    assert np.isnan(out[0, 0])
    assert out[1, 0] == 0.0


def tables(*, copies=1, paired=200, alone=0, strangers=4, seed=0):
    """Return candidates of two tables, how alike they are and which are matches.

    Each paired left record has so many partners; every right record has strangers too.
    """
    random = np.random.default_rng(seed)
    lefts, rights = paired + alone, paired * copies + alone
    left, right = np.repeat(np.arange(paired), copies), np.arange(paired * copies)
    other = np.repeat(np.arange(rights), strangers)
    pairs = np.unique(np.stack([random.integers(0, lefts, len(other)), other]), axis=1)
    pairs = pairs[:, pairs[0] != np.minimum(pairs[1] // copies, lefts)]
    match = np.arange(len(left) + pairs.shape[1]) < len(left)
    score = np.where(
        match, random.normal(0.8, 0.06, len(match)), random.normal(0.4, 0.06, len(match))
    )
    ends = np.concatenate([left, pairs[0]]), lefts + np.concatenate([right, pairs[1]])
    return *(end.astype(np.int32) for end in ends), score, match, lefts + rights


def test_best_pairs_count_as_far_as_they_are_more_alike_than_second_best_ones():
    left, right, score, match, records = tables(alone=300)
    best = mutual_best(left, right, score)
    assert (best & ~match).sum() > 50  # each other's best, and no match
    guess = guess_of_best(left, right, score, records, exclusive=(1.0, 1.0))
    assert guess[best & match].mean() > 0.95
    assert guess[best & ~match].mean() < 0.5
    assert (guess[~best] == 0).all()


def test_the_best_pair_of_one_record_counts_as_far_as_the_other_may_have_several_partners():
    left, right, score, match, records = tables(copies=3)
    beside = match & ~mutual_best(left, right, score)
    free = guess_of_best(left, right, score, records, exclusive=(0.0, 1.0))
    assert free[beside].mean() > 0.95
    assert free[mutual_best(left, right, score)].mean() > 0.95
    assert free[~match].mean() < 0.1
    half = guess_of_best(left, right, score, records, exclusive=(0.5, 1.0))
    np.testing.assert_allclose(half[beside], free[beside] / 2)
    strict = guess_of_best(left, right, score, records, exclusive=(1.0, 1.0))
    assert (strict[beside] == 0).all()


def test_a_few_best_pairs_are_matches():
    left, right, score, _, records = tables(paired=8)
    best = mutual_best(left, right, score)
    guess = guess_of_best(left, right, score, records, exclusive=(0.0, 0.0))
    assert guess.tolist() == best.astype(float).tolist()


def test_a_taken_record_may_have_another_partner_as_far_as_others_do():
    left, right, score, match, records = tables(copies=3)
    guess = first_guess(left, right, score, records)
    assert guess[match].mean() > 0.85
    assert guess[~match].mean() < 0.1
    best = mutual_best(left, right, score)
    strict = first_guess(left, right, score, records, single=(True, True))
    assert strict[match & ~best].max() == 0
    told = first_guess(left, right, score, records, exclusive=(1.0, 1.0))
    assert told[match & ~best].mean() < guess[match & ~best].mean()


def test_a_pair_that_is_nobodys_best_must_be_as_alike_as_the_best_ones():
    left = np.array([0, 1, 0, *range(2, 12)], np.int32)
    right = np.array([12, 13, 13, *range(14, 24)], np.int32)
    score = np.array([0.9, 0.95, 0.89, *[0.5] * 10])
    assert 0 < first_guess(left, right, score, 24)[2] < 0.5
    score[2] = 0.45
    assert first_guess(left, right, score, 24)[2] == 0
