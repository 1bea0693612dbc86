"""How levels are laid out in flat arrays, and how pairs become patterns of levels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.kernels.levels import level_codes, pattern_codes
from sameas.matching.base import Features
from sameas.matching.fellegi_sunter.levels import Levels

__all__ = ["Layout", "Patterns", "fits"]

_ROOM = 2**64


def fits(levels: Sequence[Levels]) -> bool:
    """Say whether all patterns of some levels can be counted.

    Examples
    --------
    >>> fits([Levels("a", (1.0, 0.5))] * 20), fits([Levels("a", (1.0, 0.5))] * 40)
    (True, False)
    """
    return math.prod(item.states for item in levels) <= _ROOM


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct patterns of levels and how many pairs bear each.

    Attributes
    ----------
    codes : uint8[p, c]
        The state of each comparison.
    count : float64[p]
    """

    codes: npt.NDArray[np.uint8]
    count: npt.NDArray[np.float64]

    @property
    def pairs(self) -> float:
        """Number of pairs."""
        return float(self.count.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The levels of all comparisons, bound to the columns of a table of comparisons.

    Parameters
    ----------
    levels : tuple of Levels
    names : tuple of str
        The comparison columns, in order.

    Examples
    --------
    >>> layout = Layout((Levels("a", (1.0,)), Levels("b", (1.0, 0.5))), ("b", "a"))
    >>> pairs = np.array([[1, 1], [1, 1], [0.7, np.nan]], np.float32)
    >>> patterns = layout.patterns([layout.pack(pairs)])
    >>> patterns.codes.tolist(), patterns.count.tolist()
    ([[0, 0], [2, 1]], [2.0, 1.0])
    """

    levels: tuple[Levels, ...]
    names: tuple[str, ...]
    #: Where the states of each comparison begin in a flat array of all states.
    first: npt.NDArray[np.int64] = field(init=False, repr=False)
    _stride: npt.NDArray[np.uint64] = field(init=False, repr=False)
    _arrays: tuple[Any, ...] = field(init=False, repr=False)
    _masks: dict[str, npt.NDArray[np.bool_]] = field(init=False, repr=False)
    _comparison: npt.NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        place = {name: number for number, name in enumerate(self.names)}
        for item in self.levels:
            for name in item.columns():
                if name not in place:
                    raise ColumnError.missing(name, self.names, table="The comparison table")
        states = [item.states for item in self.levels]
        stride = [1]
        for number in states:
            stride.append(stride[-1] * number)
        if not fits(self.levels):
            raise ArgumentError(
                f"{len(states)} comparisons with {sum(states)} levels make more patterns than 64 "
                "bits can count: use fewer comparisons or levels."
            )
        thresholds = [np.array(item.thresholds, np.float32) * item.sign for item in self.levels]
        lengths = [len(values) for values in thresholds]
        arrays = (
            np.array([-1 if item.cases else place[item.column] for item in self.levels], np.int64),
            np.array([item.sign for item in self.levels], np.float32),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([np.zeros(0, np.float32), *thresholds]).astype(np.float32),
            np.array([place.get(item.sides or "", -1) for item in self.levels], np.int64),
        )
        object.__setattr__(self, "first", np.concatenate([[0], np.cumsum(states)]).astype(np.int64))
        object.__setattr__(self, "_stride", np.array(stride[:-1], np.uint64))
        object.__setattr__(self, "_arrays", arrays)
        masks = {what: self._mask(what) for what in ("learned", "level")}
        object.__setattr__(self, "_masks", masks)
        comparison = np.repeat(np.arange(len(states)), states)
        comparison.setflags(write=False)
        object.__setattr__(self, "_comparison", comparison)

    @property
    def states(self) -> int:
        """Number of states of all comparisons together."""
        return int(self.first[-1])

    def codes(self, features: Features) -> npt.NDArray[np.uint8]:
        """Return the state of every pair in every comparison, uint8[n, c]."""
        out = np.empty((len(features), len(self.levels)), np.uint8)
        level_codes(features, *self._arrays, out)
        for number, item in enumerate(self.levels):
            if item.cases:
                out[:, number] = item.codes(features, self.names)
        return out

    def pack(self, features: Features) -> npt.NDArray[np.uint64]:
        """Return the pattern of every pair as one number, uint64[n]."""
        return self.pack_codes(self.codes(features))

    def pack_codes(self, codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
        """Return patterns as one number each, uint64[n]; what `unpack` takes."""
        packed: npt.NDArray[np.uint64] = pattern_codes(codes, self._stride)
        return packed

    def patterns(
        self,
        packed: Iterable[npt.NDArray[np.uint64]],
        weights: Sequence[npt.NDArray[np.float64]] | None = None,
    ) -> Patterns:
        """Count packed patterns; the order of pairs and of chunks makes no difference."""
        chunks = list(packed)
        every = np.concatenate([np.zeros(0, np.uint64), *chunks])
        if weights is None:
            distinct, count = np.unique(every, return_counts=True)
        else:
            distinct, inverse = np.unique(every, return_inverse=True)
            count = np.bincount(inverse, np.concatenate(weights), minlength=len(distinct))
        return Patterns(self.unpack(distinct), count.astype(np.float64))

    def unpack(self, packed: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
        """Return the states of packed patterns, uint8[n, c]."""
        out = np.empty((len(packed), len(self.levels)), np.uint8)
        for number, item in enumerate(self.levels):
            out[:, number] = (packed // self._stride[number]) % np.uint64(item.states)
        return out

    def mask(self, what: str) -> npt.NDArray[np.bool_]:
        """Say of every state whether it is "learned" (has a weight) or a "level" (is ordered)."""
        return self._masks[what]

    def _mask(self, what: str) -> npt.NDArray[np.bool_]:
        out = np.zeros(self.states, bool)
        for number, item in enumerate(self.levels):
            size = item.learned if what == "learned" else item.levels
            out[self.first[number] : self.first[number] + size] = True
        out.setflags(write=False)
        return out

    def comparison(self) -> npt.NDArray[np.int64]:
        """Return the comparison of every state."""
        return self._comparison
