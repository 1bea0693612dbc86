"""The two sides of a join: key columns, rows side by side, checks."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError, ColumnError
from sameas.frames._merge import apart
from sameas.frames._neighbours import Codes, Keys, codes_of
from sameas.frames._space import Similarities
from sameas.frames._tables import Part, Table, assemble

__all__ = ["Names", "check_k", "check_type", "joined", "keys_of", "listed", "outer", "texts_of"]

Names = str | Sequence[str]
_ID = "id_lt"
_TYPES = ("1:1", "1:m", "m:1", "m:m")


def keys_of(
    left: Table, right: Table, on: Names | None, left_on: Names | None, right_on: Names | None
) -> tuple[list[str], list[str]]:
    """Return the key columns of both sides; by default all common ones."""
    for table in (left, right):
        if _ID in table.names:
            raise ArgumentError(f"{table.what} has a column {_ID!r}: rename it first.")
    if (left_on is None) != (right_on is None):
        raise ArgumentError("left_on and right_on go together: give both, or on.")
    if on is not None and left_on is not None:
        raise ArgumentError("Give either on, or left_on and right_on, not both.")
    if on is None and left_on is None:
        on = [name for name in left.names if name in right.names]
        if not on:
            raise ArgumentError("on: the frames have no column in common; give left_on, right_on.")
    sides = (listed(on), listed(on)) if on is not None else (listed(left_on), listed(right_on))
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
    ids: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Any:
    """Put rows of both frames side by side, with their score."""
    added: dict[str, Any] = {}
    if ids:
        for rows, suffix in ((one, suffixes[0]), (other, suffixes[1])):
            added[f"{_ID}{suffix}"] = (
                rows if (rows >= 0).all() else np.where(rows < 0, np.nan, rows)
            )
    added |= {"score": score.astype(np.float64), **(more or {})}
    names = apart(left.names, right.names, suffixes, added=list(added))
    result = assemble([Part(left, one, names[0]), Part(right, other, names[1])], added)
    return result.reset_index(drop=True) if left.kind.name == "pandas" else result


def check_k(k: Any) -> None:
    """Refuse a number of neighbours that is none."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ArgumentError(f"k must be a whole number of at least 1, got {k!r}.")


def texts_of(table: Table, columns: list[str]) -> Keys:
    """Return the joined key columns of each row."""
    return Keys(table.texts(columns))


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
    if merge_type not in _TYPES:
        raise ArgumentError(f"merge_type must be one of {', '.join(_TYPES)}, got {merge_type!r}.")
    for side, table, names in zip(merge_type.split(":"), (left, right), columns, strict=True):
        _, (code,) = codes_of([table.texts(names)])
        if side == "1" and len(np.unique(code[code >= 0])) < (code >= 0).sum():
            warnings.warn(
                f"merge_type={merge_type!r}: the keys of {table.what} are not unique.",
                UserWarning,
                stacklevel=4,
            )
