"""Connected components, with a guard against clusters that grow too large."""

from __future__ import annotations

import numpy as np

from sameas.clustering.base import (
    BoolArray,
    Clustering,
    cluster_report,
    decided_pairs,
)
from sameas.clustering.oversized import check_guard, crowd_of, describe_crowd
from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.components import connected_components

__all__ = ["ConnectedComponents"]


@register("clusterer", "connected_components")
@dataclass(frozen=True, slots=True)
class ConnectedComponents:
    """Records are together when a chain of matches joins them.

    Parameters
    ----------
    max_size : int or None
        Clusters with more records are oversized: one wrong match may have joined two crowds.
        None turns the guard off.
    oversized : {"report", "split"}
        ``"report"`` keeps oversized clusters and describes them. ``"split"`` also raises the
        threshold, inside them only, over their own scores until every part is within
        `max_size`; a part that is small enough keeps its lower threshold. Matches with equal
        scores are tried in the order of their record numbers.

    Notes
    -----
    About 30 ns a pair; what the guard adds grows with the pairs of oversized clusters only.

    Examples
    --------
    >>> left, right = np.array([0, 2, 1], np.int32), np.array([1, 3, 2], np.int32)
    >>> score, decision = np.array([0.9, 0.8, 0.6]), np.ones(3, bool)
    >>> source = np.zeros(5, np.int32)
    >>> ConnectedComponents().cluster(left, right, score, decision, source).label.tolist()
    [0, 0, 0, 0, 4]
    >>> split = ConnectedComponents(max_size=3, oversized="split")
    >>> split.cluster(left, right, score, decision, source).label.tolist()
    [0, 0, 2, 2, 4]
    """

    max_size: int | None = 100
    oversized: str = "report"

    def __post_init__(self) -> None:
        check_guard(self.max_size, self.oversized)

    def cluster(
        self,
        left: IntArray,
        right: IntArray,
        score: FloatArray,
        decision: BoolArray,
        source: IntArray,
    ) -> Clustering:
        """Cluster the records; see `Clusterer.cluster`."""
        pairs = decided_pairs(left, right, score, decision, source)
        label = connected_components(pairs.left, pairs.right, len(source))
        if self.max_size is None:
            return Clustering(label, cluster_report(label, pairs))
        size = np.bincount(label, minlength=len(label))
        roots = np.flatnonzero(size > self.max_size)
        if not len(roots):
            return Clustering(label, cluster_report(label, pairs))
        crowd = crowd_of(label, size, pairs, self.max_size)
        if self.oversized == "split":
            label[crowd.members] = crowd.part
        return Clustering(
            label,
            cluster_report(
                label,
                pairs,
                oversized=len(roots),
                oversized_clusters=describe_crowd(crowd, split=self.oversized == "split"),
            ),
        )
