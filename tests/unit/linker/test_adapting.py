"""A prior that moves with the tables: shares of matches, versions, what cannot be adapted."""

import numpy as np
import pytest

from sameas.core.errors import ArgumentError, LabelError
from sameas.linker import Linker, adapt
from sameas.linker.adapting import shifted
from sameas.matching import FellegiSunter, RandomForest


@pytest.fixture(scope="module")
def fitted(new_linker, new_problem):
    problem = new_problem()
    return new_linker().fit(problem.left, problem.right, labels=problem.labels)


@pytest.fixture(scope="module")
def strangers(new_problem):
    """Tables of which only a few rows have a partner."""
    left, right = new_problem(seed=2).left, new_problem(seed=3).right
    common = new_problem(seed=2).right
    for name in ("name", "latitude", "longitude"):
        right[name][:6] = common[name][:6]
    return left, right


def log_odds(linker, tables, problem):
    score = linker.score(*tables, pairs=problem.pairs)["score"]
    score = np.array(score)
    return np.log(score / (1 - score))


def test_where_matches_are_rare_all_log_odds_fall_by_the_same(fitted, strangers, problem):
    adapted = adapt(fitted, *strangers)
    told = adapted.fitted_.report["adapted"]
    assert told["share_here"] < told["share_at_fit"] / 2
    moved = log_odds(adapted, strangers, problem) - log_odds(fitted, strangers, problem)
    np.testing.assert_allclose(moved, told["shift"], atol=1e-6)
    assert told["shift"] < 0


def test_the_given_linker_is_not_changed_and_the_new_one_can_be_saved(
    fitted, strangers, problem, tmp_path
):
    version, before = fitted.version, log_odds(fitted, strangers, problem)
    adapted = adapt(fitted, *strangers)
    assert fitted.version == version != adapted.version
    np.testing.assert_array_equal(log_odds(fitted, strangers, problem), before)
    adapted.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    assert again.version == adapted.version
    np.testing.assert_array_equal(
        log_odds(again, strangers, problem), log_odds(adapted, strangers, problem)
    )


def test_the_share_at_fit_is_that_of_the_labelled_candidates(fitted):
    share = fitted.fitted_.report["match_share"]
    assert 0.3 < share < 1, "half of the labelled pairs are matches, most others no candidates"


def test_a_linker_that_learned_without_labels_is_refused(new_linker, problem):
    alone = new_linker(matcher=FellegiSunter()).fit(problem.left, problem.right)
    with pytest.raises(LabelError, match="fit it on labelled pairs"):
        adapt(alone, problem.left, problem.right)


def test_a_forest_has_no_log_odds_to_move(new_linker, problem):
    forest = new_linker(matcher=RandomForest(trees=5)).fit(
        problem.left, problem.right, labels=problem.labels
    )
    with pytest.raises(ArgumentError, match="log-odds, as Boosting does"):
        adapt(forest, problem.left, problem.right)


def test_tables_without_candidates_are_refused(fitted, problem):
    far = {**problem.right, "latitude": [-60.0] * len(problem.right["id"])}
    with pytest.raises(LabelError, match="no candidate pairs"):
        adapt(fitted, problem.left, far)


def test_a_shift_of_nothing_changes_nothing(fitted):
    matcher = shifted(fitted.fitted_.matcher, 0.0)
    features = np.zeros((3, len(matcher.names)), np.float32)
    np.testing.assert_array_equal(matcher.score(features), fitted.fitted_.matcher.score(features))
