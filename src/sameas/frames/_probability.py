"""How likely the nearest text is a match, learned from the similarities alone.

A row whose nearest key is its match has a second key that is nothing but the best of the
others: so it looks like the nearest key of a row without any match. That tells the two kinds
of rows apart without a label.
"""

from __future__ import annotations

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.prepared import FloatArray

__all__ = ["ENOUGH", "Mixture", "learn_mixture", "log_normal", "moments", "share_below"]

#: Fewer rows than this say nothing about probabilities.
ENOUGH = 20
_ROUNDS = 300
_STILL = 1e-4
_LEAST = 1e-300
_NARROW = 0.02
#: Matches are more alike than this on the whole: chance neighbours of strangers are not.
_UNLIKE = 0.3
_HALF_LOG_TAU = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Rows with a match among the keys, and rows without.

    Attributes
    ----------
    share : float
        Share of rows with a match.
    match, other : (mean, deviation)
        Of the similarity to the match, and to the best of the keys that are none.
    gap : float
        Mean distance from the best to the second key, of rows without a match.
    """

    share: float
    match: tuple[float, float]
    other: tuple[float, float]
    gap: float

    def probability(
        self, best: FloatArray, second: FloatArray, evidence: FloatArray | float = 0.0
    ) -> FloatArray:
        """Return how likely the best key is a match; NaN where there is none.

        Parameters
        ----------
        best, second : float64[n]
            Similarities to the best and the second key; NaN where there is none.
        evidence : float64[n]
            Log-odds of what else is known of the best key.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            odds = np.exp(np.clip(self._log_odds(best, second) + evidence, -500, 500))
            return np.asarray(odds / (1 + odds))

    def _log_odds(self, best: FloatArray, second: FloatArray) -> FloatArray:
        mean, deviation = self.match
        hit = log_normal(np.minimum(best, mean), mean, deviation)
        miss = log_normal(best, *self.other)
        below = log_normal(second, *self.other) - np.log(share_below(best, *self.other))
        spacing = -np.log(self.gap) - (best - second) / self.gap
        alone = np.isnan(second)
        return np.asarray(
            np.log(self.share / (1 - self.share))
            + hit
            - miss
            + np.where(alone, 0.0, below)
            - np.where(alone, 0.0, spacing)
        )


def learn_mixture(best: FloatArray, second: FloatArray) -> Mixture | None:
    """Learn from the similarities of the best and second key of each row (EM).

    Returns
    -------
    Mixture or None
        None if there are too few rows, or what is nearest is not alike enough for matches.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> other = np.sort(random.normal(0.4, 0.1, (200, 2)), axis=1)[:, ::-1]
    >>> best = np.where(np.arange(200) < 120, random.normal(0.8, 0.1, 200), other[:, 0])
    >>> second = np.minimum(np.where(np.arange(200) < 120, other[:, 0], other[:, 1]), best)
    >>> learned = learn_mixture(best, second)
    >>> round(learned.share, 1)
    0.6
    """
    known = ~np.isnan(best) & ~np.isnan(second)
    x, y = best[known], second[known]
    if len(x) < ENOUGH or float(x.max() - y.min()) < _NARROW:
        return None
    weight = np.where(x - y > np.median(x - y), 0.8, 0.2)
    learned = _maximise(x, y, weight)
    for _ in range(_ROUNDS):
        update = learned.probability(x, y)
        still = float(np.abs(update - weight).max()) < _STILL
        weight, learned = update, _maximise(x, y, update)
        if still:
            break
    return learned if learned.match[0] > max(learned.other[0], _UNLIKE) else None


def _maximise(x: FloatArray, y: FloatArray, weight: FloatArray) -> Mixture:
    """Fit both kinds of rows to their shares; one row more keeps the gap off zero."""
    rest = 1 - weight
    other = moments(np.concatenate([y, x]), np.concatenate([weight, rest]))
    mean, deviation = moments(x, weight)
    gap = (float((rest * (x - y)).sum()) + other[1] / 2) / (float(rest.sum()) + 1)
    share = float(np.clip(weight.mean(), 1e-3, 1 - 1e-3))
    return Mixture(share, (mean, max(deviation, other[1])), other, max(gap, 1e-4))


def moments(values: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Return the weighted mean and standard deviation, which is never too small."""
    total = float(weight.sum()) + 1e-12
    mean = float((weight * values).sum()) / total
    spread = float((weight * (values - mean) ** 2).sum()) / total
    return mean, max(float(np.sqrt(spread)), _NARROW)


def log_normal(values: FloatArray, mean: float, deviation: float) -> FloatArray:
    """Return the logarithm of the normal density."""
    return np.asarray(-0.5 * ((values - mean) / deviation) ** 2 - np.log(deviation) - _HALF_LOG_TAU)


def share_below(values: FloatArray, mean: float, deviation: float) -> FloatArray:
    """Return the normal distribution function, by Bowling's logistic curve (error 0.0001)."""
    z = np.clip((values - mean) / deviation, -8, 8)
    return np.asarray(1 / (1 + np.exp(-0.07056 * z**3 - 1.5976 * z)))
