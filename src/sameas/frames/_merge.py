"""Join two tables by meaning instead of by equal keys."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError
from sameas.frames._decision import AUTO, Cut, Threshold, decide
from sameas.frames._neighbours import Found, Keys, between, probabilities
from sameas.frames._probability import learn_mixture
from sameas.frames._space import separator_of
from sameas.frames._tables import Columns, Part, Rows, Table, assemble, key_columns, read

__all__ = ["SUFFIXES", "aggregate", "merge"]

logger = logging.getLogger(__name__)
SUFFIXES = ("_left", "_right")
ADDED = ("similarity", "score")
ONE_TO_ONE = "one-to-one"
#: One-to-one chooses among so many candidates of a row.
_RIVALS = 5


def merge(
    left: Any,
    right: Any,
    *,
    on: Columns | None = None,
    model: Any = "lexical",
    k: int | str = 1,
    threshold: Threshold = AUTO,
    block: Columns | None = None,
    suffixes: Sequence[str] = SUFFIXES,
) -> Any:
    """Join each left row with the right rows that mean the same.

    Parameters
    ----------
    left, right : frame, path or Python data
        pandas, polars, Arrow, DuckDB and what `sameas.read_table` reads. They are not changed.
    on : str, sequence or mapping, optional
        Columns to compare; ``{"left column": "right column"}`` where the names differ, or
        ``{"left column": ["one", "other"]}``: several are joined to one text. By default all
        columns that both have.
    model : str or encoder
        ``"lexical"`` (spelling, no model), what `sameas.models.load_encoder` takes, or
        ``"lexical+wordllama"`` and the like: the weighted mean of the cosines.
    k : int or "one-to-one"
        Right rows for one left row, at most. ``"one-to-one"``: every right row, too, is taken
        once at most, so that the sum of scores is greatest.
    threshold : {"auto"}, float, goal or None
        ``"auto"``: the best F1 that the learned probabilities promise. A number: the least
        `similarity`. A goal of `sameas.evaluation`: reached by `score` as far as the
        probabilities promise. None: all `k` nearest.
    block : str, sequence or mapping, optional
        Columns that have to be equal. A row without a value there has no match.
    suffixes : (str, str)
        For columns whose name stands on both sides; an empty one leaves that side as it is.

    Returns
    -------
    frame
        Of the kind of `left` (pandas: with its index), in the order of `left`. All columns of
        both, `similarity` (cosine) and `score` (match probability; absent if it could not be
        learned). A left row without a good match has nulls. How the threshold was chosen
        stands in ``attrs["sameas"]`` (pandas) or the metadata of the schema (Arrow).

    Notes
    -----
    Probabilities assume one partner a left row; right rows of equal text share theirs.

    Examples
    --------
    >>> shops = {"shop": ["Rex Rotary & Sons", "Bar Rosso", "Zulu"]}
    >>> firms = {"firm": ["rex rotary and sons", "Rosso Bar", "Delta"], "id": [7, 8, 9]}
    >>> merged = merge(shops, firms, on={"shop": "firm"}, threshold=0.5)
    >>> merged["id"].to_pylist()
    [7, 8, None]
    """
    one_to_one = isinstance(k, str) and k == ONE_TO_ONE
    if not one_to_one and (isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1):
        raise ArgumentError(f"k must be a whole number of at least 1 or {ONE_TO_ONE!r}, got {k!r}.")
    one, other = read(left, "left"), read(right, "right")
    columns = key_columns(on, one, other)
    blocks = (None, None) if block is None else _named(block, one, other)
    found = between(
        _keys(one, columns[0], blocks[0], model),
        _keys(other, columns[1], blocks[1], model),
        _RIVALS if one_to_one else int(k),
        model,
    )
    cut = _cut(found, threshold)
    kept = _exclusive(found, cut, len(one), len(other)) if one_to_one else cut.kept
    logger.info("merge: %s", cut.about["note"])
    return _result(one, other, found, cut, kept, suffixes)


def aggregate(
    frame: Any,
    reference: Any,
    *,
    on: Columns | None = None,
    model: Any = "lexical",
    threshold: Threshold = None,
    block: Columns | None = None,
    suffixes: Sequence[str] = SUFFIXES,
) -> Any:
    """Give each row its nearest entry of a reference list, as from towns to counties.

    Parameters
    ----------
    frame, reference : frame, path or Python data
    on, model, block, suffixes
        As in `merge`.
    threshold : optional
        As in `merge`; None: every row gets its nearest entry.

    Returns
    -------
    frame
        As from `merge`, one row for each row of `frame`.

    Examples
    --------
    >>> goods = {"item": ["red table wine", "bottled wine", "cotton shirts"]}
    >>> groups = {"group": ["wines", "shirts"]}
    >>> aggregate(goods, groups, on={"item": "group"})["group"].to_pylist()
    ['wines', 'wines', 'shirts']
    """
    return merge(
        frame,
        reference,
        on=on,
        model=model,
        threshold=threshold,
        block=block,
        suffixes=suffixes,
    )


def _named(block: Columns, left: Table, right: Table) -> tuple[list[str], list[str]]:
    names = key_columns(block, left, right, what="block")
    if len(names[0]) != len(names[1]):
        raise ArgumentError(
            f"block: expected as many columns on both sides, got {names[0]} and {names[1]}."
        )
    return names


def _keys(table: Table, columns: list[str], blocks: list[str] | None, model: Any) -> Keys:
    texts = table.texts(columns, separator_of(model))
    return Keys(texts, None if blocks is None else table.values(blocks))


def _cut(found: Found, threshold: Threshold) -> Cut:
    near = found.near.similarity.astype(np.float64)
    mixture = learn_mixture(near[:, 0], near[:, 1])
    score = None
    if mixture is not None:
        score = probabilities(found.near, mixture, found.relation)[found.query, found.rank]
    return decide(found.similarity.astype(np.float64), score, threshold, mixture)


def _exclusive(found: Found, cut: Cut, lefts: int, rights: int) -> npt.NDArray[np.bool_]:
    """Choose partners so that the sum of scores is greatest."""
    from sameas.clustering import OneToOne

    source = np.repeat(np.array([0, 1], np.int32), [lefts, rights])
    likely = found.similarity if cut.score is None else cut.score
    return OneToOne().select(
        found.left.astype(np.int32),
        (found.right + lefts).astype(np.int32),
        np.clip(likely.astype(np.float64), 0, 1),
        cut.kept,
        source,
    )


def _result(
    left: Table,
    right: Table,
    found: Found,
    cut: Cut,
    kept: npt.NDArray[np.bool_],
    suffixes: Sequence[str],
) -> Any:
    rows = np.flatnonzero(kept)
    alone = np.setdiff1d(np.arange(len(left)), found.left[rows])
    lefts = np.concatenate([found.left[rows], alone])
    order = np.argsort(lefts, kind="stable")
    missing = np.full(len(alone), -1)
    rights: Rows = np.concatenate([found.right[rows], missing])[order]
    place = np.concatenate([rows, missing])[order]
    added = {"similarity": _picked(found.similarity.astype(np.float64), place)}
    if cut.score is not None:
        added["score"] = _picked(cut.score, place)
    names = apart(left.names, right.names, suffixes)
    parts = [Part(left, lefts[order], names[0]), Part(right, rights, names[1])]
    return assemble(parts, added, cut.about)


def _picked(values: npt.NDArray[np.float64], place: Rows) -> npt.NDArray[np.float64]:
    padded = np.append(values, np.nan)
    return padded[place]


def apart(
    left: Sequence[str], right: Sequence[str], suffixes: Sequence[str], added: Sequence[str] = ADDED
) -> tuple[dict[str, str], dict[str, str]]:
    """Rename columns that would be overwritten.

    Examples
    --------
    >>> apart(["id", "score"], ["id", "name"], ("_left", "_right"))
    ({'id': 'id_left', 'score': 'score_left'}, {'id': 'id_right'})
    """
    if isinstance(suffixes, str) or len(suffixes) != 2 or suffixes[0] == suffixes[1]:
        raise ArgumentError(f"suffixes must be two different texts, got {suffixes!r}.")
    taken = {*added, *(name for name in (*left, *right) if not (name in left and name in right))}
    renamed: tuple[dict[str, str], dict[str, str]] = ({}, {})
    sides = ((left, right, suffixes[0]), (right, left, suffixes[1]))
    for side, (names, others, suffix) in zip(renamed, sides, strict=True):
        for name in names:
            if name in others or name in added:
                new = f"{name}{suffix}"
                while new in taken:
                    new += suffix or "_"
                taken.add(new)
                side[name] = new
    return renamed
