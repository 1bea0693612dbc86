"""Patterns of levels shared out among classes, and what a sum of weights makes of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.kernels.arrays import jit

__all__ = ["logistic_sums", "share_among"]


@jit
def share_among(
    place: npt.NDArray[np.int64],
    count: npt.NDArray[np.float64],
    log_part: npt.NDArray[np.float64],
    log_share: npt.NDArray[np.float64],
) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share the pairs of each pattern out among several classes; about 1 ns a state and class.

    Parameters
    ----------
    place : int64[p, c]
        States of each pattern.
    count : float64[p]
        Its pairs.
    log_part : float64[classes, states]
        How often a class has each state.
    log_share : float64[classes]
        How many of all pairs are of a class.

    Returns
    -------
    likelihood : float
        Log-likelihood of all pairs.
    first : float64[p]
        Probability that a pair of each pattern is of the first class.
    mass : float64[classes]
        Pairs of each class.
    found : float64[classes, states]
        Pairs of each class in each state.
    """
    classes = log_part.shape[0]
    first, mass = np.empty(place.shape[0], np.float64), np.zeros(classes, np.float64)
    found, says = np.zeros(log_part.shape, np.float64), np.empty(classes, np.float64)
    likelihood = 0.0
    for pattern in range(place.shape[0]):
        most = -np.inf
        for one in range(classes):
            total = log_share[one]
            for each in range(place.shape[1]):
                total += log_part[one, place[pattern, each]]
            says[one] = total
            most = max(most, total)
        whole = 0.0
        for one in range(classes):
            says[one] = np.exp(says[one] - most)
            whole += says[one]
        likelihood += count[pattern] * (most + np.log(whole))
        first[pattern] = says[0] / whole
        for one in range(classes):
            pairs = count[pattern] * says[one] / whole
            mass[one] += pairs
            for each in range(place.shape[1]):
                found[one, place[pattern, each]] += pairs
    return likelihood, first, mass, found


@jit
def logistic_sums(
    place: npt.NDArray[np.int64],
    count: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the loss of log-odds that are sums of weights, its gradient and its curvature.

    Parameters
    ----------
    place : int64[p, c]
        States of each pattern.
    count : float64[p]
        Its pairs.
    wanted : float64[p]
        The probability that they are matches.
    weight : float64[states + 1]
        The last one is added to every pair.

    Returns
    -------
    loss : float
    slope : float64[states + 1]
    curve : float64[states + 1, states + 1]
    """
    states, width = weight.shape[0], place.shape[1] + 1
    slope, curve = np.zeros(states, np.float64), np.zeros((states, states), np.float64)
    here = np.empty(width, np.int64)
    here[width - 1] = states - 1
    loss = 0.0
    for pattern in range(place.shape[0]):
        total = weight[states - 1]
        for each in range(width - 1):
            here[each] = place[pattern, each]
            total += weight[here[each]]
        gap = np.log1p(np.exp(-abs(total)))
        loss += count[pattern] * (max(total, 0.0) + gap - wanted[pattern] * total)
        chance = 1 / (1 + np.exp(-total))
        pull = count[pattern] * (chance - wanted[pattern])
        bend = count[pattern] * chance * (1 - chance)
        for one in range(width):
            slope[here[one]] += pull
            for two in range(width):
                curve[here[one], here[two]] += bend
    return loss, slope, curve
