import json
import math

import numpy as np
import pytest

from sameas.core.errors import ArgumentError
from sameas.evaluation import blocking_metrics, pair_keys, possible_pairs

LEFT, RIGHT = np.array([0, 0, 1, 3], np.int32), np.array([1, 2, 2, 0], np.int32)
TRUTH = pair_keys([1, 3, 4], [0, 0, 5])


def test_by_hand():
    found = blocking_metrics((LEFT, RIGHT), TRUTH, possible=possible_pairs([6]), records=6)
    assert (found.candidates, found.true_pairs, found.found) == (4, 3, 2)
    assert found.pairs_completeness == 2 / 3
    assert found.pairs_quality == 0.5
    assert found.reduction_ratio == 11 / 15
    assert found.candidates_mean == 8 / 6  # 3, 2, 2, 1, 0, 0
    assert found.candidates_p50 == 1.5
    assert found.candidates_max == 3
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()


def test_sides_of_a_link():
    keys = pair_keys([0, 0, 1], [3, 4, 4])
    left, right = (
        blocking_metrics(keys, keys, possible=6, records=records, side=side)
        for side, records in (("left", 3), ("right", 2))
    )
    assert (left.candidates_mean, left.candidates_p50, left.candidates_max) == (1.0, 1.0, 2)
    assert (right.candidates_mean, right.candidates_max) == (1.5, 2)


def test_repeats_and_orientation_do_not_count():
    once = blocking_metrics((LEFT, RIGHT), TRUTH, possible=15, records=6)
    twice = (np.concatenate([RIGHT, LEFT]), np.concatenate([LEFT, RIGHT]))
    assert blocking_metrics(twice, np.tile(TRUTH, 2), possible=15, records=6) == once


def test_nothing_found_is_no_error():
    none = np.array([], dtype=np.int64)
    found = blocking_metrics(none, TRUTH, possible=15, records=6)
    assert found.pairs_completeness == 0.0
    assert math.isnan(found.pairs_quality)
    assert found.candidates_max == 0
    assert blocking_metrics(none, none, possible=0, records=0).to_dict()["candidates_mean"] is None


def test_possible_pairs():
    assert possible_pairs([5]) == 10
    assert possible_pairs([2, 3, 4]) == 2 * 3 + 2 * 4 + 3 * 4
    assert possible_pairs([2, 3, 4], within=True) == 36
    assert possible_pairs([28_000_000] * 2) == 28_000_000**2
    assert possible_pairs([0]) == 0


def test_bad_arguments_are_named():
    with pytest.raises(ArgumentError, match="possible is 3"):
        blocking_metrics((LEFT, RIGHT), TRUTH, possible=3, records=6)
    with pytest.raises(ArgumentError, match="records is 2"):
        blocking_metrics((LEFT, RIGHT), TRUTH, possible=15, records=2)
    with pytest.raises(ArgumentError, match="side"):
        blocking_metrics((LEFT, RIGHT), TRUTH, possible=15, records=6, side="up")
    with pytest.raises(ArgumentError, match="record numbers"):
        pair_keys([-1], [2])
    with pytest.raises(ArgumentError, match="record numbers"):
        pair_keys([0.5], [2])
    with pytest.raises(ArgumentError, match="equally long"):
        pair_keys([1], [2, 3])
    with pytest.raises(ArgumentError, match="flat int64 keys"):
        blocking_metrics(np.array([0.5]), TRUTH, possible=15, records=6)
    with pytest.raises(ArgumentError, match="sizes"):
        possible_pairs([])
