"""Token sets over pairs of text numbers: what two texts share and what only one has.

All kernels take the arrays of `sameas.core.prepared.Tokens`. Tokens are met in the order of
their numbers, so sums do not depend on the side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, plain

__all__ = [
    "shares_token",
    "smallest_shared",
    "token_overlap",
    "token_signature",
]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)


def token_signature(
    start: npt.NDArray[np.int64], token: npt.NDArray[np.int32], hash: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Return one word a text with a bit for each of its tokens, for `shares_token`.

    Parameters
    ----------
    start : int64[m + 1]
    token : int32[...]
    hash : uint64[v]
        As in `sameas.core.prepared.Tokens`.

    Returns
    -------
    uint64[m]
        Texts whose words have no bit in common share no token.

    Examples
    --------
    >>> hashes = np.array([1 << 58, 3 << 58], np.uint64)
    >>> token_signature(np.array([0, 2, 3]), np.array([0, 1, 0]), hashes).tolist()
    [10, 2]
    """
    return _token_signature(  # type: ignore[no-any-return]
        plain(start, np.int64), plain(token, np.int32), plain(hash, np.uint64)
    )


def shares_token(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    signature: npt.NDArray[np.uint64],
) -> npt.NDArray[np.bool_]:
    """Say which pairs of texts have a token in common.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    token : int32[...]
        As in `sameas.core.prepared.Tokens`.
    signature : uint64[m]
        From `token_signature`.

    Returns
    -------
    bool[p]
        False where a text is missing.

    Examples
    --------
    >>> start, token = np.array([0, 2, 4]), np.array([0, 3, 1, 3])
    >>> every = np.full(2, 1, np.uint64)
    >>> shares_token(np.array([0, 0]), np.array([1, -1]), start, token, every).tolist()
    [True, False]
    """
    return _shares_token(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(signature, np.uint64),
    )


def smallest_shared(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    hash: npt.NDArray[np.uint64],
    eligible: npt.NDArray[np.bool_],
) -> npt.NDArray[np.uint64]:
    """Return the smallest hash among the eligible tokens that both texts have.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    token : int32[...]
    hash : uint64[v]
        As in `sameas.core.prepared.Tokens`.
    eligible : bool[v]
        The tokens that count.

    Returns
    -------
    uint64[p]
        0 where there is none or a text is missing.

    Examples
    --------
    >>> start, token = np.array([0, 3, 6]), np.array([0, 1, 2, 0, 1, 2])
    >>> hashes, eligible = np.array([5, 9, 7], np.uint64), np.array([False, True, True])
    >>> smallest_shared(np.array([0]), np.array([1]), start, token, hashes, eligible).tolist()
    [7]
    """
    return _smallest_shared(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(hash, np.uint64),
        plain(eligible, np.bool_),
    )


def token_overlap(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float64],
) -> tuple[
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
]:
    """Return Jaccard, weighted Jaccard and the weights of the tokens that only one text has.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start : int64[m + 1]
    token : int32[...]
    weight : float64[v]
        As in `sameas.core.prepared.Tokens`.

    Returns
    -------
    jaccard, weighted_jaccard, unmatched_small, unmatched_large : float32[p]
        The last two are the summed weights of the unshared tokens of either side, the smaller
        sum first. NaN where a text is missing; the weighted one also where all weights are 0.

    Examples
    --------
    >>> start, token, weight = np.array([0, 2, 4]), np.array([0, 2, 1, 2]), np.array([1.0, 2, 4])
    >>> for measure in token_overlap(np.array([0]), np.array([1]), start, token, weight):
    ...     print(measure.round(2))
    [0.33]
    [0.57]
    [1.]
    [2.]
    """
    out = _token_overlap(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(weight, np.float64),
    )
    return out[0], out[1], out[2], out[3]


@jit
def _token_signature(start: Any, token: Any, hash: Any) -> Any:
    out = np.zeros(start.shape[0] - 1, np.uint64)
    for text in range(out.shape[0]):
        for place in range(start[text], start[text + 1]):
            out[text] |= _ONE << (hash[token[place]] >> np.uint64(58))
    return out


@jit
def _shares_token(left: Any, right: Any, start: Any, token: Any, signature: Any) -> Any:
    out = np.zeros(left.shape[0], np.bool_)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0 or signature[a] & signature[b] == _ZERO:
            continue
        here = start[a]
        there = start[b]
        while here < start[a + 1] and there < start[b + 1]:
            mine = token[here]
            yours = token[there]
            if mine == yours:
                out[pair] = True
                break
            here += mine < yours
            there += yours < mine
    return out


@jit
def _smallest_shared(
    left: Any, right: Any, start: Any, token: Any, hash: Any, eligible: Any
) -> Any:
    out = np.zeros(left.shape[0], np.uint64)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            continue
        least = _ZERO
        here = start[a]
        there = start[b]
        while here < start[a + 1] and there < start[b + 1]:
            mine = token[here]
            yours = token[there]
            if mine == yours and eligible[mine] and (least == _ZERO or hash[mine] < least):
                least = hash[mine]
            here += mine <= yours
            there += yours <= mine
        out[pair] = least
    return out


@jit
def _token_overlap(left: Any, right: Any, start: Any, token: Any, weight: Any) -> Any:
    out = np.full((4, left.shape[0]), np.nan, np.float32)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0:
            continue
        here = start[a]
        there = start[b]
        here_end = start[a + 1]
        there_end = start[b + 1]
        size = here_end - here + there_end - there
        if size == 0:
            continue
        shared = 0
        both = 0.0
        only_here = 0.0
        only_there = 0.0
        while here < here_end or there < there_end:
            if there == there_end or (here < here_end and token[here] < token[there]):
                only_here += weight[token[here]]
                here += 1
            elif here == here_end or token[there] < token[here]:
                only_there += weight[token[there]]
                there += 1
            else:
                both += weight[token[here]]
                shared += 1
                here += 1
                there += 1
        out[0, pair] = shared / (size - shared)
        every = both + (only_here + only_there)
        if every > 0.0:
            out[1, pair] = both / every
        out[2, pair] = min(only_here, only_there)
        out[3, pair] = max(only_here, only_there)
    return out
