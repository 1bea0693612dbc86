"""Preparation of several names a record: the name, and the list of its other names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.prepared import Aliases, Need, Texts, Tokens
from sameas.records.preparations.texts import units
from sameas.records.preparations.workspace import Counted, Workspace, maker_of, preparation

_FIELD = "alias"


@preparation("aliases")
class _Aliases(Counted):
    """All values of some fields, texts and lists, each once a record. Option ``form``."""

    def count(self, workspace: Workspace, need: Need) -> pa.Table:
        own, _ = _own(workspace, need, None)
        return _tokens().count(own, _words(need))

    def freeze(self, need: Need, counted: pa.Table) -> pa.Table:
        return _tokens().freeze(_words(need), counted)

    def transform(self, workspace: Workspace, need: Need, statistics: pa.Table | None) -> Aliases:
        own, owner = _own(workspace, need, statistics)
        words = own.column(_words(need))
        assert isinstance(words, Tokens)
        distinct = own.distinct((_FIELD,), str(dict(need.options).get("form", "normalise")))
        text = Texts(distinct.code, *units(distinct.values))
        records = len(workspace.records)
        known = (words.code >= 0) & (text.code >= 0)
        size = len(text.start)
        rows = np.unique(owner[known] * size + text.code[known])
        owner, item = np.divmod(rows, size)
        start = np.zeros(records + 1, np.int64)
        np.cumsum(np.bincount(owner, minlength=records), out=start[1:])
        number = np.zeros(size - 1, np.int64)
        number[text.code[known]] = words.code[known]
        return Aliases(start, item.astype(np.int32), text, _renumbered(words, number))


def _own(
    workspace: Workspace, need: Need, statistics: pa.Table | None
) -> tuple[Workspace, np.ndarray]:
    """Return a workspace of one record an alias, and whose alias each is."""
    values, owners = [], []
    for name in need.fields:
        column = workspace.field(name)
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            owners.append(pc.list_parent_indices(column).to_numpy(zero_copy_only=False))
            values.append(pc.list_flatten(column).cast(pa.large_string()))
        else:
            owners.append(np.arange(len(column)))
            values.append(column.cast(pa.large_string()))
    frozen = {} if statistics is None else {_words(need).slug: statistics}
    table = pa.table({_FIELD: pa.concat_arrays(values)})
    return Workspace(table, frozen), np.concatenate(owners).astype(np.int64)


def _renumbered(words: Tokens, number: npt.NDArray[np.int64]) -> Tokens:
    """Return the words of texts that have other numbers: those of `number`, one after another."""
    begin, length = words.start[:-1][number], np.diff(words.start)[number]
    start = np.append(0, np.cumsum(length))
    place = np.arange(start[-1]) + np.repeat(begin - start[:-1], length)
    return replace(words, start=start, token=words.token[place])


def _tokens() -> Counted:
    maker = maker_of("tokens")
    assert isinstance(maker, Counted)
    return maker


def _words(need: Need) -> Need:
    return Need("tokens", (_FIELD,), need.options)
