"""Preparation of the names of persons: words in their order, and what nicknames stand for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import IntArray, Need
from sameas.core.prepared_values import Persons
from sameas.core.texts import buffers, of_buffers
from sameas.kernels.spelled import numbered_words
from sameas.records.nicknames import nickname_pairs
from sameas.records.preparations.texts import units
from sameas.records.preparations.words import distinct_sorted
from sameas.records.preparations.workspace import Workspace, preparation

__all__: list[str] = []

#: Words that say nothing about which person it is; they go when other words remain.
_TITLES = r"^((mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|rev|hon|herr|frau|mme|mlle|ing) )+"


@preparation("persons")
class _Persons:
    """Words of names in Latin letters; one field (whole names) or two (given name, surname).

    Frozen is the list of nicknames, so that a saved linker does not need the library.
    """

    def fit(self, workspace: Workspace, need: Need) -> pa.Table:
        return workspace.once("nicknames", nickname_pairs)

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Persons:
        assert statistics is not None
        columns = [workspace.distinct((field,), "latin") for field in need.fields]
        first = np.cumsum([0, *(len(column.values) for column in columns)])
        codes = [
            np.where(column.code >= 0, column.code + begin, -1)
            for column, begin in zip(columns, first[:-1], strict=True)
        ]
        texts = pa.concat_arrays([column.values for column in columns])
        named = pc.fill_null(pc.replace_substring_regex(texts, _TITLES, ""), "")
        start, token, spelled = numbered_words(*buffers(named))
        vocabulary = of_buffers(*spelled)
        order = pc.sort_indices(vocabulary).to_numpy()
        number = np.empty(len(order), np.int32)
        number[order] = np.arange(len(order), dtype=np.int32)
        token = number[token]
        vocabulary = vocabulary.take(pa.array(order))
        return Persons(
            np.stack(codes, axis=1).astype(np.int32),
            start,
            token,
            *units(vocabulary),
            *_formal(vocabulary, statistics),
        )


def _formal(vocabulary: pa.LargeStringArray, pairs: pa.Table) -> tuple[np.ndarray, IntArray]:
    """Return the numbers of the names that each word may stand for, itself among them."""
    short, formal = (
        pairs.column(name).combine_chunks().cast(pa.large_string()) for name in ("name", "formal")
    )
    known = pc.unique(pa.concat_arrays([short, formal]))
    known = known.take(pc.sort_indices(known))
    size = max(len(known), 1)
    own = np.arange(len(known), dtype=np.int64)
    sides = [
        pc.index_in(side, value_set=known).to_numpy().astype(np.int64) for side in (short, formal)
    ]
    stands = distinct_sorted(np.concatenate([own * size + own, sides[0] * size + sides[1]]))
    owner, stands_for = np.divmod(stands, size)
    begin = np.searchsorted(owner, np.arange(size + 1))
    place = pc.fill_null(pc.index_in(vocabulary, value_set=known), -1)
    place = place.to_numpy(zero_copy_only=False)
    count = np.where(place >= 0, np.append(np.diff(begin), 0)[place], 0)
    start = np.zeros(len(vocabulary) + 1, np.int64)
    np.cumsum(count, out=start[1:])
    step = np.arange(start[-1]) - np.repeat(start[:-1], count)
    return start, stands_for[np.repeat(begin[place], count) + step].astype(np.int32)
