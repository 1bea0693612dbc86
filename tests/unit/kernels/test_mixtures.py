from __future__ import annotations

import numpy as np

from sameas.kernels.levels import share_out
from sameas.kernels.mixtures import logistic_sums, share_among

RANDOM = np.random.default_rng(0)
PLACE = RANDOM.integers(0, 3, (40, 4)) + 3 * np.arange(4)
COUNT = RANDOM.integers(1, 50, 40).astype(float)
PART = np.log(RANDOM.dirichlet(np.ones(3), (3, 4)).reshape(3, 12))


def test_pairs_are_shared_out_among_classes_by_their_likelihood() -> None:
    share = np.log([0.2, 0.5, 0.3])
    likelihood, first, mass, found = share_among(PLACE, COUNT, PART, share)
    joint = np.exp(share[:, None] + PART[:, PLACE].sum(axis=2))
    chance = joint / joint.sum(axis=0)
    np.testing.assert_allclose(likelihood, COUNT @ np.log(joint.sum(axis=0)))
    np.testing.assert_allclose(first, chance[0])
    np.testing.assert_allclose(mass, chance @ COUNT)
    for one in range(3):
        wanted = np.bincount(PLACE.ravel(), np.repeat(COUNT * chance[one], 4), minlength=12)
        np.testing.assert_allclose(found[one], wanted)


def test_two_classes_are_matches_and_others() -> None:
    likelihood, first, mass, found = share_among(PLACE, COUNT, PART[:2], np.log([0.1, 0.9]))
    wanted = share_out(PLACE, COUNT, PART[0], PART[1], 0.1)
    np.testing.assert_allclose(likelihood, wanted[0])
    np.testing.assert_allclose(COUNT * first, wanted[1])
    np.testing.assert_allclose(found[0], wanted[2])
    np.testing.assert_allclose(mass.sum(), COUNT.sum())


def test_what_is_impossible_in_all_classes_stays_finite() -> None:
    likelihood, first, _, _ = share_among(PLACE, COUNT, PART - 2_000, np.log([0.2, 0.5, 0.3]))
    assert np.isfinite(likelihood)
    assert np.isfinite(first).all()


def test_slope_and_curve_are_those_of_the_loss() -> None:
    weight, wanted, step = RANDOM.normal(size=13), RANDOM.random(40), 1e-5
    _, slope, curve = logistic_sums(PLACE, COUNT, wanted, weight)
    for one in range(13):
        moved = np.eye(13)[one] * step
        after = logistic_sums(PLACE, COUNT, wanted, weight + moved)
        before = logistic_sums(PLACE, COUNT, wanted, weight - moved)
        np.testing.assert_allclose((after[0] - before[0]) / (2 * step), slope[one], atol=1e-3)
        np.testing.assert_allclose((after[1] - before[1]) / (2 * step), curve[one], atol=1e-3)
