import json

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import from_dict, registered, to_dict
from sameas.evaluation import FBeta, PrecisionAtLeast, choose_threshold, pair_metrics


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
    assert choose_threshold([True], [0.0]).threshold == 0.0
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


@pytest.mark.parametrize("goal", [FBeta(0.5), PrecisionAtLeast(0.97)])
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
