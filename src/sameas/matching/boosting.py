"""Gradient boosting over comparison columns."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.optional import require
from sameas.core.specs import register
from sameas.matching.base import Features, Labels, Training, Weights, check_training
from sameas.matching.conversion import from_boosting
from sameas.matching.ensemble import TreeEnsemble
from sameas.matching.forest import RandomForest
from sameas.matching.merging import as_log_odds, merge_ensembles

__all__ = ["Boosting"]

#: From so many pairs on, training takes all threads: below, they gain little, and on a busy
#: machine their spinning costs up to a hundred times the work.
_ROWS_FOR_THREADS = 200_000

#: A steady member: so many leaves of a tree, and the share of the columns of each node.
_STEADY_LEAVES, _STEADY_COLUMNS = 4, 0.05

#: The forest beside the boosted members: pairs of a leaf, and share of the columns of each node.
_FOREST_LEAF, _FOREST_COLUMNS = 2, 0.3


@register("matcher", "boosting")
@dataclass(frozen=True, slots=True)
class Boosting:
    """Gradient-boosted trees; missing values take the side that each node learned.

    The score is a probability fitted by log-loss on the training pairs.

    Parameters
    ----------
    iterations : int
        Trees of each member.
    learning_rate : float
        How far each tree moves the sum.
    leaves : int
        Most leaves of a tree.
    depth : int, optional
        Greatest depth of a tree; it also bounds the cost of scoring. None: unlimited.
    min_leaf : int
        Fewest training pairs in a leaf; with fewer than ten times as many training pairs, a
        tenth of these, for else a few dozen labels would teach nothing.
    l2 : float
        Penalty on the leaves' values.
    columns_per_split : float
        Share of the columns that each node may choose from.
    members : int
        Boosted ensembles trained with different seeds; their logits are averaged. Cost of
        training and scoring grows with it.
    rows : float
        Share of the pairs of each class that each member is trained on, drawn without
        replacement. For several members, this or `columns_per_split` must be below 1, or they
        would all be equal.
    monotone : tuple of (str, int) pairs
        Columns whose growth may only raise (1) or only lower (-1) the score.
    few : int
        With fewer training pairs, as many members again are steady: of trees with four leaves,
        each node of which chooses from a twentieth of the columns. Where a few pairs leave open
        which columns matter, these use them all.
    forest : float
        Share that a random forest over the same pairs has in the log-odds, from 0 (no forest) to
        1. Boosting and forests err in different pairs, so where labels are few the two together
        rank better than either; the forest's trees are many and deep, so scoring costs more.
    forest_trees : int
        Trees of that forest.

    Notes
    -----
    On scikit-learn's ``HistGradientBoostingClassifier`` without early stopping. Training needs
    the extra ``train``; scoring does not. The same seed gives the same trees at a fixed number
    of threads. The defaults did best, or as well as dearer ones, on the validation parts of four
    sets of labelled places.

    Examples
    --------
    >>> features = np.linspace(0, 1, 200, dtype=np.float32).reshape(-1, 1)
    >>> matcher = Boosting(iterations=20, monotone=(("name", 1),))
    >>> fitted = matcher.fit(features, features[:, 0] > 0.7, names=("name",), seed=1)
    >>> fitted.score(np.array([[0.2], [0.9]], np.float32)).round()
    array([0., 1.])
    """

    iterations: int = 200
    learning_rate: float = 0.05
    leaves: int = 15
    depth: int | None = 8
    min_leaf: int = 20
    l2: float = 1.0
    columns_per_split: float = 0.5
    members: int = 1
    rows: float = 1.0
    monotone: tuple[tuple[str, int], ...] = ()
    few: int = 0
    forest: float = 0.0
    forest_trees: int = 150

    def __post_init__(self) -> None:
        limits: tuple[tuple[str, float | None, float], ...] = (
            ("iterations", self.iterations, 1),
            ("leaves", self.leaves, 2),
            ("depth", self.depth, 1),
            ("min_leaf", self.min_leaf, 1),
            ("l2", self.l2, 0),
            ("members", self.members, 1),
            ("few", self.few, 0),
            ("forest_trees", self.forest_trees, 1),
        )
        for name, value, least in limits:
            if value is not None and not value >= least:
                raise ArgumentError(f"{name} must be at least {least}, got {value}.")
        if not self.learning_rate > 0:
            raise ArgumentError(f"learning_rate must be above 0, got {self.learning_rate}.")
        for name, share in (("columns_per_split", self.columns_per_split), ("rows", self.rows)):
            if not 0 < share <= 1:
                raise ArgumentError(f"{name} must be a share in (0, 1], got {share}.")
        if not 0 <= self.forest <= 1:
            raise ArgumentError(f"forest must be a share in [0, 1], got {self.forest}.")
        if self.members > 1 and self.rows == 1 and self.columns_per_split == 1:
            raise ArgumentError(
                f"members={self.members} would all be equal: set rows or columns_per_split below 1."
            )
        for column, direction in self.monotone:
            if direction not in (-1, 1):
                raise ArgumentError(f"monotone: {column!r} must be 1 or -1, got {direction}.")

    def fit(
        self,
        features: Features,
        labels: Labels,
        *,
        names: tuple[str, ...],
        seed: int,
        weights: Weights | None = None,
    ) -> TreeEnsemble:
        """Learn from labelled pairs; see `Matcher.fit`."""
        training = check_training(features, labels, names=names, weights=weights)
        monotone = self._directions(names)
        kinds = [self]
        if len(training.labels) < self.few:
            kinds.append(replace(self, leaves=_STEADY_LEAVES, columns_per_split=_STEADY_COLUMNS))
        members = [kind for kind in kinds for _ in range(self.members)]
        seeds = np.random.SeedSequence(seed).spawn(len(members))
        models = [
            kind._member(training, source, monotone)
            for kind, source in zip(members, seeds, strict=True)
        ]
        boosted = from_boosting(models, names=names)
        if not self.forest:
            return boosted
        kind = RandomForest(
            trees=self.forest_trees, min_leaf=_FOREST_LEAF, columns_per_split=_FOREST_COLUMNS
        )
        forest = kind.fit(features, labels, names=names, seed=seed, weights=weights)
        shares = (1 - self.forest, self.forest)
        return merge_ensembles([boosted, as_log_odds(forest)], names=names, shares=shares)

    def load(self, tables: Mapping[str, pa.Table]) -> TreeEnsemble:
        """Read a fitted ensemble; see `Matcher.load`."""
        return TreeEnsemble.from_tables(tables)

    def without(self, names: Set[str]) -> Boosting:
        """Drop the directions of columns that are gone; `names` are those that are left."""
        kept = tuple(item for item in self.monotone if item[0] in names)
        return replace(self, monotone=kept)

    def _directions(self, names: tuple[str, ...]) -> list[int] | None:
        """Return the direction of each column, or None if there is none."""
        wanted = dict(self.monotone)
        for column in wanted:
            if column not in names:
                raise ColumnError.missing(column, names, table="The comparison table (monotone)")
        return [wanted.get(name, 0) for name in names] if wanted else None

    def _member(
        self, training: Training, source: np.random.SeedSequence, monotone: list[int] | None
    ) -> Any:
        """Train one boosted ensemble."""
        rows = round(self.rows * len(training.labels))
        ensemble = require("sklearn.ensemble", extra="train", what="Training a boosting")
        model = ensemble.HistGradientBoostingClassifier(
            max_iter=self.iterations,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.leaves,
            max_depth=self.depth,
            min_samples_leaf=min(self.min_leaf, max(1, rows // 10)),
            l2_regularization=self.l2,
            max_features=self.columns_per_split,
            monotonic_cst=monotone,
            categorical_features=None,
            early_stopping=False,
            random_state=int(source.generate_state(1)[0] >> 1),
        )
        features, labels, weights = training.features, training.labels, training.weights
        if self.rows < 1:
            chosen = _draw(labels, self.rows, np.random.default_rng(source))
            features, labels = features[chosen], labels[chosen]
            weights = None if weights is None else weights[chosen]
        unknown = np.isnan(features).all(axis=0)
        if unknown.any():  # scikit-learn cannot bin them; no node asks for a constant column
            features = np.where(unknown, np.float32(0), features)
        pools = require("threadpoolctl", extra="train", what="Training a boosting")
        threads = 1 if len(features) < _ROWS_FOR_THREADS else None
        with pools.threadpool_limits(threads, user_api="openmp"):
            return model.fit(features, labels, sample_weight=weights)


def _draw(labels: Labels, share: float, random: np.random.Generator) -> np.ndarray[Any, Any]:
    """Draw a share of each class, at least one pair, in the order of the rows."""
    parts = []
    for value in (False, True):
        rows = np.flatnonzero(labels == value)
        parts.append(random.choice(rows, max(1, round(share * len(rows))), replace=False))
    return np.sort(np.concatenate(parts))
