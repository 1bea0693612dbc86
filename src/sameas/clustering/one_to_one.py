"""One-to-one: between two sources every record has at most one partner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sameas.clustering.base import (
    BoolArray,
    Clustering,
    DecidedPairs,
    cluster_report,
    decided_pairs,
)
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.constrained import exclusive_components

__all__ = ["OneToOne"]


@register("clusterer", "one_to_one")
@dataclass(frozen=True, slots=True)
class OneToOne:
    """A cluster holds at most one record of each source; better pairs choose first.

    Matches are taken by falling score, then by record numbers; a match that would bring two
    records of one source together, directly or through a third record, is dropped. Between
    two sources this is the greedy, stable assignment: of every dropped match, one record has a
    partner with at least that score. It is not the assignment with the greatest sum of scores.

    Notes
    -----
    The cost is a sort of the matches, about 0.2 µs each. With many sources a test of two
    clusters costs the product of their sizes.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1], np.int32), np.array([2, 3, 2], np.int32)
    >>> score, decision = np.array([0.9, 0.8, 0.7]), np.ones(3, bool)
    >>> source = np.array([0, 0, 1, 1], np.int32)
    >>> OneToOne().select(left, right, score, decision, source).tolist()
    [True, False, False]
    >>> OneToOne().cluster(left, right, score, decision, source).label.tolist()
    [0, 1, 0, 3]
    """

    def select(
        self,
        left: IntArray,
        right: IntArray,
        score: FloatArray,
        decision: BoolArray,
        source: IntArray,
    ) -> BoolArray:
        """Say which pairs are kept, in the order given; see `Clusterer.cluster`.

        Returns
        -------
        bool[e]
            True for a match whose records end in one cluster.
        """
        label, _ = _assign(decided_pairs(left, right, score, decision, source), source)
        together: BoolArray = label[left] == label[right]
        return together & np.asarray(decision, np.bool_)

    def cluster(
        self,
        left: IntArray,
        right: IntArray,
        score: FloatArray,
        decision: BoolArray,
        source: IntArray,
    ) -> Clustering:
        """Cluster the records; see `Clusterer.cluster`.

        Raises
        ------
        ArgumentError
            If there are matches but all records have one source.
        """
        pairs = decided_pairs(left, right, score, decision, source)
        label, tied = _assign(pairs, source)
        return Clustering(label, cluster_report(label, pairs, tied=tied))


def _assign(pairs: DecidedPairs, source: IntArray) -> tuple[IntArray, int]:
    if len(pairs.left) and (source == source[0]).all():
        raise ArgumentError(
            "One-to-one needs records of at least two sources, got one: give each table its own "
            "source, or cluster with ConnectedComponents."
        )
    ordered = pairs.by_score()
    label, tied = exclusive_components(*ordered, source)
    return label, int(tied.sum())
