"""The level at which clusters are merged, chosen on labels like a threshold.

A threshold is best for pairs one by one. Average linkage also takes in what the other pairs of
two clusters say, and so is at its best at a lower level. Scores out of fold show which.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.clustering import Agglomerative
from sameas.core.prepared import IntArray
from sameas.evaluation import AnyGoal, FBeta
from sameas.labeling import LabelledPairs
from sameas.linker.spec import LinkerSpec

__all__ = ["chosen_cut", "without_cut"]

_CUTS = np.linspace(0.05, 0.95, 19)
#: Bootstrap samples over which the best cut is taken.
_REPLICATES = 100


def chosen_cut(
    clusterer: Agglomerative,
    goal: AnyGoal,
    scored: tuple[IntArray, IntArray, npt.NDArray[np.float64]],
    pairs: LabelledPairs,
    group: IntArray,
) -> float | None:
    """Choose the level of merging by F-beta over labelled pairs: in one cluster or not.

    Parameters
    ----------
    clusterer : Agglomerative
        Without a level of its own, else that one stays.
    goal : Goal
        Levels are chosen for `FBeta` only; its ``shrink`` and ``towards`` hold for them too.
    scored : (left, right, score)
        Candidates with their scores out of fold.
    pairs : LabelledPairs
        All labels.
    group : int32[n]
        Group of matches of each record: samples are drawn of groups, for a giant one decides
        much.

    Returns
    -------
    float or None
        The mean of the best levels of samples of groups; None if there is nothing to choose.
    """
    fixed = clusterer.cut is not None or clusterer.linkage == "single"
    if fixed or not isinstance(goal, FBeta):
        return None
    left, right, score = scored
    source = np.zeros(len(group), np.int32)
    rows = np.flatnonzero(pairs.label >= 0)
    first, second, match = pairs.left[rows], pairs.right[rows], pairs.label[rows] == 1
    groups = len(group)
    truth = np.bincount(group[first], match, minlength=groups)
    right_ones, taken_ones = [], []
    for cut in _CUTS:
        level = replace(clusterer, cut=float(cut))
        label = level.cluster(left, right, score, score >= cut, source).label
        same = label[first] == label[second]
        right_ones.append(np.bincount(group[first], same & match, minlength=groups))
        taken_ones.append(np.bincount(group[first], same, minlength=groups))
    weight = np.random.default_rng(0).poisson(1.0, (_REPLICATES, groups)).astype(np.float64)
    hits, taken = (weight @ np.array(each).T for each in (right_ones, taken_ones))
    square = goal.beta**2
    value = (1 + square) * hits / np.maximum(taken + square * (weight @ truth)[:, None], 1.0)
    best = value >= value.max(axis=1, keepdims=True) - 1e-9
    mean = float((best @ _CUTS / best.sum(axis=1)).mean())  # in the middle of each plateau
    return goal.drawn(mean)


def without_cut(spec: LinkerSpec) -> LinkerSpec:
    """Let clusters be merged at the threshold in use again."""
    assert isinstance(spec.clusterer, Agglomerative)
    return replace(spec, clusterer=replace(spec.clusterer, cut=None))
