"""The expectation step, against the same in NumPy."""

import numpy as np

from sameas.kernels.levels import share_out


def test_pairs_are_shared_out_by_the_likelihoods_of_their_states():
    rng = np.random.default_rng(0)
    place = rng.integers(0, 3, (50, 4)) + np.arange(0, 12, 3)
    count, m, u = rng.random(50) * 9, rng.random(12), rng.random(12)
    likelihood, match, matches = share_out(place, count, np.log(m), np.log(u), 0.2)
    yes, no = 0.2 * m[place].prod(axis=1), 0.8 * u[place].prod(axis=1)
    np.testing.assert_allclose(match, count * yes / (yes + no))
    np.testing.assert_allclose(likelihood, count @ np.log(yes + no))
    np.testing.assert_allclose(matches.reshape(4, 3).sum(axis=1), match.sum())
    np.testing.assert_allclose(matches, [match[(place == s).any(axis=1)].sum() for s in range(12)])


def test_what_can_hardly_be_a_match_is_none():
    place, count = np.zeros((1, 1), np.int64), np.ones(1)
    _, match, _ = share_out(place, count, np.array([-2_000.0]), np.zeros(1), 1e-12)
    assert match.tolist() == [0.0]
