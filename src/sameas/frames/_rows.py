"""Verbs row by row: how alike two columns are, and which label a row gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.frames._neighbours import codes_of
from sameas.frames._space import any_space_of, separator_of
from sameas.frames._tables import Columns, Part, Table, assemble, key_columns, listed, read
from sameas.models.classifier import TextClassifier, load_classifier
from sameas.models.training.classify import TrainedClassifier

__all__ = ["classify", "similarity"]


def similarity(
    frame: Any,
    *,
    left: str | Sequence[str],
    right: str | Sequence[str],
    model: Any = "lexical",
    into: str = "similarity",
) -> Any:
    """Add the cosine of two columns, row by row.

    Parameters
    ----------
    frame : frame, path or Python data
        It is not changed.
    left, right : str or sequence of str
        Columns on either side of the comparison; several are joined.
    model
        As in `merge`.
    into : str
        Name of the new column.

    Returns
    -------
    frame
        Of the same kind, with one more column; null where a side has no text.

    Examples
    --------
    >>> pairs = {"a": ["Bar Rosso", "Zulu", None], "b": ["bar rosso", "Delta", "Delta"]}
    >>> similarity(pairs, left="a", right="b")["similarity"].to_pylist()
    [1.0, 0.0, None]
    """
    table = read(frame, "frame")
    check_new(into, table.names)
    sides = [table.texts(listed(names), separator_of(model)) for names in (left, right)]
    values, codes = codes_of(sides)
    space = any_space_of(values, model)
    known = np.flatnonzero((codes[0] >= 0) & (codes[1] >= 0))
    cosine = np.full(len(table), np.nan)
    cosine[known] = space.cosine(*(code[known].astype(np.int32) for code in codes))
    return assemble([Part(table, np.arange(len(table)), {})], {into: cosine})


def classify(
    frame: Any,
    labels: Sequence[str] | Mapping[str, str | Sequence[str]] | TextClassifier,
    *,
    on: Columns | None = None,
    model: Any = "lexical",
    threshold: float | None = None,
    into: str = "label",
) -> Any:
    """Give each row the label whose text or examples are nearest, or that a classifier gives.

    Parameters
    ----------
    frame : frame, path or Python data
        It is not changed.
    labels : sequence, mapping or classifier
        Labels that speak for themselves, or each label with a description or examples; or what
        `train_classifier` or `sameas.models.load_classifier` returns.
    on : str or sequence, optional
        Columns to read; by default all.
    model
        As in `merge`; a classifier has its own.
    threshold : float, optional
        Rows less similar, or less probable, than this get no label.
    into : str
        Name of the column with labels; `similarity`, with a classifier `probability`, is the
        other new one.

    Returns
    -------
    frame
        Of the same kind, with two more columns; null where nothing is alike.

    Examples
    --------
    >>> rows = {"job": ["taxi driver", "night nurse", None]}
    >>> labels = {"transport": ["bus driver", "pilot"], "health": ["nurse", "surgeon"]}
    >>> classify(rows, labels, on="job")["label"].to_pylist()
    ['transport', 'health', None]
    """
    if threshold is not None and (isinstance(threshold, bool) or not -1 <= threshold <= 1):
        raise ArgumentError(f"threshold is a similarity from -1 to 1 or None, got {threshold!r}.")
    table = read(frame, "frame")
    if isinstance(labels, TextClassifier | TrainedClassifier):
        return _classified(table, load_classifier(labels), on, threshold, into)
    check_new(into, [*table.names, "similarity"])
    check_new("similarity", table.names)
    names, texts = _examples(labels)
    values, (row, example) = codes_of([table.texts(key_columns(on, table, table)[0]), texts])
    space = any_space_of(values, model)
    queries, unit = np.unique(row[row >= 0], return_inverse=True)
    keys = example[example >= 0]
    near = space.nearest(queries.astype(np.int32), keys.astype(np.int32), 1)
    good = near.index[:, 0] >= 0
    if threshold is not None:
        good &= near.similarity[:, 0] >= threshold
    found = np.full(len(table), -1)
    found[row >= 0] = np.where(good, near.index[:, 0], -1)[unit]
    cosine = np.full(len(table), np.nan)
    cosine[row >= 0] = np.where(good, near.similarity[:, 0], np.nan)[unit]
    owner = pa.array(names).filter(pa.array(example >= 0))
    label = owner.take(pa.array(found, mask=found < 0))
    added = {into: label, "similarity": cosine}
    return assemble([Part(table, np.arange(len(table)), {})], added)


def _classified(
    table: Table, classifier: TextClassifier, on: Columns | None, threshold: float | None, into: str
) -> Any:
    check_new(into, [*table.names, "probability"])
    check_new("probability", table.names)
    found = classifier.probabilities(table.texts(key_columns(on, table, table)[0]))
    known = np.asarray(~np.isnan(found).any(axis=1))
    best = np.where(known[:, None], found, -1.0).argmax(axis=1)
    sure = found[np.arange(len(found)), best].astype(np.float64)
    good = known & (sure >= threshold) if threshold is not None else known
    label = pa.array(list(classifier.labels), pa.large_string()).take(pa.array(best, mask=~good))
    added = {into: label, "probability": sure}
    return assemble([Part(table, np.arange(len(table)), {})], added)


def check_new(name: str, names: Sequence[str]) -> None:
    """Refuse to overwrite a column."""
    if name in names:
        fixed = name in ("similarity", "probability")
        hint = "rename it first" if fixed else "name another by into="
        raise ArgumentError(
            f"The table has a column {name!r} already, which would be overwritten: {hint}."
        )


def _examples(labels: Sequence[str] | Mapping[str, Any]) -> tuple[list[str], pa.Array]:
    """Return each example with its label."""
    if isinstance(labels, str) or getattr(labels, "ndim", 1) != 1 or not len(labels):
        raise ArgumentError(
            "labels must be a list of labels, or a mapping of each label to its examples, got "
            f"{'a table' if getattr(labels, 'ndim', 1) > 1 else repr(labels)}."
        )
    given = labels if isinstance(labels, Mapping) else {label: label for label in labels}
    rows = [(str(label), text) for label, texts in given.items() for text in listed(texts)]
    return [label for label, _ in rows], pa.array([text for _, text in rows], pa.large_string())
