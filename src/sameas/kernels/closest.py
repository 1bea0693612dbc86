"""Closest tokens: which token of one text is spelled most like one of the other.

Equal tokens are found by merging. For the others the tokens of the left text lie side by side
in one table of places, so that one pass over a right token tells how many of its characters
each left token has; Jaro-Winkler is taken only where that may be enough. For other kernels:

* a text is the pair of its begin and its end in the token array;
* `spelling` is ``(spelling_start, spelling_units, scratch table)``;
* `rule` is ``(common_needed(threshold), threshold, prefixes count)``;
* `near` and `score`, of shape ``[2, tokens]``, hold the closest token, -1 if none reaches the
  threshold, and its similarity, for each token of the one and of the other text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sameas.kernels.arrays import inner
from sameas.kernels.bits import bit_count
from sameas.kernels.jaro import (
    BOOST_ABOVE,
    SHORT,
    boosted,
    clear_table,
    common_prefix,
    fill_table,
    long_jaro,
    short_jaro,
)

__all__ = ["closest", "equal_tokens", "fits", "load", "most_tokens", "unload"]

_ZERO = np.uint64(0)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
#: A token that begins another one counts as the same from this length on.
_SHORTEST_PREFIX = 3
# Of one type with what is computed: a Python number would be compiled for by itself.
_LEAST = np.int64(0)
_TOP = np.int64(4)


@inner
def most_tokens(left: Any, right: Any, start: Any) -> Any:
    """Return the size of the largest token set among the texts of the pairs."""
    most = np.int64(1)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        if a >= 0 and b >= 0:
            most = max(most, start[a + 1] - start[a])
            most = max(most, start[b + 1] - start[b])
    return most


@inner
def load(text: Any, token: Any, spelling: Any, offset: Any) -> Any:
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


@inner
def unload(text: Any, token: Any, spelling: Any) -> None:
    """Take the tokens of a text out of the table."""
    begins, units, table = spelling
    for place in range(text[0], text[1]):
        clear_table(table, units, begins[token[place]], begins[token[place] + 1])


@inner
def fits(text: Any, token: Any, spelling: Any) -> Any:
    """Say whether each token of a text has at most 64 units."""
    begins = spelling[0]
    for place in range(text[0], text[1]):
        if begins[token[place] + 1] - begins[token[place]] > SHORT:
            return False
    return True


@inner
def equal_tokens(text: Any, other: Any, token: Any, near: Any, score: Any) -> Any:
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


@inner
def _begins(units: Any, begin: int, size: int, other: int, other_size: int) -> Any:
    """Say whether the shorter token, if long enough, begins the longer one."""
    least = min(size, other_size)
    if least < _SHORTEST_PREFIX:
        return False
    place = _LEAST
    while place < least and units[begin + place] == units[other + place]:
        place += 1
    return place == least


@inner
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
    short = size <= SHORT and other_size <= SHORT
    top = _TOP if threshold > BOOST_ABOVE else _LEAST
    hopeful = limit >= needed[top, size, other_size] if short else True
    whole = limit >= min(size, other_size)
    if prefixes and whole and _begins(units, begin, size, other, other_size):
        return 1.0
    if not hopeful:
        return 0.0
    prefix = common_prefix(units, begin, size, other, other_size)
    if short:
        need = np.int64(needed[min(prefix, top), size, other_size])
        if limit < need:
            return 0.0
        jaro = short_jaro(table, shift, size, units, other, other_size, need)
    else:
        jaro = long_jaro(table, units, begin, size, other, other_size)
    found = boosted(jaro, prefix)
    return found if found >= threshold else 0.0


@inner
def closest(
    text: Any, other: Any, token: Any, spelling: Any, rule: Any, scratch: Any, packed: bool
) -> None:
    """Find the closest token of the other text for each token that has no equal.

    If `packed`, the tokens of the first text lie in the table, at `offset`; if not, the table
    is empty before and after.
    """
    begins, units, table = spelling
    near, score, offset, found = scratch
    for there in range(other[1] - other[0]):
        yours = token[other[0] + there]
        found[there] = _ALL
        if packed:
            found[there] = _ZERO
            for place in range(begins[yours], begins[yours + 1]):
                found[there] |= table[units[place]]
    for here in range(text[1] - text[0]):
        mine = token[text[0] + here]
        size = begins[mine + 1] - begins[mine]
        alone = near[0, here] != mine
        shift = offset[here] if packed else _LEAST
        inside = _ALL >> np.uint64(max(SHORT - size, _LEAST))
        for there in range(other[1] - other[0]):
            yours = token[other[0] + there]
            other_size = begins[yours + 1] - begins[yours]
            if size == 0 or not (alone or near[1, there] != yours):
                continue
            limit = min(size, other_size)
            if size <= SHORT:
                limit = min(limit, bit_count((found[there] >> np.uint64(shift)) & inside))
            fill = not packed and size <= SHORT and other_size <= SHORT
            if fill:
                fill_table(table, units, begins[mine], begins[mine + 1], shift)
            value = _token_similarity(mine, yours, spelling, rule, limit, shift)
            if fill:
                clear_table(table, units, begins[mine], begins[mine + 1])
            if value > score[0, here]:
                score[0, here] = value
                near[0, here] = yours
            if value > score[1, there]:
                score[1, there] = value
                near[1, there] = mine
