"""Bytes of eight fields in one word: in which of them pairs of records agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["compare_lanes", "outweigh"]


@jit
def compare_lanes(
    held: npt.NDArray[np.uint64],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    same: npt.NDArray[np.uint8],
    known: npt.NDArray[np.uint8],
) -> None:
    """Add the lanes in which pairs agree to `same`, and those that both have to `known`.

    Parameters
    ----------
    held : uint64[n]
        A byte a field, 0 where it is missing.
    left, right : int32[p]
    same, known : uint8[p]
        Bit f for the field f; changed in place.
    """
    low, high = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
    gather, seven, last = np.uint64(0x0102040810204080), np.uint64(7), np.uint64(56)
    for pair in range(left.shape[0]):
        mine, other = held[left[pair]], held[right[pair]]
        unlike = mine ^ other
        # The highest bit of each byte that is not 0, then the eight of them side by side.
        both = (((mine & low) + low) | mine) & (((other & low) + low) | other) & high
        agree = both & ~(((unlike & low) + low) | unlike)
        known[pair] |= np.uint8(((both >> seven) * gather) >> last)
        same[pair] |= np.uint8(((agree >> seven) * gather) >> last)


@jit
def outweigh(
    same: npt.NDArray[np.uint8],
    known: npt.NDArray[np.uint8],
    agree: npt.NDArray[np.float64],
    differ: npt.NDArray[np.float64],
    least: float,
) -> npt.NDArray[np.bool_]:
    """Say which pairs agree somewhere and have at least `least`, by what sets of fields say.

    Parameters
    ----------
    same, known : uint8[p]
    agree, differ : float64[256]
        What it says that all fields of a set agree, and that all differ.
    least : float
    """
    out = np.empty(same.shape[0], np.bool_)
    for pair in range(same.shape[0]):
        unlike = known[pair] & ~same[pair]
        out[pair] = same[pair] != 0 and agree[same[pair]] + differ[unlike] >= least
    return out
