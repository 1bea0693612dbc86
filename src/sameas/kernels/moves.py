"""Local moves: a record goes to the cluster where its signed weights add up to most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.kernels.arrays import jit

__all__ = ["improve_clusters"]

LongArray = npt.NDArray[np.int64]


@jit
def improve_clusters(
    start: LongArray,
    target: IntArray,
    weight: LongArray,
    label: IntArray,
    missing: int,
    sweeps: int,
) -> IntArray:
    """Move records one by one, in their order, while the sum within clusters grows.

    Parameters
    ----------
    start, target, weight : int64[n + 1], int32[2e], int64[2e]
        Where the arcs of each record begin, where each leads, and what it adds if its ends are
        together; every edge stands once from each end.
    label : int32[n]
        Clusters to begin with, in ``[0, n)``.
    missing : int
        What a pair without an edge adds; at most 0.
    sweeps : int
        Walks over all records at most.

    Returns
    -------
    int32[n]
        New labels; their numbers mean nothing.

    Examples
    --------
    >>> start, target = np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.int32)
    >>> weight = np.array([5, 5, -4, -4])
    >>> improve_clusters(start, target, weight, np.zeros(3, np.int32), -1, 9).tolist()
    [0, 0, 1]
    """
    n = label.size
    label = label.copy()
    size, total = np.zeros(n, np.int32), np.zeros(n, np.int64)
    for record in range(n):
        size[label[record]] += 1
    empty, spare = np.zeros(n, np.int32), 0
    for cluster in range(n - 1, -1, -1):
        if size[cluster] == 0:
            empty[spare] = cluster
            spare += 1
    for _ in range(sweeps):
        moved = False
        for record in range(n):
            own = label[record]
            for arc in range(start[record], start[record + 1]):
                total[label[target[arc]]] += weight[arc] - missing
            stay = total[own] + np.int64(missing) * (size[own] - 1)
            best, goal = max(stay, np.int64(0)), own
            if stay < 0:
                goal = -1
            for arc in range(start[record], start[record + 1]):
                other = label[target[arc]]
                gain = total[other] + np.int64(missing) * size[other]
                if other != own and gain > best:
                    best, goal = gain, other
            for arc in range(start[record], start[record + 1]):
                total[label[target[arc]]] = 0
            if goal == own:
                continue
            if goal < 0:
                spare -= 1
                goal = empty[spare]
            size[own] -= 1
            size[goal] += 1
            label[record] = goal
            if size[own] == 0:
                empty[spare] = own
                spare += 1
            moved = True
        if not moved:
            break
    return label
