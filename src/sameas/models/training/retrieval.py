"""How good vectors are on given examples, and near texts that are no match."""

from __future__ import annotations

import numpy as np

from sameas.core.prepared import FloatArray, IntArray
from sameas.models.base import Dense
from sameas.models.index import DenseIndex
from sameas.models.training.examples import TrainingTexts

__all__ = ["accuracy_at_1", "figures", "hard_negatives", "pair_scores"]


def figures(examples: TrainingTexts, rows: Dense) -> dict[str, float]:
    """Return what is measured on validation rows; the first figure decides.

    Labelled pairs: ``f1`` at the best ``threshold``, then ``accuracy@1``. Otherwise
    ``accuracy@1`` alone.
    """
    found = accuracy_at_1(examples, rows)
    if not examples.labelled:
        return {"accuracy@1": found}
    from sameas.evaluation import choose_threshold

    choice = choose_threshold(examples.label, pair_scores(examples, rows))
    return {"f1": choice.value, "threshold": choice.threshold, "accuracy@1": found}


def pair_scores(examples: TrainingTexts, rows: Dense) -> FloatArray:
    """Return the cosine of each pair, below 0 as 0, float64[n]."""
    dot = np.einsum("ij,ij->i", rows[examples.left], rows[examples.right])
    return np.asarray(np.clip(dot, 0.0, 1.0), np.float64)


def accuracy_at_1(examples: TrainingTexts, rows: Dense) -> float:
    """Return the share of texts whose nearest text is of their cluster.

    With pairs, left texts of matches look among all right texts; with clusters alone, texts
    that have a partner look among all others.

    Examples
    --------
    >>> from sameas.models.training.examples import of_pairs
    >>> examples = of_pairs(["a", "b"], ["A", "B"])
    >>> accuracy_at_1(examples, np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32))
    0.5
    """
    if len(examples.left):
        queries, keys = np.unique(examples.left[examples.label]), np.unique(examples.right)
    else:
        members = np.bincount(examples.cluster)
        queries = np.flatnonzero(members[examples.cluster] > 1).astype(np.int32)
        keys = np.arange(len(examples.texts), dtype=np.int32)
    if not len(queries):
        return float("nan")
    alone = not len(examples.left)
    near = DenseIndex(rows[keys]).search(rows[queries], 2 if alone else 1, threads=1).index
    found = keys[near[:, 0]]
    if alone:
        found = np.where(found == queries, keys[near[:, -1]], found)
    return float((examples.cluster[found] == examples.cluster[queries]).mean())


def hard_negatives(examples: TrainingTexts, rows: Dense, queries: IntArray, count: int) -> IntArray:
    """Return the nearest texts of other clusters of each query, int32[q, count].

    With pairs they are right texts. Where there are too few the last one is repeated; -1 where
    there is none at all.

    Examples
    --------
    >>> from sameas.models.training.examples import of_clusters
    >>> examples = of_clusters(list("abcd"), list("xxyz"))
    >>> rows = np.array([[1, 0], [0.9, 0.4], [0.8, 0.6], [0, 1]], np.float32)
    >>> hard_negatives(examples, rows, np.array([0, 3]), 2).tolist()
    [[2, 3], [2, 1]]
    """
    right = np.unique(examples.right) if len(examples.right) else np.arange(len(examples.texts))
    largest = int(np.bincount(examples.cluster).max())
    k = min(count + largest + 1, len(right))
    near = right[DenseIndex(rows[right]).search(rows[queries], k, threads=1).index]
    other = examples.cluster[near] != examples.cluster[queries][:, None]
    order = np.argsort(~other, axis=1, kind="stable")[:, :count]
    found = np.take_along_axis(near, order, axis=1)
    good = np.take_along_axis(other, order, axis=1)
    last = np.maximum(good.sum(1) - 1, 0)
    places = np.minimum(np.arange(count)[None, :], last[:, None])
    found = np.take_along_axis(found, np.minimum(places, found.shape[1] - 1), axis=1)
    return np.where(good[:, :1], found, -1).astype(np.int32)
