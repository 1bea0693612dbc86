"""The two sides of a join: key columns, rows side by side, checks."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError, check_one_of
from sameas.frames._merge import apart
from sameas.frames._neighbours import Codes, codes_of
from sameas.frames._space import Similarities
from sameas.frames._tables import Part, Table, assemble
from sameas.models import Encoder
from sameas.records.frames import FrameKind
from sameas.records.values import as_strings

__all__ = [
    "Names",
    "check_k",
    "check_type",
    "joined",
    "keys_of",
    "listed",
    "only",
    "outer",
    "texts_of",
]

Names = str | Sequence[str]
_ID = "id_lt"
_TYPES = ("1:1", "1:m", "m:1", "m:m")


def keys_of(
    left: Table, right: Table, on: Names | None, left_on: Names | None, right_on: Names | None
) -> tuple[list[str], list[str]]:
    """Return the key columns of both sides, by default all common ones; `left_on` before `on`."""
    for table in (left, right):
        if _ID in table.names:
            raise ArgumentError(f"{table.what} has a column {_ID!r}: rename it first.")
    if (left_on is None) != (right_on is None):
        raise ArgumentError("left_on and right_on go together: give both, or on.")
    if on is None and left_on is None:
        on = [name for name in left.names if name in right.names]
        if not on:
            raise ArgumentError("on: the frames have no column in common; give left_on, right_on.")
    sides = (listed(on), listed(on)) if left_on is None else (listed(left_on), listed(right_on))
    for names, table in zip(sides, (left, right), strict=True):
        for name in names:
            if name not in table.names:
                raise ColumnError.missing(name, table.names, table=table.what)
    return sides


def joined(
    left: Table,
    right: Table,
    one: Codes,
    other: Codes,
    score: Similarities,
    suffixes: tuple[str, str],
    *,
    more: Mapping[str, Any] | None = None,
    lonely: npt.NDArray[np.bool_] | None = None,
) -> Any:
    """Put rows of both frames side by side, with their numbers and their score.

    Values of `lonely` rows stand in columns without suffix, where both frames have them.
    """
    added = {"score": score.astype(np.float32), **(more or {})}
    ids = [f"{_ID}{suffix}" for suffix in suffixes]
    names = apart(left.names, right.names, suffixes, added=[*ids, *added])
    alone = np.zeros(len(one), bool) if lonely is None else lonely
    parts, plain = [], _plain(names) if alone.any() else []
    for table, rows, renamed, number in zip((left, right), (one, other), names, ids, strict=True):
        numbers = pa.table({_ID: np.arange(len(table))})
        hidden = np.where(alone, -1, rows)
        columns = [only(table, [name]) for name in table.names] if plain else [table]
        parts += [
            Part(column, hidden if column.names[0] in plain else rows, renamed)
            for column in columns
        ]
        parts.append(Part(Table(None, numbers, FrameKind("arrow"), _ID), rows, {_ID: number}))
    added |= {name: _either(left, right, name, one, other, alone) for name in plain}
    result = assemble(parts, added)
    return result.reset_index(drop=True) if left.kind.name == "pandas" else result


def only(table: Table, names: list[str]) -> Table:
    """Return a table with some of its columns."""
    frame = table.frame
    if table.kind.name == "pandas":
        frame = frame[[label for label in frame.columns if str(label) in names]]
    return replace(table, frame=frame, arrow=table.arrow.select(names))


def _plain(names: tuple[dict[str, str], dict[str, str]]) -> list[str]:
    """Return columns that both frames have and that both get a suffix."""
    return [name for name in names[0] if name in names[1]]


def _either(
    left: Table, right: Table, name: str, one: Codes, other: Codes, lonely: Any
) -> pa.Array:
    """Return the value that a lonely row has on its side; null for all other rows."""
    sides = [
        table.arrow[name].take(pa.array(rows, mask=(rows < 0) | ~lonely))
        for table, rows in ((left, one), (right, other))
    ]
    if sides[0].type != sides[1].type:
        sides = [as_strings(side) for side in sides]
    return pc.coalesce(*sides).combine_chunks()


def check_k(k: Any) -> None:
    """Refuse a number of neighbours that is none."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ArgumentError(f"k must be a whole number of at least 1, got {k!r}.")


def texts_of(table: Table, columns: list[str], encoder: Encoder) -> pa.Array:
    """Join the key columns of each row by what the model reads between two texts."""
    return table.texts(columns, getattr(encoder, "between", " "))


def outer(
    lefts: int, left: Codes, right: Codes, similarity: Similarities
) -> tuple[Codes, Codes, Similarities]:
    """Add the left rows that found nothing, in the order of the left frame."""
    alone = np.setdiff1d(np.arange(lefts), left)
    one = np.concatenate([left, alone])
    order = np.argsort(one, kind="stable")
    other = np.concatenate([right, np.full(len(alone), -1)])
    score = np.concatenate([similarity, np.full(len(alone), np.nan, np.float32)])
    return one[order], other[order], score[order]


def listed(names: Names | None) -> list[str]:
    """Return one name, or several, as a list."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else [str(name) for name in names]


def check_type(
    merge_type: str | None, left: Table, right: Table, columns: tuple[list[str], list[str]]
) -> None:
    """Warn where the keys are not as unique as the kind of merge says."""
    if merge_type is None:
        return
    check_one_of("merge_type", merge_type, _TYPES)
    for side, table, names in zip(merge_type.split(":"), (left, right), columns, strict=True):
        _, (code,) = codes_of([table.texts(names)])
        if side == "1" and len(np.unique(code[code >= 0])) < (code >= 0).sum():
            warnings.warn(
                f"merge_type={merge_type!r}: the keys of {table.what} are not unique.",
                UserWarning,
                stacklevel=4,
            )
