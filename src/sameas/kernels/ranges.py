"""Copy ranges of bytes from one array to another, and put words into alphabetical order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit

__all__ = ["copy_ranges", "distinct_words", "number_words", "take_apart"]


@jit
def copy_ranges(
    source: npt.NDArray[np.uint8],
    begin: npt.NDArray[np.int64],
    target: npt.NDArray[np.uint8],
    at: npt.NDArray[np.int64],
    size: npt.NDArray[np.int64],
) -> None:
    """Copy ``source[begin[i] : begin[i] + size[i]]`` to ``target[at[i]:]`` for each i.

    Examples
    --------
    >>> target = np.zeros(3, np.uint8)
    >>> one = np.array([1])
    >>> copy_ranges(np.array([7, 8, 9], np.uint8), one, target, one - 1, one + 1)
    >>> target.tolist()
    [8, 9, 0]
    """
    for row in range(begin.shape[0]):
        come, go = begin[row], at[row]
        for step in range(size[row]):
            target[go + step] = source[come + step]


@inner
def _before(
    start: npt.NDArray[np.int64], units: npt.NDArray[np.uint16], one: int, other: int
) -> bool:
    """Say whether a word comes before another one in the order of characters."""
    length, longer = start[one + 1] - start[one], start[other + 1] - start[other]
    for place in range(min(length, longer)):
        a, b = units[start[one] + place], units[start[other] + place]
        if a != b:
            return bool(a < b)
    return bool(length < longer)


@jit
def number_words(
    start: npt.NDArray[np.int64], units: npt.NDArray[np.uint16]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Give words numbers in the order of their characters; equal words have one number.

    Parameters
    ----------
    start : int64[m + 1]
        Where each word begins in `units`.
    units : uint16[...]

    Returns
    -------
    number : int32[m]
    first : int64[v]
        For each number one of its words.
    """
    count = start.shape[0] - 1
    head = np.zeros(count, np.uint64)
    for word in range(count):
        for place in range(4):
            head[word] <<= np.uint64(16)
            if start[word] + place < start[word + 1]:
                head[word] |= np.uint64(units[start[word] + place])
    order = np.argsort(head)
    # Words with one beginning of four characters are put in order one by one.
    for place in range(1, count):
        word, back = order[place], place
        while (
            back > 0
            and head[order[back - 1]] == head[word]
            and _before(start, units, word, order[back - 1])
        ):
            order[back] = order[back - 1]
            back -= 1
        order[back] = word
    number = np.empty(count, np.int32)
    first = np.empty(count, np.int64)
    found = 0
    for place in range(count):
        word = order[place]
        if (
            place == 0
            or head[word] != head[order[place - 1]]
            or _before(start, units, order[place - 1], word)
        ):
            first[found] = word
            found += 1
        number[word] = found - 1
    return number, first[:found]


@jit
def distinct_words(
    length: npt.NDArray[np.uint16],
    units: npt.NDArray[np.uint16],
    hash: npt.NDArray[np.uint64],
    share: npt.NDArray[np.float64],
) -> tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.int64],
    npt.NDArray[np.uint16],
    npt.NDArray[np.uint64],
    npt.NDArray[np.float64],
]:
    """Keep each word once, in the order of its characters.

    Parameters
    ----------
    length : uint16[m]
        Characters of each word.
    units : uint16[...]
        The words, one behind the other.
    hash : uint64[m]
    share : float64[m]
        Equal words have equal ones.

    Returns
    -------
    number : int32[m]
        Of each word among the distinct ones.
    start : int64[v + 1]
        Where each distinct word begins in the units that come back.
    units : uint16[...]
    hash : uint64[v]
    share : float64[v]
    """
    start = np.zeros(length.shape[0] + 1, np.int64)
    for word in range(length.shape[0]):
        start[word + 1] = start[word] + length[word]
    number, first = number_words(start, units)
    count = first.shape[0]
    begin = np.zeros(count + 1, np.int64)
    for each in range(count):
        begin[each + 1] = begin[each] + length[first[each]]
    letters = np.empty(begin[count], np.uint16)
    hashes, shares = np.empty(count, np.uint64), np.empty(count, np.float64)
    for each in range(count):
        word = first[each]
        for place in range(length[word]):
            letters[begin[each] + place] = units[start[word] + place]
        hashes[each], shares[each] = hash[word], share[word]
    return number, begin, letters, hashes, shares


@jit
def take_apart(
    joined: npt.NDArray[np.uint8],
    begin: npt.NDArray[np.int64],
    numbers: int,
    widths: npt.NDArray[np.int64],
) -> tuple[
    npt.NDArray[np.uint8],
    npt.NDArray[np.int32],
    npt.NDArray[np.int64],
    npt.NDArray[np.uint8],
    npt.NDArray[np.int64],
]:
    """Take records apart: each is some numbers of eight bytes, the sizes of its ranges, the ranges.

    Parameters
    ----------
    joined : uint8[...]
    begin : int64[n]
        Where each record begins.
    numbers : int
    widths : int64[k]
        Bytes of an item of each range. A size is an int32, -1 where the range is missing.

    Returns
    -------
    fixed : uint8[numbers, n * 8]
    code : int32[k, n]
        The record's own place, -1 where its range is missing.
    start : int64[k, n + 1]
        Where the range of each record begins in those of all records, in items.
    data : uint8[...]
        The first ranges of all records, the second ones, and so on, each from a multiple of eight.
    place : int64[k + 1]
        Where they begin in `data`.
    """
    records, ranges = begin.shape[0], widths.shape[0]
    fixed = np.empty((numbers, records * 8), np.uint8)
    code = np.empty((ranges, records), np.int32)
    start = np.zeros((ranges, records + 1), np.int64)
    for record in range(records):
        first = begin[record]
        for number in range(numbers):
            for byte in range(8):
                fixed[number, record * 8 + byte] = joined[first + number * 8 + byte]
        first += numbers * 8
        for each in range(ranges):
            size = np.int64(0)
            for byte in range(4):
                size |= np.int64(joined[first + each * 4 + byte]) << np.int64(8 * byte)
            missing = size >= np.int64(1) << np.int64(31)
            code[each, record] = -1 if missing else record
            start[each, record + 1] = start[each, record] + (np.int64(0) if missing else size)
    place = np.zeros(ranges + 1, np.int64)
    for each in range(ranges):
        used = start[each, records] * widths[each]
        place[each + 1] = place[each] + (used + 7) // 8 * 8
    data = np.empty(place[ranges], np.uint8)
    for record in range(records):
        come = begin[record] + numbers * 8 + ranges * 4
        for each in range(ranges):
            go = place[each] + start[each, record] * widths[each]
            size = (start[each, record + 1] - start[each, record]) * widths[each]
            for byte in range(size):
                data[go + byte] = joined[come + byte]
            come += size
    return fixed, code, start, data, place
