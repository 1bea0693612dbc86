"""Examples to learn from, made of guesses: rows, labels and weights, few distinct values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["examples", "snapped", "some", "steps_of"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Wide = npt.NDArray[np.float64]

#: A guess within this of 0 or 1 is a plain label; others count as both, with weights.
_PLAIN = 0.02
#: Guessed matches beyond this many are sampled.
_MOST_MATCHES = 100_000


def examples(guess: Wide, others: int, random: np.random.Generator) -> tuple[Places, Bools, Wide]:
    """Turn guesses into labelled rows with weights; a doubtful one stands on both sides.

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
    ([0, 1, 1, 2], [True, True, False, False], [1.0, 0.25, 0.75, 1.0])
    """
    matches = np.flatnonzero(guess > _PLAIN)
    doubtful = np.flatnonzero((guess > _PLAIN) & (guess <= 1 - _PLAIN))
    plain = np.flatnonzero(guess <= _PLAIN)
    parts = [
        (some(matches, _MOST_MATCHES, random), len(matches), guess, True),
        (some(doubtful, _MOST_MATCHES, random), len(doubtful), 1 - guess, False),
        (some(plain, others, random), len(plain), np.ones_like(guess), False),
    ]
    rows = np.concatenate([chosen for chosen, *_ in parts])
    label = np.concatenate([np.full(len(chosen), side) for chosen, _, _, side in parts])
    weight = np.concatenate(
        [mass[chosen] * (total / max(len(chosen), 1)) for chosen, total, mass, _ in parts]
    )
    return rows, label, weight


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
    distinct = np.unique(values)
    if len(distinct) <= bins:
        return distinct
    return np.unique(np.quantile(values, np.linspace(0, 1, bins)).astype(np.float32))


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
