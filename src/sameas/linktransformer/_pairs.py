"""Similarities of given pairs, and of all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import Codes, codes_of
from sameas.frames._rows import check_new
from sameas.frames._space import space_of
from sameas.frames._tables import Part, Table, assemble, read
from sameas.linktransformer._models import DEFAULT_MODEL, encoder_of
from sameas.linktransformer._sides import listed, only, texts_of
from sameas.models import Encoder
from sameas.records.frames import like

__all__ = ["all_pair_combos_evaluate", "evaluate_pairs"]


def evaluate_pairs(
    df: Any,
    model: Any = DEFAULT_MODEL,
    left_on: str | Sequence[str] | None = None,
    right_on: str | Sequence[str] | None = None,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Add ``score``, the cosine of two columns, row by row.

    Examples
    --------
    >>> pairs = {"a": ["Bar Rosso"], "b": ["bar rosso"]}
    >>> evaluate_pairs(pairs, "lexical", "a", "b")["score"].to_pylist()
    [1.0]
    """
    one, other = _both(left_on, right_on)
    encoder = encoder_of(model, openai_key, gemini_key)
    table = read(df, "df")
    check_new("score", table.names)
    sides = [texts_of(table, listed(names), encoder) for names in (one, other)]
    score = _cosines(sides, np.arange(len(table)), np.arange(len(table)), encoder)
    return assemble([Part(table, np.arange(len(table)), {})], {"score": score})


def all_pair_combos_evaluate(
    df: Any,
    model: Any = DEFAULT_MODEL,
    left_on: str | Sequence[str] | None = None,
    right_on: str | Sequence[str] | None = None,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Compare each value of one column with each of another: ``n * n`` rows.

    Returns
    -------
    frame
        Columns ``left_on`` and ``right_on`` with the values (of several columns: their joined
        texts), and ``score``; null where a side has no text.

    Examples
    --------
    >>> table = {"a": ["Rex", "Bar"], "b": ["rex", "zulu"]}
    >>> all_pair_combos_evaluate(table, "lexical", "a", "b")["score"].to_pylist()
    [1.0, 0.0, 0.0, 0.0]
    """
    one, other = (listed(names) for names in _both(left_on, right_on))
    table, encoder = read(df, "df"), encoder_of(model, openai_key, gemini_key)
    texts = [texts_of(table, names, encoder) for names in (one, other)]
    rows = np.arange(len(table))
    left, right = np.repeat(rows, len(rows)), np.tile(rows, len(rows))
    parts = [
        _renamed(table, names, text, into)
        for names, text, into in zip((one, other), texts, ("left_on", "right_on"), strict=True)
    ]
    found = [
        Part(part, side, names) for (part, names), side in zip(parts, (left, right), strict=True)
    ]
    result = assemble(found, {"score": _cosines(texts, left, right, encoder)})
    return result.reset_index(drop=True) if table.kind.name == "pandas" else result


def _renamed(
    table: Table, names: list[str], texts: pa.Array, into: str
) -> tuple[Table, dict[str, str]]:
    """Return a table of one column, and its new name."""
    if len(names) == 1:
        return only(table, names), {names[0]: into}
    joined = like(pa.table({into: texts}), table.kind)
    return replace(table, frame=joined, arrow=pa.table({into: texts})), {}


def _cosines(
    texts: list[pa.Array], left: Codes, right: Codes, encoder: Encoder
) -> npt.NDArray[np.float32]:
    """Return the cosine of each pair of rows, NaN where one has no text."""
    values, codes = codes_of(texts)
    ends = codes[0][left], codes[1][right]
    known = np.flatnonzero((ends[0] >= 0) & (ends[1] >= 0))
    score = np.full(len(left), np.nan, np.float32)
    if len(known):
        space = space_of(values, encoder)
        score[known] = space.cosine(*(end[known].astype(np.int32) for end in ends))
    return score


def _both(left: Any, right: Any) -> tuple[Any, Any]:
    if left is None or right is None:
        raise ArgumentError("left_on and right_on: say which two columns to compare.")
    return left, right
