"""Several tree ensembles as one: their trees side by side, the mean of their log-odds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sameas.core.errors import ArgumentError, ColumnError
from sameas.matching.ensemble import TreeEnsemble

__all__ = ["merge_ensembles"]


def merge_ensembles(parts: Sequence[TreeEnsemble], *, names: tuple[str, ...]) -> TreeEnsemble:
    """Take the mean of the log-odds of tree ensembles.

    Parameters
    ----------
    parts : sequence of TreeEnsemble
        All with the aggregation "logit".
    names : tuple of str
        The columns of the result; those of every part are among them.

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
    share = 1.0 / len(parts)
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
        value=np.concatenate([part.value * share for part in parts]),
        root=np.concatenate([part.root + begin for part, begin in zip(parts, first, strict=True)]),
        aggregation="logit",
        baseline=sum(part.baseline for part in parts) * share,
        cover=np.concatenate(covers) if len(covers) == len(parts) else None,
    )
