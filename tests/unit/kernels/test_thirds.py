"""Third records against brute force."""

import numpy as np

from sameas.kernels.thirds import best_third, neighbours_by_record


def test_the_best_third_record_counts_by_its_lower_score():
    random = np.random.default_rng(2)
    n = 25
    left, right = (side.astype(np.int32) for side in np.triu_indices(n, 1))
    kept = random.random(len(left)) < 0.4
    left, right = left[kept], right[kept]
    score = random.choice([np.nan, 0.0, 0.2, 0.5, 0.9], len(left)).astype(np.float32)
    square = np.zeros((n, n), np.float32)
    square[left, right] = square[right, left] = np.nan_to_num(score)
    found = best_third(left, right, *neighbours_by_record(left, right, score, n))
    expected = [np.minimum(square[a], square[b]).max() for a, b in zip(left, right, strict=True)]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))
    assert (found > 0).any()
    assert (found == 0).any()
    swapped = best_third(right, left, *neighbours_by_record(right, left, score, n))
    np.testing.assert_array_equal(swapped, found)


def test_records_without_partners_have_no_third():
    none = np.zeros(0, np.int32)
    known = neighbours_by_record(none, none, np.zeros(0, np.float32), 3)
    pair = np.array([0], np.int32), np.array([2], np.int32)
    assert best_third(*pair, *known).tolist() == [0]
