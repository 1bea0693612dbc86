"""Fit without labels: a Fellegi-Sunter model of the candidate pairs, and a threshold from it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.evaluation import expected_threshold, is_assigned
from sameas.linker.defaults import default_comparisons
from sameas.linker.job import Job
from sameas.linker.levels import default_levels, unlabelled_comparisons
from sameas.linker.review import assigned_pairs
from sameas.linker.spec import DEFAULT_MATCHER, LinkerSpec
from sameas.linker.training import Fit
from sameas.matching import FellegiSunter
from sameas.matching.fellegi_sunter import Layout, Patterns, Sample

__all__ = ["can_learn", "fit_unlabelled", "unlabelled_spec"]

logger = logging.getLogger(__name__)
#: Candidate pairs beyond this many are sampled for the fit.
_MOST_PAIRS = 5_000_000
_RANDOM_PAIRS = 1_000_000


def can_learn(spec: LinkerSpec) -> bool:
    """Say whether a linker can learn without labels and without a silver field."""
    return spec.silver is None and (
        spec.matcher == DEFAULT_MATCHER or isinstance(spec.matcher, FellegiSunter)
    )


def unlabelled_spec(spec: LinkerSpec) -> LinkerSpec:
    """Turn the defaults of a linker into those for tables without labels.

    The default matcher becomes `FellegiSunter`, the default comparisons about one a field;
    what the user chose stays. There is no second pass and no cascade.
    """
    evidence = tuple(field for field in spec.fields if field.name != spec.silver)
    comparisons = spec.comparisons
    if spec.matcher == DEFAULT_MATCHER and comparisons == default_comparisons(evidence):
        comparisons = unlabelled_comparisons(evidence)
    matcher = FellegiSunter() if spec.matcher == DEFAULT_MATCHER else spec.matcher
    if isinstance(matcher, FellegiSunter) and not matcher.levels:
        matcher = replace(matcher, levels=default_levels(comparisons, spec.context))
    return replace(spec, comparisons=comparisons, matcher=matcher, second_pass=None, cascade=None)


def fit_unlabelled(job: Job) -> Fit:
    """Learn from the candidate pairs alone.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    """
    spec = job.spec
    assert isinstance(spec.matcher, FellegiSunter)
    names = spec.names()
    layout = Layout(spec.matcher.levels, names)
    found = job.candidates
    rows = _sampled(len(found), spec.seed)
    left, right = found.left[rows], found.right[rows]
    scale = len(found) / max(len(rows), 1)
    candidates = _patterns(job, layout, left, right, "levels")
    likely = min(_likely(job), float(len(found))) / scale
    random = None
    if spec.matcher.u == "random":
        random = _patterns(job, layout, *_random_pairs(job), "random pairs")
    outside = (_every_pair(job) - len(found)) / scale
    sample = Sample(candidates, likely, random, max(outside, 0.0))
    fitted = spec.matcher.learn(sample, names=names)
    score = np.empty(len(left), np.float64)
    job.each_pair("score", left, right, fitted.score, score)
    assigned = assigned_pairs(job, fitted, left, right) if is_assigned(spec.goal) else None
    choice = expected_threshold(score, spec.goal, assigned=assigned)
    report: dict[str, Any] = {
        "labels": "none: learned from the candidate pairs",
        "pairs": {"candidates": len(found), "used": len(rows)},
        "threshold_note": choice.note,
        "expected": _expected(score, choice.threshold, scale),
        "prior": fitted.prior,
        "notes": list(fitted.learning.notes),
        "matcher": fitted.describe(),
    }
    return Fit(fitted, choice.threshold, report, choice.band)


def _expected(score: npt.NDArray[np.float64], threshold: float, scale: float) -> dict[str, float]:
    """Return what the model itself expects of the pairs at a threshold."""
    taken = score >= threshold
    total, hits = float(score.sum()), float(score[taken].sum())
    kept = int(taken.sum())
    return {
        "matches": total * scale,
        "links": kept * scale,
        "precision": hits / max(kept, 1),
        "recall": hits / max(total, 1e-300),
        "f1": 2 * hits / max(kept + total, 1e-300),
    }


def _patterns(job: Job, layout: Layout, left: IntArray, right: IntArray, what: str) -> Patterns:
    packed = np.empty(len(left), np.uint64)
    job.each_pair(what, left, right, layout.pack, packed)
    return layout.patterns([packed])


def _sampled(total: int, seed: int) -> npt.NDArray[np.int64]:
    if total <= _MOST_PAIRS:
        return np.arange(total)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(total, _MOST_PAIRS, replace=False))


def _likely(job: Job) -> float:
    """Return the number of matches if about every record of the smaller table had one."""
    sizes = np.bincount(job.records.source_code)
    if job.group is None or len(sizes) < 2:
        return float(len(job.records))
    return float(len(job.records) - sizes.max())


def _every_pair(job: Job) -> float:
    sizes = np.bincount(job.records.source_code).astype(float)
    total = float(sizes.sum())
    every = total * (total - 1) / 2
    return every if job.group is None else every - float((sizes * (sizes - 1) / 2).sum())


def _random_pairs(job: Job) -> tuple[IntArray, IntArray]:
    random = np.random.default_rng(job.spec.seed)
    ends = random.integers(0, len(job.records), (2, 2 * _RANDOM_PAIRS)).astype(np.int32)
    left, right = ends.min(axis=0), ends.max(axis=0)
    group = job.group
    good = left != right if group is None else group[left] != group[right]
    joint = np.unique(left[good].astype(np.int64) << 32 | right[good])[:]
    if len(joint) > _RANDOM_PAIRS:
        joint = np.sort(random.permutation(joint)[:_RANDOM_PAIRS])
    return (joint >> 32).astype(np.int32), (joint & 0xFFFFFFFF).astype(np.int32)
