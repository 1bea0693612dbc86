"""Permutation importance: what a figure loses when a feature tells nothing any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.errors import ArgumentError, choices_hint
from sameas.evaluation._figures import (
    CELLS,
    Confusion,
    confusion_figure,
    ranked_counts,
    ranking_figure,
    split_names,
)
from sameas.evaluation._inputs import BoolArray, as_bools, as_scores, as_threshold
from sameas.evaluation.pairs import cells_of

__all__ = ["permutation_importance"]

Features = npt.NDArray[np.float32]


def permutation_importance(
    score_function: Callable[[Features], npt.NDArray[Any]],
    features: Features,
    labels: BoolArray,
    names: Sequence[str],
    *,
    metric: str | tuple[str, float] = "average_precision",
    repeats: int = 5,
    seed: int = 0,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> pa.Table:
    """Measure each feature by shuffling it over the pairs (Breiman 2001, section 10).

    Parameters
    ----------
    score_function : callable
        Takes float32[n, k], gives float64[n]; called ``1 + repeats * features`` times.
    features : float32[n, k]
        NaN allowed if the function allows it. Not changed.
    labels : bool[n]
        Better not the pairs that the function was trained on.
    names : sequence of str
        One per column of `features`.
    metric : str or (str, float)
        ``"average_precision"``, ``"roc_auc"``, ``"gini"``, or a figure with its threshold:
        ``("f1", 0.95)``. Any name that `bootstrap` knows.
    repeats, seed : int
        A feature's draws depend on the seed and its place only, not on the other features.
    groups : mapping of str to sequence of str, optional
        Features by name that are shuffled together under the group's name, e.g. columns that
        say nearly the same; alone, each would hide the other's worth.

    Returns
    -------
    pyarrow.Table
        ``feature``, ``drop_mean``, ``drop_sd`` (over the repeats; 0 if there is one only),
        largest drop first.

    Raises
    ------
    ArgumentError
        If shapes and names do not fit, a group names an unknown or a taken feature, or the
        metric needs a threshold and has none.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1, 5], [1, 6], [0, 5], [0, 6]] * 10, dtype=np.float32)
    >>> found = permutation_importance(lambda f: f[:, 0], x, x[:, 0] == 1, ["name", "noise"])
    >>> found["feature"].to_pylist(), found["drop_mean"].to_pylist()[1]
    (['name', 'noise'], 0.0)
    """
    labels = as_bools(labels, name="labels")
    features = np.asarray(features, dtype=np.float32)
    if features.shape != (len(labels), len(names)):
        raise ArgumentError(
            f"features must have the shape (pairs, names) = ({len(labels)}, {len(names)}), "
            f"got {features.shape}."
        )
    if repeats < 1:
        raise ArgumentError(f"repeats must be at least 1, got {repeats}.")
    figure = _figure(metric)

    def measure(shuffled: Features) -> float:
        return figure(labels, as_scores(score_function(shuffled), length=len(labels)))

    base = measure(features)
    work = features.copy()
    rows = []
    for name, columns in _parts(list(names), groups or {}).items():
        rng = np.random.default_rng([seed, columns[0]])
        drops = np.empty(repeats)
        for repeat in range(repeats):
            work[:, columns] = features[rng.permutation(len(labels))][:, columns]
            drops[repeat] = base - measure(work)
        work[:, columns] = features[:, columns]
        rows.append((name, float(drops.mean()), float(drops.std())))
    rows.sort(key=lambda row: (-row[1], row[0]) if row[1] == row[1] else (np.inf, row[0]))
    columns_out = zip(*rows, strict=True) if rows else ((), (), ())
    types = (pa.string(), pa.float64(), pa.float64())
    return pa.table(
        {
            name: pa.array(list(values), type=kind, from_pandas=True)
            for name, values, kind in zip(_COLUMNS, columns_out, types, strict=True)
        }
    )


_COLUMNS = ("feature", "drop_mean", "drop_sd")


def _figure(metric: str | tuple[str, float]) -> Callable[[BoolArray, npt.NDArray[Any]], float]:
    """Return the function from labels and scores to the figure asked for."""
    name, threshold = (metric, None) if isinstance(metric, str) else metric
    if split_names([name])[1]:
        return lambda labels, scores: float(ranking_figure(name, *ranked_counts(labels, scores)))
    if threshold is None:
        raise ArgumentError(
            f"The metric {name!r} needs a threshold: metric=({name!r}, 0.5), for example."
        )
    cut = as_threshold(threshold)

    def at_threshold(labels: BoolArray, scores: npt.NDArray[Any]) -> float:
        cells = np.bincount(cells_of(labels, scores, cut), minlength=CELLS)
        return float(confusion_figure(name, Confusion.from_cells(cells)))

    return at_threshold


def _parts(names: list[str], groups: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return the columns of each group, then of each feature that is in none."""
    taken: dict[str, str] = {}
    parts: dict[str, list[int]] = {}
    for group, members in groups.items():
        if isinstance(members, str) or not members:
            raise ArgumentError(f"The group {group!r} must be a list of feature names.")
        for member in members:
            if member not in names:
                raise ArgumentError(
                    f"The group {group!r} names {member!r}, which is no feature."
                    f"{choices_hint(member, names)}"
                )
            if member in taken:
                raise ArgumentError(
                    f"The feature {member!r} is in {taken[member]!r} and {group!r}."
                )
            taken[member] = group
        parts[group] = [names.index(member) for member in members]
    for column, name in enumerate(names):
        if name not in taken:
            if name in parts:
                raise ArgumentError(f"The name {name!r} is used twice: by features or a group.")
            parts[name] = [column]
    return parts
