"""Preparations of words: token sets with frozen frequencies, house numbers, the core word."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray, Need, Points, Sets, Signatures, Texts, Tokens, Vectors
from sameas.kernels.geo import cell_keys
from sameas.kernels.tokens import token_signature
from sameas.records.preparations.texts import hashes, inverse_frequency, units
from sameas.records.preparations.values import as_sets
from sameas.records.preparations.workspace import Distinct, Stateless, Workspace, preparation

#: Abbreviations of street names, in the languages met most often.
STREET_WORDS = {
    "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "rd": "road",
    "blvd": "boulevard", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place",
    "sq": "square", "hwy": "highway", "pkwy": "parkway", "ter": "terrace", "terr": "terrace",
    "cres": "crescent", "gdns": "gardens", "bldg": "building", "ctr": "centre",
    "center": "centre", "n": "north", "s": "south", "e": "east", "w": "west",
    "mt": "mount", "jln": "jalan", "r": "rua", "avda": "avenida", "c": "calle",
}  # fmt: skip


class _Split(NamedTuple):
    """Words of distinct texts: which text, which word, the sorted vocabulary."""

    distinct: Distinct
    text: IntArray
    token: IntArray
    vocabulary: pa.LargeStringArray


def _split(workspace: Workspace, need: Need) -> _Split:
    form = str(dict(need.options).get("form", "normalise"))
    key = ("split", need.fields, form)
    return workspace.once(key, lambda: _make_split(workspace, need.fields, form))


def _make_split(workspace: Workspace, fields: tuple[str, ...], form: str) -> _Split:
    street = form == "street"
    distinct = workspace.distinct(fields, "normalise" if street else form)
    words = pc.split_pattern(distinct.values, " ")
    text = pc.list_parent_indices(words).to_numpy(zero_copy_only=False).astype(np.int64)
    encoded = pc.dictionary_encode(pc.list_flatten(words))
    spelling, token = encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False)
    keep = pc.greater(pc.binary_length(spelling), 0).to_numpy(zero_copy_only=False)
    if street:
        keep &= ~pc.match_substring_regex(spelling, r"\d").to_numpy(zero_copy_only=False)
        short, long = list(STREET_WORDS), list(STREET_WORDS.values())
        place = pc.index_in(spelling, value_set=pa.array(short, pa.large_string()))
        spelling = pc.coalesce(pa.array(long, pa.large_string()).take(place), spelling)
    vocabulary = pc.unique(spelling.filter(pa.array(keep)))
    vocabulary = vocabulary.take(pc.sort_indices(vocabulary))
    number = pc.index_in(spelling, value_set=vocabulary).fill_null(-1)
    number = np.where(keep, number.to_numpy(zero_copy_only=False), -1).astype(np.int64)
    token = number[token] if len(number) else np.zeros(0, np.int64)
    pairs = distinct_sorted((text * (len(vocabulary) + 1) + token)[token >= 0])
    text, token = np.divmod(pairs, len(vocabulary) + 1)
    return _Split(distinct, text.astype(np.int32), token.astype(np.int32), vocabulary)


def distinct_sorted(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the distinct values, rising; several times as fast as `numpy.unique`."""
    values = np.sort(values)
    first = np.append(True, values[1:] != values[:-1])[: len(values)]
    return np.asarray(values[first])


def _records_per_text(distinct: Distinct) -> npt.NDArray[np.int64]:
    present = distinct.code[distinct.code >= 0]
    return np.bincount(present, minlength=len(distinct.values)).astype(np.int64)


@preparation("tokens")
class _Tokens:
    """Sets of words with their inverse document frequency. Option ``form`` (also "street")."""

    def fit(self, workspace: Workspace, need: Need) -> pa.Table:
        split = _split(workspace, need)
        records = _records_per_text(split.distinct)
        frequency = np.bincount(
            split.token, records[split.text].astype(np.float64), minlength=len(split.vocabulary)
        ).astype(np.int64)
        table = pa.table({"token": split.vocabulary, "frequency": frequency})
        return table.replace_schema_metadata({"documents": str(int(records.sum()))})

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Tokens:
        assert statistics is not None
        distinct, text, token, vocabulary = _split(workspace, need)
        known = statistics.column("token").combine_chunks().cast(pa.large_string())
        place = pc.index_in(vocabulary, value_set=known).fill_null(-1)
        counts = np.append(statistics.column("frequency").to_numpy(), 0)
        frequency = counts[place.to_numpy(zero_copy_only=False)]
        documents = int(statistics.schema.metadata[b"documents"])
        start = np.zeros(len(distinct.values) + 1, np.int64)
        np.cumsum(np.bincount(text, minlength=len(distinct.values)), out=start[1:])
        empty = np.append(start[1:] == start[:-1], True)
        code = np.where(empty[distinct.code], -1, distinct.code).astype(np.int32)
        return Tokens(
            code,
            start,
            token,
            inverse_frequency(frequency, documents),
            frequency / max(documents, 1),
            hashes(vocabulary),
            *units(vocabulary),
        )


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
        tokens = workspace.column(Need("tokens", need.fields, need.options))
        assert isinstance(tokens, Tokens)
        value = tokens.weight[tokens.token]
        texts = len(tokens.start) - 1
        owner = np.repeat(np.arange(texts), np.diff(tokens.start))
        length = np.sqrt(np.bincount(owner, value**2, minlength=texts))
        unit = (value / length[owner]).astype(np.float32)
        return Vectors(tokens.code, tokens.start, tokens.token, unit, len(tokens.weight))


@preparation("numbers_in")
class _NumbersIn(Stateless):
    """The words with a digit, as a set a record: house numbers, unit numbers."""

    def compute(self, workspace: Workspace, need: Need) -> Sets:
        distinct, text, token, vocabulary = _split(workspace, need)
        numeric = pc.match_substring_regex(vocabulary, r"\d").to_numpy(zero_copy_only=False)
        keep = numeric[token] if len(token) else np.zeros(0, bool)
        sets = as_sets(text[keep], hashes(vocabulary)[token[keep]], len(distinct.values))
        return _spread(sets, distinct.code)


def _spread(per_text: Sets, code: IntArray) -> Sets:
    """Give each record the set of its text."""
    size = np.append(np.diff(per_text.start), 0)[code]
    start = np.zeros(len(code) + 1, np.int64)
    np.cumsum(size, out=start[1:])
    begin = np.append(per_text.start[:-1], 0)[code]
    place = np.arange(start[-1]) + np.repeat(begin - start[:-1], size)
    return Sets(start, per_text.value[place])


@preparation("core_word")
class _CoreWord:
    """The rarest word of a name that is not a localised one (Cousseau & Barbosa 2020, 3).

    A word is localised in a cell of about a geohash-6 when it is frequent there and rare
    elsewhere: at least ``support`` (3) records of the cell bear it, and its TF-IDF inside
    the cell (share of the cell's records times inverse document frequency) reaches
    ``localised`` (0.5). When every word is localised, the rarest stays.
    """

    def fit(self, workspace: Workspace, need: Need) -> pa.Table:
        options = dict(need.options)
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
        score = count / in_cell[where] * tokens.weight[word]
        local = (count >= options.get("support", 3)) & (score >= options.get("localised", 0.5))
        keys = _local_keys(cells[where[local]], tokens.hash[word[local]])
        return pa.table({"key": np.unique(keys)})

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


__all__ = ["STREET_WORDS"]
