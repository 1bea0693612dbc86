"""Few labels, none to spare: a matcher from all of them, a threshold from scores out of fold.

Labels that decide every pair of some records (groups from an expert's table) are one connected
group, so no split keeps records apart and all pairs too. Groups of matches are dealt into folds
instead. A pair is scored by a matcher that has seen neither of its two groups; the threshold is
chosen on those scores, and the final matcher learns from all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.errors import LabelError
from sameas.core.prepared import IntArray
from sameas.evaluation import is_assigned
from sameas.kernels.components import connected_components
from sameas.labeling import LabelledPairs, deal_folds
from sameas.linker.job import Job
from sameas.linker.learned_words import can_learn_words, learn_words, without_learned_words
from sameas.linker.spec import LinkerSpec
from sameas.matching import FittedMatcher

__all__ = ["CrossFitted", "cross_fit", "does_cross_fit"]

Bools = npt.NDArray[np.bool_]
Folds = npt.NDArray[np.int64]
#: Non-matches that are no candidates, at most so many for each labelled candidate.
_FAR = 1.0


class CrossFitted(NamedTuple):
    """A matcher of all labels, and what matchers of some of them said of the others."""

    matcher: FittedMatcher
    left: IntArray
    right: IntArray
    label: Bools
    score: npt.NDArray[np.float64]
    listed: Bools
    group: IntArray
    note: str


def does_cross_fit(spec: LinkerSpec, pairs: LabelledPairs) -> bool:
    """Say whether these labels are to be used in folds: no split is given, no pass needs one."""
    return spec.cross_fit is not None and pairs.split is None and not is_assigned(spec.goal)


def cross_fit(job: Job, pairs: LabelledPairs) -> CrossFitted:
    """Fit a matcher on all labels and score each pair by one that has not seen its groups.

    Raises
    ------
    LabelError
        If the labels hold no match or no non-match.
    """
    spec = job.spec
    folds = spec.cross_fit or 2
    rows = np.flatnonzero(pairs.label >= 0)
    left, right, label = pairs.left[rows], pairs.right[rows], pairs.label[rows] == 1
    if not label.any() or label.all():
        raise LabelError(
            f"The labels hold {int(label.sum())} matches and {int((~label).sum())} non-matches; "
            "both are needed."
        )
    listed = job.listed(left, right)
    kept = _thinned(job.number(left), job.number(right), label | listed)
    left, right, label, listed = left[kept], right[kept], label[kept], listed[kept]
    group = connected_components(left[label], right[label], len(job.records))
    first, second = (deal_folds(job.number(group[side]), folds) for side in (left, right))
    parts = [part for part in _parts(first, second, folds) if _both(label, *part)]
    ends, dealt, every = (left, right), job.number(group[left]), np.ones(len(label), np.bool_)
    if not all(can_learn_words(label, seen, dealt) for seen in (every, *(p.seen for p in parts))):
        spec = job.spec = without_learned_words(spec)
    features = job.features(left, right, listed)
    score = np.full(len(left), np.nan)
    for held, seen in parts:
        known = learn_words(job, features, ends, label, seen, dealt=dealt)
        score[held] = _fit(spec, known[seen], label[seen]).score(known[held])
    known = ~np.isnan(score)
    if not label[known].any() or label[known].all():
        raise LabelError(
            f"The matches are of {len(np.unique(group[left[label]]))} groups, too few for "
            f"{folds} folds. Give labels of more groups, or a split column."
        )
    note = (
        f"all labels train; the threshold is from scores out of {folds} folds of groups of "
        "matches, by matchers that saw neither group of a pair"
    )
    features = learn_words(job, features, ends, label, every, dealt=dealt)
    matcher = _fit(spec, features, label)
    return CrossFitted(
        matcher, left[known], right[known], label[known], score[known], listed[known], group, note
    )


class _Part(NamedTuple):
    """Pairs of two folds, and those that touch neither."""

    held: Bools
    seen: Bools


def _parts(first: Folds, second: Folds, folds: int) -> Iterator[_Part]:
    """Yield every two folds, and each with itself."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    for one in range(folds):
        for other in range(one, folds):
            seen = ~np.isin(first, (one, other)) & ~np.isin(second, (one, other))
            yield _Part((low == one) & (high == other), seen)


def _both(label: Bools, held: Bools, seen: Bools) -> bool:
    """Say whether there is something to score, and matches and non-matches to learn from."""
    return bool(held.any() and label[seen].any() and not label[seen].all())


def _fit(spec: LinkerSpec, features: npt.NDArray[np.float32], label: Bools) -> FittedMatcher:
    return spec.matcher.fit(features, label, names=spec.names(), seed=spec.seed)


def _thinned(left: IntArray, right: IntArray, always: Bools) -> npt.NDArray[np.intp]:
    """Keep matches and candidates, and of the other pairs about as many, by a hash."""
    share = _FAR * always.sum() / max(int((~always).sum()), 1)
    mixed = (left.astype(np.uint64) << np.uint64(32) | right.astype(np.uint64)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    drawn = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53 < share
    return np.flatnonzero(always | drawn)
