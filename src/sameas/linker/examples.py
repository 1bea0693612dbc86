"""Examples to learn from, made of guesses: rows, labels and weights, few distinct values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["PLAIN", "examples", "prior_shift", "snapped", "some", "steps_of", "sureness"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Wide = npt.NDArray[np.float64]

#: A guess within this of 0 is a plain non-match; one within this of a half says nothing.
PLAIN = 0.02
_ROUNDS, _STILL = 200, 1e-7
#: Guessed matches beyond this many are sampled.
_MOST_MATCHES = 100_000


def examples(guess: Wide, others: int, random: np.random.Generator) -> tuple[Places, Bools, Wide]:
    """Turn guesses into labelled rows with weights: the more doubtful one is, the less it counts.

    A guess of a half says nothing and is left out, so the trees decide it by what they learn
    from the sure ones.

    Parameters
    ----------
    guess : float64[p]
        Chance of a match.
    others : int
        Plain non-matches that are drawn; their weights stand for all.
    random : numpy.random.Generator

    Returns
    -------
    rows : int64[n]
    label : bool[n]
    weight : float64[n]

    Examples
    --------
    >>> rows, label, weight = examples(np.array([1.0, 0.25, 0.0]), 10, np.random.default_rng(0))
    >>> rows.tolist(), label.tolist(), weight.tolist()
    ([0, 1, 2], [True, False, False], [1.0, 0.5, 1.0])
    """
    sure = sureness(guess)
    told = sure > PLAIN
    matches = np.flatnonzero(told & (guess > 0.5))
    doubtful = np.flatnonzero(told & (guess > PLAIN) & (guess < 0.5))
    plain = np.flatnonzero(guess <= PLAIN)
    parts = [
        (some(matches, _MOST_MATCHES, random), len(matches), sure, True),
        (some(doubtful, _MOST_MATCHES, random), len(doubtful), sure, False),
        (some(plain, others, random), len(plain), np.ones_like(guess), False),
    ]
    rows = np.concatenate([chosen for chosen, *_ in parts])
    label = np.concatenate([np.full(len(chosen), side) for chosen, _, _, side in parts])
    weight = np.concatenate(
        [mass[chosen] * (total / max(len(chosen), 1)) for chosen, total, mass, _ in parts]
    )
    return rows, label, weight


def sureness(guess: Wide) -> Wide:
    """Say how sure guesses are: 1 at 0 and at 1, 0 at a half.

    Examples
    --------
    >>> sureness(np.array([0.0, 0.5, 0.75])).tolist()
    [1.0, 0.0, 0.5]
    """
    return np.asarray(np.abs(2 * guess - 1))


def prior_shift(log_odds: Wide, share: float) -> float:
    """Say how far log-odds that were learned among few matches must rise among all pairs.

    Parameters
    ----------
    log_odds : float64[p]
        Of all pairs, by a model that learned from the sure ones.
    share : float
        Share of the matches among what it learned from.

    Returns
    -------
    float
        The log-odds of the share of matches among all pairs, which is found by expectation
        maximisation, less those of `share`.

    Notes
    -----
    Source: Saerens, Latinne & Decaestecker (2002), "Adjusting the outputs of a classifier to
    new a priori probabilities".

    Examples
    --------
    >>> prior_shift(np.array([3.0, 3.0, -3.0, -3.0]), 0.25).__round__(1)
    1.4
    """
    if not 0 < share < 1:
        return 0.0
    chance, prior = 1 / (1 + np.exp(-log_odds)), share
    for _ in range(_ROUNDS):
        match = chance * (prior / share)
        found = float((match / (match + (1 - chance) * ((1 - prior) / (1 - share)))).mean())
        if not 0 < found < 1:
            break
        prior, last = found, prior
        if abs(prior - last) < _STILL:
            break
    return float(np.log(prior / (1 - prior)) - np.log(share / (1 - share)))


def some(rows: Places, most: int, random: np.random.Generator) -> Places:
    """Draw some of the rows, in their order; all if there are no more."""
    if len(rows) <= most:
        return rows
    return np.sort(random.choice(rows, most, replace=False))


def steps_of(values: Floats, bins: int) -> Floats:
    """Return values of a column that stand for all, rising: every value, or quantiles.

    Examples
    --------
    >>> steps_of(np.arange(101, dtype=np.float32), 3).tolist()
    [0.0, 50.0, 100.0]
    """
    steps: Floats = np.unique(values)
    if len(steps) > bins:
        steps = np.unique(np.quantile(values, np.linspace(0, 1, bins)).astype(np.float32))
    # Between two neighbouring floats there is no cut: the upper one says nothing more.
    apart = (steps[:-1] + steps[1:]) / 2 < steps[1:]
    kept: Floats = steps[np.append(True, apart)[: len(steps)]]
    return kept


def snapped(features: Floats, columns: Sequence[int], steps: Sequence[Floats]) -> Floats:
    """Take some columns and replace every value by the nearest step.

    Trees then cut midway between two steps, so a value and its step fall on the same side.
    """
    out = np.full((len(features), len(columns)), np.nan, np.float32)
    for place, (column, values) in enumerate(zip(columns, steps, strict=True)):
        given = features[:, column]
        known = ~np.isnan(given)
        between = (values[:-1] + values[1:]) / 2
        out[known, place] = values[np.searchsorted(between, given[known])]
    return out
