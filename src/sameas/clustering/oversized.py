"""Clusters that grow too large: found, described, and what a guard would cut them into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering.base import BoolArray, DecidedPairs, Link, OversizedCluster
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.prepared import IntArray
from sameas.kernels.constrained import capped_components

__all__ = ["Crowd", "check_guard", "crowd_of", "describe_crowd"]

#: How many oversized clusters a report describes, and how many weak links of each.
DESCRIBED, WEAKEST = 100, 5


def check_guard(max_size: int | None, oversized: str) -> None:
    """Refuse a guard that makes no sense."""
    if max_size is not None and max_size < 2:
        raise ArgumentError(f"max_size must be at least 2 or None, got {max_size}.")
    if oversized not in (choices := ("report", "split")):
        raise ArgumentError(
            f"oversized must be 'report' or 'split', got {oversized!r}."
            f"{choices_hint(oversized, choices)}"
        )


class Crowd(NamedTuple):
    """The members of all oversized clusters, their distinct pairs, and how they would split."""

    members: IntArray
    root: IntArray
    part: IntArray
    pairs: DecidedPairs
    pair_root: IntArray
    tree: BoolArray


def crowd_of(
    label: IntArray, size: npt.NDArray[np.intp], pairs: DecidedPairs, max_size: int
) -> Crowd:
    """Gather the members of clusters beyond `max_size`, and cut them by connected components."""
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
    return Crowd(members, label[members], members[part], edges, label[edges.left], tree)


def describe_crowd(crowd: Crowd, *, split: bool) -> tuple[OversizedCluster, ...]:
    """Describe the largest oversized clusters; `split` says whether their parts count."""
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
