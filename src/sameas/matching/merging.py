"""Several tree ensembles as one: their trees side by side, a weighted mean of their log-odds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sameas.core.errors import ArgumentError, ColumnError
from sameas.matching.ensemble import TreeEnsemble

__all__ = ["as_log_odds", "merge_ensembles"]

#: Log-odds between a forest that is sure of no match and one that is sure of a match.
_RANGE = 8.0


def as_log_odds(forest: TreeEnsemble) -> TreeEnsemble:
    """Read a forest's share of matches, from 0 to 1, as log-odds from -4 to 4.

    A straight line, for that is a sum of leaves, as the logarithm of the odds is not. At a half it
    is twice as steep, since a forest's shares keep nearer to a half than probabilities do.

    Parameters
    ----------
    forest : TreeEnsemble
        With the aggregation "mean" and no constant for missing values.

    Returns
    -------
    TreeEnsemble
        With the aggregation "logit".

    Examples
    --------
    >>> as_log_odds(TreeEnsemble.constant(0.75, names=("name",))).value.tolist()
    [2.0]
    """
    if forest.aggregation != "mean" or forest.missing is not None:
        raise ArgumentError(
            "as_log_odds needs a forest (aggregation 'mean') that learned the side of missing "
            f"values, got {forest.describe()}."
        )
    leaf = np.where(forest.feature < 0, _RANGE * (forest.value - 0.5), 0.0)
    return replace(forest, value=leaf / len(forest.root), aggregation="logit")


def merge_ensembles(
    parts: Sequence[TreeEnsemble],
    *,
    names: tuple[str, ...],
    shares: Sequence[float] | None = None,
) -> TreeEnsemble:
    """Take the mean of the log-odds of tree ensembles.

    Parameters
    ----------
    parts : sequence of TreeEnsemble
        All with the aggregation "logit".
    names : tuple of str
        The columns of the result; those of every part are among them.
    shares : sequence of float, optional
        The share of each part in the mean; equal ones if not given.

    Returns
    -------
    TreeEnsemble

    Raises
    ------
    ArgumentError
        If there is no part, or the leaves of one are no log-odds.
    ColumnError
        If a column of a part is not among `names`.
    """
    wrong = [part.aggregation for part in parts if part.aggregation != "logit"]
    if wrong or not parts:
        what = f"one with the aggregation {wrong[0]!r}" if wrong else "none"
        raise ArgumentError(f"Merging needs tree ensembles of log-odds ('logit'), got {what}.")
    for part in parts:
        for name in part.names:
            if name not in names:
                raise ColumnError.missing(name, names, table="The merged tree ensemble")
    shares = [1.0 / len(parts)] * len(parts) if shares is None else shares
    first = np.cumsum([0, *(len(part.feature) for part in parts)])[:-1].astype(np.int32)
    place = [np.array([names.index(name) for name in part.names], np.int32) for part in parts]
    covers = [part.cover for part in parts if part.cover is not None]
    return TreeEnsemble(
        names=names,
        feature=np.concatenate(
            [
                np.where(part.feature < 0, np.int32(-1), at[part.feature])
                for part, at in zip(parts, place, strict=True)
            ]
        ),
        threshold=np.concatenate([part.threshold for part in parts]),
        left=np.concatenate(
            [
                np.where(part.left < 0, np.int32(-1), part.left + begin)
                for part, begin in zip(parts, first, strict=True)
            ]
        ),
        missing_left=np.concatenate([part.missing_left for part in parts]),
        value=np.concatenate(
            [part.value * share for part, share in zip(parts, shares, strict=True)]
        ),
        root=np.concatenate([part.root + begin for part, begin in zip(parts, first, strict=True)]),
        aggregation="logit",
        baseline=sum(part.baseline * share for part, share in zip(parts, shares, strict=True)),
        cover=np.concatenate(covers) if len(covers) == len(parts) else None,
    )
