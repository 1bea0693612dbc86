"""Agglomerative clusters: two clusters become one while they are alike as a whole."""

from __future__ import annotations

import numpy as np

from sameas.clustering.base import BoolArray, Clustering, cluster_report
from sameas.clustering.graph import UNIT, Graph, as_whole, scored_graph
from sameas.clustering.merging import Between, merge_rounds
from sameas.clustering.oversized import Crowd, check_guard, crowd_of, describe_crowd
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, check_one_of
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.components import connected_components

__all__ = ["Agglomerative", "check_levels", "cut_of"]

_LINKAGES = ("average", "complete", "single")


@register("clusterer", "agglomerative")
@dataclass(frozen=True, slots=True)
class Agglomerative:
    """Clusters are merged, the most alike first, while their likeness reaches a level.

    Parameters
    ----------
    linkage : {"average", "complete", "single"}
        The likeness of two clusters: the mean, the lowest or the highest score of their pairs
        of records. ``"single"`` is the same as connected components.
    missing : float
        The score of a pair that is no candidate. Where only records of different sources were
        compared, pairs inside a source do not count.
    cut : float or None
        The level. None: the lowest score of a match, so the threshold in use.
    max_size : int or None
        Clusters with more records are oversized and are described in the report. None turns the
        guard off.
    oversized : {"report", "split"}
        ``"split"`` also merges the members of oversized clusters anew, and refuses any merger
        into more than `max_size` records.

    Notes
    -----
    Scores below the threshold count as well, where they are known. About 1 µs a pair; a chain
    of records whose scores rise all along is the worst case, one round for each. Equal
    likeness goes by record numbers.

    Examples
    --------
    >>> left, right = np.array([0, 2, 1], np.int32), np.array([1, 3, 2], np.int32)
    >>> score, decision = np.array([0.9, 0.8, 0.6]), np.ones(3, bool)
    >>> source = np.zeros(5, np.int32)
    >>> Agglomerative().cluster(left, right, score, decision, source).label.tolist()
    [0, 0, 2, 2, 4]
    """

    linkage: str = "average"
    missing: float = 0.0
    cut: float | None = None
    max_size: int | None = None
    oversized: str = "report"

    def __post_init__(self) -> None:
        check_guard(self.max_size, self.oversized)
        check_one_of("linkage", self.linkage, _LINKAGES)
        check_levels(self.missing, self.cut)

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
        cut = cut_of(graph, self.cut)
        if self.linkage == "single":
            kept = graph.take(graph.decided & (graph.score >= cut))
            label = connected_components(kept.left, kept.right, len(source))
        else:
            label = self._merged(graph, cut, source)
        size = np.bincount(label, minlength=len(label))
        if self.max_size is None or size.max(initial=0) <= self.max_size:
            return Clustering(label, cluster_report(label, pairs))
        crowd = crowd_of(label, size, pairs, self.max_size)
        split = self.oversized == "split"
        if split:
            if self.linkage != "single":
                crowd = self._cut(crowd, graph, cut, label, source)
            label = label.copy()
            label[crowd.members] = crowd.part
        found = cluster_report(
            label,
            pairs,
            oversized=int((size > self.max_size).sum()),
            oversized_clusters=describe_crowd(crowd, split=split),
        )
        return Clustering(label, found)

    def _merged(
        self, graph: Graph, cut: float, source: IntArray, max_size: int | None = None
    ) -> IntArray:
        """Merge clusters by the mean or the lowest score, never into more than `max_size`."""
        level, missing = as_whole(cut), as_whole(min(self.missing, cut))

        def value(table: Between) -> FloatArray:
            absent = table.pairs - table.edges
            if self.linkage == "average":
                likeness = (table.total + absent * (missing - level)) / table.pairs
            else:
                least = np.where(absent > 0, missing - level, UNIT)
                likeness = np.minimum(table.least, least) / UNIT
            too_large = max_size is not None and table.records > max_size
            return np.where(too_large, -1.0, likeness)

        weight = as_whole(graph.score) - level
        across = bool((source[graph.left] != source[graph.right]).all())
        part = source if across else None
        return merge_rounds(graph.left, graph.right, weight, len(source), value=value, part=part)

    def _cut(
        self, crowd: Crowd, graph: Graph, cut: float, label: IntArray, source: IntArray
    ) -> Crowd:
        """Merge the members of oversized clusters anew, each cluster for itself."""
        inside = np.zeros(len(label), bool)
        inside[crowd.members] = True
        same = label[graph.left] == label[graph.right]
        own = graph.take(inside[graph.left] & same)
        part = self._merged(own, cut, source, self.max_size)
        return crowd._replace(part=part[crowd.members])


def cut_of(graph: Graph, cut: float | None) -> float:
    """Return the level in use: as given, or the lowest score of a match; above 1 without any."""
    if cut is not None:
        return cut
    return float(graph.score[graph.decided].min(initial=2.0))


def check_levels(missing: float, cut: float | None) -> None:
    """Refuse a level or a score of missing pairs that is no share."""
    for name, value in (("missing", missing), ("cut", cut)):
        if value is not None and not 0 <= value <= 1:
            raise ArgumentError(f"{name} must lie in [0, 1], got {value!r}.")
