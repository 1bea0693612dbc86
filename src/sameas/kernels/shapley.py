"""What each column adds to the score of a tree ensemble: exact Shapley values, leaf by leaf.

A leaf is reached when every column on its path lies in an interval. Seen as a game of columns,
a leaf pays ``value * product(hit or share)``: a column that takes part pays 1 if its interval
holds the row and 0 otherwise, one that does not pays the share of the training pairs that took
this way. The Shapley value of a product game is an integral over a polynomial in one variable,
so Gauss-Legendre nodes give it exactly, without any subtraction of large numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["LeafPaths", "leaf_paths", "shapley_values"]


class LeafPaths(NamedTuple):
    """The way to each leaf, one entry a column on it.

    Attributes
    ----------
    start : int64[leaves + 1]
        Where the entries of each leaf begin.
    column : int32[e]
    low, high : float32[e]
        The column lies above `low` (NaN: no bound) and at most at `high`.
    missing : bool[e]
        Whether a missing value goes this way.
    share : float64[e]
        Share of the training pairs that went this way at the nodes of the column.
    value : float64[leaves]
    """

    start: npt.NDArray[np.int64]
    column: npt.NDArray[np.int32]
    low: npt.NDArray[np.float32]
    high: npt.NDArray[np.float32]
    missing: npt.NDArray[np.bool_]
    share: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]

    @property
    def longest(self) -> int:
        """Most columns on the way to one leaf."""
        return int(np.diff(self.start).max(initial=0))


@jit
def leaf_paths(
    feature: npt.NDArray[np.int32],
    threshold: npt.NDArray[np.float32],
    left: npt.NDArray[np.int32],
    missing_left: npt.NDArray[np.bool_],
    value: npt.NDArray[np.float64],
    cover: npt.NDArray[np.float64],
) -> LeafPaths:
    """Walk up from every leaf and gather what its path asks of each column.

    Parameters
    ----------
    feature, threshold, left, missing_left, value
        The nodes, as in `pack_trees`.
    cover : float64[m]
        Training pairs at each node, above 0.

    Returns
    -------
    LeafPaths
    """
    nodes = feature.shape[0]
    parent = np.full(nodes, -1, np.int64)
    depth = np.zeros(nodes, np.int64)
    leaves, entries = 0, 0
    for node in range(nodes):  # children stand behind their parent
        if feature[node] >= 0:
            for side in range(2):
                parent[left[node] + side] = node
                depth[left[node] + side] = depth[node] + 1
        else:
            leaves += 1
            entries += depth[node]
    start = np.zeros(leaves + 1, np.int64)
    column = np.empty(entries, np.int32)
    low, high = np.empty(entries, np.float32), np.empty(entries, np.float32)
    missing = np.empty(entries, np.bool_)
    share = np.empty(entries, np.float64)
    values = np.empty(leaves, np.float64)
    leaf, end = 0, 0
    for node in range(nodes):
        if feature[node] >= 0:
            continue
        first, child = end, node
        while parent[child] >= 0:
            above = parent[child]
            to_left = child == left[above]
            place = first
            while place < end and column[place] != feature[above]:
                place += 1
            if place == end:
                column[end], missing[end], share[end] = feature[above], True, 1.0
                low[end], high[end] = np.float32(np.nan), np.float32(np.inf)
                end += 1
            share[place] *= cover[child] / cover[above]
            missing[place] &= missing_left[above] == to_left
            if to_left:
                high[place] = min(high[place], threshold[above])
            elif not low[place] >= threshold[above]:
                low[place] = threshold[above]
            child = above
        values[leaf] = value[node]
        leaf += 1
        start[leaf] = end
    return LeafPaths(
        start, column[:end], low[:end], high[:end], missing[:end], share[:end], values
    )  # fmt: skip


@jit
def shapley_values(
    features: npt.NDArray[np.float32],
    paths: LeafPaths,
    nodes: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Share the sum of the leaves of each row among the columns.

    Parameters
    ----------
    features : float32[n, k]
        NaN where a column is missing.
    paths : LeafPaths
    nodes, weights : float64[q]
        Gauss-Legendre nodes and weights on [0, 1]; ``2 * q`` at least `paths.longest`.

    Returns
    -------
    float64[n, k]
        About 1 µs a row and tree of 15 leaves.
    """
    rows, columns = features.shape
    out = np.zeros((rows, columns), np.float64)
    longest = np.max(paths.start[1:] - paths.start[:-1])
    hit, factor = np.empty(longest, np.float64), np.empty(longest, np.float64)
    for row in range(rows):
        for leaf in range(paths.value.shape[0]):
            first, size = paths.start[leaf], paths.start[leaf + 1] - paths.start[leaf]
            for place in range(size):
                entry = first + place
                cell = features[row, paths.column[entry]]
                inside = cell <= paths.high[entry] and not cell <= paths.low[entry]
                hit[place] = 1.0 if (inside if cell == cell else paths.missing[entry]) else 0.0
            for q in range(nodes.shape[0]):
                product = paths.value[leaf] * weights[q]
                for place in range(size):
                    share = paths.share[first + place]
                    factor[place] = share + (hit[place] - share) * nodes[q]
                    product *= factor[place]
                for place in range(size):
                    gain = hit[place] - paths.share[first + place]
                    out[row, paths.column[first + place]] += gain * product / factor[place]
    return out
