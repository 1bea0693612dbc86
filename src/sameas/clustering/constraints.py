"""What must hold whatever the scores say: unique sources, pairs that must or cannot be together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.clustering.base import BoolArray, Clusterer, Clustering, cluster_report, decided_pairs
from sameas.clustering.graph import Graph, arcs_of, as_whole, renumbered, scored_graph
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import ends_of_key, pair_key
from sameas.core.prepared import FloatArray, IntArray
from sameas.kernels.components import connected_components
from sameas.kernels.constrained import exclusive_components
from sameas.kernels.cuts import cut_between

__all__ = ["Constrained", "Constraints"]

#: A must-link weighs more than any sum of scores that it is cut against.
_MUST = np.int64(1) << 50


def _none() -> IntArray:
    return np.zeros((2, 0), np.int32)


@dataclass(frozen=True)
class Constraints:
    """Hard constraints on clusters, by record numbers.

    Parameters
    ----------
    unique : tuple of int
        Sources without duplicates: a cluster holds at most one record of each.
    together, apart : int32[2, k]
        Pairs that must be in one cluster, and pairs that cannot be.

    Examples
    --------
    >>> Constraints(together=np.array([[0, 1], [1, 2]]), apart=np.array([[0], [2]])).check(
    ...     np.zeros(3, np.int32), key="abc".__getitem__
    ... )
    Traceback (most recent call last):
        ...
    sameas.core.errors.ArgumentError: 'a' and 'c' cannot be together, but must be by other pairs.
    """

    unique: tuple[int, ...] = ()
    together: IntArray = field(default_factory=_none)
    apart: IntArray = field(default_factory=_none)

    def __bool__(self) -> bool:
        """Say whether there is any constraint."""
        return bool(self.unique) or self.together.size > 0 or self.apart.size > 0

    def groups(self, n: int) -> IntArray:
        """Label the records by what must be together."""
        left, right = np.asarray(self.together, np.int32)
        group: IntArray = connected_components(left, right, n)
        return group

    def check(self, source: IntArray, *, key: Callable[[int], Any] = int) -> None:
        """Refuse constraints that contradict each other.

        Parameters
        ----------
        source : int32[n]
            Source of each record.
        key : function
            Turns a record number into what users know.

        Raises
        ------
        ArgumentError
            Naming the first records that must be and cannot be together.
        """
        group = self.groups(len(source))
        both = np.flatnonzero(group[self.apart[0]] == group[self.apart[1]])
        if len(both):
            one, other = (key(int(record)) for record in self.apart[:, both[0]])
            more = f" So are {len(both) - 1:,} more pairs." if len(both) > 1 else ""
            raise ArgumentError(
                f"{one!r} and {other!r} cannot be together, but must be by other pairs.{more}"
            )
        only = np.flatnonzero(np.isin(source, self.unique))
        order = only[np.lexsort((only, source[only], group[only]))]
        same = (np.diff(group[order]) == 0) & (np.diff(source[order]) == 0)
        if same.any():
            place = int(np.flatnonzero(same)[0])
            one, other = (key(int(record)) for record in order[place : place + 2])
            raise ArgumentError(
                f"{one!r} and {other!r} must be together, but their source has no duplicates."
            )


@dataclass(frozen=True)
class Constrained:
    """A clusterer under hard constraints; itself one, but no spec, for it knows records.

    Matches that break a constraint by themselves are dropped before the clusterer sees them,
    and pairs that must be together are shown to it as matches with the score 1. What its
    clusters still break is cut afterwards, in those clusters only: two records of a unique
    source by taking matches from the best down; two records that cannot be together by a cut
    of least total score through the matches of their cluster, couple after couple in the
    order of record numbers.

    Parameters
    ----------
    clusterer : Clusterer
    constraints : Constraints

    Examples
    --------
    >>> from sameas.clustering import ConnectedComponents
    >>> left, right = np.array([0, 1, 2], np.int32), np.array([1, 2, 3], np.int32)
    >>> score, decision = np.array([0.9, 0.6, 0.8]), np.ones(3, bool)
    >>> apart = Constraints(apart=np.array([[0], [3]], np.int32))
    >>> found = Constrained(ConnectedComponents(), apart)
    >>> found.cluster(left, right, score, decision, np.zeros(4, np.int32)).label.tolist()
    [0, 0, 2, 2]
    """

    clusterer: Clusterer
    constraints: Constraints

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
            If the constraints contradict each other.
        """
        rules, source = self.constraints, np.asarray(source, np.int32)
        pairs = decided_pairs(left, right, score, decision, source)
        rules.check(source)
        group = rules.groups(len(source))
        graph, _ = scored_graph(left, right, score, decision, source)
        allowed = graph.decided & ~_breaks(graph, group, rules, source)
        shown = _with_musts(graph._replace(decided=allowed), rules.together)
        found = self.clusterer.cluster(*shown, source)
        label = renumbered(_united(found.label, group))
        inside = shown.take(shown.decided & (label[shown.left] == label[shown.right]))
        must = group[inside.left] == group[inside.right]
        tied = found.report.tied
        if rules.unique:
            inside, must, lost = _kept_unique(inside, must, label, rules.unique, source)
            tied += lost
        if rules.apart.size:
            inside = inside.take(~_cut(inside, must, rules.apart, label))
        if rules.unique or rules.apart.size:
            parts = connected_components(inside.left, inside.right, len(source))
            label = _where_broken(label, parts, rules, source)
        report = cluster_report(label, pairs, tied=tied)
        return Clustering(
            label,
            replace(
                report,
                oversized=found.report.oversized,
                oversized_clusters=found.report.oversized_clusters,
            ),
        )


def _breaks(graph: Graph, group: IntArray, rules: Constraints, source: IntArray) -> BoolArray:
    """Say which pairs would break a constraint if they alone were joined."""
    low = np.minimum(group[graph.left], group[graph.right])
    high = np.maximum(group[graph.left], group[graph.right])
    apart = np.sort(group[rules.apart], axis=0)
    broken = np.isin(pair_key(low, high), pair_key(*apart))
    for code in rules.unique:
        holds = np.zeros(len(source), np.bool_)
        holds[group[source == code]] = True
        broken |= holds[low] & holds[high] & (low != high)
    return broken


def _with_musts(graph: Graph, together: IntArray) -> Graph:
    """Add the pairs that must be together as matches with the score 1, in place of their own."""
    low, high = np.sort(together, axis=0)
    differ = low != high
    keys = np.unique(pair_key(low[differ], high[differ]))
    other = graph.take(~np.isin(pair_key(graph.left, graph.right), keys))
    left, right = ends_of_key(keys)
    return Graph(
        np.concatenate([other.left, left]),
        np.concatenate([other.right, right]),
        np.concatenate([other.score, np.ones(len(keys))]),
        np.concatenate([other.decided, np.ones(len(keys), np.bool_)]),
    )


def _united(label: IntArray, group: IntArray) -> IntArray:
    """Join the clusters that hold records of one group."""
    together = np.flatnonzero(group != np.arange(len(group))).astype(np.int32)
    joined: IntArray = connected_components(label[together], label[group[together]], len(label))
    return joined[label]


def _kept_unique(
    inside: Graph, must: BoolArray, label: IntArray, unique: tuple[int, ...], source: IntArray
) -> tuple[Graph, BoolArray, int]:
    """Keep the matches, best first, that bring no two records of a unique source together.

    Also counts those that were dropped for an equally good one.
    """
    order = np.lexsort((inside.right, inside.left, -np.where(must, 2.0, inside.score)))
    inside, must = inside.take(order), must[order]
    # A record of any other source is the only one of a source of its own.
    alone = int(source.max(initial=0)) + 1 + np.arange(len(source))
    own = np.where(np.isin(source, unique), source, alone).astype(np.int32)
    crowded = np.isin(label, _doubled(label, own))[inside.left]
    busy = inside.take(crowded)
    score = np.where(must[crowded], 2.0, busy.score)
    part, tied = exclusive_components(busy.left, busy.right, score, own)
    kept = np.ones(len(must), np.bool_)
    kept[crowded] = part[busy.left] == part[busy.right]
    return inside.take(kept), must[kept], int(tied.sum())


def _doubled(label: IntArray, source: npt.NDArray[Any]) -> IntArray:
    """Return the clusters with two records of one source."""
    order = np.lexsort((source, label))
    same = (np.diff(label[order]) == 0) & (np.diff(source[order]) == 0)
    return np.unique(label[order][1:][same])


def _cut(inside: Graph, must: BoolArray, apart: IntArray, label: IntArray) -> BoolArray:
    """Say which matches are cut so that no couple is connected."""
    couples = np.unique(pair_key(*np.sort(apart, axis=0)))
    first, second = ends_of_key(couples)
    same = label[first] == label[second]
    weight = np.where(must, _MUST, np.maximum(as_whole(inside.score), 1))
    arcs = arcs_of(inside.left, inside.right, weight, len(label))
    found = cut_between(arcs[:4], first[same], second[same])
    cut = np.zeros(len(must), np.bool_)
    cut[arcs.edge] = found
    return cut


def _where_broken(
    label: IntArray, parts: IntArray, rules: Constraints, source: IntArray
) -> IntArray:
    """Take the parts for the clusters that break a constraint, and leave the others alone."""
    broken = np.zeros(len(label), np.bool_)
    one, other = label[rules.apart]
    broken[one[one == other]] = True
    only = np.flatnonzero(np.isin(source, rules.unique))
    broken[_doubled(label[only], source[only])] = True
    return np.where(broken[label], parts, label).astype(np.int32)
