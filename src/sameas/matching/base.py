"""What every matcher keeps: a spec that learns, and a saved form that alone gives scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import (
    ArgumentError,
    ColumnError,
    LabelError,
    SavedLinkerError,
    choices_hint,
)

__all__ = [
    "COLUMNS",
    "FittedMatcher",
    "Matcher",
    "Training",
    "check_features",
    "check_training",
    "read_columns",
    "saved_table",
]

Features = npt.NDArray[np.float32]
Labels = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]

#: The comparison columns of a fitted matcher, in order.
COLUMNS = pa.schema([pa.field("name", pa.string(), nullable=False)])


@runtime_checkable
class FittedMatcher(Protocol):
    """What a matcher has learned, as plain arrays. It is the only thing that scores."""

    @property
    def names(self) -> tuple[str, ...]:
        """The comparison columns that it was fitted on, in order."""

    def score(self, features: Features, *, names: Sequence[str] | None = None) -> Weights:
        """Score pairs.

        Parameters
        ----------
        features : float32[n, k], NaN = missing
            One row a pair, the columns of `names` in that order.
        names : sequence of str, optional
            The columns that `features` really has; compared with those of the fit.

        Returns
        -------
        float64[n]
            A score in [0, 1] each, whatever the other rows are.

        Raises
        ------
        ColumnError
            If the columns are not those of the fit.
        """

    def to_tables(self) -> dict[str, pa.Table]:
        """Return the saved form: Arrow tables by name."""

    def describe(self) -> str:
        """Say in a few lines what was learned."""


@runtime_checkable
class Matcher(Protocol):
    """A spec that learns from labelled pairs."""

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,
        weights: Weights | None = None,
    ) -> FittedMatcher:
        """Learn from labelled pairs.

        Parameters
        ----------
        features : float32[n, k], NaN = missing
            One row a pair.
        labels : bool[n]
            Whether the pair is a match.
        names : tuple of str
            The k comparison columns.
        seed : int
            The same seed (and the same number of threads) gives the same matcher.
        weights : float64[n], optional
            How much each pair counts.

        Raises
        ------
        LabelError
            If there are no labels, or only matches, or only non-matches.
        ColumnError
            If `names` and `features` do not agree.
        """

    def load(self, tables: Mapping[str, pa.Table]) -> FittedMatcher:
        """Read back what `FittedMatcher.to_tables` wrote.

        Raises
        ------
        SavedLinkerError
            If a table is missing or damaged.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Labelled pairs that have been checked.

    Attributes
    ----------
    features : float32[n, k], C order
    labels : bool[n]
        Both classes are present.
    weights : float64[n] or None
    """

    features: Features
    labels: Labels
    weights: Weights | None


def check_training(
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    names: tuple[str, ...],
    weights: npt.ArrayLike | None = None,
) -> Training:
    """Check what a matcher is asked to learn from.

    Raises
    ------
    LabelError
        If labels are not one boolean a row, or one of the two classes is absent.
    ColumnError
        If `names` and the columns of `features` do not agree, or a value is infinite.
    ArgumentError
        If the weights are not one finite, non-negative number a row.

    Examples
    --------
    >>> check_training([[1.0]], [True], names=("name",))
    Traceback (most recent call last):
        ...
    sameas.core.errors.LabelError: Training needs matches and non-matches; all 1 labels are matches.
    """
    if len(set(names)) != len(names):
        double = sorted({name for name in names if names.count(name) > 1})
        raise ColumnError(f"Comparison columns must have distinct names; twice: {double}.")
    rows = check_features(features, names)
    infinite = np.flatnonzero(np.isinf(rows).any(axis=0))
    if len(infinite):
        which = ", ".join(names[column] for column in infinite)
        raise ColumnError(f"Comparison columns with infinite values: {which}.")
    truth = np.asarray(labels)
    if truth.shape != (len(rows),):
        raise LabelError(f"Expected one label for each of {len(rows)} pairs, got {truth.shape}.")
    if truth.dtype != np.bool_:
        raise LabelError(
            f"Labels must be boolean (undecided pairs are left out), got {truth.dtype}."
        )
    matches = int(truth.sum())
    if matches in (0, len(truth)):
        found = "there are no labels" if not len(truth) else f"all {len(truth)} labels are "
        kind = ("" if not len(truth) else "matches" if matches else "non-matches") + "."
        raise LabelError(f"Training needs matches and non-matches; {found}{kind}")
    if weights is None:
        return Training(rows, truth, None)
    mass = np.asarray(weights, dtype=np.float64)
    if mass.shape != truth.shape or not np.isfinite(mass).all() or (mass < 0).any():
        raise ArgumentError(
            f"weights must be {len(truth)} finite numbers of at least 0, got an array of shape "
            f"{mass.shape}{'' if mass.shape != truth.shape else ' with other values in it'}."
        )
    return Training(rows, truth, mass)


def check_features(
    features: npt.ArrayLike, expected: Sequence[str], *, names: Sequence[str] | None = None
) -> Features:
    """Return `features` as float32[n, k] in C order if its columns are the expected ones.

    Raises
    ------
    ColumnError
        Naming the columns that are missing, unexpected or out of order.
    """
    if names is not None and tuple(names) != tuple(expected):
        raise ColumnError(_difference(tuple(expected), tuple(names)))
    rows = np.ascontiguousarray(features, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != len(expected):
        raise ColumnError(
            f"Expected {len(expected)} comparison columns ({', '.join(expected)}), got an array "
            f"of shape {rows.shape}."
        )
    if not expected:
        raise ColumnError("A matcher needs at least one comparison column, got none.")
    return rows


def _difference(expected: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Say how two lists of columns differ."""
    missing = [name for name in expected if name not in given]
    unexpected = [name for name in given if name not in expected]
    parts = ["The comparison columns are not those of the fit."]
    if missing:
        hints = "".join(choices_hint(name, unexpected) for name in missing)
        parts.append(f"Missing: {', '.join(missing)}.{hints}")
    if unexpected:
        parts.append(f"Unexpected: {', '.join(unexpected)}.")
    if not missing and not unexpected:
        parts.append(f"Their order is: {', '.join(given)}; expected: {', '.join(expected)}.")
    return " ".join(parts)


def saved_table(tables: Mapping[str, pa.Table], name: str, schema: pa.Schema) -> pa.Table:
    """Return the table `name` of a saved matcher, checked against its schema.

    Raises
    ------
    SavedLinkerError
        If it is missing, has other columns, or a null where none may be.
    """
    if name not in tables:
        raise SavedLinkerError(
            f"The saved matcher has no table {name!r}; it has: {', '.join(sorted(tables))}."
        )
    try:
        table = tables[name].select(schema.names).cast(schema)
    except (pa.ArrowInvalid, KeyError, ValueError) as error:
        raise SavedLinkerError(f"Table {name!r} of the saved matcher: {error}") from error
    for field in schema:
        if not field.nullable and table.column(field.name).null_count:
            raise SavedLinkerError(f"Table {name!r} of the saved matcher: null in {field.name!r}.")
    return table


def read_columns(tables: Mapping[str, pa.Table]) -> tuple[str, ...]:
    """Return the comparison columns of a saved matcher."""
    names: list[Any] = saved_table(tables, "columns", COLUMNS).column("name").to_pylist()
    return tuple(names)
