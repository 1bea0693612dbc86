"""What each comparison column adds to the score of a pair."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass

__all__ = ["SCALES", "Contributions", "contributions_of"]

#: What the contributions of a matcher are counted in.
SCALES = {
    "logit": "log-odds of a match",
    "mean": "probability of a match",
    "log2": "match weight, log2 of the odds",
}


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """Additive contributions of columns to the raw scores of pairs.

    Attributes
    ----------
    names : tuple of str
        The comparison columns.
    base : float
        The raw score before anything is known of a pair.
    values : float64[n, k]
        What each column adds; NaN stands nowhere.
    scale : str
        One of `SCALES`.
    baseline : str
        What `base` is the mean over, in words.

    Examples
    --------
    >>> found = Contributions(("name",), -2.0, np.array([[3.5]]), "logit", "the training pairs")
    >>> found.total()
    array([1.5])
    """

    names: tuple[str, ...]
    base: float
    values: npt.NDArray[np.float64]
    scale: str
    baseline: str

    @property
    def start(self) -> str:
        """What the base is, in words."""
        mean = "" if self.baseline.startswith("the prior") else "the mean over "
        return mean + self.baseline

    def total(self) -> npt.NDArray[np.float64]:
        """Return the raw scores: the base and all contributions."""
        return np.asarray(self.base + self.values.sum(axis=1))


@runtime_checkable
class Explains(Protocol):
    """A fitted matcher whose scores are sums over columns, on some scale."""

    def contributions(self, features: npt.NDArray[np.float32]) -> Contributions:
        """Share the raw scores of pairs among the columns."""


def contributions_of(matcher: object, features: npt.NDArray[np.float32]) -> Contributions | None:
    """Share raw scores among columns; None where a matcher does not add up (rules)."""
    return matcher.contributions(features) if isinstance(matcher, Explains) else None
