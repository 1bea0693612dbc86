"""Names of persons over pairs of records: each word meets the one it is most like."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import AHEAD, inner, jit, plain, scratch_table
from sameas.kernels.jaro import (
    SHORT,
    boosted,
    clear_table,
    common_prefix,
    fill_table,
    long_jaro,
    short_jaro,
)

__all__ = ["person_similarity"]

#: Words of a name beyond this many are not looked at.
_MOST = 12
_NICKNAME = 0.95
_ALIKE = 0.94
_INITIAL = 0.85
_LEAST = 0.8
_INITIAL_WEIGHT = 0.5
#: The most that words in another field, and names that are not equal, can reach.
_MOVED = 0.97
_NOT_EQUAL = 0.99
_FIRST = np.int64(0)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
#: Jaro-Winkler of 0.8 takes a Jaro of at least 0.7, so that ``common / size + common /
#: other_size`` is at least 1.1; a little less, for rounding.
_COMMON = 1.0 / 1.0999


def person_similarity(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    code: npt.NDArray[np.int32],
    names: tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]],
    spelling: tuple[npt.NDArray[np.int64], npt.NDArray[np.uint16]],
    formal: tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]],
) -> npt.NDArray[np.float32]:
    """Return how alike the names of each pair of records are.

    Words are equal (1), nickname and name (0.95), spelled alike by Jaro-Winkler of at least
    0.8 (at most 0.94), initial and word (0.85) or not alike (0). The most alike words meet
    first. A name's likeness is the mean over the words that meet, an initial counting half;
    what share of all words that is counts for half of it: a word without a counterpart costs
    a little. With two fields it is the mean of both, or, times 0.97, that of all words
    together, whichever is more: so swapped fields and words in the wrong field are seen. If a
    side lacks a field, it is the latter.

    Parameters
    ----------
    left, right : int32[p]
        Record numbers.
    code : int32[n, k]
    names : (start, token)
    spelling : (spelling_start, spelling_units)
    formal : (formal_start, formal)
        As in `sameas.core.prepared.Persons`; k is 1 or 2.

    Returns
    -------
    float32[p]
        In [0, 1]; 1 only if the names are equal. NaN where a record has no name at all.

    Examples
    --------
    >>> code, names = np.array([[0], [1]]), (np.array([0, 2, 4]), np.array([0, 2, 1, 2]))
    >>> spelling = np.array([0, 3, 9, 14]), np.frombuffer(b"bobrobertsmith", np.uint8)
    >>> formal = np.array([0, 2, 3, 3]), np.array([0, 1, 1])
    >>> print(person_similarity(np.array([0]), np.array([1]), code, names, spelling, formal))
    [0.975]
    """
    found: npt.NDArray[np.float32] = _person_similarity(
        plain(left, np.int32),
        plain(right, np.int32),
        plain(code, np.int32),
        (plain(names[0], np.int64), plain(names[1], np.int32)),
        (plain(spelling[0], np.int64), plain(spelling[1], np.uint16), scratch_table()),
        (plain(formal[0], np.int64), plain(formal[1], np.int32)),
    )[0]
    return found


@inner
def _nickname(one: Any, two: Any, start: Any, name: Any) -> Any:
    """Say whether two words may stand for one name."""
    here = start[one]
    there = start[two]
    while here < start[one + 1] and there < start[two + 1]:
        mine = name[here]
        yours = name[there]
        if mine == yours:
            return True
        here += mine <= yours
        there += yours <= mine
    return False


@inner
def _spelled(one: Any, two: Any, begins: Any, units: Any, table: Any) -> Any:
    """Return Jaro-Winkler of two words, at most 0.94, or 0 below 0.8.

    The first word lies in the table if it has at most 64 units.
    """
    begin = begins[one]
    size = begins[one + 1] - begin
    other = begins[two]
    other_size = begins[two + 1] - other
    prefix = common_prefix(units, begin, size, other, other_size)
    if size <= SHORT and other_size <= SHORT:
        jaro = short_jaro(table, _FIRST, size, units, other, other_size, _FIRST)
    else:
        if size <= SHORT:
            clear_table(table, units, begin, begins[one + 1])
        jaro = long_jaro(table, units, begin, size, other, other_size)
        if size <= SHORT:
            fill_table(table, units, begin, begins[one + 1], _FIRST)
    found = boosted(jaro, prefix)
    return min(found, _ALIKE) if found >= _LEAST else 0.0


@inner
def _compare_words(
    words: Any,
    ends: Any,
    near: Any,
    begins: Any,
    units: Any,
    table: Any,
    formal_start: Any,
    formal: Any,
) -> Any:
    """Write the similarity of each word to each of the other side, and return the largest.

    Arrays come one by one and calls are few: to take an array out of a tuple costs more here
    than to compare two words.
    """
    best = 0.0
    for here in range(ends[0, 1]):
        one = words[0, here]
        begin = begins[one]
        size = begins[one + 1] - begin
        bit = _ONE
        for place in range(begin, begin + (size if size <= SHORT else _FIRST)):
            table[units[place]] |= bit
            bit <<= _ONE
        for there in range(ends[1, 1]):
            two = words[1, there]
            other = begins[two]
            other_size = begins[two + 1] - other
            value = 0.0
            if one == two:
                value = 1.0
            elif size == 1 or other_size == 1:
                value = _INITIAL if units[begin] == units[other] else 0.0
            elif (
                formal_start[one] < formal_start[one + 1]
                and formal_start[two] < formal_start[two + 1]
                and _nickname(one, two, formal_start, formal)
            ):
                value = _NICKNAME
            else:
                common = other_size
                if size <= SHORT and other_size <= SHORT:
                    for place in range(other, other + other_size):
                        common -= table[units[place]] == _ZERO
                if _COMMON * common * (size + other_size) >= size * other_size:
                    value = _spelled(one, two, begins, units, table)
            near[here, there] = value
            best = max(best, value)
        for place in range(begin, begin + (size if size <= SHORT else _FIRST)):
            table[units[place]] = _ZERO
    return best


@inner
def _weight(word: Any, begins: Any) -> Any:
    return _INITIAL_WEIGHT if begins[word + 1] - begins[word] == 1 else 1.0


@inner
def _aligned(words: Any, near: Any, used: Any, begins: Any, run: Any, other: Any) -> Any:
    """Return the likeness of two runs of words, each ``(begin, end)``."""
    total = 0.0
    for place in range(run[0], run[1]):
        used[0, place] = False
        total += _weight(words[0, place], begins)
    for place in range(other[0], other[1]):
        used[1, place] = False
        total += _weight(words[1, place], begins)
    score = 0.0
    met = 0.0
    for _ in range(min(run[1] - run[0], other[1] - other[0])):
        best = -1.0
        mine = run[0]
        yours = other[0]
        low = np.int64(0)
        high = np.int64(0)
        for here in range(run[0], run[1]):
            for there in range(other[0], other[1]):
                if used[0, here] or used[1, there] or near[here, there] < best:
                    continue
                small = np.int64(min(words[0, here], words[1, there]))
                large = np.int64(max(words[0, here], words[1, there]))
                if near[here, there] > best or (small, large) < (low, high):
                    best = near[here, there]
                    mine = here
                    yours = there
                    low = small
                    high = large
        used[0, mine] = True
        used[1, yours] = True
        weight = _weight(words[0, mine], begins) + _weight(words[1, yours], begins)
        score += best * weight
        met += weight
    return score / met * (0.5 + 0.5 * met / total)


@inner
def _likeness(words: Any, ends: Any, near: Any, used: Any, begins: Any, fields: int) -> Any:
    """Return the likeness of two names that are not equal, from that of their words."""
    first, count = ends[0, 0], ends[0, 1]
    other_first, other_count = ends[1, 0], ends[1, 1]
    found = _aligned(words, near, used, begins, (_FIRST, count), (_FIRST, other_count))
    if fields > 1:
        found *= _MOVED
    if 0 < first < count and 0 < other_first < other_count:
        given = _aligned(words, near, used, begins, (_FIRST, first), (_FIRST, other_first))
        surname = _aligned(words, near, used, begins, (first, count), (other_first, other_count))
        found = max(found, 0.5 * (given + surname))
    return min(found, _NOT_EQUAL)


@jit
def _person_similarity(
    left: Any, right: Any, code: Any, names: Any, spelling: Any, formal: Any
) -> Any:
    start, token = names
    begins, units, table = spelling
    formal_start, formal_of = formal
    out = np.full(left.shape[0], np.nan, np.float32)
    words = np.empty((2, _MOST), np.int32)
    ends = np.empty((2, 2), np.int64)  # of each side: of its first field, and of all
    near = np.empty((_MOST, _MOST), np.float64)
    used = np.empty((2, _MOST), np.bool_)
    touched = np.int32(0)
    for pair in range(left.shape[0]):
        if pair % AHEAD == 0:  # the right names lie anywhere: so their cache misses overlap
            touched ^= _read_ahead(right[pair : pair + AHEAD], code, start, token)
        same = True
        for field in range(code.shape[1]):
            text = code[left[pair], field]
            same = same and text >= 0 and text == code[right[pair], field]
        if same:
            out[pair] = 1.0
            continue
        for side in range(2):
            record = right[pair] if side else left[pair]
            count = _FIRST
            for field in range(code.shape[1]):
                text = code[record, field]
                if text >= 0:
                    for place in range(start[text], start[text + 1]):
                        if count < _MOST:
                            words[side, count] = token[place]
                            count += 1
                if field == 0:
                    ends[side, 0] = count
            ends[side, 1] = count
        if ends[0, 1] == 0 or ends[1, 1] == 0:
            continue
        best = _compare_words(words, ends, near, begins, units, table, formal_start, formal_of)
        if best == 0.0:
            out[pair] = 0.0
        else:
            out[pair] = _likeness(words, ends, near, used, begins, code.shape[1])
    return out, touched


@inner
def _read_ahead(records: Any, code: Any, start: Any, token: Any) -> Any:
    """Read the first word of each name."""
    touched = np.int32(0)
    for field in range(code.shape[1]):
        for place in range(records.shape[0]):
            text = code[records[place], field]
            if text >= 0 and start[text] < start[text + 1]:
                touched ^= token[start[text]]
    return touched
