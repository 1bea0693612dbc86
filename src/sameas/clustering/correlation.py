"""Correlation clustering: as many likely pairs together, as few unlikely ones, as can be."""

from __future__ import annotations

import numpy as np

from sameas.clustering.agglomerative import check_levels, cut_of
from sameas.clustering.base import BoolArray, Clustering, cluster_report
from sameas.clustering.graph import arcs_of, as_whole, renumbered, scored_graph
from sameas.clustering.merging import Between, merge_rounds
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.components import connected_components
from sameas.kernels.moves import improve_clusters

__all__ = ["Correlation"]


@register("clusterer", "correlation")
@dataclass(frozen=True, slots=True)
class Correlation:
    """The sum of ``score - cut`` over the pairs of records in one cluster shall be great.

    Clusters are merged while their sum is above 0, the greatest sum first; then records move,
    one by one and in their order, to the cluster where they add most. That is a good solution,
    not the best one, which is NP-hard to find (Bansal, Blum and Chawla 2004).

    Parameters
    ----------
    missing : float
        The score of a pair that is no candidate.
    cut : float or None
        Pairs above it want to be together. None: the lowest score of a match, so the threshold
        in use.
    sweeps : int
        Walks over all records that move them, at most.

    Notes
    -----
    Scores below the threshold count as well, where they are known. About 1 µs a pair.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1, 2], np.int32), np.array([1, 2, 2, 3], np.int32)
    >>> score, decision = np.array([0.9, 0.8, 0.9, 0.6]), np.ones(4, bool)
    >>> source = np.zeros(4, np.int32)
    >>> Correlation(cut=0.5).cluster(left, right, score, decision, source).label.tolist()
    [0, 0, 0, 3]
    """

    missing: float = 0.0
    cut: float | None = None
    sweeps: int = 10

    def __post_init__(self) -> None:
        check_levels(self.missing, self.cut)
        if self.sweeps < 0:
            raise ArgumentError(f"sweeps must be at least 0, got {self.sweeps}.")

    def cluster(
        self,
        left: IntArray,
        right: IntArray,
        score: FloatArray,
        decision: BoolArray,
        source: IntArray,
    ) -> Clustering:
        """Cluster the records; see `Clusterer.cluster`."""
        graph, pairs = scored_graph(left, right, score, decision, source)
        n, cut = len(source), cut_of(graph, self.cut)
        weight = as_whole(graph.score) - as_whole(cut)
        missing = int(as_whole(min(self.missing, cut)) - as_whole(cut))

        def value(table: Between) -> FloatArray:
            return (table.total + (table.pairs - table.edges) * missing).astype(np.float64)

        label = merge_rounds(graph.left, graph.right, weight, n, value=value)
        arcs = arcs_of(graph.left, graph.right, weight, n)
        label = improve_clusters(arcs.start, arcs.target, arcs.weight, label, missing, self.sweeps)
        # A cluster whose matches do not connect it is better off in parts.
        inside = graph.take(
            graph.decided & (weight >= 0) & (label[graph.left] == label[graph.right])
        )
        label = renumbered(connected_components(inside.left, inside.right, n))
        return Clustering(label, cluster_report(label, pairs))
