"""Rule matchers: a pair is a match when every condition holds; thresholds found from labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError, SavedLinkerError
from sameas.core.specs import register
from sameas.matching.base import (
    COLUMNS,
    Features,
    Labels,
    Weights,
    check_features,
    check_training,
    read_columns,
    saved_table,
)
from sameas.matching.conditions import Condition, best_thresholds

__all__ = [
    "CONDITIONS",
    "FittedRules",
    "RuleMatcher",
    "word_relevance_heuristic",
]

#: One row a condition of a fitted rule matcher.
CONDITIONS = pa.schema(
    [
        pa.field("column", pa.string(), nullable=False),
        pa.field("operator", pa.string(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("missing", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True)
class FittedRules:
    """Conditions whose thresholds are all known.

    Parameters
    ----------
    names : tuple of str
        The comparison columns.
    conditions : tuple of Condition

    Examples
    --------
    >>> rules = FittedRules(("name", "distance"), (Condition("distance", "<=", 250),))
    >>> rules.score(np.array([[0.9, 250], [0.9, 251], [0.9, np.nan]], np.float32))
    array([1., 0., 0.])
    """

    names: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        for condition in self.conditions:
            if condition.column not in self.names:
                raise ColumnError.missing(
                    condition.column, self.names, table="The comparison table"
                )
            if condition.value is None:
                raise ArgumentError(f"The threshold of '{condition}' is not known: fit it.")

    def score(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Return 1.0 where every condition holds and 0.0 elsewhere; see `FittedMatcher.score`."""
        rows = check_features(features, self.names, names=names)
        match = np.ones(len(rows), np.bool_)
        for condition in self.conditions:
            match &= condition.holds(rows[:, self.names.index(condition.column)])
        return match.astype(np.float64)

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the tables CONDITIONS and COLUMNS."""
        rows = [
            {
                "column": condition.column,
                "operator": condition.operator,
                "value": float(condition.value or 0.0),
                "missing": condition.missing,
            }
            for condition in self.conditions
        ]
        return {
            "conditions": pa.Table.from_pylist(rows, schema=CONDITIONS),
            "columns": pa.table([list(self.names)], schema=COLUMNS),
        }

    def describe(self) -> str:
        """Return the conditions, one a line."""
        return "\n".join(["match when all hold:", *(f"  {item}" for item in self.conditions)])


@register("matcher", "rules")
@dataclass(frozen=True, slots=True)
class RuleMatcher:
    """A pair is a match when all conditions hold. The score is 1.0 or 0.0.

    Thresholds that are not given are found by `fit`: all combinations of the grids are weighed
    at once and the one with the best F-beta is taken (at most a million combinations; the
    grids are made coarser to stay below it). Among equals the strictest wins.

    Parameters
    ----------
    conditions : tuple of Condition
    beta : float
        Below 1 precision counts more than recall.

    Examples
    --------
    >>> features = np.array([[0.9, 40], [0.95, 700], [0.3, 20], [0.8, 60]], np.float32)
    >>> matcher = RuleMatcher((Condition("name", ">="), Condition("distance", "<=")))
    >>> labels = np.array([True, False, False, True])
    >>> fitted = matcher.fit(features, labels, names=("name", "distance"), seed=0)
    >>> print(fitted.describe())
    match when all hold:
      name >= 0.8
      distance <= 60
    """

    conditions: tuple[Condition, ...]
    beta: float = 0.5

    def __post_init__(self) -> None:
        if not self.conditions:
            raise ArgumentError("conditions must hold at least one Condition, got none.")
        if not 0 < self.beta < np.inf:
            raise ArgumentError(f"beta must be a number above 0, got {self.beta}.")

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,  # noqa: ARG002 - the search is exhaustive
        weights: Weights | None = None,
    ) -> FittedRules:
        """Find the thresholds that are not given; see `Matcher.fit`."""
        training = check_training(features, labels, names=names, weights=weights)
        for condition in self.conditions:
            if condition.column not in names:
                raise ColumnError.missing(condition.column, names, table="The comparison table")
        searched = [condition for condition in self.conditions if condition.value is None]
        given = tuple(condition for condition in self.conditions if condition.value is not None)
        passed = FittedRules(names, given).score(training.features) > 0
        found = iter(best_thresholds(training, passed, searched, names=names, beta=self.beta))
        return FittedRules(
            names, tuple(next(found) if item.value is None else item for item in self.conditions)
        )

    def without(self, names: Set[str]) -> RuleMatcher:
        """Drop the conditions on columns that are gone, where a missing value passes.

        Parameters
        ----------
        names : set of str
            The columns that are left.

        Raises
        ------
        ColumnError
            If a condition needs a column that is gone.
        """
        for condition in self.conditions:
            if condition.column not in names and condition.missing != "pass":
                raise ColumnError.missing(
                    condition.column, sorted(names), table="The comparison table"
                )
        kept = tuple(item for item in self.conditions if item.column in names)
        return replace(self, conditions=kept)

    def without_training(self, names: tuple[str, ...]) -> FittedRules:
        """Use the conditions as they are; every threshold must be given.

        Raises
        ------
        ArgumentError
            If a threshold is not given.
        """
        return FittedRules(names, self.conditions)

    def load(self, tables: Mapping[str, pa.Table]) -> FittedRules:
        """Read fitted rules; see `Matcher.load`."""
        rows = saved_table(tables, "conditions", CONDITIONS).to_pylist()
        try:
            return FittedRules(read_columns(tables), tuple(Condition(**row) for row in rows))
        except (ArgumentError, ColumnError) as error:
            raise SavedLinkerError(f"The saved matcher is damaged: {error}") from error


def word_relevance_heuristic(
    *,
    core_word: str,
    distance: str,
    parents: tuple[str, ...] = (),
    labels: str | None = None,
    max_distance: float | None = None,
    min_labels: float | None = None,
    beta: float = 0.5,
) -> RuleMatcher:
    """Return *WRH*, the rule matcher of the places paper (section 3).

    A pair is a match when the core words are equal, the places are near, neither is the
    other's parent, and the labels are alike enough where both places have some. The paper
    does not state its thresholds; what is not given here is found by `RuleMatcher.fit`.

    Parameters
    ----------
    core_word : str
        Column of the core words' similarity; equal is 1. Missing fails.
    distance : str
        Column of the distance in metres. Missing fails.
    parents : tuple of str
        Columns that are 1 where one record is the other's parent. Missing passes.
    labels : str, optional
        Column of the labels' Jaccard similarity. Missing passes.
    max_distance, min_labels : float, optional
        Thresholds, if known.
    beta : float
        The F-beta that the search raises.

    Examples
    --------
    >>> for condition in word_relevance_heuristic(
    ...     core_word="core_word", distance="distance", labels="labels", max_distance=100
    ... ).conditions:
    ...     print(condition)
    core_word >= 1
    distance <= 100
    labels >= ? or missing
    """
    conditions = [
        Condition(core_word, ">=", 1.0),
        Condition(distance, "<=", max_distance),
        *(Condition(column, "<=", 0.0, missing="pass") for column in parents),
    ]
    if labels is not None:
        conditions.append(Condition(labels, ">=", min_labels, missing="pass"))
    return RuleMatcher(tuple(conditions), beta=beta)
