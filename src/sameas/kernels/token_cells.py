"""Keys that join a word and a cell: a shared word reaches farther than any radius."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, resized
from sameas.kernels.hashing import in_bitmap, mix

__all__ = ["token_cell_keys", "token_cell_rows"]


@inner
def _key(token: Any, cell: Any) -> Any:
    return mix(token ^ mix(cell)) >> np.uint64(1)


@jit
def token_cell_keys(
    token: npt.NDArray[np.uint64], cell: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Join hashes of words and numbers of cells to keys of 63 bits, row by row."""
    out = np.empty(token.shape[0], np.uint64)
    for row in range(token.shape[0]):
        out[row] = _key(token[row], cell[row])
    return out


@jit
def token_cell_rows(
    record: npt.NDArray[np.int32],
    cell: npt.NDArray[np.uint64],
    code: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    token_hash: npt.NDArray[np.uint64],
    eligible: npt.NDArray[np.bool_],
    marked: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Give a key to each eligible word of each (record, cell) row.

    Parameters
    ----------
    record, cell
        Rows: a record and a cell that it stands in or visits.
    code, start, token, token_hash
        The `Tokens` column.
    eligible : bool[v]
        Which words make keys.
    marked : uint64[...]
        Bitmap of keys (a power of two of bits) outside which rows are left out; empty: none.

    Returns
    -------
    key : uint64[r]
    record : int32[r]
    """
    bits = 0
    while marked.shape[0] > 0 and (1 << bits) < marked.shape[0] * 64:
        bits += 1
    capacity = max(16, record.shape[0] * 2)
    keys = np.empty(capacity, np.uint64)
    records = np.empty(capacity, np.int32)
    count = 0
    for row in range(record.shape[0]):
        text = code[record[row]]
        if text < 0:
            continue
        for place in range(start[text], start[text + 1]):
            word = token[place]
            if not eligible[word]:
                continue
            key = _key(token_hash[word], cell[row])
            if bits > 0 and not in_bitmap(marked, key, bits):
                continue
            if count == capacity:
                capacity *= 2
                keys = resized(keys, count, capacity)
                records = resized(records, count, capacity)
            keys[count] = key
            records[count] = record[row]
            count += 1
    return resized(keys, count, count), resized(records, count, count)
