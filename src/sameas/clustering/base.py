"""What every clusterer takes and gives: decided pairs in, labels and a report out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray, IntArray

__all__ = [
    "BoolArray",
    "ClusterReport",
    "Clusterer",
    "Clustering",
    "Link",
    "OversizedCluster",
    "cluster_report",
    "decided_pairs",
]

BoolArray = npt.NDArray[np.bool_]

#: How many of the largest clusters a report names.
LARGEST = 20


class Link(NamedTuple):
    """A pair of records that was decided to be a match."""

    left: int
    right: int
    score: float


@dataclass(frozen=True, slots=True)
class OversizedCluster:
    """A cluster that the guard found too large.

    Attributes
    ----------
    record : int
        Its first member.
    size : int
        Its records before any cut.
    density : float
        Share of its pairs of records that were decided to be matches, in (0, 1].
    weakest : tuple of Link
        The links without which it falls apart first, weakest first (at most five): the lowest
        of its strongest spanning tree.
    parts : int
        What it was split into; 1 if it was kept.
    """

    record: int
    size: int
    density: float
    weakest: tuple[Link, ...]
    parts: int = 1


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """What a clusterer did.

    Attributes
    ----------
    records, clusters : int
        Every record is in exactly one cluster; a record without a match is one of its own.
    sizes : tuple of (size, clusters)
        How many clusters have each size, rising.
    largest : tuple of (record, size)
        The 20 largest clusters of two or more records, by first member.
    pairs : int
        Pairs decided to be matches, as given.
    dropped : int
        Those of them whose records ended in different clusters.
    tied : int
        Dropped pairs that lost to a pair with the same score, so by record number only.
    oversized : int
        Clusters beyond the greatest size, before any split.
    oversized_clusters : tuple of OversizedCluster
        The 100 largest of them.
    """

    records: int
    clusters: int
    sizes: tuple[tuple[int, int], ...]
    largest: tuple[tuple[int, int], ...]
    pairs: int
    dropped: int = 0
    tied: int = 0
    oversized: int = 0
    oversized_clusters: tuple[OversizedCluster, ...] = ()

    def to_dict(self, *, key: Callable[[int], Any] = int) -> dict[str, Any]:
        """Return plain data for JSON; `key` turns a record number into what users know.

        Examples
        --------
        >>> report = ClusterReport(3, 2, ((1, 1), (2, 1)), ((0, 2),), pairs=1)
        >>> report.to_dict(key="abc".__getitem__)["largest"]
        [{'record': 'a', 'size': 2}]
        """
        return {
            "records": self.records,
            "clusters": self.clusters,
            "sizes": {str(size): count for size, count in self.sizes},
            "largest": [{"record": key(record), "size": size} for record, size in self.largest],
            "pairs": self.pairs,
            "dropped": self.dropped,
            "tied": self.tied,
            "oversized": self.oversized,
            "oversized_clusters": [
                {
                    "record": key(cluster.record),
                    "size": cluster.size,
                    "density": cluster.density,
                    "weakest": [
                        {"left": key(link.left), "right": key(link.right), "score": link.score}
                        for link in cluster.weakest
                    ],
                    "parts": cluster.parts,
                }
                for cluster in self.oversized_clusters
            ],
        }


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters of records.

    Attributes
    ----------
    label : int32[n]
        Smallest record number of each record's cluster.
    report : ClusterReport
    """

    label: IntArray
    report: ClusterReport


class Clusterer(Protocol):
    """A spec that turns decided pairs into clusters."""

    def cluster(
        self,
        left: IntArray,
        right: IntArray,
        score: FloatArray,
        decision: BoolArray,
        source: IntArray,
    ) -> Clustering:
        """Cluster the records.

        Parameters
        ----------
        left, right : int32[e]
            Record numbers of each scored pair, in any order and orientation.
        score : float64[e]
            Match probability; not NaN where `decision` is true.
        decision : bool[e]
            Whether the pair is a match.
        source : int32[n]
            Source of each record; its length is the number of records.
        """


class DecidedPairs(NamedTuple):
    """The matches among scored pairs: ``left < right``."""

    left: IntArray
    right: IntArray
    score: FloatArray

    def take(self, index: npt.NDArray[np.intp]) -> DecidedPairs:
        """Return the pairs at these positions."""
        return DecidedPairs(self.left[index], self.right[index], self.score[index])

    def by_score(self) -> DecidedPairs:
        """Order by falling score, then by record numbers."""
        return self.take(np.lexsort((self.right, self.left, -self.score)))


def decided_pairs(
    left: IntArray, right: IntArray, score: FloatArray, decision: BoolArray, source: IntArray
) -> DecidedPairs:
    """Check the arguments of a clusterer and keep the matches, oriented.

    Raises
    ------
    ArgumentError
        If lengths differ, a record number is out of range or a match has no score.
    """
    lengths = len(left), len(right), len(score), len(decision)
    if len(set(lengths)) != 1:
        raise ArgumentError(
            "left, right, score and decision must have one length, got "
            f"{', '.join(map(str, lengths))}."
        )
    kept = np.flatnonzero(np.asarray(decision, np.bool_))
    a, b = np.asarray(left)[kept], np.asarray(right)[kept]
    values = np.asarray(score, np.float64)[kept]
    low, high = np.minimum(a, b), np.maximum(a, b)
    if kept.size and (low.min() < 0 or high.max() >= len(source)):
        raise ArgumentError(
            f"left and right must be record numbers from 0 to {len(source) - 1} (source has "
            f"{len(source)} records), got {low.min()} to {high.max()}."
        )
    if np.isnan(values).any():
        raise ArgumentError("A pair decided to be a match has the score NaN; give its score.")
    return DecidedPairs(low.astype(np.int32), high.astype(np.int32), values)


def cluster_report(
    label: IntArray,
    pairs: DecidedPairs,
    *,
    tied: int = 0,
    oversized: int = 0,
    oversized_clusters: tuple[OversizedCluster, ...] = (),
) -> ClusterReport:
    """Count the clusters and the pairs that they leave out."""
    size = np.bincount(label, minlength=len(label))
    first = np.flatnonzero(size)
    count = size[first]
    values, clusters = np.unique(count, return_counts=True)
    large = np.flatnonzero(count > 1)
    large = large[np.lexsort((first[large], -count[large]))][:LARGEST]
    return ClusterReport(
        records=len(label),
        clusters=len(first),
        sizes=tuple(zip(values.tolist(), clusters.tolist(), strict=True)),
        largest=tuple(zip(first[large].tolist(), count[large].tolist(), strict=True)),
        pairs=len(pairs.left),
        dropped=int((label[pairs.left] != label[pairs.right]).sum()),
        tied=tied,
        oversized=oversized,
        oversized_clusters=oversized_clusters,
    )
