"""First guesses: ranks, mutual best, the cut between two groups, directions; examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sameas.comparison import Distance, Equal, MissingSides, TokenOverlap
from sameas.linker.examples import examples, prior_shift, snapped, some, steps_of
from sameas.linker.guesses import directions, first_guess, middle_cut, mutual_best, ranks

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


def test_a_taken_record_may_have_another_partner_as_far_as_others_do():
    left = np.repeat(np.arange(20), 2).astype(np.int32)
    right = (20 + np.arange(40)).astype(np.int32)
    score = np.tile([0.9, 0.899], 20) + np.repeat(np.arange(20), 2) * 5e-3
    guess = first_guess(left, right, score, 60)
    best = mutual_best(left, right, score)
    assert (guess[best] == 1).all()
    assert guess[~best].max() > 0.8
    strict = first_guess(left, right, score, 60, single=(True, True))
    assert strict.tolist() == best.astype(float).tolist()
    poor = first_guess(left, right, np.where(best, score, 0.2), 60)
    assert poor.tolist() == best.astype(float).tolist()
