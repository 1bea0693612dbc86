"""What was decided about wordings, told of all the rows that bear them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clustering, ClusterReport, Link, OversizedCluster
from sameas.clustering.base import DecidedPairs, cluster_report
from sameas.core.prepared import FloatArray, IntArray
from sameas.linker.repeats import Repeats

__all__ = ["Spread", "spread"]


class Spread(NamedTuple):
    """What was decided about wordings, for all rows.

    Attributes
    ----------
    clustering : Clustering
    left, right : int32[l]
        The links, as row numbers, left < right, in their order.
    score : float64[l]
    """

    clustering: Clustering
    left: IntArray
    right: IntArray
    score: FloatArray


def spread(
    repeats: Repeats,
    clustering: Clustering,
    links: DecidedPairs,
    threshold: float,
    *,
    inside: bool = True,
) -> Spread:
    """Give every row its entity, and the links that say why.

    In one table a row that repeats another is linked with the first row of its wording, or,
    where the wording is not enough to know it again, with what that was linked with. Across
    tables all rows of two wordings are.

    Parameters
    ----------
    repeats : Repeats
    clustering : Clustering
        Of the wordings.
    links : DecidedPairs
        The links between them.
    threshold : float
        Chance from which on a row is a copy.
    inside : bool
        Rows of one table can be one thing without a link to another table.
    """
    if inside:
        pairs, alone = _within(repeats, links, threshold)
    else:
        pairs, alone = _across(repeats, links)
    label = repeats.first[clustering.label][repeats.record]
    label[alone] = alone
    pairs = pairs.take(np.lexsort((pairs.right, pairs.left)))
    more = len(pairs.left) - len(links.left)
    report = _report(repeats, clustering.report, label, pairs, more)
    return Spread(Clustering(label, report), *pairs)


def _within(
    repeats: Repeats, links: DecidedPairs, threshold: float
) -> tuple[DecidedPairs, IntArray]:
    """Return the links of the rows of one table, and the rows that have none."""
    wordings = len(repeats.first)
    partner = np.arange(wordings, dtype=np.int32)
    strength = np.full(wordings, -np.inf)
    for ours, theirs in ((links.left, links.right), (links.right, links.left)):
        order = np.argsort(links.score, kind="stable")  # the last one written is the strongest
        better = links.score[order] > strength[ours[order]]
        partner[ours[order][better]] = theirs[order][better]
        strength[ours[order][better]] = links.score[order][better]
    same = repeats.chance_of_copy()
    known = np.flatnonzero(same >= threshold)
    partner[known], strength[known] = known, same[known]
    told, alone = _again(repeats, np.isfinite(strength))
    of = repeats.record[told]
    ends = repeats.first[partner[of]], told
    return DecidedPairs(
        np.concatenate([repeats.first[links.left], np.minimum(*ends)]),
        np.concatenate([repeats.first[links.right], np.maximum(*ends)]),
        np.concatenate([links.score, strength[of]]),
    ), alone


def _across(repeats: Repeats, links: DecidedPairs) -> tuple[DecidedPairs, IntArray]:
    """Return the links between all rows of two wordings, and the rows that repeat in vain."""
    linked = np.zeros(len(repeats.first), np.bool_)
    linked[links.left] = linked[links.right] = True
    rows = np.argsort(repeats.record, kind="stable").astype(np.int32)
    count = np.bincount(repeats.record, minlength=len(repeats.first))
    start = np.cumsum(count) - count
    left, right = count[links.left], count[links.right]
    link = np.repeat(np.arange(len(links.left)), left * right)
    place = np.arange(len(link)) - np.repeat(np.cumsum(left * right) - left * right, left * right)
    one = rows[start[links.left[link]] + place // right[link]]
    other = rows[start[links.right[link]] + place % right[link]]
    found = DecidedPairs(np.minimum(one, other), np.maximum(one, other), links.score[link])
    return found, _again(repeats, linked)[1]


def _again(repeats: Repeats, linked: npt.NDArray[np.bool_]) -> tuple[IntArray, IntArray]:
    """Return the rows that repeat another one: those of linked wordings, and the others."""
    again = np.flatnonzero(repeats.first[repeats.record] != np.arange(len(repeats.record)))
    found = linked[repeats.record[again]]
    return again[found].astype(np.int32), again[~found].astype(np.int32)


def _report(
    repeats: Repeats, report: ClusterReport, label: IntArray, links: DecidedPairs, more: int
) -> ClusterReport:
    """Count rows where wordings were counted."""

    def row(record: int) -> int:
        return int(repeats.first[record])

    def told(cluster: OversizedCluster) -> OversizedCluster:
        weak = (Link(row(a), row(b), score) for a, b, score in cluster.weakest)
        return replace(cluster, record=row(cluster.record), weakest=tuple(weak))

    large = tuple(told(cluster) for cluster in report.oversized_clusters)
    counted = cluster_report(
        label, links, tied=report.tied, oversized=report.oversized, oversized_clusters=large
    )
    return replace(counted, pairs=report.pairs + more, dropped=report.dropped)
