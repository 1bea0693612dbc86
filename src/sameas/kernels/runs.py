"""Words of one text inside another one: the longest run of characters that both hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import inner, jit, plain

__all__ = ["LONGEST_WORD", "common_runs"]

#: Characters of a word that are looked at.
LONGEST_WORD = 64


def common_runs(
    words: tuple[npt.ArrayLike, npt.ArrayLike],
    spelling: tuple[npt.ArrayLike, npt.ArrayLike],
    inside: tuple[npt.ArrayLike, npt.ArrayLike],
    pairs: tuple[npt.ArrayLike, ...],
    *,
    shortest: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return how much of the words of either side stands in the text of the other side.

    Parameters
    ----------
    words : (start int64[w + 1], word int32[k])
        The words of word list i are ``word[start[i] : start[i + 1]]``.
    spelling : (start int64[v + 1], units uint16[c])
        Characters of the words.
    inside : (start int64[t + 1], units uint16[d])
        Characters of the texts that are searched.
    pairs : four int32[p]
        Left and right word list, left and right text; -1 is missing.
    shortest : int
        Shorter words are left out.

    Returns
    -------
    longest, less, more : float32[p]
        Characters of the longest run; the share of the word that is found best, the smaller
        and the larger of the two sides. A side without words is left out, and NaN stands where
        no side has any or a text is missing. Cost: word times text, some microseconds a pair.

    Examples
    --------
    >>> units = np.frombuffer(b"npfh50", np.uint8), np.frombuffer(b"sony npfh50ce", np.uint8)
    >>> words, spelling = ([0, 1], [0]), ([0, 6], units[0])
    >>> common_runs(words, spelling, ([0, 13], units[1]), ([0], [-1], [0], [0]), shortest=4)
    (array([6.], dtype=float32), array([1.], dtype=float32), array([1.], dtype=float32))
    """
    lists = plain(words[0], np.int64), plain(words[1], np.int32)
    letters = plain(spelling[0], np.int64), plain(spelling[1], np.uint16)
    texts = plain(inside[0], np.int64), plain(inside[1], np.uint16)
    ends = tuple(plain(side, np.int32) for side in pairs)
    out = _common_runs(lists, letters, texts, ends, np.int64(shortest))
    return out[0], out[1], out[2]


@inner
def _longest_run(
    letters: Any, begin: int, size: int, text: Any, at: int, end: int, row: Any
) -> Any:
    """Return the length of the longest run of a word inside a text."""
    best = 0
    for place in range(size):
        row[place] = 0
    for here in range(at, end):
        unit = text[here]
        before = 0
        for place in range(size):
            known = row[place]
            run = before + 1 if letters[begin + place] == unit else 0
            row[place] = run
            best = max(best, run)
            before = known
    return best


@inner
def _best_of(
    words: Any, spelling: Any, texts: Any, own: int, other: int, shortest: int, row: Any
) -> Any:
    """Return the longest run of any word, and the largest share of a word; -1: no words."""
    longest = -1
    share = -1.0
    begin = texts[0][other]
    end = texts[0][other + 1]
    for place in range(words[0][own], words[0][own + 1]):
        word = words[1][place]
        first = spelling[0][word]
        size = min(spelling[0][word + 1] - first, LONGEST_WORD)
        if size >= shortest:
            run = _longest_run(spelling[1], first, size, texts[1], begin, end, row)
            longest = max(longest, run)
            share = max(share, run / size)
    return longest, share


@jit
def _common_runs(words: Any, spelling: Any, texts: Any, pairs: Any, shortest: Any) -> Any:
    out = np.full((3, pairs[0].shape[0]), np.nan, np.float32)
    row = np.zeros(LONGEST_WORD, np.int64)
    for pair in range(pairs[0].shape[0]):
        longest = -1
        less = 2.0
        more = -1.0
        for side in range(2):
            own = pairs[side][pair]
            other = pairs[3 - side][pair]
            if own < 0 or other < 0:
                continue
            run, share = _best_of(words, spelling, texts, own, other, shortest, row)
            if run >= 0:
                longest = max(longest, run)
                less = min(less, share)
                more = max(more, share)
        if longest >= 0:
            out[0, pair] = longest
            out[1, pair] = less
            out[2, pair] = more
    return out
