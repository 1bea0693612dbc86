"""Pair enumeration: rows sorted by key become candidate pairs, chunk by chunk.

A row is a record in a block. Anchors stand before visitors within a block; a pair is an
anchor with a later row of its block. A batch is a range of rows, so that a large block is
cut into tiles by itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = [
    "block_ends",
    "enumerate_leads",
    "enumerate_pairs",
    "partner_counts",
    "rows_in_company",
    "same_key",
]


@jit
def rows_in_company(key: npt.NDArray[np.uint64], bits: int) -> npt.NDArray[np.int64]:
    """Return the rows whose key another row may have too: all that have, and few others.

    Parameters
    ----------
    key : uint64[n]
    bits : int
        Of the number of buckets that keys are dealt to; at least two buckets a key.

    Returns
    -------
    int64[m]
        Rising.
    """
    shift = np.uint64(64 - bits)
    held = np.zeros(1 << bits, np.uint8)
    for one in key:
        bucket = (one * np.uint64(0x9E3779B97F4A7C15)) >> shift
        held[bucket] = min(held[bucket] + 1, 2)
    out = np.empty(key.shape[0], np.int64)
    count = 0
    for row in range(key.shape[0]):
        out[count] = row
        count += held[(key[row] * np.uint64(0x9E3779B97F4A7C15)) >> shift] > 1
    return out[:count]


@jit
def block_ends(key: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Return, for each row of a sorted key column, where its block ends (exclusive)."""
    count = key.shape[0]
    out = np.empty(count, np.int64)
    end = count
    for row in range(count - 1, -1, -1):
        if row + 1 < count and key[row] != key[row + 1]:
            end = row + 1
        out[row] = end
    return out


@jit
def partner_counts(
    end: npt.NDArray[np.int64], visitor: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return how many partners each row has: later rows of its block, none for visitors."""
    out = np.empty(end.shape[0], np.int64)
    for row in range(end.shape[0]):
        out[row] = 0 if visitor[row] else end[row] - row - 1
    return out


@jit
def same_key(
    key: npt.NDArray[np.uint64], left: npt.NDArray[np.int32], right: npt.NDArray[np.int32]
) -> npt.NDArray[np.bool_]:
    """Say which pairs of records share a key; 0 is none, and the lowest bit does not count."""
    out = np.empty(left.shape[0], np.bool_)
    one = np.uint64(1)
    for pair in range(left.shape[0]):
        mine, other = key[left[pair]], key[right[pair]]
        out[pair] = mine >> one == other >> one and mine != 0 and other != 0
    return out


@jit
def enumerate_pairs(
    record: npt.NDArray[np.int32],
    visitor: npt.NDArray[np.bool_],
    end: npt.NDArray[np.int64],
    group: npt.NDArray[np.int32],
    xyz: npt.NDArray[np.float64],
    limit: float,
    state: npt.NDArray[np.int64],
    out: npt.NDArray[np.int32],
) -> int:
    """Fill a chunk with the next pairs of a batch of rows.

    Parameters
    ----------
    record, visitor, end
        The rows of the batch and of the rest of its last block.
    group : int32[rows] or int32[0]
        When given, rows of one group make no pair (linking without looking inside a source).
    xyz : float64[rows, 3] or float64[0, 3]
        Positions of the rows; when given, only pairs within the squared chord `limit` count.
    state : int64[4]
        Next row, next partner, row to stop before, pairs looked at so far; advanced in place.
    out : int32[3, size]
        Receives left record, right record and row number of each pair.

    Returns
    -------
    int
        Number of pairs written; less than ``size`` means that the batch is done.
    """
    size = out.shape[1]
    row, partner, stop, looked = state[0], state[1], state[2], state[3]
    grouped, near = group.shape[0] > 0, xyz.shape[0] > 0
    count = 0
    while row < stop:
        if not visitor[row]:
            if partner <= row:
                partner = row + 1
            left = record[row]
            last = end[row]
            begin = partner
            while partner < last:
                if count == size:
                    state[0], state[1], state[3] = row, partner, looked + partner - begin
                    return count
                other = partner
                partner += 1
                if grouped and group[row] == group[other]:
                    continue
                if near:
                    dx = xyz[row, 0] - xyz[other, 0]
                    dy = xyz[row, 1] - xyz[other, 1]
                    dz = xyz[row, 2] - xyz[other, 2]
                    if dx * dx + dy * dy + dz * dz > limit:
                        continue
                out[0, count] = left
                out[1, count] = record[other]
                out[2, count] = row
                count += 1
            looked += partner - begin
        row += 1
        partner = 0
    state[0], state[1], state[3] = row, 0, looked
    return count


@jit
def enumerate_leads(
    record: npt.NDArray[np.int32],
    visitor: npt.NDArray[np.bool_],
    lead: npt.NDArray[np.int64],
    leads: npt.NDArray[np.bool_],
    group: npt.NDArray[np.int32],
    xyz: npt.NDArray[np.float64],
    limit: float,
    state: npt.NDArray[np.int64],
    out: npt.NDArray[np.int32],
) -> int:
    """Fill a chunk with the next pairs of one block of which a lead is part.

    Parameters
    ----------
    record, visitor
        The rows of the block.
    lead : int64[k]
        Rows that meet all others; two of them meet once.
    leads : bool[rows]
        The same, as a mark.
    group, xyz, limit
        As in `enumerate_pairs`.
    state : int64[4]
        Next lead, next partner, lead to stop before, pairs looked at so far; advanced in place.
    out : int32[2, size]
        Receives both records of each pair.

    Returns
    -------
    int
        Number of pairs written; less than ``size`` means that all is done.
    """
    size = out.shape[1]
    grouped, near = group.shape[0] > 0, xyz.shape[0] > 0
    count = 0
    while state[0] < state[2]:
        row = lead[state[0]]
        while state[1] < record.shape[0]:
            if count == size:
                return count
            other = state[1]
            state[1] += 1
            if other == row or (leads[other] and other < row) or (visitor[row] and visitor[other]):
                continue
            state[3] += 1
            if grouped and group[row] == group[other]:
                continue
            if near:
                dx = xyz[row, 0] - xyz[other, 0]
                dy = xyz[row, 1] - xyz[other, 1]
                dz = xyz[row, 2] - xyz[other, 2]
                if dx * dx + dy * dy + dz * dz > limit:
                    continue
            out[0, count] = record[row]
            out[1, count] = record[other]
            count += 1
        state[0] += 1
        state[1] = 0
    return count
