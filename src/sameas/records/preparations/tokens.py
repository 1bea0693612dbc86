"""Preparations of words: token sets with frozen frequencies, house numbers, the core word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray, Need, Points, Sets, Signatures, Texts, Tokens, Vectors
from sameas.core.tables import LEARNED_WORDS
from sameas.kernels.geo import cell_keys
from sameas.kernels.token_sets import bearers, unit_vectors
from sameas.kernels.tokens import token_signature
from sameas.records.preparations.texts import hashes, inverse_frequency, units
from sameas.records.preparations.values import as_sets
from sameas.records.preparations.words import Words, words_of
from sameas.records.preparations.workspace import (
    Counted,
    Stateless,
    Workspace,
    counts,
    documents_of,
    frequencies,
    preparation,
)

_SUPPORT = 3


@preparation("tokens")
class _Tokens(Counted):
    """Sets of words with their inverse document frequency. Option ``form`` (also "street")."""

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        words = words_of(workspace, need)
        records = words.records()
        frequency = bearers(words.start, words.token, records, len(words.vocabulary))
        return counts(int(records.sum()), token=words.vocabulary, count=frequency)

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        return frequencies(counted)

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Tokens:
        assert statistics is not None
        words = words_of(workspace, need)
        frequency, documents = _frequency(words, statistics), documents_of(statistics)
        return Tokens(
            _bearing(words),
            words.start,
            words.token,
            inverse_frequency(frequency, documents),
            frequency / max(documents, 1),
            hashes(words.vocabulary),
            *units(words.vocabulary),
        )


def _frequency(words: Words, statistics: pa.Table) -> npt.NDArray[np.int64]:
    """Return how many documents hold each word, by frozen statistics."""
    counts: npt.NDArray[np.int64] = statistics.column("frequency").to_numpy()
    known = statistics.column("token").combine_chunks().cast(pa.large_string())
    if known.equals(words.vocabulary):
        return counts
    place = pc.index_in(words.vocabulary, value_set=known).fill_null(-1)
    return np.asarray(np.append(counts, 0)[place.to_numpy(zero_copy_only=False)])


def _bearing(words: Words) -> IntArray:
    """Return the text of each record, -1 also if it holds no word."""
    empty = np.append(words.start[1:] == words.start[:-1], True)
    return np.where(empty[words.code], -1, words.code).astype(np.int32)


@preparation("learned_words")
class _LearnedWords:
    """Sets of words whose weights are learned from labels; until then they are 0."""

    def fit(self, workspace: Workspace, need: Need) -> pa.Table:
        return LEARNED_WORDS.empty_table()

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Tokens:
        assert statistics is not None
        tokens = workspace.column(Need("tokens", need.fields, need.options))
        assert isinstance(tokens, Tokens)
        place = pc.index_in(pa.array(tokens.hash), value_set=statistics["hash"].combine_chunks())
        weight = np.append(statistics["weight"].to_numpy(), 0.0)
        known = place.fill_null(-1).to_numpy(zero_copy_only=False)
        return replace(tokens, weight=weight[known])


@preparation("token_bits")
class _TokenBits(Stateless):
    """A bit a word, hashed: two texts without a common bit share no word."""

    def compute(self, workspace: Workspace, need: Need) -> Signatures:
        tokens = workspace.column(Need("tokens", need.fields, need.options))
        assert isinstance(tokens, Tokens)
        return Signatures(token_signature(tokens.start, tokens.token, tokens.hash))


@preparation("word_vectors")
class _WordVectors(Stateless):
    """TF-IDF over words, each distinct word counted once."""

    def compute(self, workspace: Workspace, need: Need) -> Vectors:
        statistics = workspace.frozen(Need("tokens", need.fields, need.options))
        assert statistics is not None
        words = words_of(workspace, need)
        weight = inverse_frequency(_frequency(words, statistics), documents_of(statistics))
        unit = unit_vectors(words.start, words.token, weight)
        return Vectors(_bearing(words), words.start, words.token, unit, len(weight))


@preparation("numbers_in")
class _NumbersIn(Stateless):
    """The words with a digit, as a set a record: house numbers, unit numbers."""

    def compute(self, workspace: Workspace, need: Need) -> Sets:
        words = words_of(workspace, need)
        numeric = pc.match_substring_regex(words.vocabulary, r"\d").to_numpy(zero_copy_only=False)
        token = words.token
        keep = numeric[token] if len(token) else np.zeros(0, bool)
        texts = len(words.start) - 1
        sets = as_sets(words.text[keep], hashes(words.vocabulary)[token[keep]], texts)
        return _spread(sets, words.code)


def _spread(per_text: Sets, code: IntArray) -> Sets:
    """Give each record the set of its text."""
    size = np.append(np.diff(per_text.start), 0)[code]
    start = np.zeros(len(code) + 1, np.int64)
    np.cumsum(size, out=start[1:])
    begin = np.append(per_text.start[:-1], 0)[code]
    place = np.arange(start[-1]) + np.repeat(begin - start[:-1], size)
    return Sets(start, per_text.value[place])


@preparation("core_word")
class _CoreWord(Counted):
    """The rarest word of a name that is not a localised one (Cousseau & Barbosa 2020, 3).

    A word is localised in a cell of about a geohash-6 when it is frequent there and rare
    elsewhere: at least ``support`` (3) records of the cell bear it, and its TF-IDF inside
    the cell (share of the cell's records times inverse document frequency) reaches
    ``localised`` (0.5). When every word is localised, the rarest stays.
    """

    late = True

    def least(self, need: Need) -> int:
        return int(dict(need.options).get("support", _SUPPORT))

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        """Count the records of each cell (word 0), and of each word in it."""
        tokens, cell, known = self._columns(workspace, need)
        record = np.flatnonzero(known & (tokens.code >= 0))
        size = np.diff(tokens.start)[tokens.code[record]]
        owner = np.repeat(np.arange(len(record)), size)
        begin = tokens.start[:-1][tokens.code[record]]
        step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        token = tokens.token[np.repeat(begin, size) + step]
        cells, cell_of, in_cell = np.unique(cell[record], return_inverse=True, return_counts=True)
        key = cell_of[owner].astype(np.int64) * len(tokens.weight) + token
        pair, count = np.unique(key, return_counts=True)
        where, word = np.divmod(pair, max(len(tokens.weight), 1))
        return counts(
            len(record),
            cell=np.concatenate([cells, cells[where]]),
            word=np.concatenate([np.zeros(len(cells), np.uint64), tokens.hash[word]]),
            weight=np.concatenate([np.zeros(len(cells)), tokens.weight[word]]),
            count=np.concatenate([in_cell, count]),
        )

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        options = dict(need.options)
        cell, word, weight, count = (column.to_numpy() for column in counted.columns)
        whole = word == 0
        cells, in_cell = cell[whole], count[whole]
        order = np.argsort(cells)
        cells, in_cell = cells[order], in_cell[order]
        cell, word, weight, count = (each[~whole] for each in (cell, word, weight, count))
        frequent = count >= options.get("support", _SUPPORT)
        cell, word, weight, count = (each[frequent] for each in (cell, word, weight, count))
        score = count / in_cell[np.searchsorted(cells, cell)] * weight
        local = score >= options.get("localised", 0.5)
        return pa.table({"key": np.unique(_local_keys(cell[local], word[local]))})

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Texts:
        assert statistics is not None
        tokens, cell, known = self._columns(workspace, need)
        local = statistics.column("key").to_numpy()
        core = _core_words(tokens, cell, known, local)
        return Texts(core, tokens.spelling_start, tokens.spelling_units)

    def _columns(
        self, workspace: Workspace, need: Need
    ) -> tuple[Tokens, npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
        tokens = workspace.column(Need("tokens", need.fields[:1]))
        assert isinstance(tokens, Tokens)
        if len(need.fields) == 1:
            records = len(tokens.code)
            return tokens, np.zeros(records, np.uint64), np.zeros(records, bool)
        points = workspace.column(Need("points", need.fields[1:]))
        assert isinstance(points, Points)
        return tokens, cell_keys(points.xyz, 1000.0), ~np.isnan(points.latitude)


def _local_keys(
    cell: npt.NDArray[np.uint64], word: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    return cell * np.uint64(0x9E3779B97F4A7C15) ^ word


def _core_words(
    tokens: Tokens,
    cell: npt.NDArray[np.uint64],
    known: npt.NDArray[np.bool_],
    local: npt.NDArray[np.uint64],
) -> IntArray:
    """Pick, for each record, its rarest word that is not localised; ties by spelling."""
    rarity = np.argsort(np.argsort(-tokens.weight, kind="stable"), kind="stable")
    present = np.flatnonzero(tokens.code >= 0)
    size = np.diff(tokens.start)[tokens.code[present]]
    owner = np.repeat(present, size)
    begin = tokens.start[:-1][tokens.code[present]]
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    token = tokens.token[np.repeat(begin, size) + step]
    pruned = np.isin(_local_keys(cell[owner], tokens.hash[token]), local) & known[owner]
    order = rarity[token] + pruned * np.int64(len(rarity))
    best = np.full(len(tokens.code), 2 * len(rarity), np.int64)
    first = np.cumsum(size) - size
    if len(order):
        best[present] = np.minimum.reduceat(order, first)
    by_rarity = np.empty(len(rarity), np.int32)
    by_rarity[rarity] = np.arange(len(rarity), dtype=np.int32)
    core = np.full(len(tokens.code), -1, np.int32)
    core[present] = by_rarity[best[present] % max(len(rarity), 1)]
    return core
