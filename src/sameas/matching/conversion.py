"""From scikit-learn's trained trees to a `TreeEnsemble`: read once, after training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.matching.ensemble import TreeEnsemble

__all__ = ["from_boosting", "from_forest"]


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """One tree as scikit-learn numbers its nodes; feature -1 is a leaf."""

    feature: npt.NDArray[Any]
    threshold: npt.NDArray[Any]
    left: npt.NDArray[Any]
    right: npt.NDArray[Any]
    missing_left: npt.NDArray[Any]
    value: npt.NDArray[Any]
    cover: npt.NDArray[Any]


def from_forest(
    model: Any, *, names: tuple[str, ...], missing: float | None = None
) -> TreeEnsemble:
    """Take over a ``RandomForestClassifier`` or ``ExtraTreesClassifier`` of two classes.

    Parameters
    ----------
    model : fitted scikit-learn forest
        Its classes are False and True, in this order.
    names : tuple of str
        The comparison columns.
    missing : float, optional
        The constant that stood for missing values in training; without it missing values take
        the side that scikit-learn (at least 1.4) learned.

    Returns
    -------
    TreeEnsemble
        Its scores are ``model.predict_proba(features)[:, 1]`` to 1e-12.
    """
    trees = []
    for estimator in model.estimators_:
        tree = estimator.tree_
        shares = tree.value[:, 0, :]
        trees.append(
            _Tree(
                feature=np.where(tree.children_left < 0, -1, tree.feature),
                threshold=tree.threshold,
                left=tree.children_left,
                right=tree.children_right,
                missing_left=tree.missing_go_to_left,
                value=shares[:, 1] / shares.sum(axis=1),
                cover=tree.weighted_n_node_samples,
            )
        )
    return _flatten(trees, names=names, aggregation="mean", missing=missing)


def from_boosting(models: Sequence[Any], *, names: tuple[str, ...]) -> TreeEnsemble:
    """Take over one or several ``HistGradientBoostingClassifier`` of two classes.

    Parameters
    ----------
    models : sequence of fitted scikit-learn models
        No categorical columns; classes False and True, in this order.
    names : tuple of str
        The comparison columns.

    Returns
    -------
    TreeEnsemble
        One model: its scores are ``predict_proba(features)[:, 1]`` to 1e-12. Several: the
        logistic function of the mean of their logits.
    """
    share = 1.0 / len(models)
    trees, baseline = [], 0.0
    for model in models:
        baseline += float(np.ravel(model._baseline_prediction)[0]) * share
        for (predictor,) in model._predictors:
            nodes = predictor.nodes
            trees.append(
                _Tree(
                    feature=np.where(nodes["is_leaf"] != 0, -1, nodes["feature_idx"]),
                    threshold=nodes["num_threshold"],
                    left=nodes["left"],
                    right=nodes["right"],
                    missing_left=nodes["missing_go_to_left"],
                    value=nodes["value"] * share,
                    cover=nodes["count"],
                )
            )
    return _flatten(trees, names=names, aggregation="logit", baseline=baseline)


def _flatten(
    trees: Sequence[_Tree],
    *,
    names: tuple[str, ...],
    aggregation: str,
    baseline: float = 0.0,
    missing: float | None = None,
) -> TreeEnsemble:
    """Renumber all nodes breadth first within each tree, siblings side by side."""
    first = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    feature = np.concatenate([tree.feature for tree in trees])
    left = np.concatenate([tree.left + base for tree, base in zip(trees, first, strict=False)])
    right = np.concatenate([tree.right + base for tree, base in zip(trees, first, strict=False)])
    owner = np.repeat(np.arange(len(trees)), np.diff(first))
    level = first[:-1].astype(np.int64)
    levels = []
    while len(level):
        levels.append(level)
        inner = level[feature[level] >= 0]
        level = np.stack([left[inner], right[inner]], axis=1).ravel().astype(np.int64)
    order = np.concatenate(levels)
    order = order[np.argsort(owner[order], kind="stable")]
    place = np.empty(len(feature), np.int64)
    place[order] = np.arange(len(order))
    leaf = feature[order] < 0
    threshold = _round_down(np.concatenate([tree.threshold for tree in trees])[order])
    side = np.concatenate([tree.missing_left for tree in trees])[order]
    child = np.where(leaf, 0, left[order]).astype(np.int64)
    return TreeEnsemble(
        names=names,
        feature=feature[order].astype(np.int32),
        threshold=np.where(leaf, np.float32(0), threshold),
        left=np.where(leaf, -1, place[child]).astype(np.int32),
        missing_left=(side != 0) & ~leaf,
        value=np.where(leaf, np.concatenate([tree.value for tree in trees])[order], 0.0),
        root=np.searchsorted(owner[order], np.arange(len(trees))).astype(np.int32),
        aggregation=aggregation,
        baseline=baseline,
        missing=missing,
        cover=np.concatenate([tree.cover for tree in trees])[order].astype(np.float64),
    )


def _round_down(threshold: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the largest float32 not above each threshold."""
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    below = np.nextafter(near, np.float32(-np.inf))
    return np.where(near.astype(np.float64) > threshold, below, near)
