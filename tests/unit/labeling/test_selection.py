from __future__ import annotations

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.labeling import PairSelection, calibrate, choose_pairs
from sameas.labeling.calibration import answer_log_odds
from sameas.labeling.selection import disagreement, score_strata


def pool(count: int = 4000, seed: int = 0):
    random = np.random.default_rng(seed)
    left = random.integers(0, 500, count).astype(np.int32)
    right = (500 + random.integers(0, 500, count)).astype(np.int32)
    key = np.unique(left.astype(np.int64) << 32 | right)
    left, right = (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32)
    return left, right, random.beta(0.1, 0.9, len(left))


def test_the_random_share_stands_for_all_candidates() -> None:
    left, right, score = pool()
    truth = np.random.default_rng(1).random(len(score)) < score
    errors = []
    for seed in range(20):
        chosen = choose_pairs(left, right, score, pairs=300, selection=PairSelection(seed=seed))
        drawn = chosen.drawn == 0
        assert np.isnan(chosen.weight[~drawn]).all()
        assert chosen.weight[drawn].sum() == pytest.approx(len(score))
        errors.append((chosen.weight[drawn] * truth[chosen.rows[drawn]]).sum() - truth.sum())
    # Unbiased: the mean error is small against the spread of one draw.
    assert abs(np.mean(errors)) < np.std(errors)


def test_shares_are_kept_and_no_pair_is_drawn_twice() -> None:
    left, right, score = pool()
    chosen = choose_pairs(left, right, score, pairs=200)
    assert len(set(chosen.rows.tolist())) == 200
    counts = np.bincount(chosen.drawn, minlength=4).tolist()
    assert counts == list(PairSelection().counts(200).values())


def test_it_depends_on_pairs_not_on_their_order() -> None:
    left, right, score = pool()
    order = np.random.default_rng(2).permutation(len(left))
    one = choose_pairs(left, right, score, pairs=150)
    two = choose_pairs(left[order], right[order], score[order], pairs=150)
    assert set(order[two.rows].tolist()) == set(one.rows.tolist())


def test_doubt_goes_where_the_committee_differs() -> None:
    left, right, score = pool()
    committee = np.zeros((len(score), 3))
    committee[7:12, 0] = 1.0
    how = PairSelection(random=0, score=0, doubt=1, hard=0, per_record=9)
    chosen = choose_pairs(left, right, score, pairs=5, selection=how, committee=committee)
    assert chosen.rows.tolist() == [7, 8, 9, 10, 11]
    assert disagreement(committee)[7] == pytest.approx(2 / 9)


def test_hard_negatives_are_second_to_a_better_pair() -> None:
    left = np.array([0, 0, 1, 2], np.int32)
    right = np.array([5, 6, 7, 8], np.int32)
    score = np.array([0.9, 0.8, 0.7, 0.1])
    how = PairSelection(random=0, score=0, doubt=0, hard=1)
    chosen = choose_pairs(left, right, score, pairs=1, selection=how)
    assert chosen.rows.tolist() == [1]


def test_pairs_that_were_asked_are_left_out() -> None:
    left, right, score = pool()
    first = choose_pairs(left, right, score, pairs=100)
    taken = np.zeros(len(score), bool)
    taken[first.rows] = True
    second = choose_pairs(left, right, score, pairs=100, taken=taken)
    assert not set(first.rows.tolist()) & set(second.rows.tolist())


def test_more_pairs_than_there_are() -> None:
    left, right, score = (part[:20] for part in pool())
    assert len(choose_pairs(left, right, score, pairs=100).rows) == 20
    assert len(choose_pairs(left[:0], right[:0], score[:0], pairs=5).rows) == 0


def test_few_likely_matches_have_strata_of_their_own() -> None:
    score = np.concatenate([np.full(10_000, 1e-9), np.linspace(0.9, 1, 30)])
    strata = score_strata(score, 9)
    assert len(np.unique(strata[-30:])) >= 3
    with pytest.raises(ArgumentError, match=r"\[0, 1\]"):
        score_strata(np.array([1.2]), 3)


def noisy(count: int = 600, seed: int = 0):
    random = np.random.default_rng(seed)
    truth = random.random(count) < 0.25
    odds = random.normal(np.where(truth, -1.5, -4.5))
    cheap = np.clip(random.normal(np.where(truth, 0.7, 0.2), 0.2), 0.0, 1.0)
    return truth, odds, cheap


@pytest.mark.parametrize("how", ["labels", "prior"])
def test_calibration_moves_a_model_that_says_yes_too_rarely(how: str) -> None:
    truth, odds, cheap = noisy()
    assert (odds >= 0)[truth].mean() < 0.15
    labels = np.where(np.arange(len(truth)) < 40, truth, -1).astype(np.int8)
    found = calibrate(odds, labels=labels if how == "labels" else None, prior=cheap)
    assert found.method == how
    assert ((found.probability(odds) >= 0.5) == truth).mean() > 0.88
    both = found.probability(odds, prior=cheap)
    assert ((both >= 0.5) == truth).mean() > 0.88


def test_calibration_without_anything_estimates_the_share() -> None:
    truth, odds, _ = noisy(4000)
    found = calibrate(odds)
    assert found.share == pytest.approx(truth.mean(), abs=0.08)


def test_answers_that_contradict_the_prior_only_move_the_cut() -> None:
    _, odds, cheap = noisy()
    found = calibrate(-odds, prior=cheap)
    assert found.slope == 1.0
    assert found.probability(-odds).round().mean() == pytest.approx(cheap.mean(), abs=0.05)


def test_written_answers_count_where_there_is_nothing_else() -> None:
    said = np.array([1, 0, -1, 1], np.int8)
    odds = answer_log_odds(said, np.array([np.nan, np.nan, np.nan, -3.0]))
    assert odds[[0, 1, 3]].tolist() == [2.0, -2.0, -3.0]
    assert np.isnan(odds[2])


def test_most_strata_lie_among_likely_non_matches() -> None:
    """Where a score is wrong it cannot say so: most random pairs come from below."""
    score = np.concatenate([np.full(500, 0.95), np.linspace(0.001, 0.1, 9500)])
    score[:500] += np.linspace(0, 0.04, 500)
    ends = np.arange(len(score), dtype=np.int32)
    how = PairSelection(random=1, score=0, doubt=0, hard=0, strata=12)
    chosen = choose_pairs(ends, ends + 10_000, score, pairs=240, selection=how)
    low = float((score[chosen.rows] < 0.5).mean())
    assert 0.6 < low < 0.85
    assert chosen.weight.sum() == pytest.approx(10_000)


def test_a_students_threshold_comes_of_pairs_without_labels() -> None:
    """Two hundred labels, most of them matches, and ten thousand pairs that are mostly none."""
    from sameas.evaluation import FBeta
    from sameas.linker.student import cut_for

    random = np.random.default_rng(0)

    def scored(count: int, share: float):
        label = random.random(count) < share
        odds = random.normal(np.where(label, 1.5, -1.5), 1.5)
        return label, 1 / (1 + np.exp(-odds))

    def f1(label, said) -> float:
        return 2 * (label & said).sum() / (label.sum() + said.sum())

    truth, others = scored(10_000, 0.05)
    best = max(f1(truth, others >= cut) for cut in np.linspace(0.05, 0.99, 95))
    label, score = scored(200, 0.5)
    weight = np.where(label, 0.1, 1.9)  # as if the 200 were 5 % matches too
    cut = cut_for(label, score, weight, others, FBeta())
    assert f1(truth, others >= cut) > best - 0.02
    assert cut > 0.7, "the labelled pairs alone are half matches"
