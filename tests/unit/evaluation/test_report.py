import json

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import evaluate_scores, pair_metrics

LABELS = np.array([True, True, True, False, False])
SCORES = np.array([0.9, 0.8, 0.2, 0.7, np.nan])
CANDIDATE = np.array([True, False, True, False, True])


def test_end_to_end_counts_missed_pairs_as_non_matches():
    found = evaluate_scores(LABELS, SCORES, CANDIDATE, threshold=0.5)
    assert found.all_pairs == pair_metrics(LABELS, SCORES, threshold=0.5)
    end = found.end_to_end
    assert (end.true_positives, end.false_positives, end.false_negatives) == (1, 0, 2)
    assert (found.missed_matches, found.missed_others, found.threshold) == (1, 1, 0.5)


def test_a_missed_pair_is_accepted_at_no_threshold():
    found = evaluate_scores(LABELS, SCORES, CANDIDATE, threshold=0.0)
    assert found.end_to_end.true_positives == 2


def test_without_candidates_end_to_end_is_unknown():
    found = evaluate_scores(LABELS, SCORES, threshold=0.5)
    assert found.end_to_end is None
    assert found.to_dict()["end_to_end"] is None
    assert "end to end" not in found.to_text()
    assert "blocking" not in found.to_text()


def test_to_dict_is_json():
    found = evaluate_scores(LABELS, SCORES, CANDIDATE, threshold=0.5, betas=(2,), replicates=50)
    plain = found.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain["intervals"]["end_to_end"]) >= {"f2", "recall", "gini"}
    assert plain["all_pairs"]["threshold"] == plain["end_to_end"]["threshold"] == 0.5


def test_to_text_names_threshold_and_intervals():
    text = evaluate_scores(LABELS, SCORES, CANDIDATE, threshold=0.5, replicates=50).to_text()
    lines = text.splitlines()
    assert lines[:4] == [
        "threshold 0.5: 5 pairs, 3 matches (60.0%)",
        "1 pairs have no score and count as non-matches",
        "blocking misses 1 of the matches",
        "in brackets: 95% bootstrap interval",
    ]
    assert any(line.startswith("recall") and line.count("[") == 2 for line in lines)
    assert max(map(len, lines)) <= 80


def test_no_pairs_at_all():
    found = evaluate_scores([], [], [], threshold=0.5, replicates=5)
    assert "0 pairs, 0 matches" in found.to_text()
    assert found.to_text().splitlines()[-1].split() == ["gini", "-", "-"]


def test_candidate_must_fit():
    with pytest.raises(ArgumentError, match="candidate must have one entry per pair"):
        evaluate_scores(LABELS, SCORES, [True], threshold=0.5)
