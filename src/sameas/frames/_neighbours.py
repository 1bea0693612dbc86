"""The nearest rows of another table, or of the same one, by their texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray, IntArray
from sameas.frames._evidence import Codes8, code_in_common, log_ratio, number_relations, outbid
from sameas.frames._probability import Mixture
from sameas.frames._space import AnySpace, Similarities, any_space_of
from sameas.models.base import Neighbours

__all__ = ["Found", "Keys", "Within", "between", "codes_of", "probabilities", "within"]

Codes = npt.NDArray[np.int64]
#: Rounds of learning what speaks for a match beside the cosine.
_ROUNDS = 3


class Keys(NamedTuple):
    """Text and block of each row."""

    texts: pa.Array
    blocks: pa.Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Candidate rows, those of one left row together, the nearest first.

    Attributes
    ----------
    left, right : int64[c]
    similarity : float32[c]
    rank : int64[c]
        0 for the nearest text; rows with the same text have the same rank.
    query : int64[c]
        Row of `near`.
    near : Neighbours
        What was found text by text: the distances that probabilities are learned from.
    relation : int8
        How the numbers of the texts of `near` relate, as places in `RELATIONS`.
    """

    left: Codes
    right: Codes
    similarity: Similarities
    rank: Codes
    query: Codes
    near: Neighbours
    relation: Codes8


class Within(NamedTuple):
    """The nearest other texts of each distinct text (and block) of a table.

    Attributes
    ----------
    unit : int64[n]
        Distinct text and block of each row; -1 without text.
    near : Neighbours
        For each unit, numbers of other units.
    relation : int8[u, k]
        As in `Found`.
    own : int8[u]
        The relation of a unit to a row of its own text.
    coded : bool[u, k]
        Whether a neighbour shares a rare code.
    """

    unit: Codes
    near: Neighbours
    relation: Codes8
    own: Codes8
    coded: npt.NDArray[np.bool_]

    @property
    def equal(self) -> npt.NDArray[np.bool_]:
        """Whether several rows bear the text of a unit, bool[u]."""
        return np.bincount(self.unit[self.unit >= 0], minlength=len(self.own)) > 1


def codes_of(columns: list[pa.Array]) -> tuple[pa.Array, list[Codes]]:
    """Give the distinct values of several arrays joint numbers; -1 for null.

    Examples
    --------
    >>> values, codes = codes_of([pa.array(["a", None]), pa.array(["b", "a"])])
    >>> values.to_pylist(), [code.tolist() for code in codes]
    (['a', 'b'], [[0, -1], [1, 0]])
    """
    joint = pa.concat_arrays([column.cast(pa.large_string()) for column in columns])
    encoded = pc.dictionary_encode(joint)
    code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum([len(column) for column in columns])
    return encoded.dictionary, np.split(code, ends[:-1])


def between(left: Keys, right: Keys, k: int, model: Any) -> Found:
    """Find for each left row the `k` nearest right rows of its block.

    Rows without a text, or without a block where blocks are given, find nothing and are not
    found.
    """
    values, (left_text, right_text) = codes_of([left.texts, right.texts])
    space = any_space_of(values, model)
    left_block, right_block = _blocks(left, right)
    queries, left_unit = _units(left_text, left_block, len(values))
    keys, right_unit = _units(right_text, right_block, len(values))
    near = _in_blocks(space, queries, keys, k + 1)
    relation = _compared(number_relations, values, near, queries[0], keys[0])
    return _rows(near, left_unit, right_unit, k, relation)


def within(table: Keys, k: int, model: Any) -> Within:
    """Find the nearest other texts of each distinct text (and block) of a table."""
    values, (text,) = codes_of([table.texts])
    space = any_space_of(values, model)
    block, _ = _blocks(table, table)
    units, unit = _units(text, block, len(values))
    near = _in_blocks(space, units, units, k + 1)
    itself = near.index == np.arange(len(near.index))[:, None]
    index = np.where(itself, -1, near.index)
    order = np.argsort(np.where(itself, 2, index < 0), axis=1, kind="stable")[:, :k]
    similarity = np.where(itself, np.nan, near.similarity).astype(np.float32)
    found = Neighbours(
        np.take_along_axis(index, order, axis=1), np.take_along_axis(similarity, order, axis=1)
    )
    own = number_relations(values, *[_rows32(units[0])] * 2)
    relation, coded = (
        _compared(how, values, found, units[0], units[0])
        for how in (number_relations, code_in_common)
    )
    return Within(unit, found, relation, own, coded)


def _compared(
    how: Callable[..., Any], texts: pa.Array, near: Neighbours, queries: Codes, keys: Codes
) -> npt.NDArray[Any]:
    """Compare each query with each key found; 0 where none was."""
    row, place = np.nonzero(near.index >= 0)
    found = how(texts, _rows32(queries[row]), _rows32(keys[near.index[row, place]]))
    out = np.zeros(near.index.shape, found.dtype)
    out[row, place] = found
    return out


def probabilities(near: Neighbours, mixture: Mixture, relation: Codes8) -> FloatArray:
    """Return how likely each of the nearest keys but the last is the match of its query.

    One match a query at most: what the nearest takes, the others cannot have. What equal
    numbers, and other queries that are nearer to a key, say is learned from the probabilities
    without them.
    """
    similarity = near.similarity.astype(np.float64)
    codes = (relation, outbid(near).astype(np.int8))
    evidence = np.zeros(similarity.shape)
    for _ in range(_ROUNDS):
        likely = mixture.probability(similarity[:, 0], similarity[:, 1], evidence[:, 0])
        known = ~np.isnan(likely)
        tables = [log_ratio(code[known, 0], likely[known], 1 - likely[known]) for code in codes]
        evidence = sum(
            (table[code] for table, code in zip(tables, codes, strict=True)),
            start=np.zeros(similarity.shape),
        )
    score = np.full((len(similarity), similarity.shape[1] - 1), np.nan)
    left_over = np.ones(len(similarity))
    for rank in range(score.shape[1]):
        best, second = similarity[:, rank], similarity[:, rank + 1]
        likely = mixture.probability(best, second, evidence[:, rank])
        score[:, rank] = likely * left_over
        left_over = left_over * (1 - np.nan_to_num(likely))
    return score


def _blocks(left: Keys, right: Keys) -> tuple[Codes, Codes]:
    if left.blocks is None or right.blocks is None:
        return np.zeros(len(left.texts), np.int64), np.zeros(len(right.texts), np.int64)
    _, (one, other) = codes_of([left.blocks, right.blocks])
    return one, other


def _units(text: Codes, block: Codes, texts: int) -> tuple[tuple[Codes, Codes], Codes]:
    """Return texts and blocks of distinct (text, block) by first row, and each row's number."""
    known = np.flatnonzero((text >= 0) & (block >= 0))
    key = block[known] * max(texts, 1) + text[known]
    distinct, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    unit = np.full(len(text), -1, np.int64)
    unit[known] = number[inverse]
    ordered = distinct[order]
    return (ordered % max(texts, 1), ordered // max(texts, 1)), unit


def _in_blocks(
    space: AnySpace, queries: tuple[Codes, Codes], keys: tuple[Codes, Codes], k: int
) -> Neighbours:
    """Search block by block; the numbers found are those of `keys`."""
    found = Neighbours(
        np.full((len(queries[0]), k), -1, np.int32),
        np.full((len(queries[0]), k), np.nan, np.float32),
    )
    if not len(queries[0]) or not len(keys[0]):
        return found
    one, other = np.argsort(queries[1], kind="stable"), np.argsort(keys[1], kind="stable")
    common = np.intersect1d(queries[1], keys[1])
    begins = np.searchsorted(queries[1][one], common), np.searchsorted(keys[1][other], common)
    ends = (
        np.searchsorted(queries[1][one], common, side="right"),
        np.searchsorted(keys[1][other], common, side="right"),
    )
    for place in range(len(common)):
        mine = one[begins[0][place] : ends[0][place]]
        theirs = other[begins[1][place] : ends[1][place]]
        depth = min(k, len(theirs))
        near = space.nearest(_rows32(queries[0][mine]), _rows32(keys[0][theirs]), depth)
        found.index[mine, :depth] = np.where(near.index >= 0, theirs[near.index], -1)
        # What shares nothing with a query was looked at as well: its cosine is 0.
        found.similarity[mine, :depth] = np.nan_to_num(near.similarity)
    return found


def _rows32(rows: Codes) -> IntArray:
    return rows.astype(np.int32)


def _rows(near: Neighbours, left_unit: Codes, right_unit: Codes, k: int, relation: Codes8) -> Found:
    """Turn neighbours of texts into neighbours of rows: `k` for each left row at most."""
    known = np.flatnonzero(right_unit >= 0)
    members = known[np.argsort(right_unit[known], kind="stable")]
    size = np.bincount(right_unit[known], minlength=1)
    begin = np.concatenate([[0], np.cumsum(size)])
    index = near.index[:, :k]
    count = np.where(index >= 0, size[np.maximum(index, 0)], 0)
    before = np.cumsum(count, axis=1) - count
    count = np.clip(k - before, 0, count)
    query, rank = np.nonzero(count > 0)
    times = count[query, rank]
    start = np.cumsum(times) - times
    step = np.arange(int(times.sum())) - np.repeat(start, times)
    right = members[np.repeat(begin[index[query, rank]], times) + step]
    query, rank = np.repeat(query, times), np.repeat(rank, times)
    # Candidates of distinct queries, now for each left row.
    total = np.bincount(query, minlength=len(index))
    first = np.cumsum(total) - total
    rows = np.flatnonzero(left_unit >= 0)
    each = total[left_unit[rows]]
    begin_row = np.cumsum(each) - each
    place = np.repeat(first[left_unit[rows]] - begin_row, each) + np.arange(int(each.sum()))
    similarity = near.similarity[query, rank]
    left = np.repeat(rows, each)
    return Found(left, right[place], similarity[place], rank[place], query[place], near, relation)
