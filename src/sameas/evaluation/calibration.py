"""Calibration: do scores say how many of their pairs are matches."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sameas.core.errors import ArgumentError
from sameas.core.prepared import FloatArray
from sameas.evaluation._figures import wilson_low
from sameas.evaluation._inputs import BoolArray, as_bools, as_scores

__all__ = ["BINS", "brier_score", "calibration_error", "reliability_curve"]

#: Bins of the calibration error, of equal numbers of pairs.
BINS = 15


def brier_score(labels: BoolArray, scores: FloatArray) -> float:
    """Return the mean squared distance of scores to labels (Brier 1950); 0 is best.

    Parameters
    ----------
    labels : bool[n]
    scores : float64[n]
        Within [0, 1]; pairs with NaN are left out.

    Returns
    -------
    float
        NaN without any scored pair.

    Examples
    --------
    >>> import numpy as np
    >>> round(brier_score(np.array([True, False]), np.array([0.9, 0.2])), 6)
    0.025
    """
    truth, known = _scored(labels, scores)
    return float(np.mean((known - truth) ** 2)) if len(known) else float("nan")


def calibration_error(labels: BoolArray, scores: FloatArray, *, bins: int = BINS) -> float:
    """Return the expected calibration error: how far shares of matches lie from mean scores.

    Pairs are put in bins of equal numbers by their score, for bins of equal width are empty
    where it matters. Even perfect scores have an error of about ``sqrt(p (1 - p) bins / n)``.

    Parameters
    ----------
    labels, scores
        As in `brier_score`.
    bins : int

    Examples
    --------
    >>> import numpy as np
    >>> calibration_error(np.array([True, False] * 50), np.full(100, 0.8), bins=1)
    0.3
    """
    curve = reliability_curve(labels, scores, bins=bins)
    if not curve.num_rows:
        return float("nan")
    pairs, mean, share = (curve[name].to_numpy() for name in ("pairs", "score", "share"))
    return float(np.round(np.sum(pairs * np.abs(mean - share)) / pairs.sum(), 12))


def reliability_curve(labels: BoolArray, scores: FloatArray, *, bins: int = BINS) -> pa.Table:
    """Tabulate the share of matches against the score.

    Parameters
    ----------
    labels, scores
        As in `brier_score`.
    bins : int
        Of about equal numbers of pairs; equal scores stay in one bin, so there may be fewer.

    Returns
    -------
    pyarrow.Table
        ``score`` (mean, rising), ``share`` of matches, its 95 % interval ``low`` and ``high``
        (Wilson), ``pairs``.

    Examples
    --------
    >>> import numpy as np
    >>> curve = reliability_curve(np.array([False, True, True]), np.array([0.2, 0.8, 0.8]))
    >>> curve.select(["score", "share", "pairs"]).to_pylist()[1]
    {'score': 0.8, 'share': 1.0, 'pairs': 2}
    """
    if bins < 1:
        raise ArgumentError(f"bins must be at least 1, got {bins}.")
    truth, known = _scored(labels, scores)
    names = ("score", "share", "low", "high")
    if not len(known):
        return pa.table({name: np.zeros(0) for name in names} | {"pairs": np.zeros(0, np.int64)})
    order = np.argsort(known, kind="stable")
    truth, known = truth[order], known[order]
    _, first = np.unique(known, return_index=True)
    bound = np.linspace(0, len(known), bins + 1)[:-1].round().astype(np.int64)
    start = np.unique(first[np.searchsorted(first, bound, side="right") - 1])
    pairs = np.diff(start, append=len(known))
    hits = np.add.reduceat(truth, start)
    return pa.table(
        {
            "score": np.add.reduceat(known, start) / pairs,
            "share": hits / pairs,
            "low": wilson_low(hits, pairs, level=0.95),
            "high": 1 - wilson_low(pairs - hits, pairs, level=0.95),
            "pairs": pairs,
        }
    )


def _scored(labels: BoolArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return labels as 0 and 1 and scores, of the pairs that have one."""
    truth = as_bools(labels, name="labels")
    values = as_scores(scores, length=len(truth))
    known = ~np.isnan(values)
    if known.any() and not 0 <= values[known].min() <= values[known].max() <= 1:
        raise ArgumentError(
            f"scores must lie within [0, 1] here, got {values[known].min():g} to "
            f"{values[known].max():g}."
        )
    return truth[known].astype(np.float64), values[known]
