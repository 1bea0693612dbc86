"""Levels: one comparison cut into a few ordered steps, from "equal" to "different"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.specs import register
from sameas.matching.base import Features
from sameas.matching.conditions import Condition

__all__ = ["Case", "Levels"]

Codes = npt.NDArray[np.uint8]
#: A code is one byte, and a table of weights should fit on a screen.
_MOST_LEVELS = 60


@register("levels", "case")
@dataclass(frozen=True, slots=True)
class Case:
    """One level by several columns: all conditions hold.

    Parameters
    ----------
    label : str
        What it means, in words: "first and last name swapped".
    conditions : tuple of Condition
        With thresholds given. A missing value fails, unless the condition says "pass".
    """

    label: str
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not self.conditions:
            raise ArgumentError(f"The case {self.label!r} needs at least one condition, got none.")
        for condition in self.conditions:
            if condition.value is None:
                raise ArgumentError(
                    f"The case {self.label!r} needs a threshold for '{condition}': give its value."
                )


@register("levels", "levels")
@dataclass(frozen=True, slots=True)
class Levels:
    """How one comparison is cut into levels, and what is known of them beforehand.

    A pair is at the first level whose threshold its value reaches, at the last level if it
    reaches none, and missing if the value is NaN.

    Parameters
    ----------
    column : str
        The comparison column; with `cases`, only a title.
    thresholds : tuple of float
        From the most alike on; the last level, "different", needs none.
    direction : {">=", "<="}
        Whether a value must be at least the threshold (similarities) or at most (distances).
    missing : {"neutral", "level"}
        A missing value says nothing, or what it says is learned like a level.
    sides : str, optional
        Column that is 1 where both sides are missing (the last of `comparison.MissingSides`):
        missing on one and on both sides are then two states.
    frequency : (str, str), optional
        Columns with the relative frequency of the two values, the smaller and the larger
        (`comparison.RelativeFrequency`): agreeing on a rare value says more. An equal pair
        (the first level) is weighed by the smaller (both are the same then), other levels by
        the larger. It takes the place of u, so u must be that of random pairs
        (``FellegiSunter(u="random")``, or given).
    frequency_weights : tuple of float
        How much of the adjustment each level takes, in [0, 1], from the first level on; levels
        that are not named take none.
    frequency_floor : float
        A value is never taken to be rarer than this.
    cases : tuple of Case
        Instead of thresholds: levels by conditions on several columns.
    m, u : tuple of float
        Probability of each level (then of each missing state, if these are levels) among
        matches and among non-matches. Given ones are kept, absent ones are learned.
    labels : tuple of str
        The levels in words; by default the formulas.

    Examples
    --------
    >>> Levels("name_jaro_winkler", (1.0, 0.9)).words()
    ('name_jaro_winkler >= 1', 'name_jaro_winkler >= 0.9', 'name_jaro_winkler < 0.9', 'missing')
    >>> values = np.array([[1.0], [0.95], [0.2], [np.nan]], np.float32)
    >>> Levels("name", (1.0, 0.9)).codes(values, ("name",)).tolist()
    [0, 1, 2, 3]
    """

    column: str
    thresholds: tuple[float, ...] = ()
    direction: str = ">="
    missing: str = "neutral"
    sides: str | None = None
    frequency: tuple[str, ...] | None = None
    frequency_weights: tuple[float, ...] = (1.0,)
    frequency_floor: float = 1e-4
    cases: tuple[Case, ...] = ()
    m: tuple[float, ...] = ()
    u: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("thresholds", "frequency_weights", "cases", "m", "u", "labels"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.frequency is not None:
            object.__setattr__(self, "frequency", tuple(self.frequency))
        self._check_levels()
        self._check_rest()

    def _check_levels(self) -> None:
        what = f"The levels of {self.column!r}"
        if bool(self.thresholds) == bool(self.cases):
            raise ArgumentError(f"{what} need thresholds or cases, one of the two.")
        if self.direction not in (">=", "<="):
            raise ArgumentError(f"{what}: direction must be '>=' or '<=', got {self.direction!r}.")
        if self.missing not in ("neutral", "level"):
            raise ArgumentError(
                f"{what}: missing must be 'neutral' or 'level', got {self.missing!r}."
            )
        if self.levels > _MOST_LEVELS:
            raise ArgumentError(f"{what}: at most {_MOST_LEVELS}, got {self.levels}.")
        signed = np.array(self.thresholds, np.float32) * self.sign
        if not np.isfinite(signed).all() or any(a <= b for a, b in pairwise(signed.tolist())):
            order = "fall" if self.direction == ">=" else "rise"
            raise ArgumentError(
                f"{what}: thresholds must {order}, from the most alike on; got {self.thresholds}."
            )

    def _check_rest(self) -> None:
        what = f"The levels of {self.column!r}"
        if self.labels and len(self.labels) not in (self.levels, self.states):
            raise ArgumentError(f"{what}: {self.levels} labels expected, got {len(self.labels)}.")
        if self.frequency is not None and len(self.frequency) != 2:
            raise ArgumentError(
                f"{what}: frequency must name two columns, the smaller and the larger frequency; "
                f"got {self.frequency!r}."
            )
        weights = np.array(self.frequency_weights, float)
        if len(weights) > self.levels or not ((weights >= 0) & (weights <= 1)).all():
            raise ArgumentError(
                f"{what}: frequency_weights must be at most {self.levels} numbers in [0, 1], got "
                f"{self.frequency_weights}."
            )
        if not 0 < self.frequency_floor <= 1:
            raise ArgumentError(
                f"{what}: frequency_floor must be above 0 and at most 1, got "
                f"{self.frequency_floor}."
            )
        for name in ("m", "u"):
            given = np.array(getattr(self, name), float)
            if len(given) not in (0, self.learned) or (given <= 0).any() or given.sum() > 1.01:
                raise ArgumentError(
                    f"{what}: {name} must be {self.learned} probabilities above 0, one for each "
                    f"level, with a sum of at most 1; got {getattr(self, name)}."
                )

    @property
    def sign(self) -> np.float32:
        """1 where larger is more alike, else -1."""
        return np.float32(1 if self.direction == ">=" else -1)

    @property
    def levels(self) -> int:
        """Number of levels, the last one, "different", included."""
        return len(self.thresholds or self.cases) + 1

    @property
    def states(self) -> int:
        """Number of levels and missing states."""
        return self.levels + (1 if self.sides is None else 2)

    @property
    def learned(self) -> int:
        """Number of states that have a weight of their own."""
        return self.states if self.missing == "level" else self.levels

    def columns(self) -> tuple[str, ...]:
        """Name the comparison columns that are read."""
        found = [] if self.cases else [self.column]
        found += [condition.column for case in self.cases for condition in case.conditions]
        found += [self.sides] if self.sides is not None else []
        return tuple(dict.fromkeys([*found, *(self.frequency or ())]))

    def words(self) -> tuple[str, ...]:
        """Say what each state means."""
        missing = ("missing",) if self.sides is None else ("missing on one side", "missing on both")
        return (*(self.labels or self._formulas())[: self.levels], *missing)

    def _formulas(self) -> tuple[str, ...]:
        if self.cases:
            return (*(case.label for case in self.cases), "none of these")
        reached = [f"{self.column} {self.direction} {value:g}" for value in self.thresholds]
        beyond = "<" if self.direction == ">=" else ">"
        return (*reached, f"{self.column} {beyond} {self.thresholds[-1]:g}")

    def codes(self, features: Features, names: Sequence[str]) -> Codes:
        """Return the state of every pair, uint8[n]; the plain way, for cases and for tests."""
        place = {name: number for number, name in enumerate(names)}
        for name in self.columns():
            if name not in place:
                raise ColumnError.missing(name, names, table="The comparison table")
        if self.cases:
            read = [item.column for case in self.cases for item in case.conditions]
            missing = np.all([np.isnan(features[:, place[name]]) for name in read], axis=0)
            code = np.full(len(features), self.levels - 1, np.uint8)
            for number in range(len(self.cases) - 1, -1, -1):
                holds = [
                    condition.holds(features[:, place[condition.column]])
                    for condition in self.cases[number].conditions
                ]
                code[np.all(holds, axis=0)] = number
        else:
            values = features[:, place[self.column]] * self.sign
            missing = np.isnan(values)
            signed = np.array(self.thresholds, np.float32) * self.sign
            code = (values[:, None] < signed).sum(axis=1).astype(np.uint8)
        code[missing] = self.levels
        if self.sides is not None:
            code[missing & (features[:, place[self.sides]] >= 1)] = self.levels + 1
        return code

    def known(self, *, m: Sequence[float], u: Sequence[float]) -> Levels:
        """Return these levels with given probabilities."""
        return replace(self, m=tuple(m), u=tuple(u))
