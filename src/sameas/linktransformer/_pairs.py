"""Similarities of given pairs, and of all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import codes_of
from sameas.frames._rows import similarity
from sameas.frames._space import space_of
from sameas.frames._tables import Part, assemble, read
from sameas.linktransformer._models import DEFAULT_MODEL, encoder_of

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
    return similarity(df, left=one, right=other, model=encoder, into="score")


def all_pair_combos_evaluate(
    df: Any,
    model: Any = DEFAULT_MODEL,
    left_on: str | None = None,
    right_on: str | None = None,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Compare each value of one column with each of another: ``n * n`` rows.

    Returns
    -------
    frame
        The two columns and ``score``; null where a side has no text.

    Examples
    --------
    >>> table = {"a": ["Rex", "Bar"], "b": ["rex", "zulu"]}
    >>> all_pair_combos_evaluate(table, "lexical", "a", "b")["score"].to_pylist()
    [1.0, 0.0, 0.0, 0.0]
    """
    one, other = _both(left_on, right_on)
    if not isinstance(one, str) or not isinstance(other, str) or one == other:
        raise ArgumentError(
            f"left_on and right_on must be two different columns, got {one!r} and {other!r}."
        )
    table = read(df, "df")
    values, codes = codes_of([table.texts([one]), table.texts([other])])
    space = space_of(values, encoder_of(model, openai_key, gemini_key))
    rows = np.arange(len(table))
    left, right = np.repeat(rows, len(rows)), np.tile(rows, len(rows))
    ends = codes[0][left], codes[1][right]
    known = np.flatnonzero((ends[0] >= 0) & (ends[1] >= 0))
    score = np.full(len(left), np.nan)
    score[known] = space.cosine(*(end[known].astype(np.int32) for end in ends))
    sides = [_only(table, name) for name in (one, other)]
    result = assemble([Part(sides[0], left, {}), Part(sides[1], right, {})], {"score": score})
    return result.reset_index(drop=True) if table.kind.name == "pandas" else result


def _only(table: Any, name: str) -> Any:
    from dataclasses import replace

    frame = table.frame
    if table.kind.name == "pandas":
        frame = frame[[label for label in frame.columns if str(label) == name]]
    return replace(table, frame=frame, arrow=pa.table({name: table.arrow[name]}))


def _both(left: Any, right: Any) -> tuple[Any, Any]:
    if left is None or right is None:
        raise ArgumentError("left_on and right_on: say which two columns to compare.")
    return left, right
