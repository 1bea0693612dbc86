import json

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import from_dict, registered, to_dict
from sameas.evaluation import (
    ExpectedCost,
    FBeta,
    FixedThreshold,
    OneToOne,
    PrecisionAtLeast,
    ReviewBand,
    choose_threshold,
    expected_threshold,
    pair_metrics,
    wilson,
)


def test_midway_between_the_neighbouring_scores():
    choice = choose_threshold([False, True], [0.2, 0.8])
    assert choice.threshold == pytest.approx(0.5)
    assert choice.value == 1.0


def test_the_middle_of_a_plateau_not_its_edge():
    # Recall stays 1/2 from 0.9 down to 0.7, where precision is 3/5: the plateau is (0.6, 0.9].
    labels = [True, True, True, False, False, False, True, True, True]
    scores = [0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.2, np.nan, np.nan]
    choice = choose_threshold(labels, scores, PrecisionAtLeast(0.6))
    assert (choice.value, choice.threshold) == (0.5, pytest.approx(0.75))
    assert choice.note.endswith("the best value holds above 0.6 up to 0.9")
    choice = choose_threshold(labels[:6], scores[:6], PrecisionAtLeast(0.5))
    assert choice.threshold == pytest.approx(0.3)  # the gap (0, 0.6] holds the middle of (0, 0.9]
    assert choice.value == 1.0


def test_the_widest_of_several_plateaus():
    # F1 is 2/3 at the cut 0.9 (1 of 1, recall 1/2) and at 0.1 (2 of 4, recall 1).
    labels = [True, False, False, True]
    scores = [0.9, 0.85, 0.8, 0.1]
    assert choose_threshold(labels, scores).threshold == pytest.approx(0.05)
    scores = [0.9, 0.5, 0.3, 0.1]
    assert choose_threshold(labels, scores).threshold == pytest.approx(0.7)


def test_equally_wide_plateaus_take_the_higher():
    labels = [True, False, False, True]
    scores = [0.75, 0.5, 0.375, 0.25]
    assert choose_threshold(labels, scores).threshold == 0.625


def test_neighbouring_floats_leave_no_room_between():
    low = 0.5
    high = np.nextafter(low, 1)
    choice = choose_threshold([False, True], [low, high])
    assert choice.threshold == high
    assert choose_threshold([True], [5e-324]).value == 1.0


def test_precision_goal_takes_the_largest_recall_there():
    rng = np.random.default_rng(5)
    labels = rng.random(2000) < 0.3
    scores = np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.2, 2000), 0, 1)
    choice = choose_threshold(labels, scores, PrecisionAtLeast(0.9))
    found = pair_metrics(labels, scores, threshold=choice.threshold)
    assert found.precision >= 0.9
    assert found.recall == choice.value
    allowed = [
        other.recall
        for cut in scores
        if (other := pair_metrics(labels, scores, threshold=cut)).precision >= 0.9
    ]
    assert choice.value == max(allowed)


def test_a_goal_that_cannot_be_met_says_what_can():
    with pytest.raises(ArgumentError, match=r"precision of 0\.9: the best .* is 0\.5000"):
        choose_threshold([True, False], [0.7, 0.7], PrecisionAtLeast(0.9))


def test_nothing_to_choose_on():
    with pytest.raises(LabelError, match="at least one pair labelled a match"):
        choose_threshold([False], [0.5])
    with pytest.raises(ArgumentError, match="all are NaN"):
        choose_threshold([True], [np.nan])
    with pytest.raises(ArgumentError, match=r"within \[0, 1\]"):
        choose_threshold([True], [1.5])


@pytest.mark.parametrize(
    "goal",
    [
        FBeta(0.5),
        PrecisionAtLeast(0.97),
        PrecisionAtLeast(0.1, level=0.9),
        ExpectedCost(5, 1, review=0.1),
        ReviewBand(FBeta(2), precision=0.9, lost=0.1),
    ],
)
def test_goals_are_specs(goal):
    assert from_dict(to_dict(goal), family="goal") == goal
    assert type(goal) in registered("goal").values()
    plain = choose_threshold([True, False], [0.9, 0.1], goal).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["goal"] == to_dict(goal)


def test_goals_check_their_settings():
    for bad in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ArgumentError, match="beta"):
            FBeta(bad)
    for bad in (0, 1.01, float("nan"), 95):
        with pytest.raises(ArgumentError, match="precision"):
            PrecisionAtLeast(bad)


@pytest.mark.parametrize("goal", [FBeta(), FBeta(replicates=50), PrecisionAtLeast(0.4)])
def test_a_score_of_zero_is_never_a_match(goal):
    # The rule finds 1 of 5 matches; accepting all pairs would have the better F1.
    labels, scores = [True] * 5 + [False] * 5, [1.0] + [0.0] * 9
    assert 0 < choose_threshold(labels, scores, goal).threshold <= 1
    never = choose_threshold([True, False], [0.0, 0.0], goal)
    assert (never.threshold, never.value) == (0.5, 0.0)


def test_precision_with_its_lower_bound_asks_for_more():
    rng = np.random.default_rng(6)
    labels = rng.random(3000) < 0.3
    scores = np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.15, 3000), 0.001, 1)
    plain = choose_threshold(labels, scores, PrecisionAtLeast(0.95))
    sure = choose_threshold(labels, scores, PrecisionAtLeast(0.95, level=0.95))
    assert sure.threshold > plain.threshold
    accepted = scores >= sure.threshold
    assert wilson(int(labels[accepted].sum()), int(accepted.sum())).low >= 0.95
    with pytest.raises(ArgumentError, match=r"lower bound \(95%\) of the precision of 0\.99"):
        choose_threshold([True, False], [0.9, 0.7], PrecisionAtLeast(0.99, level=0.95))


def test_cost_is_the_smallest_of_all_cuts():
    rng = np.random.default_rng(7)
    labels = rng.random(500) < 0.4
    scores = np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.2, 500), 0.001, 1)
    goal = ExpectedCost(false_match=4, missed_match=1)

    def cost(cut):
        return 4 * (~labels & (scores >= cut)).sum() + (labels & (scores < cut)).sum()

    choice = choose_threshold(labels, scores, goal)
    assert cost(choice.threshold) == -choice.value == min(cost(cut) for cut in scores)


def test_review_where_it_is_cheaper_than_a_mistake():
    probability = np.linspace(0.005, 0.995, 100)
    choice = expected_threshold(probability, ExpectedCost(1, 1, review=0.1))
    assert choice.threshold == pytest.approx(0.5)
    assert (choice.lower, choice.upper) == (pytest.approx(0.1), pytest.approx(0.9))
    dear = expected_threshold(probability, ExpectedCost(1, 1, review=0.6))
    assert dear.lower == dear.threshold == dear.upper
    assert expected_threshold(probability, ExpectedCost(1, 1)).lower is None


def test_the_review_band_keeps_its_two_promises():
    rng = np.random.default_rng(8)
    labels = rng.random(4000) < 0.3
    scores = np.clip(0.3 + 0.4 * labels + rng.normal(0, 0.15, 4000), 0.001, 1)
    choice = choose_threshold(labels, scores, ReviewBand(FBeta(), precision=0.98, lost=0.02))
    assert choice.lower < choice.threshold < choice.upper
    assert labels[scores >= choice.upper].mean() >= 0.98
    assert labels[scores < choice.lower].sum() <= 0.02 * labels.sum()
    assert choice.threshold == choose_threshold(labels, scores).threshold
    with pytest.raises(ArgumentError, match="precision of 1"):
        choose_threshold([True, False], [0.5, 0.5], ReviewBand(FBeta(), precision=1.0))


def test_assigned_pairs_alone_are_cut():
    labels, scores = [True, False, True, False], [0.9, 0.8, 0.6, 0.2]
    assigned = [True, False, True, True]
    choice = choose_threshold(labels, scores, OneToOne(FBeta()), assigned=assigned)
    assert (choice.threshold, choice.value) == (0.4, 1.0)
    band = ReviewBand(OneToOne(FBeta()), precision=0.9, lost=0)
    assert choose_threshold(labels, scores, band, assigned=assigned).threshold == 0.4
    with pytest.raises(ArgumentError, match="needs assigned="):
        choose_threshold(labels, scores, OneToOne())
    by_hand = OneToOne(FixedThreshold(0.3))
    assert choose_threshold(labels, scores, by_hand, assigned=assigned).threshold == 0.3


@pytest.mark.parametrize("goal", [FBeta(0.5), PrecisionAtLeast(0.9), ExpectedCost(3, 1)])
def test_calibrated_scores_give_the_threshold_of_labels(goal):
    rng = np.random.default_rng(9)
    probability = rng.beta(0.4, 0.8, 200_000)
    labels = rng.random(len(probability)) < probability
    with_labels = choose_threshold(labels, probability, goal)
    without = expected_threshold(probability, goal)
    assert without.threshold == pytest.approx(with_labels.threshold, abs=0.03)
    assert without.value == pytest.approx(with_labels.value, rel=0.02)
    assert without.note.startswith("estimated from the scores, without labels")


def test_weights_are_repetitions():
    rng = np.random.default_rng(10)
    probability, times = rng.random(50), rng.integers(0, 5, 50)
    once = expected_threshold(probability, weights=times)
    repeated = expected_threshold(np.repeat(probability, times))
    assert once.threshold == repeated.threshold
    with pytest.raises(ArgumentError, match="weights"):
        expected_threshold(probability, weights=-times)


def test_goals_of_goals_check_their_settings():
    with pytest.raises(ArgumentError, match="level"):
        PrecisionAtLeast(0.9, level=95)
    with pytest.raises(ArgumentError, match="false_match"):
        ExpectedCost(0, 1)
    with pytest.raises(ArgumentError, match="lost"):
        ReviewBand(lost=1)
    with pytest.raises(ArgumentError, match="ReviewBand"):
        ReviewBand(ReviewBand())


def test_samples_of_groups_are_not_ruled_by_a_giant_one():
    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(41), [10] * 40 + [400])
    labels = rng.random(len(group)) < 0.5
    low = np.where(labels, 0.35, 0.15) + rng.normal(0, 0.02, len(group))  # of the giant group
    high = np.where(labels, 0.85, 0.55) + rng.normal(0, 0.02, len(group))
    scores = np.where(group == 40, low, high)
    goal = FBeta(replicates=60)
    by_pairs = choose_threshold(labels, scores, goal).threshold
    by_groups = choose_threshold(labels, scores, goal, groups=group).threshold
    assert by_pairs < 0.45, "nearly every sample holds the giant group as it is"
    assert by_pairs + 0.05 < by_groups < 0.8
    assert choose_threshold(labels, scores, goal, groups=group).threshold == by_groups
    single = choose_threshold(labels, scores, FBeta(), groups=group)
    assert single.threshold == choose_threshold(labels, scores, FBeta()).threshold


def test_the_mean_of_samples_may_be_drawn_to_a_level():
    labels = np.arange(40) % 2 == 0
    scores = np.where(labels, 0.3, 0.1)
    plain, half, whole = (
        choose_threshold(labels, scores, FBeta(replicates=20, shrink=share)).threshold
        for share in (0.0, 0.5, 1.0)
    )
    assert plain == pytest.approx(0.2)
    assert half == pytest.approx(0.35)
    assert whole == 0.5
    lower = choose_threshold(labels, scores, FBeta(replicates=20, shrink=0.5, towards=0.4))
    assert lower.threshold == pytest.approx(0.3)
    assert "0.2000, drawn towards 0.4" in lower.note
    with pytest.raises(ArgumentError, match=r"towards must lie in \(0, 1\), got 1.0"):
        FBeta(replicates=20, shrink=0.5, towards=1.0)
    with pytest.raises(ArgumentError, match="shrink"):
        FBeta(replicates=20, shrink=1.5)
    with pytest.raises(ArgumentError, match="set replicates"):
        FBeta(shrink=0.5)
