"""Rows of one table that mean the same: clusters of them, or one of each."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.clustering import Agglomerative, Clusterer
from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray, IntArray
from sameas.core.specs import family_of
from sameas.frames._decision import AUTO, Threshold, decide
from sameas.frames._neighbours import Codes, Keys, within
from sameas.frames._partners import learn_seen
from sameas.frames._space import separator_of
from sameas.frames._tables import Columns, Part, Table, assemble, key_columns, read
from sameas.models.base import Neighbours

__all__ = ["cluster", "dedupe", "pairs_of"]

logger = logging.getLogger(__name__)
#: Neighbours of a text that may be in its cluster.
_NEIGHBOURS = 20


class Pairs(NamedTuple):
    """Pairs of units, ``left < right``, each once."""

    left: IntArray
    right: IntArray
    similarity: FloatArray
    score: FloatArray | None = None


def cluster(
    frame: Any,
    *,
    on: Columns | None = None,
    model: Any = "lexical",
    threshold: Threshold = AUTO,
    clusterer: Clusterer | None = None,
    block: Columns | None = None,
    into: str = "cluster",
) -> Any:
    """Give rows that mean the same one number.

    Parameters
    ----------
    frame : frame, path or Python data
        It is not changed.
    on : str or sequence, optional
        Columns to compare; by default all.
    model, block
        As in `merge`.
    threshold : {"auto"}, float, goal or None
        As in `merge`, for pairs of rows; a number is the least similarity. None leaves
        the cut to `clusterer`.
    clusterer : Clusterer, optional
        Of `sameas.clustering`; by default `Agglomerative`, the mean of two groups.
    into : str
        Name of the new column.

    Returns
    -------
    frame
        Of the same kind, with one more column: numbers from 0 by first row. A row without
        text, or without another like it, has a number of its own.

    Notes
    -----
    Rows with the same text are always together. Of a text the 20 nearest others are looked at.
    ``"auto"`` thinks of at most four partners of a text, and of up to 16 where matches and others
    lie clearly apart; rows of equal text count as one. A neighbour with a model number or the like
    that hardly any other text bears counts as half as far away. A text whose neighbours are all
    about as near, as in a crowd of branches of one chain, gets none of them.

    Examples
    --------
    >>> shops = {"shop": ["Rex Rotary & Sons", "Bar Rosso", "rex rotary and sons", None]}
    >>> cluster(shops, on="shop", threshold=0.5)["cluster"].to_pylist()
    [0, 1, 0, 2]
    """
    table = read(frame, "frame")
    if into in table.names:
        raise ArgumentError(
            f"The table has a column {into!r} already, which would be overwritten: name another "
            "by into=."
        )
    label, about = _labels(table, on, model, threshold, clusterer, block)
    logger.info("cluster: %s", about["note"])
    parts = [Part(table, np.arange(len(table)), {})]
    return assemble(parts, {into: label}, about)


def dedupe(
    frame: Any,
    *,
    on: Columns | None = None,
    model: Any = "lexical",
    threshold: Threshold = AUTO,
    clusterer: Clusterer | None = None,
    block: Columns | None = None,
) -> Any:
    """Keep the first row of each group of rows that mean the same.

    Parameters
    ----------
    frame, on, model, threshold, clusterer, block
        As in `cluster`.

    Returns
    -------
    frame
        Of the same kind (pandas: with its index), in the same order. Rows without text and
        rows like no other are all kept.

    Examples
    --------
    >>> shops = {"shop": ["Rex Rotary & Sons", "Bar Rosso", "rex rotary and sons", None]}
    >>> dedupe(shops, on="shop", threshold=0.5)["shop"].to_pylist()
    ['Rex Rotary & Sons', 'Bar Rosso', None]
    """
    table = read(frame, "frame")
    label, about = _labels(table, on, model, threshold, clusterer, block)
    logger.info("dedupe: %s", about["note"])
    _, first = np.unique(label, return_index=True)
    return assemble([Part(table, np.sort(first), {})], {}, about)


def _labels(
    table: Table,
    on: Columns | None,
    model: Any,
    threshold: Threshold,
    clusterer: Clusterer | None,
    block: Columns | None,
) -> tuple[Codes, dict[str, Any]]:
    """Return the number of each row's group, and how it came about."""
    if clusterer is not None and family_of(clusterer) != "clusterer":
        raise ArgumentError(
            "clusterer must be one of sameas.clustering, such as ConnectedComponents(); got "
            f"{clusterer!r}."
        )
    columns = key_columns(on, table, table)[0]
    blocks = None if block is None else table.values(key_columns(block, table, table)[0])
    keys = Keys(table.texts(columns, separator_of(model)), blocks)
    found = within(keys, _NEIGHBOURS, model)
    seen, partners = learn_seen(found)
    likely = None if partners is None else seen.as_found(partners.probability(*seen[:2]))
    pairs = pairs_of(found.near, likely)
    cut = decide(pairs.similarity, pairs.score, threshold, partners)
    alike = pairs.similarity
    if pairs.score is not None and cut.about["threshold_on"] != "similarity":
        alike = pairs.score
    least = cut.about["threshold"]
    level = None if least is None else min(max(float(least), 0.0), 1.0)
    method = Agglomerative(cut=level) if clusterer is None else clusterer
    source = np.zeros(len(found.own), np.int32)
    group = method.cluster(pairs.left, pairs.right, np.clip(alike, 0, 1), cut.kept, source).label
    return number_rows(found.unit, group), cut.about


def pairs_of(near: Neighbours, likely: FloatArray | None = None) -> Pairs:
    """Turn neighbours of each unit into pairs, each once.

    Parameters
    ----------
    near : Neighbours
    likely : float64[n, k], optional
        Probability of each; a pair that both list gets the higher one.
    """
    one, place = np.nonzero(near.index >= 0)
    other = near.index[one, place]
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    key, first, pair = np.unique(
        low * (len(near.index) + 1) + high, return_index=True, return_inverse=True
    )
    similarity = near.similarity[one, place][first].astype(np.float64)
    left, right = (side.astype(np.int32) for side in np.divmod(key, len(near.index) + 1))
    if likely is None:
        return Pairs(left, right, similarity)
    score = np.zeros(len(key))
    np.maximum.at(score, pair, np.clip(likely[one, place], 0.0, 1.0))
    return Pairs(left, right, similarity, score)


def number_rows(unit: Codes, group: npt.NDArray[Any]) -> Codes:
    """Give groups numbers from 0 by first row; a row without unit is a group of its own.

    Examples
    --------
    >>> number_rows(np.array([1, -1, 0, 1]), np.array([0, 1])).tolist()
    [0, 1, 2, 0]
    """
    alone = unit < 0
    label = np.where(alone, 0, np.append(group, -1)[unit])
    label = np.where(alone, len(group) + np.arange(len(unit)), label)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
