"""Token sets compared softly: a token may meet one that is merely spelled alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain, scratch_table
from sameas.kernels.closest import closest, equal_tokens, fits, load, most_tokens, unload
from sameas.kernels.jaro import common_needed

__all__ = ["fuzzy_unmatched", "soft_tfidf", "unmatched_tokens"]


def soft_tfidf(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float64],
    spelling_start: npt.NDArray[np.int64],
    spelling_units: npt.NDArray[np.uint16],
    threshold: float = 0.9,
) -> npt.NDArray[np.float32]:
    """Return Soft TF-IDF of each pair of texts, the mean of both directions.

    Each token of one text takes the closest token of the other by Jaro-Winkler (of equally
    close ones the first of the alphabet) and, if that reaches the threshold, adds the product
    of the similarity and both weights. The weights of a text are scaled to unit length.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start, token, weight, spelling_start, spelling_units
        As in `sameas.core.prepared.Tokens`.
    threshold : float in (0, 1]
        Least Jaro-Winkler similarity of two tokens that count as alike.

    Returns
    -------
    float32[p]
        In [0, 1]; NaN where a text is missing or all its weights are 0.

    References
    ----------
    Cohen, Ravikumar, Fienberg (2003), A comparison of string distance metrics for
    name-matching tasks. Moreau, Yvon, Cappé (2008), Robust similarity measures for named
    entities matching, section 2.3.

    Examples
    --------
    >>> spelling = np.array([0, 4, 9]), np.frombuffer(b"cafecafes", np.uint8)
    >>> start, token, weight = np.array([0, 1, 2]), np.array([0, 1]), np.array([1.0, 2.0])
    >>> print(soft_tfidf(np.array([0]), np.array([1]), start, token, weight, *spelling))
    [0.96]
    """
    out = _soft_kernel(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(weight, np.float64),
        _spelling(spelling_start, spelling_units),
        _rule(threshold, prefixes=False),
    )[0]
    return out[0]  # type: ignore[no-any-return]


def fuzzy_unmatched(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    weight: npt.NDArray[np.float64],
    spelling_start: npt.NDArray[np.int64],
    spelling_units: npt.NDArray[np.uint16],
    threshold: float = 0.9,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the summed weights of the tokens of either text that meet none of the other.

    A token meets another one if they are equal, if their Jaro-Winkler similarity reaches the
    threshold, or if the shorter one, of at least 3 characters, begins the longer one.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start, token, weight, spelling_start, spelling_units
        As in `sameas.core.prepared.Tokens`.
    threshold : float in (0, 1]

    Returns
    -------
    small, large : float32[p]
        The smaller and the larger of the two sums; NaN where a text is missing.

    Examples
    --------
    >>> spelling = np.array([0, 3, 13]), np.frombuffer(b"resrestaurant", np.uint8)
    >>> start, token, weight = np.array([0, 1, 2]), np.array([0, 1]), np.array([1.0, 2.0])
    >>> fuzzy_unmatched(np.array([0]), np.array([1]), start, token, weight, *spelling)
    (array([0.], dtype=float32), array([0.], dtype=float32))
    """
    out = _soft_kernel(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        plain(weight, np.float64),
        _spelling(spelling_start, spelling_units),
        _rule(threshold, prefixes=True),
    )[0]
    return out[0], out[1]


def unmatched_tokens(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    token: npt.NDArray[np.int32],
    spelling_start: npt.NDArray[np.int64],
    spelling_units: npt.NDArray[np.uint16],
    threshold: float = 0.9,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return the tokens whose weights `fuzzy_unmatched` sums, of both texts of each pair.

    Parameters
    ----------
    left, right : int32[p]
        Text numbers; -1 is missing.
    start, token, spelling_start, spelling_units
        As in `sameas.core.prepared.Tokens`.
    threshold : float in (0, 1]

    Returns
    -------
    begin : int64[p + 1]
        Where each pair begins in `found`.
    found : int32[...]
        Token numbers; none where a text is missing.

    Examples
    --------
    >>> spelling = np.array([0, 3, 8, 11]), np.frombuffer(b"gymhotelpub", np.uint8)
    >>> start, token = np.array([0, 2, 3]), np.array([0, 1, 1])
    >>> begin, found = unmatched_tokens(np.array([0]), np.array([1]), start, token, *spelling)
    >>> begin.tolist(), found.tolist()
    ([0, 1], [0])
    """
    begin, found = _unmatched_kernel(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(start, np.int64),
        plain(token, np.int32),
        _spelling(spelling_start, spelling_units),
        _rule(threshold, prefixes=True),
    )
    return begin, found


def _spelling(start: npt.ArrayLike, units: npt.ArrayLike) -> tuple[npt.NDArray[Any], ...]:
    return plain(start, np.int64), plain(units, np.uint16), scratch_table()


def _rule(threshold: float, *, prefixes: bool) -> tuple[npt.NDArray[np.int8], float, bool]:
    return common_needed(float(threshold)), float(threshold), prefixes


@inner
def _soft_product(text: Any, other: Any, token: Any, weight: Any, near: Any, score: Any) -> Any:
    """Sum the products of weights over both directions and divide by both lengths."""
    forth = 0.0
    square = 0.0
    for here in range(text[1] - text[0]):
        own = weight[token[text[0] + here]]
        square += own * own
        if near[0, here] >= 0:
            forth += own * weight[near[0, here]] * score[0, here]
    back = 0.0
    other_square = 0.0
    for there in range(other[1] - other[0]):
        own = weight[token[other[0] + there]]
        other_square += own * own
        if near[1, there] >= 0:
            back += own * weight[near[1, there]] * score[1, there]
    scale = np.sqrt(square) * np.sqrt(other_square)
    if scale == 0.0:
        return np.nan
    return min(0.5 * (forth + back) / scale, 1.0)


@inner
def _unmatched(text: Any, token: Any, weight: Any, near: Any) -> Any:
    """Sum the weights of the tokens of a text that meet none."""
    total = 0.0
    for here in range(text[1] - text[0]):
        if near[here] < 0:
            total += weight[token[text[0] + here]]
    return total


@jit
def _soft_kernel(
    left: Any, right: Any, start: Any, token: Any, weight: Any, spelling: Any, rule: Any
) -> Any:
    """Return Soft TF-IDF in the first row, or both unmatched weights if prefixes count."""
    most = most_tokens(left, right, start)
    near = np.empty((2, most), np.int64)
    score = np.empty((2, most), np.float64)
    offset = np.empty(most, np.int64)
    scratch = near, score, offset, np.empty(most, np.uint64)
    out = np.empty((2, left.shape[0]), np.float32)
    held = np.int32(-1)
    packed = False
    text = (np.int64(0), np.int64(0))
    touched = np.int64(0)
    for pair in range(left.shape[0]):
        if pair % AHEAD == 0:  # the right texts lie anywhere: so their cache misses overlap
            touched ^= _read_ahead(right[pair : pair + AHEAD], start, token, spelling[0])
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0 or start[a] == start[a + 1] or start[b] == start[b + 1]:
            out[0, pair] = np.nan
            out[1, pair] = np.nan
            continue
        other = (start[b], start[b + 1])
        if a != held:
            if packed:
                unload(text, token, spelling)
            held = a
            text = (start[a], start[a + 1])
            packed = load(text, token, spelling, offset)
        if equal_tokens(text, other, token, near, score) > 0:
            if packed and not fits(other, token, spelling):
                unload(text, token, spelling)
                packed = False
                held = np.int32(-1)
            closest(text, other, token, spelling, rule, scratch, packed)
        if rule[2]:
            mine = _unmatched(text, token, weight, near[0])
            yours = _unmatched(other, token, weight, near[1])
            out[0, pair] = min(mine, yours)
            out[1, pair] = max(mine, yours)
        else:
            out[0, pair] = _soft_product(text, other, token, weight, near, score)
    if packed:
        unload(text, token, spelling)
    return out, touched


@inner
def _read_ahead(texts: Any, start: Any, token: Any, begins: Any) -> Any:
    """Read where the first and the last token of each text are spelled."""
    touched = np.int64(0)
    for place in range(texts.shape[0]):
        text = texts[place]
        if text >= 0 and start[text] < start[text + 1]:
            touched ^= begins[token[start[text]]] ^ begins[token[start[text + 1] - 1]]
    return touched


@jit
def _unmatched_kernel(
    left: Any, right: Any, start: Any, token: Any, spelling: Any, rule: Any
) -> Any:
    """Return the tokens that meet none of the other text, and where each pair begins."""
    pairs = left.shape[0]
    most = most_tokens(left, right, start)
    near = np.empty((2, most), np.int64)
    score = np.empty((2, most), np.float64)
    scratch = near, score, np.empty(most, np.int64), np.empty(most, np.uint64)
    begin = np.zeros(pairs + 1, np.int64)
    for pair in range(pairs):
        size = np.int64(0)
        if left[pair] >= 0 and right[pair] >= 0:
            size += start[left[pair] + 1] - start[left[pair]]
            size += start[right[pair] + 1] - start[right[pair]]
        begin[pair + 1] = begin[pair] + size
    found = np.empty(begin[pairs], np.int32)
    total = np.int64(0)
    packed = False
    for pair in range(pairs):
        a = left[pair]
        b = right[pair]
        begin[pair] = total
        if a < 0 or b < 0 or start[a] == start[a + 1] or start[b] == start[b + 1]:
            continue
        text = (start[a], start[a + 1])
        other = (start[b], start[b + 1])
        if equal_tokens(text, other, token, near, score) > 0:
            closest(text, other, token, spelling, rule, scratch, packed)
        for here in range(text[1] - text[0]):
            if near[0, here] < 0:
                found[total] = token[text[0] + here]
                total += 1
        for there in range(other[1] - other[0]):
            if near[1, there] < 0:
                found[total] = token[other[0] + there]
                total += 1
    begin[pairs] = total
    return begin, found[:total].copy()
