"""The best of each row of a block of similarities, kept while blocks come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["exact_order", "expand", "keep_best"]


@jit
def keep_best(
    block: npt.NDArray[np.float32],
    keys: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int64],
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
) -> None:
    """Take a block of similarities into the lists of its rows.

    Parameters
    ----------
    block : float32[m, b]
    keys : int32[b]
        Key of each column.
    rows : int64[m]
        Row of the lists that each row of the block belongs to.
    index, similarity : int32[n, k], float32[n, k]
        Lists by falling similarity, filled up with -1 and -inf; changed in place.
    """
    k = index.shape[1]
    for line in range(block.shape[0]):
        row = rows[line]
        floor = similarity[row, k - 1]
        for column in range(block.shape[1]):
            score = block[line, column]
            if score > floor:
                where = k - 1
                while where > 0 and similarity[row, where - 1] < score:
                    similarity[row, where] = similarity[row, where - 1]
                    index[row, where] = index[row, where - 1]
                    where -= 1
                similarity[row, where] = score
                index[row, where] = keys[column]
                floor = similarity[row, k - 1]


@jit
def exact_order(
    queries: npt.NDArray[np.float32],
    keys: npt.NDArray[np.float32],
    number: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
) -> None:
    """Compute the listed cosines in a fixed order and sort by them, ties by key; in place.

    Lists come as rows of `keys` and leave as their numbers.

    A matrix product sums in an order that depends on the shape of its block.
    """
    for row in range(index.shape[0]):
        for place in range(index.shape[1]):
            line = index[row, place]
            if line < 0:
                similarity[row, place] = np.nan
                continue
            key = number[line]
            total = 0.0
            for dimension in range(queries.shape[1]):
                total += np.float64(queries[row, dimension]) * np.float64(keys[line, dimension])
            score = np.float32(min(max(total, -1.0), 1.0))
            where = place
            while where > 0 and (
                similarity[row, where - 1] < score
                or (similarity[row, where - 1] == score and index[row, where - 1] > key)
            ):
                similarity[row, where] = similarity[row, where - 1]
                index[row, where] = index[row, where - 1]
                where -= 1
            similarity[row, where] = score
            index[row, where] = key


@jit
def expand(
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
    begin: npt.NDArray[np.int64],
    member: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Name the members of each listed group: the best k by similarity, ties by member.

    Parameters
    ----------
    index, similarity : int32[n, k], float32[n, k]
        Groups by falling similarity; -1 fills up.
    begin : int64[g + 1]
        Where each group begins in `member`.
    member : int32[...]
        Rising within a group.
    """
    rows, k = index.shape
    named = np.full((rows, k), -1, np.int32)
    scores = np.full((rows, k), np.nan, np.float32)
    for row in range(rows):
        found = 0
        for place in range(k):
            group = index[row, place]
            if group < 0 or (found == k and similarity[row, place] < scores[row, k - 1]):
                break
            score = similarity[row, place]
            for slot in range(begin[group], begin[group + 1]):
                where = found if found < k else k
                while where > 0 and (
                    scores[row, where - 1] == score and named[row, where - 1] > member[slot]
                ):
                    where -= 1
                if where >= k:
                    break
                found = min(found + 1, k)
                for move in range(found - 1, where, -1):
                    named[row, move] = named[row, move - 1]
                    scores[row, move] = scores[row, move - 1]
                named[row, where] = member[slot]
                scores[row, where] = score
    return named, scores
