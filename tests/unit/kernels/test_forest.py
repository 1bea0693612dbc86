"""The forest kernel against a walk in plain Python, one row and one tree at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameas.kernels.forest import BLOCK, pack_trees, score_trees

COLUMNS = 5


def random_trees(seed: int, *, trees: int, splits: int):
    """Grow trees by splitting random leaves; thresholds repeat, so that ties occur."""
    random = np.random.default_rng(seed)
    feature, threshold, left, missing_left, value, root = [], [], [], [], [], []
    for _ in range(trees):
        first = len(feature)
        root.append(first)
        parts = ([-1], [0.0], [-1], [False], [random.normal()])
        columns = [feature, threshold, left, missing_left, value]
        for column, part in zip(columns, parts, strict=True):
            column.extend(part)
        leaves = [first]
        for _ in range(splits):
            at = leaves.pop(0)  # breadth first: children stand behind
            feature[at] = int(random.integers(COLUMNS))
            threshold[at] = float(random.choice([-1, 0, 0.5, 1, np.inf]))
            missing_left[at] = bool(random.integers(2))
            left[at] = len(feature)
            for _ in range(2):
                leaves.append(len(feature))
                feature.append(-1)
                threshold.append(0.0)
                left.append(-1)
                missing_left.append(False)
                value.append(float(random.normal()))
            random.shuffle(leaves)
    return {
        "feature": np.array(feature, np.int32),
        "threshold": np.array(threshold, np.float32),
        "left": np.array(left, np.int32),
        "value": np.array(value, np.float64),
        "root": np.array(root, np.int32),
        "missing_left": np.array(missing_left, np.bool_),
    }


def walk(trees, row, *, baseline: float, logistic: bool, missing: float | None) -> float:
    total = baseline
    for node in trees["root"]:
        while trees["feature"][node] >= 0:
            cell = row[trees["feature"][node]]
            if math.isnan(cell) and missing is not None:
                cell = np.float32(missing)
            if math.isnan(cell):
                goes_left = trees["missing_left"][node]
            else:
                goes_left = cell <= trees["threshold"][node]
            node = trees["left"][node] + (0 if goes_left else 1)
        total += trees["value"][node]
    return 1 / (1 + math.exp(-total)) if logistic else total / len(trees["root"])


def random_rows(seed: int, rows: int):
    random = np.random.default_rng(seed)
    values = np.array([-2, -1, 0, 0.5, 0.7, 1, 3, np.nan, np.inf, -np.inf], np.float32)
    return random.choice(values, (rows, COLUMNS))


@pytest.mark.parametrize("missing", [None, -1.0, 0.6])
@pytest.mark.parametrize("logistic", [True, False])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), trees=st.integers(1, 4), splits=st.integers(0, 12))
def test_equals_a_plain_walk(seed, trees, splits, logistic, missing):
    forest = random_trees(seed, trees=trees, splits=splits)
    rows = random_rows(seed + 1, 40)
    packed = pack_trees(**forest, missing=missing)
    scores = score_trees(rows, packed, 0.3, logistic)
    expected = [walk(forest, row, baseline=0.3, logistic=logistic, missing=missing) for row in rows]
    np.testing.assert_allclose(scores, expected, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("rows", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_any_number_of_rows(rows):
    packed = pack_trees(**random_trees(3, trees=5, splits=9))
    every = random_rows(4, 3 * BLOCK)
    expected = score_trees(every, packed, 0.0, True)
    np.testing.assert_array_equal(score_trees(every[:rows], packed, 0.0, True), expected[:rows])


def test_depth_is_of_the_deepest_leaf():
    chain = {
        "feature": np.array([0, -1, 0, -1, -1, -1], np.int32),
        "threshold": np.zeros(6, np.float32),
        "left": np.array([1, -1, 3, -1, -1, -1], np.int32),
        "value": np.arange(6, dtype=np.float64),
        "root": np.array([0, 5], np.int32),
        "missing_left": np.zeros(6, np.bool_),
    }
    assert pack_trees(**chain).depth.tolist() == [2, 0]
