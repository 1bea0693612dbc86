import numpy as np

from sameas.kernels.components import connected_components
from sameas.kernels.constrained import capped_components, exclusive_components


def ordered(n, e, seed):
    rng = np.random.default_rng(seed)
    left, right = np.sort(rng.integers(0, n, (2, e)), axis=0).astype(np.int32)
    score = rng.integers(0, 20, e) / 20
    order = np.lexsort((right, left, -score))
    return left[order], right[order], score[order]


def test_the_tree_holds_the_components_together():
    left, right, score = ordered(200, 300, seed=0)
    _, tree = capped_components(left, right, score, 200, 10)
    label = connected_components(left, right, 200)
    assert tree.sum() == 200 - len(np.unique(label))
    assert np.array_equal(label, connected_components(left[tree], right[tree], 200))


def test_a_high_cap_changes_nothing():
    left, right, score = ordered(200, 300, seed=1)
    label, _ = capped_components(left, right, score, 200, 200)
    assert np.array_equal(label, connected_components(left, right, 200))


def test_no_part_is_larger_than_the_cap():
    left, right, score = ordered(200, 600, seed=2)
    label, _ = capped_components(left, right, score, 200, 7)
    assert np.bincount(label).max() == 7


def test_every_refused_edge_has_a_clash():
    left, right, score = ordered(100, 300, seed=3)
    source = np.random.default_rng(3).integers(0, 4, 100).astype(np.int32)
    label, tied = exclusive_components(left, right, score, source)
    for a, b in zip(left, right, strict=True):
        mine, other = source[label == label[a]], source[label == label[b]]
        assert label[a] == label[b] or np.intersect1d(mine, other).size
    assert not (tied & (label[left] == label[right])).any()
