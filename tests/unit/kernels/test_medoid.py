from itertools import pairwise

import numpy as np

from sameas.kernels.medoid import SAMPLE, medoids


def test_against_all_distances():
    rng = np.random.default_rng(0)
    xyz = rng.normal(size=(60, 3))
    start = np.array([0, 1, 3, 3, 20, 60])
    expected = []
    for begin, end in pairwise(start):
        group = xyz[begin:end]
        total = np.linalg.norm(group[:, None] - group[None], axis=2).sum(axis=1)
        expected.append(begin + int(total.argmin()) if end > begin else -1)
    assert medoids(xyz, start).tolist() == expected


def test_ties_go_to_the_first():
    xyz = np.array([[5.0, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 0, 0]])
    assert medoids(xyz, np.array([0, 2, 5])).tolist() == [0, 2]


def test_large_groups_are_measured_against_a_sample():
    rng = np.random.default_rng(1)
    xyz = np.concatenate((rng.normal(10, 1, (5 * SAMPLE, 3)), [[10.0, 10, 10]]))
    best = medoids(xyz, np.array([0, len(xyz)]))[0]
    assert np.linalg.norm(xyz[best] - 10) < 0.2
