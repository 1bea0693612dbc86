"""Fit: labelled pairs become a matcher and a threshold. Test rows are never read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.clustering import Agglomerative
from sameas.core.errors import LabelError
from sameas.core.prepared import IntArray
from sameas.evaluation import (
    brier_score,
    calibration_error,
    choose_threshold,
    is_assigned,
    pair_metrics,
    precision_recall_curve,
    reliability_curve,
)
from sameas.labeling import SPLITS, LabelledPairs, split_by_group
from sameas.linker.cascade import can_cascade, fit_cascade
from sameas.linker.cluster_cut import chosen_cut
from sameas.linker.cross_fit import cross_fit, does_cross_fit
from sameas.linker.fit import Fit
from sameas.linker.job import Job
from sameas.linker.learned_words import learn_words, telling_words
from sameas.linker.opinion import Opinion
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.review import assigned_pairs
from sameas.linker.rivals import Rivals
from sameas.linker.second_pass import FittedPasses, can_fit, fit_first
from sameas.matching import FittedMatcher

__all__ = ["Fit", "fit_job"]

Learner = Callable[[Job, npt.NDArray[np.float32], npt.NDArray[np.bool_]], FittedMatcher]

logger = logging.getLogger(__name__)


def fit_job(job: Job, pairs: LabelledPairs, origin: str, learner: Learner | None = None) -> Fit:
    """Train on train, choose the threshold on valid.

    Parameters
    ----------
    job : Job
    pairs : LabelledPairs
        With a split, test rows are left alone. Without one, pairs are split by group of
        connected records, and the figures on the part set aside are reported.
    origin : str
        Where the labels came from, for the report.
    learner : callable, optional
        Instead of the matcher's own fit: learns from the job and the features and labels of
        the training pairs.

    Raises
    ------
    LabelError
        If train or valid lacks a match or a non-match.
    """
    spec = job.spec
    if learner is None and does_cross_fit(spec, pairs):
        return _cross_fitted(job, pairs, origin)
    part, note = _parts(pairs, spec.seed, job)
    given = pairs.split is not None
    rows = np.flatnonzero((part >= 0) & ((part != SPLITS.index("test")) | (not given)))
    left, right, label = pairs.left[rows], pairs.right[rows], pairs.label[rows] == 1
    part = part[rows]
    listed = job.listed(left, right)
    features = job.features(left, right, listed)
    train, valid, test = (part == place for place in range(3))
    _check_both("train", label[train])
    _check_both("valid", label[valid])
    if learner is None:
        features = learn_words(job, features, (left, right), label, train)
    ends = left, right, listed
    matcher, scores = _learn(job, features, ends, label, (train, valid), learner)
    assigned = None
    if is_assigned(spec.goal):
        assigned = assigned_pairs(job, matcher, left[valid], right[valid])
    choice = choose_threshold(label[valid], scores[valid], spec.goal, assigned=assigned)
    parts = {"train": train, "valid": valid} | ({} if given else {"test": test})
    least = min([choice.threshold, *(choice.band or ())])  # what is reviewed has to be kept too
    numbers = job.number(left)
    matcher, cascade = _with_cascade(job, matcher, features, scores, numbers, parts, least)
    if cascade is not None:
        scores = matcher.score(features)
    report: dict[str, Any] = {
        "labels": origin,
        "split": note,
        "notes": list(pairs.notes),
        "pairs": {name: int((part == place).sum()) for place, name in enumerate(SPLITS)},
        "matches": {name: int(label[part == place].sum()) for place, name in enumerate(SPLITS)},
        "pairs_completeness": float(listed[label].mean()),
        "match_share": _share(label[train & listed]),
        "threshold_note": choice.note,
        "curve": _curve(label[valid], scores[valid], choice.threshold),
        "calibration": _calibration(label[valid], scores[valid]),
        "valid": pair_metrics(label[valid], scores[valid], threshold=choice.threshold).to_dict(),
        "matcher": matcher.describe(),
        "words": telling_words(job),
    }
    if cascade is not None:
        report["cascade"] = cascade
    if not given and test.any():
        held_out = pair_metrics(label[test], scores[test], threshold=choice.threshold)
        report["test"] = held_out.to_dict()
    return Fit(matcher, choice.threshold, report, choice.band)


def _check_both(name: str, label: npt.NDArray[np.bool_]) -> None:
    """Refuse pairs among which there are no matches, or nothing else."""
    if not label.any() or label.all():
        raise LabelError(
            f"The {name} pairs hold {int(label.sum())} matches and {int((~label).sum())} "
            "non-matches; both are needed."
        )


def _cross_fitted(job: Job, pairs: LabelledPairs, origin: str) -> Fit:
    """Train on all labels; threshold and figures from scores out of fold."""
    found = cross_fit(job, pairs)
    label, scores = found.label, found.score
    choice = choose_threshold(label, scores, job.spec.goal, groups=found.group[found.left])
    cut, clusterer = None, job.spec.clusterer
    if isinstance(clusterer, Agglomerative):
        kept = found.left[found.listed], found.right[found.listed], scores[found.listed]
        cut = chosen_cut(clusterer, job.spec.goal, kept, pairs, found.group)
        if cut is not None:
            job.spec = replace(job.spec, clusterer=replace(clusterer, cut=cut))
    none = dict.fromkeys(SPLITS, 0)
    report: dict[str, Any] = {
        "labels": origin,
        "split": found.note,
        "notes": list(pairs.notes),
        "pairs": none | {"train": len(label), "valid": len(label)},
        "matches": none | {"train": int(label.sum()), "valid": int(label.sum())},
        "pairs_completeness": float(found.listed[label].mean()),
        "match_share": _share(label[found.listed]),
        "threshold_note": choice.note,
        **({} if cut is None else {"cluster_cut": cut}),
        "curve": _curve(label, scores, choice.threshold),
        "calibration": _calibration(label, scores),
        "valid": pair_metrics(label, scores, threshold=choice.threshold).to_dict(),
        "matcher": found.matcher.describe(),
        "words": telling_words(job),
    }
    return Fit(found.matcher, choice.threshold, report, choice.band)


def _share(label: npt.NDArray[np.bool_]) -> float | None:
    """Return the share of matches among labelled candidates; None if it says nothing."""
    return round(float(label.mean()), 9) if label.any() and not label.all() else None


def _curve(
    label: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], threshold: float
) -> dict[str, Any]:
    """Return precision against recall on the valid pairs, for the report of a run."""
    curve = precision_recall_curve(label, scores, points=100).select(["recall", "precision"])
    taken = scores >= threshold
    hits = int((taken & label).sum())
    point = [hits / max(int(label.sum()), 1), hits / max(int(taken.sum()), 1)]
    return {**curve.to_pydict(), "point": point, "of": "the valid pairs"}


def _calibration(label: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Return the share of matches by score on the valid pairs, for the report of a run."""
    curve = reliability_curve(label, scores)
    return {
        "predicted": curve["score"].to_pylist(),
        "observed": curve["share"].to_pylist(),
        "pairs": curve["pairs"].to_pylist(),
        "brier": brier_score(label, scores),
        "error": calibration_error(label, scores),
    }


def _learn(
    job: Job,
    features: npt.NDArray[np.float32],
    pairs: tuple[IntArray, IntArray, npt.NDArray[np.bool_]],
    label: npt.NDArray[np.bool_],
    parts: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    learner: Learner | None = None,
) -> tuple[FittedMatcher, npt.NDArray[np.float64]]:
    """Fit the matcher, of one pass or of two, and score the labelled pairs with it."""
    second, train = job.spec.second_pass, parts[0]
    if isinstance(second, PairClassifier) and learner is None:
        from sameas.linker.pair_fitting import fit_pair_classifier

        return fit_pair_classifier(job, second, features, (*pairs[:2], label), parts)
    if isinstance(second, Rivals | Opinion | PairClassifier):  # these are learned without labels
        job.spec = replace(job.spec, second_pass=None)
        second = None
    if second is not None and not can_fit(second, job.number(pairs[0])[train], label[train]):
        logger.info("Too few matches for a second pass: it is left out.")
        job.spec = replace(job.spec, second_pass=None)
        second = None
    spec = job.spec
    first: tuple[FittedMatcher, ...] = ()
    if second is not None:
        first, extra = fit_first(job, second, features, pairs, label, train)
        features = np.hstack([features, extra])
    if learner is not None:
        final = learner(job, features[train], label[train])
    else:
        final = spec.matcher.fit(features[train], label[train], names=spec.names(), seed=spec.seed)
    scores = final.score(features)
    return (FittedPasses(first, final) if first else final), scores


def _with_cascade(
    job: Job,
    matcher: FittedMatcher,
    features: npt.NDArray[np.float32],
    scores: npt.NDArray[np.float64],
    left: IntArray,
    parts: dict[str, npt.NDArray[np.bool_]],
    threshold: float,
) -> tuple[FittedMatcher, dict[str, Any] | None]:
    """Put the cascade, if there is one, before the matcher; return its report too."""
    cascade, train = job.spec.cascade, parts["train"]
    if cascade is None:
        return matcher, None
    decision = scores >= threshold
    if not can_cascade(cascade, left[train], decision[train]):
        logger.info("Too few labelled pairs for a cascade: it is left out.")
        job.spec = replace(job.spec, cascade=None)
        return matcher, None
    return fit_cascade(
        cascade, matcher, features, decision, left, parts, threshold=threshold, seed=job.spec.seed
    )


def _parts(pairs: LabelledPairs, seed: int, job: Job) -> tuple[npt.NDArray[np.int8], str]:
    """Say which part each pair belongs to: 0 train, 1 valid, 2 test, -1 none."""
    decided = pairs.label >= 0
    left, right = job.number(pairs.left), job.number(pairs.right)
    part = np.full(len(pairs.label), -1, np.int8)
    if pairs.split is None:
        split = split_by_group(left[decided], right[decided], seed=seed)
        part[decided] = split.part
        return part, split.note
    part[decided] = pairs.split[decided]
    if (part == 1).any():
        return part, "the split column of the labels"
    train = np.flatnonzero(part == 0)
    split = split_by_group(
        left[train], right[train], seed=seed, shares=(0.8, 0.2), names=SPLITS[:2]
    )
    part[train] = split.part
    return part, f"the split column has no valid rows; of its train rows: {split.note}"
