"""Clusters as graphs: the largest, and those that hang together by the weakest links."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.clustering import Clustering
from sameas.core.prepared import FloatArray, IntArray
from sameas.records import Records

__all__ = ["cluster_graphs"]

#: Clusters of each kind that a report shows, and records that are drawn of one.
_SHOWN = 6
_MOST_NODES = 40
#: Kinds of fields that say what a record is, the best first; those of one line together.
_TITLES = (
    ("name",), ("person",), ("given_name", "surname"), ("organisation",), ("text",), ("aliases",),
    ("address",), ("street",), ("email",), ("phone",), ("identifier",), ("category",),
)  # fmt: skip
Links = tuple[IntArray, IntArray, FloatArray]


def cluster_graphs(
    records: Records, clustering: Clustering, links: Links
) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    """Draw out the largest clusters and the weakest of three records or more.

    Parameters
    ----------
    records : Records
    clustering : Clustering
    links : (left int32[l], right int32[l], score float64[l])

    Returns
    -------
    largest, weakest : tuple of dict
        A cluster is the weaker, the lower the score of its weakest link.
    """
    left, right, score = links
    if not len(left):
        return (), ()
    of = clustering.label[left]
    order = np.argsort(of, kind="stable")
    start = np.flatnonzero(np.r_[True, np.diff(of[order]) > 0])
    weakest = np.minimum.reduceat(score[order], start)
    label = of[order][start]
    size = np.bincount(clustering.label, minlength=len(clustering.label))[label]
    ends = np.append(start[1:], len(order))
    by_size = np.lexsort((label, -size))[:_SHOWN]
    large = np.flatnonzero(size > 2)
    by_score = large[np.lexsort((label[large], weakest[large]))][:_SHOWN]

    def draw(place: int) -> dict[str, Any]:
        rows = order[start[place] : ends[place]]
        members = np.flatnonzero(clustering.label == label[place])
        return _graph(records, members, (left[rows], right[rows], score[rows]))

    return tuple(map(draw, by_size)), tuple(map(draw, by_score))


def _graph(records: Records, members: npt.NDArray[np.int64], links: Links) -> dict[str, Any]:
    """Return one cluster as plain data; of a very large one, the members with most links."""
    left, right, score = links
    # A member that only a constraint holds has no link.
    ends = np.searchsorted(members, np.concatenate([left, right]))
    degree = np.bincount(ends, minlength=len(members))
    kept = np.sort(members[np.lexsort((members, -degree))][:_MOST_NODES])
    shown = np.isin(left, kept) & np.isin(right, kept)
    table = records.table.take(kept)
    names = [_title(row) for row in table.select(_titles(records)).to_pylist()]
    keys = zip(table["source"].to_pylist(), table["id"].to_pylist(), names, strict=True)
    edges = zip(
        np.searchsorted(kept, left[shown]).tolist(),
        np.searchsorted(kept, right[shown]).tolist(),
        score[shown].tolist(),
        strict=True,
    )
    return {
        "size": len(members),
        "links": len(left),
        "weakest": float(score.min()),
        "nodes": [{"source": source, "id": key, "name": name} for source, key, name in keys],
        "edges": [list(edge) for edge in edges],
    }


def _titles(records: Records) -> list[str]:
    """Name the fields that say what a record is: of each kind the first."""
    of = {field.kind: field.name for field in reversed(records.fields)}
    held = ([of[kind] for kind in kinds if kind in of] for kinds in _TITLES)
    return next(filter(None, held), [])


def _title(row: dict[str, Any]) -> Any:
    """Return what a record is called: one value as it is, several as one text."""
    known = [value for value in row.values() if value is not None]
    return known[0] if len(known) == 1 else " ".join(map(str, known)) or None
