"""Random forests and extra trees over comparison columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, LabelError, choices_hint
from sameas.core.optional import require
from sameas.core.specs import register
from sameas.matching.base import Features, Labels, Training, Weights, check_training
from sameas.matching.conversion import from_forest
from sameas.matching.ensemble import TreeEnsemble

__all__ = ["RandomForest", "paper_forest"]

_RESAMPLERS = ("tomek", "smote")
#: What a tree says that scikit-learn gave no filters.
_GIVEN_NONE = "`sklearn.utils.parallel.delayed` should be used"


@register("matcher", "random_forest")
@dataclass(frozen=True, slots=True)
class RandomForest:
    """A random forest: the mean of many decision trees (*PRF* of the places paper).

    The score is the mean share of matches in the leaves that a pair falls into. It is not
    calibrated, the less so after resampling.

    Parameters
    ----------
    trees : int
        Number of trees.
    depth : int, optional
        Greatest depth; unlimited if not given.
    min_leaf : int
        Fewest training pairs in a leaf.
    columns_per_split : {"sqrt", "log2"}, int or float
        How many columns a node may choose from; a float is a share of them.
    extra_trees : bool
        Draw thresholds at random and train every tree on all pairs (extremely randomised
        trees); missing values then need scikit-learn 1.6 or a constant.
    missing : float, optional
        A constant that stands for every missing value, in training and scoring. Without it
        each node learns the side of missing values.
    resample : tuple of {"tomek", "smote"}
        Steps that even out the classes before training, in this order: ``"tomek"`` drops the
        majority's member of every Tomek link, ``"smote"`` fills up the minority with synthetic
        pairs until both are equal. Both need `missing`, search nearest neighbours (minutes from
        some 100,000 pairs on) and cannot be used with weights.

    Notes
    -----
    Training needs the extra ``train``; scoring does not. Source of the resampling and of the
    preset `paper_forest`: Cousseau and Barbosa, section 4.

    Examples
    --------
    >>> features = np.array([[0.1], [0.2], [0.8], [0.9]], np.float32)
    >>> labels = np.array([False, False, True, True])
    >>> forest = RandomForest(trees=20).fit(features, labels, names=("name",), seed=1)
    >>> forest.score(np.array([[0.1], [0.9]], np.float32)).round()
    array([0., 1.])
    """

    trees: int = 100
    depth: int | None = None
    min_leaf: int = 1
    columns_per_split: str | int | float = "sqrt"
    extra_trees: bool = False
    missing: float | None = None
    resample: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        at_least_one = (("trees", self.trees), ("depth", self.depth), ("min_leaf", self.min_leaf))
        for name, value in at_least_one:
            if value is not None and value < 1:
                raise ArgumentError(f"{name} must be at least 1, got {value}.")
        for step in self.resample:
            if step not in _RESAMPLERS:
                raise ArgumentError(
                    f"Unknown step {step!r} in resample.{choices_hint(step, _RESAMPLERS)} "
                    f"Known: {', '.join(_RESAMPLERS)}."
                )
        if self.resample and self.missing is None:
            raise ArgumentError(
                f"resample={self.resample} needs a constant for missing values: missing=-1."
            )

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
        if self.missing is not None:
            filled = np.nan_to_num(
                training.features, nan=self.missing, posinf=np.inf, neginf=-np.inf
            )
            training = Training(filled, training.labels, training.weights)
        if self.resample:
            training = self._resampled(training, seed=seed)
        self._check_library(training)
        model = self._estimator(seed)
        with _filters_kept():
            model.fit(training.features, training.labels, sample_weight=training.weights)
        return from_forest(model, names=names, missing=self.missing)

    def load(self, tables: Mapping[str, pa.Table]) -> TreeEnsemble:
        """Read a fitted forest; see `Matcher.load`."""
        return TreeEnsemble.from_tables(tables)

    def _estimator(self, seed: int) -> Any:
        """Return the untrained scikit-learn forest."""
        ensemble = require("sklearn.ensemble", extra="train", what="Training a random forest")
        kind = (
            ensemble.ExtraTreesClassifier if self.extra_trees else ensemble.RandomForestClassifier
        )
        return kind(
            n_estimators=self.trees,
            max_depth=self.depth,
            min_samples_leaf=self.min_leaf,
            max_features=self.columns_per_split,
            random_state=seed,
            n_jobs=-1,
        )

    def _check_library(self, training: Training) -> None:
        """Refuse missing values that the installed scikit-learn cannot train extra trees on."""
        if not self.extra_trees or not np.isnan(training.features).any():
            return
        version = require("sklearn", extra="train", what="Training extra trees").__version__
        if tuple(int(part) for part in version.split(".")[:2]) < (1, 6):
            raise ArgumentError(
                f"Extra trees need scikit-learn 1.6 to learn from missing values, found {version}: "
                "set a constant, such as missing=-1."
            )

    def _resampled(self, training: Training, *, seed: int) -> Training:
        """Even out the classes."""
        if training.weights is not None:
            raise ArgumentError("weights cannot be used together with resample.")
        what = "Resampling the training pairs"
        features, labels = training.features, training.labels
        for step in self.resample:
            if step == "tomek":
                under = require("imblearn.under_sampling", extra="train", what=what)
                sampler = under.TomekLinks()
            else:
                over = require("imblearn.over_sampling", extra="train", what=what)
                minority = int(min(labels.sum(), (~labels).sum()))
                if minority < 2:
                    raise LabelError(
                        f"SMOTE needs at least 2 pairs of the rarer class, got {minority}: "
                        "label more pairs or leave 'smote' out of resample."
                    )
                sampler = over.SMOTE(k_neighbors=min(5, minority - 1), random_state=seed)
            features, labels = sampler.fit_resample(features, labels)
        rows = np.ascontiguousarray(features, dtype=np.float32)
        return Training(rows, np.asarray(labels, dtype=np.bool_), None)


def paper_forest() -> RandomForest:
    """Return *PRF* with the settings of the places paper.

    10 trees (the default of scikit-learn 0.20.3), depth 23, missing values set to -1, Tomek
    links and then SMOTE. The paper's threshold is 0.95.

    Examples
    --------
    >>> paper_forest().trees, paper_forest().depth
    (10, 23)
    """
    return RandomForest(trees=10, depth=23, missing=-1.0, resample=("tomek", "smote"))


@contextmanager
def _filters_kept() -> Iterator[None]:
    """Keep the filters of warnings, which the threads of scikit-learn 1.9 set for each tree.

    They set those of the whole process, at the same time. Filters get lost by that, also the
    user's, and a tree that is given none warns, or is an error where warnings are.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.resetwarnings()
        warnings.simplefilter("always")
        yield
    for one in said:
        if _GIVEN_NONE not in str(one.message):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
