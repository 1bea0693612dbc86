"""Checks of generated tables: figures, where they have to lie, and the true pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass

__all__ = ["Check", "pairs_of_one"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Check:
    """A figure of a table and where it has to lie.

    Attributes
    ----------
    name : str
    value, low, high : float
        The figure, and the range that is accepted (infinite where it is only stated).
    """

    name: str
    value: float
    low: float = -np.inf
    high: float = np.inf

    @property
    def passed(self) -> bool:
        """Whether the figure lies in the range; a figure that is not a number does not."""
        return bool(self.low <= self.value <= self.high)

    def __str__(self) -> str:
        verdict = "ok" if self.passed else "FAILED"
        return f"{self.name}: {self.value:.4g} [{self.low:.4g}, {self.high:.4g}] {verdict}"


def pairs_of_one(entity: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of rows of one entity.

    Examples
    --------
    >>> pairs_of_one(np.array([5, 7, 5, 5]))
    (array([0, 2, 0]), array([2, 3, 3]))
    """
    order = np.argsort(entity, kind="stable")
    found: list[tuple[IntArray, IntArray]] = []
    step = 1
    while True:
        first = np.flatnonzero(entity[order[:-step]] == entity[order[step:]])
        if not len(first):
            break
        found.append((order[first], order[first + step]))
        step += 1
    none = np.empty(0, np.int64)
    return (
        np.concatenate([none, *(left for left, _ in found)]),
        np.concatenate([none, *(right for _, right in found)]),
    )
