import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components as scipy_components

from sameas.kernels.components import connected_components


def ends(*pairs):
    array = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return array[:, 0].copy(), array[:, 1].copy()


@pytest.mark.parametrize("n", [0, 1, 4])
def test_without_an_edge_every_record_is_alone(n):
    label = connected_components(*ends(), n)
    assert label.dtype == np.int32
    assert label.tolist() == list(range(n))


def test_label_is_the_smallest_member():
    assert connected_components(*ends((4, 3), (3, 1), (0, 2)), 6).tolist() == [0, 1, 0, 1, 1, 5]


def test_self_loops_and_repeated_edges_change_nothing():
    assert connected_components(*ends((1, 1), (1, 2), (2, 1), (1, 2)), 3).tolist() == [0, 1, 1]


def test_reads_only_arrays_from_arrow():
    left, right = ends((0, 1))
    left.flags.writeable = right.flags.writeable = False
    assert connected_components(left, right, 2).tolist() == [0, 0]


@pytest.mark.parametrize("step", [1, -1])
def test_long_chains(step):
    left = np.arange(99_999, dtype=np.int32)[::step].copy()
    assert not connected_components(left, left + np.int32(1), 100_000).any()


@pytest.mark.parametrize("edges", [10, 300, 600, 2_000])
def test_against_scipy(edges):
    n = 1_000
    left, right = np.random.default_rng(edges).integers(0, n, (2, edges)).astype(np.int32)
    label = connected_components(left, right, n)
    graph = coo_matrix((np.ones(edges), (left, right)), shape=(n, n))
    count, other = scipy_components(graph, directed=False)
    _, first = np.unique(other, return_index=True)
    assert len(np.unique(label)) == count
    assert np.array_equal(label, first[other])
