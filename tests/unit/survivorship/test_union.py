import numpy as np
import pyarrow as pa
import pytest

from sameas.survivorship import Union


def unite(values, start):
    golden, gave = Union().unite(values, np.array(start))
    return golden.to_pylist(), gave.tolist()


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.string())])
def test_lists_are_united_sorted_and_distinct(kind):
    values = pa.array([["b", "a"], None, ["c", "b", None], [], None, ["x", "x"]], kind)
    golden, gave = unite(values, [0, 3, 5, 6])
    assert golden == [["a", "b", "c"], None, ["x", "x"]]  # alone: as it was
    assert gave == [True, False, True, False, False, True]


def test_flat_values_become_lists():
    golden, gave = unite(pa.array([3, 1, 3, None, None, 9]), [0, 3, 5, 6])
    assert golden == [[1, 3], None, [9]]
    assert gave == [True, True, True, False, False, True]


def test_categories():
    golden, _ = unite(pa.array(["b", "a", "c"]).dictionary_encode(), [0, 2, 3])
    assert golden == [["a", "b"], ["c"]]


def test_fixed_size_lists_and_slices():
    values = pa.array([[9, 9], [2, 1], [1, 3]], pa.list_(pa.int64(), 2))[1:]
    assert unite(values, [0, 2])[0] == [[1, 2, 3]]


def test_nothing():
    assert unite(pa.array([], pa.list_(pa.string())), [0]) == ([], [])
