"""Tables as training data: pairs, clusters, two tables with ids, rows with labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ArgumentError, ColumnError
from sameas.frames._tables import Columns, Rows, Table, key_columns, read
from sameas.models.training import TrainedClassifier, TrainOptions, classify
from sameas.models.training.examples import TrainingTexts, of_clusters, of_pairs

__all__ = [
    "cluster_examples",
    "label_column",
    "pair_examples",
    "table_examples",
    "train_classifier",
]


def pair_examples(
    frame: Any, *, on: Mapping[str, str], label: str | None = None, ids: Any = None
) -> TrainingTexts:
    """Take training examples from a table whose rows are pairs.

    Parameters
    ----------
    frame : frame, path or Python data
    on : mapping
        Columns of the left text to columns of the right text; several are joined.
    label : str, optional
        Column that says which pairs match (true and false, 1 and 0; null: undecided). Without
        it all do.
    ids : mapping of one column to another, optional
        Columns that name the left and the right record; rows of one name are one record.

    Returns
    -------
    TrainingTexts
        For `train_model`.

    Examples
    --------
    >>> rows = {"a": ["taxi", "nurse"], "b": ["cab", "pilot"], "same": [True, False]}
    >>> pair_examples(rows, on={"a": "b"}, label="same").sizes["matches"]
    1
    """
    table = read(frame, "frame")
    if not isinstance(on, Mapping):
        raise ArgumentError(
            f"on must map left columns to right columns, as in {{'a': 'b'}}, got {on!r}."
        )
    left, right = (table.texts(names) for names in key_columns(on, table, table))
    names = None
    if ids is not None:
        one, other = _one_pair(ids, table, table)
        names = table.texts([one]), table.texts([other])
    return of_pairs(left, right, label_column(table, label), ids=names)


def cluster_examples(frame: Any, *, on: Columns, cluster: str) -> TrainingTexts:
    """Take training examples from a table whose rows bear the name of their cluster.

    Parameters
    ----------
    frame : frame, path or Python data
    on : str or sequence
        Columns of the text; several are joined.
    cluster : str
        Column whose equal values mean: the same thing. Null: like no other row.

    Returns
    -------
    TrainingTexts

    Examples
    --------
    >>> rows = {"name": ["taxi", "cab", "nurse"], "job": [7, 7, 8]}
    >>> cluster_examples(rows, on="name", cluster="job").sizes["clusters"]
    1
    """
    table = read(frame, "frame")
    texts = table.texts(key_columns(on, table, table)[0])
    return of_clusters(texts, table.texts([cluster]))


def table_examples(
    left: Any,
    right: Any,
    *,
    on: Columns,
    ids: str | Mapping[str, str],
    pairs: Any = None,
    label: str | None = None,
) -> TrainingTexts:
    """Take training examples from two tables with ids.

    Parameters
    ----------
    left, right : frame, path or Python data
    on : str, sequence or mapping of left names to right names
        Columns of the text; several are joined.
    ids : str, or mapping of a left name to a right name
        Columns with the ids. Without `pairs` equal ids mean: the same thing.
    pairs : frame, path or Python data, optional
        Columns ``left_id`` and ``right_id``: the pairs that match, or with `label` that do not.
    label : str, optional
        Column of `pairs`.

    Returns
    -------
    TrainingTexts

    Examples
    --------
    >>> left = {"code": [7, 8], "name": ["taxi", "nurse"]}
    >>> right = {"code": [8, 7], "name": ["sister", "cab"]}
    >>> table_examples(left, right, on="name", ids="code").sizes["matches"]
    2
    """
    one, other = read(left, "left"), read(right, "right")
    texts = [
        table.texts(names)
        for table, names in zip((one, other), key_columns(on, one, other), strict=True)
    ]
    columns = _one_pair({ids: ids} if isinstance(ids, str) else ids, one, other)
    names = [table.texts([name]) for table, name in zip((one, other), columns, strict=True)]
    if pairs is None:
        if label is not None:
            raise ArgumentError("label is a column of pairs: give pairs too.")
        rows, labels = _equal(names[0], names[1]), None
    else:
        links = read(pairs, "pairs")
        rows = [
            _rows_of(links, side, known, what)
            for side, known, what in zip(("left_id", "right_id"), names, columns, strict=True)
        ]
        labels = label_column(links, label)
    taken = [text.take(pa.array(row)) for text, row in zip(texts, rows, strict=True)]
    return of_pairs(taken[0], taken[1], labels)


def train_classifier(
    frame: Any,
    *,
    on: Columns,
    label: str,
    into: str | Path,
    model: Any = "lexical",
    validation: Any = 0.2,
    weighted: bool | Mapping[str, float] = False,
    options: TrainOptions | None = None,
) -> TrainedClassifier:
    """Train a classifier of rows, for `classify`.

    Parameters
    ----------
    frame : frame, path or Python data
        Rows without text or without label are left out.
    on : str or sequence
        Columns to read; several are joined.
    label : str
        Column with the labels.
    into, model, weighted, options
        As in `sameas.models.training.train_classifier`.
    validation : frame, float or None
        A table with the same columns, or a share of each class.

    Returns
    -------
    TrainedClassifier
        Its folder, metric (macro-F1 on the validation rows) and label map.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from sameas.frames import classify
    >>> rows = {"job": ["bus driver", "nurse"] * 5, "kind": ["road", "care"] * 5}
    >>> done = train_classifier(rows, on="job", label="kind", into=mkdtemp() + "/new",
    ...                         validation=None)
    >>> classify({"job": ["taxi driver"]}, done, on="job")["label"].to_pylist()
    ['road']
    """
    table = read(frame, "frame")
    columns = key_columns(on, table, table)[0]
    if validation is not None and not isinstance(validation, float | int):
        other = read(validation, "validation")
        validation = other.texts(columns), other.texts([label])
    return classify.train_classifier(
        table.texts(columns),
        table.texts([label]),
        model=model,
        into=into,
        validation=validation,
        weighted=weighted,
        options=options,
    )


def label_column(table: Table, label: str | None) -> pa.Array | None:
    """Return a column of labels, which is no text."""
    if label is None:
        return None
    if label not in table.names:
        raise ColumnError.missing(label, table.names, table=table.what)
    column = table.arrow[label].combine_chunks()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise ArgumentError(
            f"label: column {label!r} holds text; expected true and false, or 1 and 0."
        )
    return column


def _one_pair(ids: Any, left: Table, right: Table) -> tuple[str, str]:
    if not isinstance(ids, Mapping) or len(ids) != 1:
        raise ArgumentError(f"ids must map one left column to one right column, got {ids!r}.")
    ((one, other),) = ids.items()
    for name, table in ((one, left), (other, right)):
        if name not in table.names:
            raise ColumnError.missing(name, table.names, table=table.what)
    return one, other


def _equal(left: pa.Array, right: pa.Array) -> list[Rows]:
    """Return rows with equal ids: each left row with the first right row of its id, and back."""
    first = [_place(right, left), _place(left, right)]
    one = np.concatenate([np.flatnonzero(first[0] >= 0), first[1][first[1] >= 0]])
    other = np.concatenate([first[0][first[0] >= 0], np.flatnonzero(first[1] >= 0)])
    both = np.unique(np.stack([one, other]), axis=1)
    return [both[0], both[1]]


def _rows_of(links: Table, side: str, known: pa.Array, what: str) -> Rows:
    """Return the row of each id of the pairs."""
    asked = links.texts([side])
    place = _place(known, asked)
    if (place < 0).any():
        missing = asked[int(np.flatnonzero(place < 0)[0])].as_py()
        raise ArgumentError(f"pairs: {side} {missing!r} is no value of the column {what!r}.")
    return place


def _place(known: pa.Array, asked: pa.Array) -> Rows:
    """Return the first place of each value, -1 where there is none."""
    kept = pc.index_in(asked, value_set=known, skip_nulls=True).fill_null(-1)
    return np.asarray(kept.to_numpy(zero_copy_only=False), np.int64)
