"""Connected components, cut where a chain of matches joins what is not alike as a whole."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.clustering.agglomerative import check_levels
from sameas.clustering.base import BoolArray, Clustering, cluster_report, decided_pairs
from sameas.clustering.graph import Graph, as_whole, scored_graph
from sameas.clustering.merging import Between, merge_rounds
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.components import connected_components

__all__ = ["SplitChains"]


@register("clusterer", "split_chains")
@dataclass(frozen=True, slots=True)
class SplitChains:
    """Records are together when matches join them and all that is known of them does not object.

    A chain of namesakes, each a little like the next, is one connected component, and its ends
    have nothing in common. Here the records of a component become clusters by average linkage:
    two groups are one while the mean score of all pairs between them, matches or not, reaches a
    level. A component of two records stays as it is.

    Parameters
    ----------
    level : float
        The mean score that two groups need. A match counts as at least this much, whatever the
        threshold, so matches alone never keep records apart.
    missing : float
        What a pair that is no candidate counts as; not above `level`. Where only records of
        different sources were compared, pairs inside a source do not count.
    reach : int
        Of two large groups so many pairs for each record of the smaller one count, for blocking
        keeps to a budget; and all candidates do. Further pairs do not count.

    Notes
    -----
    About 1 µs a pair of the components of three and more records; others cost what connected
    components cost. Equal means go by record numbers.

    Examples
    --------
    Of four records that a chain of matches joins, the first and the last are known to differ:

    >>> left, right = np.array([0, 1, 2, 0, 1], np.int32), np.array([1, 2, 3, 3, 3], np.int32)
    >>> score = np.array([0.9, 0.8, 0.9, 0.0, 0.1])
    >>> source = np.zeros(4, np.int32)
    >>> SplitChains().cluster(left, right, score, score >= 0.5, source).label.tolist()
    [0, 0, 2, 2]
    """

    level: float = 0.3
    missing: float = 0.2
    reach: int = 10

    def __post_init__(self) -> None:
        check_levels(self.missing, None)
        if not 0 < self.level <= 1:
            raise ArgumentError(f"level must lie above 0 and be at most 1, got {self.level!r}.")
        if self.missing > self.level:
            raise ArgumentError(
                f"missing must be at most level ({self.level!r}), or records that nobody compared "
                f"would be a reason to join; got {self.missing!r}."
            )
        if self.reach < 1:
            raise ArgumentError(f"reach must be at least 1, got {self.reach!r}.")

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
        crowded = _crowded(label)
        member = np.flatnonzero(crowded)
        if len(member):
            place = np.cumsum(crowded, dtype=np.int32) - 1
            rows = _inside(label, crowded, left, right)
            inside, _ = scored_graph(
                place[left[rows]], place[right[rows]], score[rows], decision[rows], source[member]
            )
            label[member] = member[self._merged(inside, source[member])]
        return Clustering(label, cluster_report(label, pairs))

    def weighed(
        self, left: IntArray, right: IntArray, decision: BoolArray, records: int
    ) -> npt.NDArray[np.intp]:
        """Return the pairs whose scores count; of any other it is enough that it is no match.

        Parameters
        ----------
        left, right : int32[p]
        decision : bool[p]
            Which of the pairs are matches.
        records : int
        """
        label = connected_components(left[decision], right[decision], records)
        return _inside(label, _crowded(label), left, right)

    def _merged(self, graph: Graph, source: IntArray) -> IntArray:
        """Merge groups by the mean of all pairs between them."""
        level, missing = as_whole(self.level), as_whole(self.missing)
        score = np.where(graph.decided, np.maximum(graph.score, self.level), graph.score)

        def value(table: Between) -> FloatArray:
            pairs = np.maximum(np.minimum(table.pairs, self.reach * table.fewer), table.edges)
            absent = pairs - table.edges
            mean: FloatArray = (table.total + absent * (missing - level)) / pairs
            return mean

        across = bool((source[graph.left] != source[graph.right]).all())
        part = source if across else None
        weight = as_whole(score) - level
        return merge_rounds(graph.left, graph.right, weight, len(source), value=value, part=part)


def _crowded(label: IntArray) -> BoolArray:
    """Say which records are in components of three and more."""
    return np.asarray(np.bincount(label, minlength=len(label))[label] > 2)


def _inside(
    label: IntArray, crowded: BoolArray, left: IntArray, right: IntArray
) -> npt.NDArray[np.intp]:
    """Return the pairs of the records of one crowded component."""
    return np.flatnonzero(crowded[left] & (label[left] == label[right]))
