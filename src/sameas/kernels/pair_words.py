"""Pairs as single words of 64 bits: left record, right record, and the rule that found them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["owned_pairs", "pack_pairs"]


@jit
def pack_pairs(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    owner: npt.NDArray[np.uint8],
    bits: int,
    out: npt.NDArray[np.uint64],
    begin: int,
) -> None:
    """Write pairs into `out` from `begin` on; words are in the order of (left, right, owner).

    Parameters
    ----------
    left, right : int32[p]
    owner : uint8[p]
    bits : int
        Of a record number; 2 * bits + 8 are at most 64.
    out : uint64[...]
    begin : int
    """
    for pair in range(left.shape[0]):
        joint = np.uint64(left[pair]) << np.uint64(bits) | np.uint64(right[pair])
        out[begin + pair] = joint << np.uint64(8) | np.uint64(owner[pair])


@jit
def owned_pairs(
    word: npt.NDArray[np.uint64], bits: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Take sorted words apart; of words of one pair the first, which has the lowest owner.

    Returns
    -------
    left, right : int32[q]
    owner : uint8[q]
    """
    count = 0
    for place in range(word.shape[0]):
        count += place == 0 or word[place] >> np.uint64(8) != word[place - 1] >> np.uint64(8)
    left, right = np.empty(count, np.int32), np.empty(count, np.int32)
    owner = np.empty(count, np.uint8)
    low = (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    count = 0
    for place in range(word.shape[0]):
        pair = word[place] >> np.uint64(8)
        if place == 0 or pair != word[place - 1] >> np.uint64(8):
            left[count] = pair >> np.uint64(bits)
            right[count] = pair & low
            owner[count] = word[place] & np.uint64(255)
            count += 1
    return left, right, owner
