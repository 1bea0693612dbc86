"""A small matcher taught by few labels: it sees the opinion of the one that had none."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sameas.core.errors import LabelError
from sameas.core.prepared import IntArray
from sameas.evaluation import AnyGoal, choose_threshold
from sameas.labeling import split_by_group
from sameas.labeling.selection import score_strata
from sameas.linker.job import Job
from sameas.linker.opinion import FittedOpinion, Opinion, OpinionColumns
from sameas.linker.rivals import FittedRivals
from sameas.linker.saving import FittedLinker
from sameas.linker.spec import DEFAULT_MATCHER
from sameas.matching import FittedMatcher, Matcher, RandomForest
from sameas.matching.calibration import fit_platt

__all__ = ["STUDENT", "Classroom", "Lesson", "Student", "population_weights", "teach"]

logger = logging.getLogger(__name__)
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Features = npt.NDArray[np.float32]

#: What learns from a few hundred labels, unless somebody chooses otherwise.
STUDENT = RandomForest(trees=200, min_leaf=2)
#: Candidates on which a threshold is chosen, at most.
_OTHERS = 10_000
#: What a hundred trees can tell of scores.
_INNER = (0.01, 0.99)


@dataclass(frozen=True, eq=False)
class Lesson:
    """Labelled pairs to learn from.

    Attributes
    ----------
    left, right : int32[n]
    label : bool[n]
    weight : float64[n]
        How many candidates each pair stands for, so that the labelled pairs look like all.
    """

    left: IntArray
    right: IntArray
    label: Bools
    weight: Floats


@dataclass(frozen=True, eq=False)
class Student:
    """What was learned, and what it said of pairs that it had not seen.

    Attributes
    ----------
    matcher : FittedMatcher
        Taught by all labels.
    threshold : float
    score : float64[n]
        Of each labelled pair by a student that saw neither the pair nor one of its group.
    decision : bool[n]
        By that score, at a threshold that was chosen without the fold of the pair.
    folds : int
    """

    matcher: FittedMatcher
    threshold: float
    score: Floats
    decision: Bools
    folds: int


@dataclass(frozen=True, eq=False)
class Classroom:
    """A job with the columns that a student sees.

    Attributes
    ----------
    job : Job
        Its spec has the student as matcher, and the opinion as second pass.
    cheap : FittedLinker
    opinion : OpinionColumns or None
        What the cheap linker thinks of a pair, where that is shown.
    """

    job: Job
    cheap: FittedLinker
    opinion: OpinionColumns | None

    @classmethod
    def open(cls, job: Job, cheap: FittedLinker, matcher: Matcher | None = None) -> Classroom:
        """Prepare the tables of a job for a student.

        The student sees the comparisons of the cheap linker (those of Fellegi-Sunter are not the
        default ones) and its opinion.
        """
        spec = cheap.spec
        chosen = STUDENT if matcher is None or matcher == DEFAULT_MATCHER else matcher
        rivals = isinstance(cheap.matcher, FittedRivals)
        first = cheap.matcher.first if isinstance(cheap.matcher, FittedRivals) else cheap.matcher
        opinion, shown = None, None
        if set(first.names) <= set(spec.base_names()):
            opinion = Opinion(spec.matcher, tuple(first.names), rivals)
        else:
            logger.info("The student goes without the opinion of the cheap matcher.")
        taught = replace(spec, matcher=chosen, second_pass=opinion, cascade=None)
        new = Job(taught, job.records, job.statistics, job.mode, job.engine, job.budget)
        # What was prepared and found for the cheap matcher serves the student too.
        kept = ("columns", "candidates", "windows", "similarities")
        vars(new).update({name: value for name, value in vars(job).items() if name in kept})
        if opinion is not None:
            shown = OpinionColumns(cheap.matcher, opinion.columns, taught.base_names())
        return cls(new, cheap, shown)

    def features(self, left: IntArray, right: IntArray) -> Features:
        """Compute what a student sees of pairs (left < right)."""
        return self.job.seen(self.opinion, left, right, self.job.listed(left, right))

    def some_candidates(self, most: int = _OTHERS) -> Features:
        """Compute what a student sees of candidates at random."""
        found = self.job.candidates
        rows = np.sort(np.random.default_rng(0).permutation(len(found))[:most])
        return self.features(found.left[rows], found.right[rows])

    def whole(self, final: FittedMatcher) -> FittedMatcher:
        """Put the opinion before a student."""
        return final if self.opinion is None else FittedOpinion(self.opinion, final)


def population_weights(score: Floats, asked: npt.NDArray[np.int64], strata: int = 10) -> Floats:
    """Return how many candidates each asked pair stands for, by strata of the cheap score.

    Parameters
    ----------
    score : float64[p]
        Of all candidates.
    asked : int64[n]
        Positions of the asked ones.

    Examples
    --------
    >>> population_weights(np.array([0.0, 0.0, 0.0, 1.0]), np.array([0, 3]), strata=2)
    array([3., 1.])
    """
    stratum = score_strata(np.clip(score, 0, 1), strata)
    size = np.bincount(stratum)
    drawn = np.bincount(stratum[asked], minlength=len(size))
    return np.asarray((size / np.maximum(drawn, 1))[stratum[asked]], np.float64)


def teach(
    room: Classroom,
    lesson: Lesson,
    *,
    folds: int = 5,
    features: Features | None = None,
    others: Features | None = None,
) -> Student:
    """Fit a student, and cross-fit others for its threshold and an honest estimate.

    Parameters
    ----------
    room : Classroom
    lesson : Lesson
    folds : int
        Parts without a common record; fewer where a class is too rare.
    features : float32[n, k], optional
        What is seen of the labelled pairs, where that is known already.
    others : float32[m, k], optional
        What is seen of pairs like those to be decided; the threshold is chosen on them. By
        default some of the candidates.

    Raises
    ------
    LabelError
        If the labels are too few or all of one kind.
    """
    spec = room.job.spec
    if features is None:
        features = room.features(lesson.left, lesson.right)
    others = room.some_candidates() if others is None else others
    label, weight = lesson.label, np.sqrt(lesson.weight / lesson.weight.mean())
    fold, score, scored = _folds(lesson, folds), np.empty(len(label)), []
    for number in range(int(fold.max()) + 1):
        rest = fold != number
        fitted = spec.matcher.fit(
            features[rest], label[rest], names=spec.names(), seed=spec.seed + number,
            weights=weight[rest],
        )  # fmt: skip
        score[~rest] = fitted.score(features[~rest])
        scored.append(fitted.score(others))
    final = spec.matcher.fit(features, label, names=spec.names(), seed=spec.seed, weights=weight)
    decision = np.zeros(len(label), bool)
    for number, theirs in enumerate(scored):
        rest = fold != number
        cut = cut_for(label[rest], score[rest], weight[rest], theirs, spec.goal)
        decision[~rest] = score[~rest] >= cut
    cut = cut_for(label, score, weight, final.score(others), spec.goal)
    return Student(room.whole(final), cut, score, decision, int(fold.max()) + 1)


def cut_for(label: Bools, score: Floats, weight: Floats, others: Floats, goal: AnyGoal) -> float:
    """Choose a threshold on the scores of unlabelled pairs.

    The labelled pairs say what chance of a match a score has (Platt's line); as many of the
    unlabelled ones are then taken for matches, evenly spaced. A few hundred labels place a line
    well, and a threshold badly: the pairs next to it are a handful, and some weigh much.
    """
    slope, intercept = fit_platt(np.clip(score, *_INNER), label, weights=weight)
    others = np.sort(others)
    inner = np.clip(others, *_INNER)
    chance = 1 / (1 + np.exp(-slope[0] * np.log(inner / (1 - inner)) - intercept[0]))
    match = np.diff(np.floor(np.cumsum(chance) + 0.5), prepend=0.0) > 0
    if not match.any():
        match[-1] = True
    return choose_threshold(match, others, goal).threshold


def _folds(lesson: Lesson, folds: int) -> npt.NDArray[np.int64]:
    """Deal pairs into folds without a common record; every rest has both classes."""
    label = lesson.label
    matches, others = int(label.sum()), int((~label).sum())
    for count in range(folds, 1, -1):
        names = tuple(str(number) for number in range(count))
        split = split_by_group(
            lesson.left, lesson.right, seed=0, shares=[1 / count] * count, names=names
        )
        fold = split.part.astype(np.int64)
        parts = [label[fold != number] for number in range(count)]
        if len(np.unique(fold)) == count and all(
            min(int(part.sum()), int((~part).sum())) >= 2 for part in parts
        ):
            return fold
    raise LabelError(
        f"The labels hold {matches:,} matches and {others:,} non-matches, too few to teach and to "
        "check a matcher: ask about more pairs, or give more labels."
    )
