"""Connected components, with a guard against clusters that grow too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering.base import (
    BoolArray,
    Clustering,
    DecidedPairs,
    Link,
    OversizedCluster,
    cluster_report,
    decided_pairs,
)
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.components import connected_components
from sameas.kernels.constrained import capped_components

__all__ = ["ConnectedComponents"]

#: How many oversized clusters a report describes, and how many weak links of each.
DESCRIBED, WEAKEST = 100, 5


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
        if self.max_size is not None and self.max_size < 2:
            raise ArgumentError(f"max_size must be at least 2 or None, got {self.max_size}.")
        if self.oversized not in (choices := ("report", "split")):
            raise ArgumentError(
                f"oversized must be 'report' or 'split', got {self.oversized!r}."
                f"{choices_hint(self.oversized, choices)}"
            )

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
        crowd = _crowd(label, size, pairs, self.max_size)
        if self.oversized == "split":
            label[crowd.members] = crowd.part
        return Clustering(
            label,
            cluster_report(
                label,
                pairs,
                oversized=len(roots),
                oversized_clusters=_describe(crowd, split=self.oversized == "split"),
            ),
        )


class _Crowd(NamedTuple):
    """The members of all oversized clusters, their distinct pairs, and how they would split."""

    members: IntArray
    root: IntArray
    part: IntArray
    pairs: DecidedPairs
    pair_root: IntArray
    tree: BoolArray


def _crowd(
    label: IntArray, size: npt.NDArray[np.intp], pairs: DecidedPairs, max_size: int
) -> _Crowd:
    members = np.flatnonzero(size[label] > max_size).astype(np.int32)
    inside = np.flatnonzero((size[label[pairs.left]] > max_size) & (pairs.left != pairs.right))
    edges = pairs.take(inside).by_score()
    key = edges.left.astype(np.int64) * len(label) + edges.right
    _, first = np.unique(key, return_index=True)  # of a repeated pair, the highest score
    first.sort()
    edges = edges.take(first)
    local = np.zeros(len(label), np.int32)
    local[members] = np.arange(len(members), dtype=np.int32)
    part, tree = capped_components(
        local[edges.left], local[edges.right], edges.score, len(members), max_size
    )
    return _Crowd(members, label[members], members[part], edges, label[edges.left], tree)


def _describe(crowd: _Crowd, *, split: bool) -> tuple[OversizedCluster, ...]:
    roots, size = np.unique(crowd.root, return_counts=True)
    links = np.bincount(np.searchsorted(roots, crowd.pair_root), minlength=len(roots))
    heads = crowd.part == crowd.members
    parts = np.bincount(np.searchsorted(roots, crowd.root[heads]), minlength=len(roots))
    tree = np.flatnonzero(crowd.tree)
    left, right, score = crowd.pairs.take(tree)
    order = np.lexsort((right, left, score, crowd.pair_root[tree]))
    begin = np.searchsorted(crowd.pair_root[tree][order], roots)
    described = []
    for k in np.lexsort((roots, -size))[:DESCRIBED].tolist():
        weakest = order[begin[k] : begin[k] + min(WEAKEST, size[k] - 1)]
        rows = zip(
            left[weakest].tolist(), right[weakest].tolist(), score[weakest].tolist(), strict=True
        )
        described.append(
            OversizedCluster(
                record=int(roots[k]),
                size=int(size[k]),
                density=float(links[k] / (size[k] * (size[k] - 1) / 2)),
                weakest=tuple(Link(*row) for row in rows),
                parts=int(parts[k]) if split else 1,
            )
        )
    return tuple(described)
