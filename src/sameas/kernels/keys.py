"""Composite keys: hashes of parts folded into one, and which keys are frequent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["fold_part", "keys_of_busy_buckets", "put_byte"]


@jit
def fold_part(
    key: npt.NDArray[np.uint64],
    code: npt.NDArray[np.int32],
    part: npt.NDArray[np.uint64],
    first: bool,
) -> None:
    """Fold one more part into the key of each record, in place; a missing part makes it missing.

    Parameters
    ----------
    key : uint64[n]
        0 stands for missing.
    code : int32[n]
        The text of each record, -1 if missing.
    part : uint64[m]
        The hash of what is taken from each text, 0 where there is nothing.
    first : bool
        There is no part in the keys yet.
    """
    for record in range(key.shape[0]):
        held = part[code[record]] if code[record] >= 0 else np.uint64(0)
        if held == 0 or (not first and key[record] == 0):
            key[record] = 0
        elif first:
            key[record] = held * np.uint64(0x9E3779B97F4A7C15)
        else:
            key[record] = (key[record] ^ held) * np.uint64(0x9E3779B97F4A7C15)


@jit
def put_byte(
    held: npt.NDArray[np.uint64],
    code: npt.NDArray[np.int32],
    part: npt.NDArray[np.uint64],
    lane: int,
) -> None:
    """Put one byte of the hash of a part, 1 to 255, into a lane of each record, in place.

    Parameters
    ----------
    held : uint64[n]
        The lane is 0 before, and stays so where the part is missing.
    code, part
        As of `fold_part`.
    lane : int
        From 0 to 7.
    """
    for record in range(held.shape[0]):
        if code[record] >= 0 and part[code[record]] != 0:
            byte = part[code[record]] % np.uint64(255) + np.uint64(1)
            held[record] |= byte << np.uint64(8 * lane)


@jit
def keys_of_busy_buckets(
    key: npt.NDArray[np.uint64], bits: int, at_most: int
) -> npt.NDArray[np.int64]:
    """Return the records whose key shares its first bits with more than `at_most` keys.

    Parameters
    ----------
    key : uint64[n]
        0 stands for missing.
    bits : int
        Only keys of one bucket, which has the same first bits, may be equal.

    Returns
    -------
    int64[m]
        Rising.
    """
    shift = np.uint64(64 - bits)
    held = np.zeros(1 << bits, np.int32)
    for one in key:
        held[one >> shift] += 1
    count = 0
    for one in key:
        count += one != 0 and held[one >> shift] > at_most
    out = np.empty(count, np.int64)
    count = 0
    for record in range(key.shape[0]):
        if key[record] != 0 and held[key[record] >> shift] > at_most:
            out[count] = record
            count += 1
    return out
