"""Token sets of single texts and records: united, counted, weighed.

All kernels take the arrays of `sameas.core.prepared.Tokens`; pairs of texts are compared in
`sameas.kernels.tokens`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, sort_few

__all__ = ["bearers", "counted_vectors", "unit_vectors", "united_tokens"]


@jit
def united_tokens(
    codes: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Unite the tokens of the texts of each record, one text a field.

    Parameters
    ----------
    codes : int32[k, n]
        The text of each record in each of k fields, -1 if missing.
    first : int64[k]
        Where the texts of each field begin in `start`.
    start : int64[...]
        Where the tokens of each text begin, and where those of a field end.
    token : int32[...]

    Returns
    -------
    start : int64[n + 1]
    token : int32[...]
        Rising and distinct within a record.
    """
    total = 0
    for record in range(codes.shape[1]):
        for field in range(codes.shape[0]):
            if codes[field, record] >= 0:
                text = first[field] + codes[field, record]
                total += start[text + 1] - start[text]
    out = np.empty(total, np.int32)
    ends = np.zeros(codes.shape[1] + 1, np.int64)
    used = 0
    for record in range(codes.shape[1]):
        size = 0
        for field in range(codes.shape[0]):
            if codes[field, record] >= 0:
                text = first[field] + codes[field, record]
                for place in range(start[text], start[text + 1]):
                    out[used + size] = token[place]
                    size += 1
        sort_few(out[used:], size)
        begin = used
        for place in range(begin, begin + size):
            if used == begin or out[place] != out[used - 1]:
                out[used] = out[place]
                used += 1
        ends[record + 1] = used
    return ends, out[:used].copy()


@jit
def bearers(
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    records: npt.NDArray[np.int64],
    tokens: int,
) -> npt.NDArray[np.int64]:
    """Count the records that hold each token, by those that bear each text."""
    out = np.zeros(tokens, np.int64)
    for text in range(start.shape[0] - 1):
        for place in range(start[text], start[text + 1]):
            out[token[place]] += records[text]
    return out


@jit
def unit_vectors(
    start: npt.NDArray[np.int64], token: npt.NDArray[np.int32], weight: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Return the weights of the tokens of each text, as a vector of length 1."""
    out = np.empty(token.shape[0], np.float32)
    for text in range(start.shape[0] - 1):
        total = 0.0
        for place in range(start[text], start[text + 1]):
            total += weight[token[place]] ** 2
        length = np.sqrt(total)
        for place in range(start[text], start[text + 1]):
            out[place] = weight[token[place]] / length
    return out


@jit
def counted_vectors(
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    count: npt.NDArray[np.float32],
    weight: npt.NDArray[np.float64],
    factor: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Return the weights of the tokens of each text, as a vector of length 1.

    A token that a text holds `count` times weighs ``weight[token] * factor[count]``.
    """
    out = np.empty(token.shape[0], np.float32)
    for text in range(start.shape[0] - 1):
        total = 0.0
        for place in range(start[text], start[text + 1]):
            total += (factor[np.int64(count[place])] * weight[token[place]]) ** 2
        length = np.sqrt(total)
        for place in range(start[text], start[text + 1]):
            out[place] = factor[np.int64(count[place])] * weight[token[place]] / length
    return out
