"""The compiled function that goes through a program of comparisons, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from sameas.kernels.alignment import _indel_ratio, _token_set_ratio
from sameas.kernels.arrays import inner, jit
from sameas.kernels.geo import distance
from sameas.kernels.sets import _set_jaccard
from sameas.kernels.soft import _soft_kernel
from sameas.kernels.strings import _jaro_winkler
from sameas.kernels.tokens import _token_overlap
from sameas.resolver.compiled.parts import (
    codes_of,
    no_words,
    number_of,
    range_of,
    sealed,
    words_of,
    xyz_of,
)

__all__ = ["compare_pairs"]

# Kinds of steps: those up to INDEL read a text, those from WORDS on the words of a text.
JARO_WINKLER, INDEL, JACCARD, EQUAL, STATES, ACRONYM, SPAN, APART, PARENTAGE = range(9)
WORDS = 20
SOFT_TFIDF, UNMATCHED, TOKEN_SET, OVERLAP, LEARNED = range(WORDS, WORDS + 5)


@jit
def compare_pairs(
    records: Any, worth: Any, program: Any, rules: Any, table: Any, left: Any, right: Any, out: Any
) -> None:
    """Write what comparisons say of pairs into the columns of `out`.

    Parameters
    ----------
    records : tuple
        From `take_apart`.
    worth : (int64[k], float64[...])
        Weights of the words of all texts, and where those of a channel begin.
    program : int32[s, 5]
        A row a step: kind, column, place (of a number or a channel), second place (of
        words: of their weights), rule.
    rules : (int8[r, 5, 66, 66], float64[r])
        From `common_needed`, and the thresholds.
    table : uint64[65536]
        The scratch table of the thread.
    left, right : int32[p]
        Rising in the order of records: left < right.
    out : float32[p, k]
    """
    parts = (
        sealed(records[0]), sealed(records[1]), sealed(records[2]), sealed(records[3]),
        sealed(records[4]),
    )  # fmt: skip
    words = no_words()
    opened = -1
    for step in range(program.shape[0]):
        kind, column, place = program[step, 0], program[step, 1], program[step, 2]
        if kind >= WORDS:
            if opened != program[step, 3]:
                first = worth[0][program[step, 3]]
                used = parts[2][place, parts[2].shape[1] - 1]
                words = words_of(parts, place, worth[1][first : first + used])
                opened = program[step, 3]
            ends = codes_of(parts, place, left), codes_of(parts, place, right)
            rule = program[step, 4]
            _compare_words(kind, ends, words, rules, rule, table, out, column)
        elif kind <= INDEL:
            ends = codes_of(parts, place, left), codes_of(parts, place, right)
            units = range_of(parts, place, 2).view(np.uint16)
            if kind == INDEL:
                _put(out, column, _indel_ratio(ends[0], ends[1], parts[2][place], units, table))
            else:
                found = _jaro_winkler(ends[0], ends[1], parts[2][place], units, table)[0]
                _put(out, column, found)
        elif kind == JACCARD:
            value = range_of(parts, place, 8).view(np.uint64)
            _put(out, column, _set_jaccard(left, right, parts[2][place], value))
        elif kind == APART:
            _put(out, column, distance(left, right, xyz_of(parts, place)))
        elif kind == SPAN:
            _span(parts[0][place].view(np.float64), left, right, out, column)
        else:
            other = number_of(parts, program[step, 3])
            _compare_hashes(kind, number_of(parts, place), other, left, right, out, column)


@inner
def _put(out: Any, column: int, values: Any) -> None:
    for pair in range(values.shape[0]):
        out[pair, column] = np.float32(values[pair])


@inner
def _compare_words(
    kind: int, ends: Any, words: Any, rules: Any, rule: int, table: Any, out: Any, column: int
) -> None:
    left, right = ends
    start, token, weight, _, spelling_start, spelling_units = words
    if kind == TOKEN_SET:
        values = _token_set_ratio(
            left, right, start, token, spelling_start, spelling_units, table
        )  # fmt: skip
        _put(out, column, values)
    elif kind == OVERLAP:
        four = _token_overlap(left, right, start, token, weight)
        for each in range(4):
            _put(out, column + each, four[each])
    else:
        near = rules[0][rule], rules[1][rule], kind != SOFT_TFIDF
        spelling = spelling_start, spelling_units, table
        two = _soft_kernel(left, right, start, token, weight, spelling, near)[0]
        if kind == LEARNED:
            two[0] += two[1]
        _put(out, column, two[0])
        if kind == UNMATCHED:
            _put(out, column + 1, two[1])


@inner
def _span(value: Any, left: Any, right: Any, out: Any, column: int) -> None:
    """Write the smaller and the larger of two numbers; NaN if one is missing."""
    for pair in range(left.shape[0]):
        a, b = value[left[pair]], value[right[pair]]
        known = a == a and b == b
        out[pair, column] = np.float32(min(a, b)) if known else np.nan
        out[pair, column + 1] = np.float32(max(a, b)) if known else np.nan


@inner
def _compare_hashes(
    kind: int, value: Any, other: Any, left: Any, right: Any, out: Any, column: int
) -> None:
    none = np.uint64(0)
    for pair in range(left.shape[0]):
        i, j = left[pair], right[pair]
        a, b = value[i], value[j]
        missing = a == none or b == none
        if kind == EQUAL:
            out[pair, column] = np.nan if missing else np.float32(a == b)
        elif kind == STATES:
            out[pair, column] = np.float32(not missing and a == b)
            out[pair, column + 1] = np.float32(not missing and a != b)
            out[pair, column + 2] = np.float32(missing)
        elif kind == ACRONYM:  # of initials and of texts without spaces
            forth = a == other[j] and a != none
            back = b == other[i] and b != none
            absent = other[i] == none or other[j] == none
            out[pair, column] = np.nan if absent else np.float32(forth or back)
        else:  # parents, and the records themselves
            unknown = a == none and b == none
            down = not unknown and b == other[i]
            up = not unknown and not down and a == other[j]
            out[pair, column] = np.float32(down)
            out[pair, column + 1] = np.float32(up)
            out[pair, column + 2] = np.float32(not unknown and not down and not up)
            out[pair, column + 3] = np.float32(unknown)
