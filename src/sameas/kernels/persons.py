"""Names of persons over pairs of records: each word meets the one it is most like."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, plain, scratch_table
from sameas.kernels.jaro import (
    SHORT,
    boosted,
    clear_table,
    common_needed,
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
    return _person_similarity(  # type: ignore[no-any-return]
        plain(left, np.int32),
        plain(right, np.int32),
        plain(code, np.int32),
        (plain(names[0], np.int64), plain(names[1], np.int32)),
        (plain(spelling[0], np.int64), plain(spelling[1], np.uint16), scratch_table()),
        (plain(formal[0], np.int64), plain(formal[1], np.int32)),
        common_needed(_LEAST),
    )


@inner
def _nickname(one: Any, two: Any, formal: Any) -> Any:
    """Say whether two words may stand for one name."""
    start, name = formal
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
def _spelled(one: Any, two: Any, spelling: Any, needed: Any) -> Any:
    """Return Jaro-Winkler of two words, at most 0.94, or 0 below 0.8.

    The first word lies in the table if it has at most 64 units.
    """
    begins, units, table = spelling
    begin = begins[one]
    size = begins[one + 1] - begin
    other = begins[two]
    other_size = begins[two + 1] - other
    prefix = common_prefix(units, begin, size, other, other_size)
    if size <= SHORT and other_size <= SHORT:
        need = np.int64(needed[prefix, size, other_size])
        hopeful = other_size
        for place in range(other, other + other_size):
            hopeful -= table[units[place]] == _ZERO
        if hopeful < need:
            return 0.0
        jaro = short_jaro(table, _FIRST, size, units, other, other_size, need)
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
    one: Any, others: Any, count: int, near: Any, spelling: Any, formal: Any, needed: Any
) -> Any:
    """Write the similarity of a word to each of the others, and return the largest."""
    begins, units, table = spelling
    begin = begins[one]
    size = begins[one + 1] - begin
    held = 0 < size <= SHORT
    if held:
        fill_table(table, units, begin, begins[one + 1], _FIRST)
    best = 0.0
    for place in range(count):
        two = others[place]
        other_size = begins[two + 1] - begins[two]
        if one == two:
            near[place] = 1.0
        elif size == 0 or other_size == 0:
            near[place] = 0.0
        elif size == 1 or other_size == 1:
            near[place] = _INITIAL if units[begin] == units[begins[two]] else 0.0
        elif _nickname(one, two, formal):
            near[place] = _NICKNAME
        else:
            near[place] = _spelled(one, two, spelling, needed)
        best = max(best, near[place])
    if held:
        clear_table(table, units, begin, begins[one + 1])
    return best


@inner
def _gather(words: Any, record: Any, code: Any, names: Any) -> Any:
    """Write the words of all fields of a record, and where each field ends."""
    start, token = names
    count = _FIRST
    first = _FIRST
    for field in range(code.shape[1]):
        text = code[record, field]
        if text >= 0:
            for place in range(start[text], start[text + 1]):
                if count < _MOST:
                    words[count] = token[place]
                    count += 1
        if field == 0:
            first = count
    return first, count


@inner
def _weight(word: Any, spelling: Any) -> Any:
    return _INITIAL_WEIGHT if spelling[0][word + 1] - spelling[0][word] == 1 else 1.0


@inner
def _aligned(one: Any, two: Any, near: Any, used: Any, spelling: Any) -> Any:
    """Return the likeness of two runs of words, each ``(words, begin, end)``."""
    words, begin, end = one
    others, other_begin, other_end = two
    total = 0.0
    for place in range(begin, end):
        used[0, place] = False
        total += _weight(words[place], spelling)
    for place in range(other_begin, other_end):
        used[1, place] = False
        total += _weight(others[place], spelling)
    score = 0.0
    met = 0.0
    for _ in range(min(end - begin, other_end - other_begin)):
        best = -1.0
        mine = begin
        yours = other_begin
        low = np.int64(0)
        high = np.int64(0)
        for here in range(begin, end):
            for there in range(other_begin, other_end):
                if used[0, here] or used[1, there] or near[here, there] < best:
                    continue
                small = np.int64(min(words[here], others[there]))
                large = np.int64(max(words[here], others[there]))
                if near[here, there] > best or (small, large) < (low, high):
                    best = near[here, there]
                    mine = here
                    yours = there
                    low = small
                    high = large
        used[0, mine] = True
        used[1, yours] = True
        weight = _weight(words[mine], spelling) + _weight(others[yours], spelling)
        score += best * weight
        met += weight
    return score / met * (0.5 + 0.5 * met / total)


@jit
def _person_similarity(
    left: Any, right: Any, code: Any, names: Any, spelling: Any, formal: Any, needed: Any
) -> Any:
    out = np.full(left.shape[0], np.nan, np.float32)
    words = np.empty(_MOST, np.int32)
    others = np.empty(_MOST, np.int32)
    near = np.empty((_MOST, _MOST), np.float64)
    used = np.empty((2, _MOST), np.bool_)
    for pair in range(left.shape[0]):
        a = left[pair]
        b = right[pair]
        first, count = _gather(words, a, code, names)
        other_first, other_count = _gather(others, b, code, names)
        if count == 0 or other_count == 0:
            continue
        same = True
        for field in range(code.shape[1]):
            same = same and code[a, field] >= 0 and code[a, field] == code[b, field]
        if same:
            out[pair] = 1.0
            continue
        best = 0.0
        for here in range(count):
            alike = _compare_words(
                words[here], others, other_count, near[here], spelling, formal, needed
            )
            best = max(best, alike)
        if best == 0.0:
            out[pair] = 0.0
            continue
        one = (words, _FIRST, count)
        two = (others, _FIRST, other_count)
        found = _aligned(one, two, near, used, spelling)
        whole = 0 < first < count and 0 < other_first < other_count
        if whole:
            given = _aligned(
                (words, _FIRST, first), (others, _FIRST, other_first), near, used, spelling
            )
            surname = _aligned(
                (words, first, count), (others, other_first, other_count), near, used, spelling
            )
            found = max(_MOVED * found, 0.5 * (given + surname))
        elif code.shape[1] > 1:
            found *= _MOVED
        out[pair] = min(found, _NOT_EQUAL)
    return out
