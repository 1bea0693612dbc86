"""Joins of two frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import Keys, between, codes_of
from sameas.frames._tables import Table, read
from sameas.linktransformer._models import DEFAULT_MODEL, encoder_of
from sameas.linktransformer._sides import (
    Names,
    check_k,
    check_type,
    joined,
    keys_of,
    listed,
    outer,
    texts_of,
)
from sameas.models import Encoder

__all__ = ["aggregate_rows", "merge", "merge_blocking", "merge_knn", "merge_range"]

#: Neighbours that a search by range begins with.
_FIRST = 16


def merge(
    df1: Any,
    df2: Any,
    merge_type: str | None = None,
    on: Names | None = None,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    suffixes: tuple[str, str] = ("_x", "_y"),
    batch_size: int = 128,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Join each row of `df1` with its nearest row of `df2`.

    Returns
    -------
    frame
        One row for each of `df1`: columns of both (those of one name with suffixes),
        ``id_lt_x`` and ``id_lt_y`` (row numbers) and ``score`` (cosine). A row without text
        has nulls.

    Examples
    --------
    >>> left, right = {"name": ["Rex Rotary"]}, {"name": ["Bar Rosso", "rex-rotary"]}
    >>> merge(left, right, on="name", model="lexical").to_pylist()[0]["name_y"]
    'rex-rotary'
    """
    return merge_blocking(
        df1,
        df2,
        merge_type,
        on,
        model,
        left_on,
        right_on,
        None,
        suffixes,
        batch_size,
        openai_key,
        gemini_key,
    )


def merge_blocking(
    df1: Any,
    df2: Any,
    merge_type: str | None = None,
    on: Names | None = None,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    blocking_vars: Sequence[str] | None = None,
    suffixes: tuple[str, str] = ("_x", "_y"),
    batch_size: int = 128,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Join as `merge` does, among rows whose `blocking_vars` are equal.

    Returns
    -------
    frame
        As from `merge`; rows of blocks that only one frame has follow, without a score. Of
        columns that both frames have their values stand under the plain name, without suffix.

    Examples
    --------
    >>> left = {"name": ["Rex", "Rex"], "town": ["a", "b"]}
    >>> right = {"name": ["rex", "Rexx"], "town": ["b", "c"]}
    >>> merged = merge_blocking(left, right, on="name", model="lexical", blocking_vars=["town"])
    >>> merged.select(["name_x", "name_y"]).to_pylist()[0]
    {'name_x': 'Rex', 'name_y': 'rex'}
    >>> merged.num_rows
    3
    """
    del batch_size
    left, right = read(df1, "df1"), read(df2, "df2")
    columns = keys_of(left, right, on, left_on, right_on)
    check_type(merge_type, left, right, columns)
    encoder = encoder_of(model, openai_key, gemini_key)
    if blocking_vars is None:
        found = between(*_sides(left, right, columns, encoder), 1, encoder)
        return joined(
            left, right, *outer(len(left), found.left, found.right, found.similarity), suffixes
        )
    names = listed(blocking_vars)
    sides = [
        Keys(key.texts, table.values(names))
        for table, key in zip((left, right), _sides(left, right, columns, encoder), strict=True)
    ]
    found = between(sides[0], sides[1], 1, encoder)
    _, blocks = codes_of([side.blocks for side in sides])
    lonely = ~np.isin(blocks[0], blocks[1][blocks[1] >= 0])
    more = np.flatnonzero(~np.isin(blocks[1], blocks[0][blocks[0] >= 0]))
    one, other, score = outer(len(left), found.left, found.right, found.similarity)
    order = np.argsort(lonely[one], kind="stable")
    nobody = np.full(len(more), -1)
    apart = np.concatenate([lonely[one][order], np.ones(len(more), bool)])
    return joined(
        left,
        right,
        np.concatenate([one[order], nobody]),
        np.concatenate([other[order], more]),
        np.concatenate([score[order], np.full(len(more), np.nan, np.float32)]),
        suffixes,
        lonely=apart,
    )


def _sides(
    left: Table, right: Table, columns: tuple[list[str], list[str]], encoder: Encoder
) -> tuple[Keys, Keys]:
    return Keys(texts_of(left, columns[0], encoder)), Keys(texts_of(right, columns[1], encoder))


def merge_knn(
    df1: Any,
    df2: Any,
    on: Names | None = None,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    k: int = 1,
    suffixes: tuple[str, str] = ("_x", "_y"),
    batch_size: int = 128,
    openai_key: str | None = None,
    gemini_key: str | None = None,
    drop_sim_threshold: float | None = None,
) -> Any:
    """Join each row of `df1` with its `k` nearest rows of `df2`, the nearest first.

    Returns
    -------
    frame
        As from `merge`. With `drop_sim_threshold` only rows whose score reaches it.

    Examples
    --------
    >>> left, right = {"name": ["Rex Rotary"]}, {"name": ["Bar Rosso", "rex-rotary", "Rex"]}
    >>> merge_knn(left, right, on="name", model="lexical", k=2)["name_y"].to_pylist()
    ['rex-rotary', 'Rex']
    """
    del batch_size
    check_k(k)
    left, right = read(df1, "df1"), read(df2, "df2")
    columns = keys_of(left, right, on, left_on, right_on)
    encoder = encoder_of(model, openai_key, gemini_key)
    found = between(*_sides(left, right, columns, encoder), int(k), encoder)
    rows = outer(len(left), found.left, found.right, found.similarity)
    if drop_sim_threshold is not None:
        kept = rows[2] >= drop_sim_threshold
        rows = rows[0][kept], rows[1][kept], rows[2][kept]
    return joined(left, right, *rows, suffixes)


def merge_range(
    df1: Any,
    df2: Any,
    on: Names | None = None,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    sim_threshold: float = 0.5,
    suffixes: tuple[str, str] = ("_x", "_y"),
    batch_size: int = 128,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Join each row of `df1` with all rows of `df2` that are more alike than `sim_threshold`.

    Returns
    -------
    frame
        As from `merge`, in the order of `df1`, the nearest first; a row without any has nulls.

    Examples
    --------
    >>> left, right = {"name": ["Rex Rotary", "Zulu"]}, {"name": ["Bar", "rex-rotary"]}
    >>> merge_range(left, right, on="name", model="lexical")["name_y"].to_pylist()
    ['rex-rotary', None]
    """
    del batch_size
    if isinstance(sim_threshold, bool) or not -1 <= sim_threshold <= 1:
        raise ArgumentError(f"sim_threshold must lie in [-1, 1], got {sim_threshold!r}.")
    left, right = read(df1, "df1"), read(df2, "df2")
    columns = keys_of(left, right, on, left_on, right_on)
    encoder = encoder_of(model, openai_key, gemini_key)
    sides = _sides(left, right, columns, encoder)
    k = _FIRST
    while True:
        found = between(*sides, min(k, max(len(right), 1)), encoder)
        last = found.near.similarity[:, -1]
        if k >= len(right) or not (last > sim_threshold).any():
            break
        k *= 8
    kept = found.similarity > sim_threshold
    rows = outer(len(left), found.left[kept], found.right[kept], found.similarity[kept])
    return joined(left, right, *rows, suffixes)


def aggregate_rows(
    df: Any,
    ref_df: Any,
    model: Any = DEFAULT_MODEL,
    left_on: Names | None = None,
    right_on: Names | None = None,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Give each row its nearest entry of a reference list; see `merge`.

    Examples
    --------
    >>> goods, groups = {"item": ["red wine"]}, {"group": ["wines", "shirts"]}
    >>> rows = aggregate_rows(goods, groups, "lexical", left_on="item", right_on="group")
    >>> rows["group"].to_pylist()
    ['wines']
    """
    return merge(
        df,
        ref_df,
        model=model,
        left_on=left_on,
        right_on=right_on,
        openai_key=openai_key,
        gemini_key=gemini_key,
    )
