"""Learning curves: how good a student would be with so many labels, given labels as the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError, LabelError
from sameas.labeling import LabelledPairs
from sameas.labeling.agreements import agreement
from sameas.labeling.selection import PairSelection, choose_pairs
from sameas.linker.pool import Pool
from sameas.linker.student import Classroom, Lesson, population_weights, teach
from sameas.matching import Matcher

__all__ = ["learning_curve"]

_SCHEMA = pa.schema(
    [
        ("pairs", pa.int64()),
        ("macro_f1", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("taught", pa.int64()),
    ]
)


def learning_curve(
    pool: Pool,
    labels: LabelledPairs,
    sizes: Sequence[int],
    *,
    selection: PairSelection | None = None,
    matcher: Matcher | None = None,
    replicates: int = 5,
    level: float = 0.95,
) -> pa.Table:
    """Teach students with more and more of the given labels.

    Parameters
    ----------
    pool : Pool
    labels : LabelledPairs
        The oracle. With a split, the test rows judge and are never taught; without one, a
        student is judged on the pairs that it was not taught.
    sizes : sequence of int
        Labels that a student is taught.
    selection : PairSelection, optional
        How these are drawn; ``PairSelection(1.0, 0, 0, 0, strata=1)`` is plain chance.
    matcher : Matcher, optional
    replicates : int
        Draws for each size.
    level : float
        Of the interval, which covers the draw of the labels and, by a bootstrap of each draw,
        that of the judged pairs.

    Returns
    -------
    pa.Table
        ``pairs``, ``macro_f1`` (mean), ``low``, ``high``, ``taught`` (draws that could be
        taught; a draw of one kind only cannot).
    """
    if replicates < 1:
        raise ArgumentError(f"replicates must be at least 1, got {replicates}.")
    known = np.flatnonzero(labels.label >= 0)
    left, right = labels.left[known], labels.right[known]
    truth = labels.label[known] == 1
    aside = labels.rows("test")[known] if labels.split is not None else np.zeros(len(known), bool)
    score = np.clip(
        pool.job.scores(pool.cheap.matcher, left, right, pool.job.listed(left, right)), 0, 1
    )
    room, open_ = Classroom.open(pool.job, pool.cheap, matcher), np.flatnonzero(~aside)
    judged = np.flatnonzero(aside) if aside.any() else np.arange(len(known))
    features = room.features(left[judged], right[judged])
    others = room.features(left[open_], right[open_])
    rows = []
    for size in sizes:
        points, draws = [], []
        for number in range(replicates):
            how = replace(selection or PairSelection(), seed=number)
            chosen = choose_pairs(
                left[open_], right[open_], score[open_], pairs=size, selection=how
            )
            taken = open_[chosen.rows]
            weight = population_weights(score[open_], chosen.rows)
            lesson = Lesson(left[taken], right[taken], truth[taken], weight)
            try:
                student = teach(room, lesson, folds=3, others=others)
            except LabelError:
                continue
            rest = np.flatnonzero(~np.isin(judged, taken))
            said = student.matcher.score(features[rest]) >= student.threshold
            found = agreement(said, truth[judged[rest]], replicates=200, seed=number, level=level)
            points.append(found.macro_f1)
            draws.append(found.intervals["macro_f1"])
        low = min((one.low for one in draws), default=np.nan)
        high = max((one.high for one in draws), default=np.nan)
        mean = float(np.mean(points)) if points else np.nan
        rows.append([size, mean, low, high, len(points)])
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=_SCHEMA)
