"""One-to-one: between two sources every record has at most one partner."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.clustering.base import (
    BoolArray,
    Clustering,
    DecidedPairs,
    cluster_report,
    decided_pairs,
)
from sameas.clustering.graph import as_whole, scored_graph
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.pair_key import pair_key
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import register
from sameas.kernels.assignment import best_assignment, strong_components
from sameas.kernels.constrained import exclusive_components

__all__ = ["OneToOne"]

LongArray = npt.NDArray[np.int64]


@register("clusterer", "one_to_one")
@dataclass(frozen=True, slots=True)
class OneToOne:
    """A cluster holds at most one record of each source.

    Parameters
    ----------
    method : {"optimal", "greedy"}
        ``"optimal"``: the assignment with the greatest sum of scores, which is the expected
        number of right links. Among equal sums, smaller record numbers are preferred, and the
        report counts the matches that another best assignment would have kept. With three and
        more sources it is the best one between the clusters of the sources so far and the next
        source, in the order of the sources; all at once would be NP-hard.
        ``"greedy"``: matches are taken by falling score, then by record numbers; a match that
        would bring two records of one source together, directly or through a third record, is
        dropped. Between two sources it is stable: of every dropped match, one record has a
        partner with at least that score.

    Notes
    -----
    Greedy costs a sort of the matches, about 0.2 µs each, and with many sources the product of
    the sizes of two clusters for each match. Optimal costs 0.5 µs a match where components are
    small; at worst records x matches of a component.

    Examples
    --------
    >>> left, right = np.array([0, 0, 1], np.int32), np.array([2, 3, 2], np.int32)
    >>> score, decision = np.array([0.9, 0.8, 0.7]), np.ones(3, bool)
    >>> source = np.array([0, 0, 1, 1], np.int32)
    >>> OneToOne().select(left, right, score, decision, source).tolist()
    [False, True, True]
    >>> greedy = OneToOne(method="greedy")
    >>> greedy.select(left, right, score, decision, source).tolist()
    [True, False, False]
    """

    method: str = "optimal"

    def __post_init__(self) -> None:
        if self.method not in (choices := ("optimal", "greedy")):
            raise ArgumentError(
                f"method must be 'optimal' or 'greedy', got {self.method!r}."
                f"{choices_hint(self.method, choices)}"
            )

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
        label = self.cluster(left, right, score, decision, source).label
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
        source = np.asarray(source, np.int32)
        if len(pairs.left) and (source == source[0]).all():
            raise ArgumentError(
                "One-to-one needs records of at least two sources, got one: give each table its "
                "own source, or cluster with ConnectedComponents."
            )
        if self.method == "greedy":
            label, lost = exclusive_components(*pairs.by_score(), source)
            return Clustering(label, cluster_report(label, pairs, tied=int(lost.sum())))
        label, tied = _optimal(left, right, score, decision, source)
        return Clustering(label, cluster_report(label, pairs, tied=_count(pairs, tied)))


def _optimal(
    left: IntArray, right: IntArray, score: FloatArray, decision: BoolArray, source: IntArray
) -> tuple[IntArray, IntArray]:
    """Assign source after source; also return the ``2 x k`` pairs that would do as well."""
    graph, _ = scored_graph(left, right, score, decision, source)
    graph = graph.take(graph.decided & (source[graph.left] != source[graph.right]))
    label = np.arange(len(source), dtype=np.int32)
    tied = [np.zeros((2, 0), np.int32)]
    late = np.maximum(source[graph.left], source[graph.right])
    for code in np.unique(late):
        now = graph.take(late == code)
        swap = source[now.left] == code
        row = label[np.where(swap, now.right, now.left)]
        column = np.where(swap, now.left, now.right)
        known = _assign(row, column, as_whole(now.score), label)
        tied.append(np.stack([now.left, now.right])[:, known])
    return label, np.concatenate(tied, axis=1)


def _assign(row: IntArray, column: IntArray, weight: LongArray, label: IntArray) -> BoolArray:
    """Give clusters (rows) records of the next source; say which edges are tied."""
    rows, at_row = np.unique(row, return_inverse=True)
    columns, at_column = np.unique(column, return_inverse=True)
    key, place = np.unique(at_row * np.int64(len(columns)) + at_column, return_inverse=True)
    total = np.zeros(len(key), np.int64)
    np.add.at(total, place, weight)
    edge = key // len(columns), (key % len(columns)).astype(np.int32)
    start = np.searchsorted(edge[0], np.arange(len(rows) + 1)).astype(np.int64)
    match, *price = best_assignment(start, edge[1], total, len(columns))
    tight = price[0][edge[0]] + price[1][edge[1]] == total
    free = np.flatnonzero((match[edge[0]] != edge[1]) & tight)
    tied = np.zeros(len(key), np.bool_)
    tied[free] = _exchangeable(edge[0][free], edge[1][free], match, *price)
    taken = np.flatnonzero(match >= 0)
    ends = rows[taken], columns[match[taken]]
    moved = np.arange(len(label), dtype=np.int32)
    moved[ends[0]] = moved[ends[1]] = np.minimum(*ends)
    label[:] = moved[label]
    return tied[place]


def _exchangeable(
    row: LongArray,
    column: IntArray,
    match: IntArray,
    row_price: LongArray,
    column_price: LongArray,
) -> BoolArray:
    """Say which tight edges lie on a round of exchanges that costs nothing.

    Exchanges go from a row to a column it might have, from a column to the row that has it, and
    through one more node, "nobody", which stands for being left alone.
    """
    rows, columns = len(match), len(column_price)
    nobody = rows + columns
    owned, alone = np.flatnonzero(match >= 0), np.flatnonzero(match < 0)
    taken = match[owned]
    free = np.setdiff1d(np.arange(columns), taken, assume_unique=True)
    leave = np.concatenate([owned[row_price[owned] == 0], rows + free])
    enter = np.concatenate([alone, rows + taken[column_price[taken] == 0]])
    out, back = np.full(len(leave), nobody), np.full(len(enter), nobody)
    source = np.concatenate([row, rows + taken, leave, back])
    target = np.concatenate([rows + column, owned, out, enter]).astype(np.int32)
    order = np.argsort(source, kind="stable")
    start = np.searchsorted(source[order], np.arange(nobody + 2)).astype(np.int64)
    part = strong_components(start, target[order])
    same: BoolArray = part[row] == part[rows + column]
    return same


def _count(pairs: DecidedPairs, tied: IntArray) -> int:
    """Count the given matches among tied pairs."""
    return int(np.isin(pair_key(pairs.left, pairs.right), pair_key(*tied)).sum())
