"""Clusters of rows, by the kinds and parameters that LinkTransformer names."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sameas.core.errors import ArgumentError, choices_hint
from sameas.frames._neighbours import Codes, codes_of
from sameas.frames._rows import check_new
from sameas.frames._space import space_of
from sameas.frames._tables import Part, Table, assemble, key_columns, read
from sameas.linktransformer._kinds import KINDS, NOISE, Points, labels_of
from sameas.linktransformer._models import DEFAULT_MODEL, encoder_of
from sameas.linktransformer._sides import texts_of

__all__ = ["cluster_rows", "dedup_rows"]

_PARAMS: dict[str, Any] = {"threshold": 0.5, "min cluster size": 2, "metric": "cosine"}


def cluster_rows(
    df: Any,
    model: Any = DEFAULT_MODEL,
    on: str | Sequence[str] | None = None,
    cluster_type: str = "SLINK",
    cluster_params: Mapping[str, Any] = _PARAMS,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Add ``cluster``: numbers from 0 by first row; -1 for rows in no cluster.

    Parameters
    ----------
    df : frame
    model : str or encoder
    on : str or sequence
    cluster_type : {"SLINK", "agglomerative", "HDBScan"}
    cluster_params : mapping
        SLINK: ``"threshold"`` (greatest distance), ``"min cluster size"``, ``"metric"``
        (``"cosine"`` or ``"euclidean"``). agglomerative: ``"threshold"``, ``"clustering
        linkage"`` (``"ward"``, ``"average"``, ``"complete"``, ``"single"``), ``"metric"``.
        HDBScan: ``"min cluster size"``, ``"min samples"``. It is not changed.
    openai_key, gemini_key
        Name a server whose embeddings `model` is one of.

    Examples
    --------
    >>> rows = {"name": ["Rex Rotary", "Bar Rosso", "rex-rotary"]}
    >>> cluster_rows(rows, "lexical", "name")["cluster"].to_pylist()
    [0, -1, 0]
    """
    table = read(df, "df")
    check_new("cluster", table.names)
    label = _labels(table, on, cluster_type, cluster_params, (model, openai_key, gemini_key))
    return assemble([Part(table, np.arange(len(table)), {})], {"cluster": label})


def dedup_rows(
    df: Any,
    model: Any = DEFAULT_MODEL,
    on: str | Sequence[str] | None = None,
    cluster_type: str = "SLINK",
    cluster_params: Mapping[str, Any] = _PARAMS,
    openai_key: str | None = None,
    gemini_key: str | None = None,
) -> Any:
    """Keep the first row of each cluster, and every row in no cluster.

    Parameters
    ----------
    df, model, on, cluster_type, cluster_params, openai_key, gemini_key
        As in `cluster_rows`.

    Warns
    -----
    UserWarning
        If several rows are in no cluster: LinkTransformer would have dropped all but one.

    Examples
    --------
    >>> rows = {"name": ["Rex Rotary", "Bar Rosso", "rex-rotary"]}
    >>> dedup_rows(rows, "lexical", "name")["name"].to_pylist()
    ['Rex Rotary', 'Bar Rosso']
    """
    table = read(df, "df")
    label = _labels(
        table, on, cluster_type, cluster_params, (model, openai_key, gemini_key), once=True
    )
    noise = np.flatnonzero(label == NOISE)
    unlike = _exact(table, on, noise)
    if len(np.unique(unlike)) > 1:
        warnings.warn(
            f"dedup_rows keeps the {len(np.unique(unlike)):,} rows that are in no cluster; "
            "LinkTransformer 0.1.18 keeps the first of them only.",
            UserWarning,
            stacklevel=2,
        )
    label = label.copy()
    label[noise] = len(table) + unlike
    _, first = np.unique(label, return_index=True)
    return assemble([Part(table, np.sort(first), {})], {})


def _exact(table: Table, on: Any, rows: Codes) -> Codes:
    """Give rows of one text one number; a row without text has its own."""
    _, (code,) = codes_of([table.texts(key_columns(on, table, table)[0])])
    return np.where(code[rows] < 0, len(table) + rows, code[rows])


def _labels(
    table: Table,
    on: Any,
    cluster_type: str,
    cluster_params: Mapping[str, Any],
    model: tuple[Any, str | None, str | None],
    *,
    once: bool = False,
) -> Codes:
    """Cluster rows by text; with `once` a text counts as one row however many bear it."""
    kinds = {kind.lower(): kind for kind in KINDS}
    kind = kinds.get(str(cluster_type).lower())
    if kind is None:
        raise ArgumentError(
            f"cluster_type must be one of {', '.join(KINDS)}, got {cluster_type!r}."
            f"{choices_hint(str(cluster_type), KINDS)}"
        )
    encoder = encoder_of(*model)
    values, (text,) = codes_of([texts_of(table, key_columns(on, table, table)[0], encoder)])
    known = text >= 0
    label = np.full(len(table), NOISE)
    if not known.any():
        return label
    rows = np.bincount(text[known], minlength=len(values))
    rows = np.minimum(rows, 1) if once else rows
    points = Points(space_of(values, encoder), rows)
    label[known] = labels_of(points, kind, dict(cluster_params))[text[known]]
    return _by_first_row(label)


def _by_first_row(label: Codes) -> Codes:
    found, first = np.unique(label, return_index=True)
    order = np.argsort(np.where(found == NOISE, -1, first), kind="stable")
    number = np.empty(len(found), np.int64)
    number[order] = np.arange(len(found)) - int((found == NOISE).any())
    return number[np.searchsorted(found, label)]
