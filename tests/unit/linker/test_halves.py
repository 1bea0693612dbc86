from __future__ import annotations

import numpy as np
import pytest

from sameas.linker.halves import mutual_places, pairs_of_copies


def candidates(place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of points, the nearer the higher the score."""
    left, right = (side.astype(np.int32) for side in np.triu_indices(len(place), 1))
    return left, right, -((place[left] - place[right]) ** 2).sum(axis=1)


@pytest.mark.parametrize("copies", [0, 100, 200, 300])
def test_copies_are_counted_without_a_threshold(copies: int) -> None:
    random = np.random.default_rng(3)
    place = random.normal(size=(600 - copies, 6))
    place = np.concatenate([place, place[:copies] + random.normal(scale=0.3, size=(copies, 6))])
    left, right, score = candidates(place)
    found = pairs_of_copies(left, right, score, 600, 0)
    assert abs(found.pairs - copies) < 0.35 * copies + 2 * found.error
    assert 5 < found.error < 30


def test_only_the_order_counts() -> None:
    left, right, score = candidates(np.random.default_rng(0).normal(size=(100, 3)))
    assert pairs_of_copies(left, right, score, 100, 0) == pairs_of_copies(
        left, right, np.exp(score), 100, 0
    )


def test_a_record_is_nearest_to_one_other_at_most() -> None:
    left, right, score = candidates(np.random.default_rng(1).normal(size=(50, 2)))
    order = np.argsort(-score)
    places = mutual_places(left[order], right[order], 50)
    ends = np.concatenate([left[order][places], right[order][places]])
    assert len(np.unique(ends)) == len(ends)
