"""From log-odds of yes to the chance of a match: with a few human labels, or without any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError
from sameas.core.specs import register

__all__ = ["AnswerCalibration", "answer_log_odds", "calibrate"]

Floats = npt.NDArray[np.float64]

#: What a written answer counts for where the server gives no log-probabilities.
_WRITTEN = 2.0
#: Fewer human labels of a class than this are not fitted to.
_FEW = 5
#: How far the score of a cheap matcher is believed.
_BELIEVED = (0.01, 0.99)


@register("answer_calibration", "line")
@dataclass(frozen=True, slots=True)
class AnswerCalibration:
    """A line from the log-odds of yes to the log-odds of a match.

    Parameters
    ----------
    slope, intercept : float
    share : float
        Share of matches that the intercept holds.
    method : {"labels", "prior", "written"}
        Learned from human labels, from a prior without any, or not at all.
    note : str
        What it rests on, for a report.

    Examples
    --------
    >>> line = AnswerCalibration(1.0, 2.0, 0.5, "labels", "")
    >>> line.probability(np.array([-2.0, 0.0])).round(3)
    array([0.5  , 0.881])
    """

    slope: float = 1.0
    intercept: float = 0.0
    share: float = 0.5
    method: str = "written"
    note: str = "not calibrated: the written answer counts"

    def probability(self, log_odds: Floats, *, prior: Floats | None = None) -> Floats:
        """Return the chance of a match.

        Parameters
        ----------
        log_odds : float64[n]
            Of yes against no; NaN stays NaN.
        prior : float64[n], optional
            What a cheap matcher says of each pair, instead of the common share of matches.
            The answer is then evidence beside the score, as if independent of it.
        """
        odds = self.slope * np.asarray(log_odds, np.float64) + self.intercept
        if prior is not None:
            odds = odds - _logit(self.share) + _logit(np.clip(prior, *_BELIEVED))
        return np.asarray(0.5 * (1 + np.tanh(odds / 2)))


def answer_log_odds(said: npt.NDArray[np.int8], log_odds: Floats) -> Floats:
    """Fill in a written yes or no where there is no log-probability.

    Examples
    --------
    >>> answer_log_odds(np.array([1, 0, -1], np.int8), np.array([np.nan, -0.5, np.nan]))
    array([ 2. , -0.5,  nan])
    """
    written = np.select([said == 1, said == 0], [_WRITTEN, -_WRITTEN], np.nan)
    return np.where(np.isnan(log_odds), written, log_odds)


def calibrate(
    log_odds: Floats,
    *,
    labels: npt.NDArray[np.int8] | None = None,
    prior: float | Floats | None = None,
    weights: Floats | None = None,
) -> AnswerCalibration:
    """Learn what the answers of a language model are worth.

    Parameters
    ----------
    log_odds : float64[n]
        Of yes against no; NaN is left out.
    labels : int8[n], optional
        Human labels: 1, 0, and -1 for the pairs that have none. Five of either class at
        least, else the prior is used.
    prior : float, or float64[n], optional
        Share of matches among the pairs, or what a cheap matcher says of each. Without any
        the share is estimated too.
    weights : float64[n], optional
        How many pairs each stands for.

    Returns
    -------
    AnswerCalibration

    Raises
    ------
    LabelError
        If there is no answer at all.

    Notes
    -----
    With labels: Platt's line (1999). Without: the answers are a mixture of matches and
    non-matches, normal with one variance, so that the chance of a match is a line in log-odds
    (linear discriminant analysis); EM begins at the prior, and a prior of each pair is kept in
    every step. Where the mixture puts matches below non-matches, the answers say nothing that
    agrees with the prior: then only the cut is moved, to the share of matches.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> truth = random.random(400) < 0.3
    >>> said = random.normal(np.where(truth, -1.0, -4.0))
    >>> found = calibrate(said, prior=np.where(truth, 0.7, 0.1))
    >>> bool(((found.probability(said) >= 0.5) == truth).mean() > 0.9), found.method
    (True, 'prior')
    """
    odds = np.asarray(log_odds, np.float64)
    known = ~np.isnan(odds)
    if not known.any():
        raise LabelError("No pair has an answer, so there is nothing to calibrate.")
    mass = np.ones(len(odds)) if weights is None else np.asarray(weights, np.float64)
    if labels is not None:
        human = known & (labels >= 0)
        matches, others = (int((labels[human] == side).sum()) for side in (1, 0))
        if min(matches, others) >= _FEW:
            return _by_labels(odds[human], labels[human] == 1, mass[human])
    given = np.broadcast_to(np.nan if prior is None else np.asarray(prior, np.float64), odds.shape)
    if prior is not None and not ((given >= 0) & (given <= 1)).all():
        raise ArgumentError("calibrate: prior must lie within [0, 1].")
    return _by_prior(odds[known], given[known], mass[known], each=isinstance(prior, np.ndarray))


def _by_labels(odds: Floats, truth: npt.NDArray[np.bool_], mass: Floats) -> AnswerCalibration:
    from sameas.matching.calibration import fit_platt

    slope, intercept = fit_platt(0.5 * (1 + np.tanh(odds / 2)), truth, weights=mass)
    return AnswerCalibration(
        float(slope[0]), float(intercept[0]), float(np.average(truth, weights=mass)), "labels",
        f"calibrated on {len(truth):,} human labels ({int(truth.sum()):,} matches)",
    )  # fmt: skip


def _by_prior(odds: Floats, prior: Floats, mass: Floats, *, each: bool) -> AnswerCalibration:
    begin = np.clip(prior, *_BELIEVED)
    if not each:
        share = 0.5 if np.isnan(begin[0]) else float(begin[0])
        place = np.empty(len(odds))
        place[np.argsort(odds, kind="stable")] = (np.arange(len(odds)) + 0.5) / len(odds)
        begin = np.where(place > 1 - share, 0.9, 0.1)
    chance, fixed = begin, begin if each else None
    means, spread, share = (0.0, 0.0), 1.0, float(np.average(chance, weights=mass))
    for _ in range(200):
        means, spread = _moments(odds, chance, mass)
        share = float(np.average(chance, weights=mass))
        base = _logit(fixed if fixed is not None else np.array(share))
        line = (means[1] - means[0]) / spread
        new = 0.5 * (1 + np.tanh((base + line * (odds - sum(means) / 2)) / 2))
        moved = float(np.abs(new - chance).max())
        chance = new
        if moved < 1e-6:
            break
    told = "the scores of a cheap matcher" if each else "a share of matches estimated from them"
    if not each and not np.isnan(prior[0]):
        told = f"a share of matches of {prior[0]:.3g}"
    if means[1] <= means[0] or not 0.01 < share < 0.99:
        share = float(np.average(begin, weights=mass))
        cut = float(np.quantile(odds, 1 - share))
        note = f"no human labels: the cut was moved to give {told}"
        return AnswerCalibration(1.0, -cut, share, "prior", note)
    slope = (means[1] - means[0]) / spread
    intercept = float(_logit(np.array(share))) - slope * sum(means) / 2
    note = f"no human labels: a mixture of two normals, by {told}; share of matches {share:.3g}"
    return AnswerCalibration(float(slope), intercept, share, "prior", note)


def _moments(odds: Floats, chance: Floats, mass: Floats) -> tuple[tuple[float, float], float]:
    """Return the means of non-matches and matches, and their common variance."""
    means, scatter = [], 0.0
    for part in (mass * (1 - chance), mass * chance):
        mean = float((part * odds).sum() / max(part.sum(), 1e-12))
        scatter += float((part * (odds - mean) ** 2).sum())
        means.append(mean)
    return (means[0], means[1]), max(scatter / float(mass.sum()), 1e-3)


def _logit(value: Floats | float) -> Floats:
    sure = np.clip(value, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(sure) - np.log1p(-sure))
