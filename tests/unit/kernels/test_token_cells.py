"""Keys of a word and a cell."""

import numpy as np

from sameas.kernels.hashing import bitmap
from sameas.kernels.token_cells import token_cell_keys, token_cell_rows

NO_MARKS = np.zeros(0, np.uint64)
CODE = np.array([0, 1, -1, 0], np.int32)
START = np.array([0, 2, 3])
TOKEN = np.array([0, 2, 1], np.int32)
HASH = np.array([11, 22, 33], np.uint64)
RECORD = np.array([0, 1, 2, 3, 3], np.int32)
CELL = np.array([5, 5, 5, 5, 9], np.uint64)


def rows(eligible, marked=NO_MARKS):
    key, record = token_cell_rows(
        RECORD, CELL, CODE, START, TOKEN, HASH, np.array(eligible), marked
    )
    return list(zip(record.tolist(), key.tolist(), strict=True))


def key(word, cell):
    return int(token_cell_keys(np.array([word], np.uint64), np.array([cell], np.uint64))[0])


def test_each_word_of_each_row_makes_a_key():
    expected = [(0, 11, 5), (0, 33, 5), (1, 22, 5), (3, 11, 5), (3, 33, 5), (3, 11, 9), (3, 33, 9)]
    assert rows([True] * 3) == [(record, key(word, cell)) for record, word, cell in expected]


def test_words_that_are_not_eligible_make_none():
    assert rows([False, True, False]) == [(1, key(22, 5))]
    assert rows([False] * 3) == []


def test_only_marked_keys_are_kept():
    marked = bitmap(np.array([key(11, 9)], np.uint64), 12)
    assert rows([True] * 3, marked) == [(3, key(11, 9))]


def test_keys_leave_the_highest_bit_free_and_differ():
    word, cell = np.meshgrid(np.arange(200, dtype=np.uint64), np.arange(200, dtype=np.uint64))
    keys = token_cell_keys(word.ravel(), cell.ravel())
    assert int(keys.max()) < 2**63
    assert len(np.unique(keys)) == len(keys)


def test_many_rows_outgrow_the_first_buffers():
    record = np.zeros(1_000, np.int32)
    code, start, token = np.zeros(1, np.int32), np.array([0, 40]), np.arange(40, dtype=np.int32)
    words = np.arange(1, 41, dtype=np.uint64)
    cell = np.arange(1_000, dtype=np.uint64)
    found, _ = token_cell_rows(
        record, cell, code, start, token, words, np.ones(40, bool), NO_MARKS
    )  # fmt: skip
    assert len(np.unique(found)) == 40_000
