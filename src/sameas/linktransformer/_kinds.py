"""SLINK, agglomerative and HDBScan clusters of distinct texts."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering import Agglomerative
from sameas.core.errors import ArgumentError, check_one_of, choices_hint
from sameas.core.optional import require
from sameas.frames._group import Pairs, pairs_of
from sameas.frames._neighbours import Codes
from sameas.frames._space import Space
from sameas.kernels.components import connected_components
from sameas.models.base import Neighbours, Sparse

__all__ = ["KINDS", "NOISE", "Points", "labels_of"]

KINDS = ("SLINK", "agglomerative", "HDBScan")
NOISE = -1
_FIRST = 32
#: Distinct texts of which all pairs are looked at.
_ALL_PAIRS = 2_000
#: Distinct texts whose matrix of products fits in memory (0.8 GB).
_MATRIX = 10_000
_DEFAULTS: dict[str, dict[str, Any]] = {
    "SLINK": {"threshold": 0.1, "min cluster size": 2, "metric": "cosine"},
    "agglomerative": {"threshold": 0.5, "clustering linkage": "ward", "metric": "euclidean"},
    "HDBScan": {"min cluster size": 5, "min samples": 1},
}


class Points(NamedTuple):
    """Distinct texts and how many rows bear each."""

    space: Space
    rows: npt.NDArray[np.intp]


def labels_of(points: Points, kind: str, given: dict[str, Any]) -> Codes:
    """Return the cluster of each text, `NOISE` for none.

    Parameters
    ----------
    points : Points
    kind : one of `KINDS`
    given : dict
        Parameters as LinkTransformer spells them; those of other kinds are let pass.
    """
    params = _checked(kind, given)
    if kind == "SLINK":
        return _slink(points, params)
    if kind == "agglomerative":
        return _agglomerative(points, params)
    return _hdbscan(points, params)


def _checked(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    known = sorted({name for names in _DEFAULTS.values() for name in names})
    spelled = {" ".join(str(name).replace("_", " ").split()).lower(): name for name in given}
    if "linkage" in spelled:
        spelled["clustering linkage"] = spelled.pop("linkage")
    for name, original in spelled.items():
        if name not in known:
            warnings.warn(
                f"cluster_params: {original!r} means nothing here and changes nothing."
                f"{choices_hint(name, known)} {kind} has: {', '.join(_DEFAULTS[kind])}.",
                UserWarning,
                stacklevel=5,
            )
    own = {name: given[one] for name, one in spelled.items() if name in _DEFAULTS[kind]}
    return _DEFAULTS[kind] | own


def _least(params: dict[str, Any]) -> float:
    """Turn a greatest distance into a least cosine."""
    distance, metric = float(params["threshold"]), params["metric"]
    if metric == "cosine":
        return 1 - distance
    if metric in ("euclidean", "l2"):
        return 1 - distance**2 / 2
    raise ArgumentError(f"cluster_params: metric must be cosine or euclidean, got {metric!r}.")


def _pairs_from(space: Space, least: float, texts: int) -> Pairs:
    """Find all pairs of texts with at least this cosine."""
    rows = np.arange(texts, dtype=np.int32)
    k = _FIRST
    while True:
        near = space.nearest(rows, rows, min(k, texts))
        if k >= texts or not (near.similarity[:, -1] >= least).any():
            break
        k *= 8
    own = near.index == rows[:, None]
    with np.errstate(invalid="ignore"):
        good = (near.similarity >= least - 1e-6) & ~own
    return pairs_of(Neighbours(np.where(good, near.index, -1), near.similarity))


def _slink(points: Points, params: dict[str, Any]) -> Codes:
    """Chain texts within the distance: single linkage, which is DBSCAN of so few points."""
    texts, fewest = len(points.rows), int(params["min cluster size"])
    pairs = _pairs_from(points.space, _least(params), texts)
    weight = points.rows.astype(np.float64)
    close = weight + np.bincount(pairs.left, weight[pairs.right], texts)
    close += np.bincount(pairs.right, weight[pairs.left], texts)
    core = close >= fewest
    inner = core[pairs.left] & core[pairs.right]
    label: Codes = connected_components(pairs.left[inner], pairs.right[inner], texts).astype(
        np.int64
    )
    label[~core] = NOISE
    # Texts at the edge of a cluster go with the most alike of its inner texts.
    one = np.concatenate([pairs.left, pairs.right])
    other = np.concatenate([pairs.right, pairs.left])
    edge = np.flatnonzero(~core[one] & core[other])
    alike = np.tile(pairs.similarity, 2)[edge]
    order = edge[np.lexsort((other[edge], -alike))][::-1]
    label[one[order]] = label[other[order]]
    return label


def _agglomerative(points: Points, params: dict[str, Any]) -> Codes:
    linkage, texts = str(params["clustering linkage"]), len(points.rows)
    linkages = ("ward", "average", "complete", "single")
    check_one_of("cluster_params: clustering linkage", linkage, linkages)
    if linkage == "ward" or (linkage == "average" and params["metric"] != "cosine"):
        return _by_scikit(points, params, linkage)
    least = min(max(_least(params), 0.0), 1.0)
    pairs = _pairs_from(points.space, -1.0 if texts <= _ALL_PAIRS else least, texts)
    score = np.clip(pairs.similarity, 0, 1)
    decided = score >= least
    source = np.zeros(texts, np.int32)
    method = Agglomerative(linkage=linkage, cut=least)
    return method.cluster(pairs.left, pairs.right, score, decided, source).label.astype(np.int64)


def _by_scikit(points: Points, params: dict[str, Any], linkage: str) -> Codes:
    if linkage == "ward" and params["metric"] not in ("euclidean", "l2"):
        raise ArgumentError("cluster_params: ward linkage needs the metric euclidean.")
    if len(points.rows) < 2:
        return np.zeros(len(points.rows), np.int64)
    library = require("sklearn.cluster", extra="train", what="Clusters by ward linkage")
    method = library.AgglomerativeClustering(
        n_clusters=None, distance_threshold=float(params["threshold"]), linkage=linkage
    )
    return np.asarray(method.fit_predict(_coordinates(points.space)), np.int64)


def _hdbscan(points: Points, params: dict[str, Any]) -> Codes:
    fewest = int(params["min cluster size"])
    if points.rows.sum() < max(fewest, 2):
        return np.full(len(points.rows), NOISE)
    library = require("sklearn.cluster", extra="train", what="HDBScan")
    method = library.HDBSCAN(
        min_cluster_size=fewest, min_samples=int(params["min samples"]), copy=True
    )
    every = np.repeat(np.arange(len(points.rows)), points.rows)
    label = np.full(len(points.rows), NOISE)
    label[every] = method.fit_predict(_coordinates(points.space)[every])
    return label


def _coordinates(space: Space) -> npt.NDArray[np.float64]:
    """Return one dense row a text; for sparse vectors others with the same products."""
    rows = space.rows
    if not isinstance(rows, Sparse):
        return rows.astype(np.float64)
    if len(rows) > _MATRIX:
        raise ArgumentError(
            f"{len(rows):,} distinct texts with sparse vectors are too many for this kind of "
            f"cluster (at most {_MATRIX:,}): take SLINK or average linkage with cosine."
        )
    _, column = np.unique(rows.index, return_inverse=True)
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.start))
    product = _products(owner, column, rows.value.astype(np.float64), len(rows))
    value, vector = np.linalg.eigh(product)
    return np.asarray(vector * np.sqrt(np.maximum(value, 0)))


def _products(
    owner: Codes, column: npt.NDArray[np.intp], value: npt.NDArray[np.float64], rows: int
) -> npt.NDArray[np.float64]:
    """Return the matrix of products, from 4,096 dimensions at a time."""
    product = np.zeros((rows, rows))
    order = np.argsort(column, kind="stable")
    ends = np.searchsorted(column[order], np.arange(0, column.max(initial=0) + 4097, 4096))
    for place in range(len(ends) - 1):
        part = order[ends[place] : ends[place + 1]]
        block = np.zeros((rows, 4096))
        block[owner[part], column[part] - 4096 * place] = value[part]
        product += block @ block.T
    return product
