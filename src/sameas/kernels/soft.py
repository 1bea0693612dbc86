"""Token sets compared softly: a token may meet one that is merely spelled alike.

Equal tokens are found by merging. For the others the tokens of the left text lie side by side
in one table of places, so that one pass over a right token tells how many of its characters
each left token has; Jaro-Winkler is taken only where that may be enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit, plain, scratch_table
from sameas.kernels.bits import bit_count
from sameas.kernels.jaro import (
    BOOST_ABOVE,
    SHORT,
    boosted,
    clear_table,
    common_needed,
    common_prefix,
    fill_table,
    long_jaro,
    short_jaro,
)

__all__ = ["fuzzy_unmatched", "soft_tfidf"]

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
#: A token that begins another one counts as the same from this length on.
_SHORTEST_PREFIX = 3


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
    )
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
    )
    return out[0], out[1]


def _spelling(start: npt.ArrayLike, units: npt.ArrayLike) -> tuple[npt.NDArray[Any], ...]:
    return plain(start, np.int64), plain(units, np.uint16), scratch_table()


def _rule(threshold: float, *, prefixes: bool) -> tuple[npt.NDArray[np.int8], float, bool]:
    return common_needed(float(threshold)), float(threshold), prefixes


@jit
def _most_tokens(left: Any, right: Any, start: Any) -> Any:
    """Return the size of the largest token set among the texts of the pairs."""
    most = np.int64(1)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a >= 0 and b >= 0:
            most = max(most, start[a + 1] - start[a], start[b + 1] - start[b])
    return most


@jit
def _load(text: Any, token: Any, spelling: Any, offset: Any) -> Any:
    """Put the tokens of a text side by side into the table; False if they do not fit."""
    begins, units, table = spelling
    size = np.int64(0)
    for place in range(text[0], text[1]):
        size += begins[token[place] + 1] - begins[token[place]]
        if size > SHORT:
            return False
    size = np.int64(0)
    for place in range(text[0], text[1]):
        begin = begins[token[place]]
        end = begins[token[place] + 1]
        offset[place - text[0]] = size
        if end > begin:
            fill_table(table, units, begin, end, size)
        size += end - begin
    return True


@jit
def _unload(text: Any, token: Any, spelling: Any) -> None:
    """Take the tokens of a text out of the table."""
    begins, units, table = spelling
    for place in range(text[0], text[1]):
        clear_table(table, units, begins[token[place]], begins[token[place] + 1])


@jit
def _fits(text: Any, token: Any, spelling: Any) -> Any:
    """Say whether each token of a text has at most 64 units."""
    begins = spelling[0]
    for place in range(text[0], text[1]):
        if begins[token[place] + 1] - begins[token[place]] > SHORT:
            return False
    return True


@jit
def _equal_tokens(text: Any, other: Any, token: Any, near: Any, score: Any) -> Any:
    """Give each token its equal in the other text, or -1; return how many have none."""
    for place in range(max(text[1] - text[0], other[1] - other[0])):
        near[0, place] = near[1, place] = -1
        score[0, place] = score[1, place] = 0.0
    here = text[0]
    there = other[0]
    alone = text[1] - text[0] + other[1] - other[0]
    while here < text[1] and there < other[1]:
        mine = token[here]
        yours = token[there]
        if mine == yours:
            near[0, here - text[0]] = mine
            near[1, there - other[0]] = mine
            score[0, here - text[0]] = 1.0
            score[1, there - other[0]] = 1.0
            alone -= 2
        here += mine <= yours
        there += yours <= mine
    return alone


@jit
def _token_similarity(
    mine: Any, yours: Any, spelling: Any, rule: Any, limit: int, shift: int
) -> Any:
    """Return Jaro-Winkler of two tokens if it reaches the threshold, else 0.

    The first token lies in the table from bit `shift` on, if both have at most 64 units;
    at most `limit` characters are common. Two tokens count as alike also if one begins the
    other and the rule says so.
    """
    begins, units, table = spelling
    needed, threshold, prefixes = rule
    begin = begins[mine]
    size = begins[mine + 1] - begin
    other = begins[yours]
    other_size = begins[yours + 1] - other
    prefix = common_prefix(units, begin, size, other, other_size)
    least = min(size, other_size)
    if prefixes and least >= _SHORTEST_PREFIX and prefix >= min(least, 4):
        place = prefix
        while place < least and units[begin + place] == units[other + place]:
            place += 1
        if place == least:
            return 1.0
    if size <= SHORT and other_size <= SHORT:
        top = prefix if threshold > BOOST_ABOVE else 0
        need = np.int64(needed[top, size, other_size])
        if limit < need:
            return 0.0
        jaro = short_jaro(table, shift, size, units, other, other_size, need)
    else:
        jaro = long_jaro(table, units, begin, size, other, other_size)
    found = boosted(jaro, prefix)
    return found if found >= threshold else 0.0


@jit
def _closest_packed(
    text: Any, other: Any, token: Any, spelling: Any, rule: Any, near: Any, score: Any, offset: Any
) -> None:
    """Find the closest token of the other text for each token that has no equal.

    The tokens of the first text lie in the table, at `offset`.
    """
    begins, units, table = spelling
    for there in range(other[1] - other[0]):
        yours = token[other[0] + there]
        alone = near[1, there] != yours
        found = _ZERO
        for place in range(begins[yours], begins[yours + 1]):
            found |= table[units[place]]
        other_size = begins[yours + 1] - begins[yours]
        for here in range(text[1] - text[0]):
            mine = token[text[0] + here]
            size = begins[mine + 1] - begins[mine]
            if size == 0 or not (alone or near[0, here] != mine):
                continue
            inside = _ALL >> np.uint64(SHORT - size)
            limit = min(bit_count((found >> np.uint64(offset[here])) & inside), other_size)
            value = _token_similarity(mine, yours, spelling, rule, limit, offset[here])
            if value > score[0, here]:
                score[0, here] = value
                near[0, here] = yours
            if value > score[1, there]:
                score[1, there] = value
                near[1, there] = mine


@jit
def _closest_unpacked(
    text: Any, other: Any, token: Any, spelling: Any, rule: Any, near: Any, score: Any
) -> None:
    """Do the same for texts of any length; the table is empty before and after."""
    begins, units, table = spelling
    for here in range(text[1] - text[0]):
        mine = token[text[0] + here]
        size = begins[mine + 1] - begins[mine]
        alone = near[0, here] != mine
        for there in range(other[1] - other[0]):
            yours = token[other[0] + there]
            other_size = begins[yours + 1] - begins[yours]
            if not (alone or near[1, there] != yours):
                continue
            short = size <= SHORT and other_size <= SHORT
            if short:
                fill_table(table, units, begins[mine], begins[mine + 1], 0)
            limit = min(size, other_size)
            value = _token_similarity(mine, yours, spelling, rule, limit, 0)
            if short:
                clear_table(table, units, begins[mine], begins[mine + 1])
            if value > score[0, here]:
                score[0, here] = value
                near[0, here] = yours
            if value > score[1, there]:
                score[1, there] = value
                near[1, there] = mine


@jit
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


@jit
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
    most = _most_tokens(left, right, start)
    near = np.empty((2, most), np.int64)
    score = np.empty((2, most), np.float64)
    offset = np.empty(most, np.int64)
    out = np.full((2, left.shape[0]), np.nan, np.float32)
    held = np.int32(-1)
    packed = False
    text = (np.int64(0), np.int64(0))
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a < 0 or b < 0 or start[a] == start[a + 1] or start[b] == start[b + 1]:
            continue
        other = (start[b], start[b + 1])
        if a != held:
            if packed:
                _unload(text, token, spelling)
            held = a
            text = (start[a], start[a + 1])
            packed = _load(text, token, spelling, offset)
        if _equal_tokens(text, other, token, near, score) > 0:
            if packed and not _fits(other, token, spelling):
                _unload(text, token, spelling)
                packed = False
                held = np.int32(-1)
            if packed:
                _closest_packed(text, other, token, spelling, rule, near, score, offset)
            else:
                _closest_unpacked(text, other, token, spelling, rule, near, score)
        if rule[2]:
            mine = _unmatched(text, token, weight, near[0])
            yours = _unmatched(other, token, weight, near[1])
            out[0, pair] = min(mine, yours)
            out[1, pair] = max(mine, yours)
        else:
            out[0, pair] = _soft_product(text, other, token, weight, near, score)
    if packed:
        _unload(text, token, spelling)
    return out
