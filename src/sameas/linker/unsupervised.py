"""Fit without labels: a Fellegi-Sunter model of the candidate pairs, and a threshold from it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.evaluation import FBeta, expected_threshold, is_assigned
from sameas.linker.absent import narrowed
from sameas.linker.apart import Apart
from sameas.linker.bounded import Known
from sameas.linker.competition import competition_of
from sameas.linker.crowded import learn_crowded
from sameas.linker.expectations import (
    cost_of_no_rivals,
    expected_figures,
    of_kinds,
    plain_warnings,
)
from sameas.linker.fit import Fit
from sameas.linker.job import Job
from sameas.linker.levels import (
    default_levels,
)
from sameas.linker.redundancy import without_repeats
from sameas.linker.review import assigned_pairs
from sameas.linker.rivals import FittedRivals
from sameas.linker.room import within_room
from sameas.linker.sampling import drawn
from sameas.linker.spec import LinkerSpec
from sameas.linker.strangers import seen_beside_strangers, told_by_strangers
from sameas.linker.unlabelled import unlabelled_spec
from sameas.matching import Boosting, FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import Layout

__all__ = [
    "Believed",
    "fit_unlabelled",
    "learn_from_both",
    "opinion_of",
]

logger = logging.getLogger(__name__)
#: From here on a pair is likelier a match than not.
_LIKELY = 0.5
_CROWDED = (
    "most candidate pairs are alike in most of their fields, as where everybody is there many "
    "times: what matches are like was first told from records at random"
)


class Believed(NamedTuple):
    """What a Fellegi-Sunter model thinks of the candidates of a job.

    Attributes
    ----------
    score : float64[candidates]
        Chance of a match, rivals included.
    alone : float64[candidates]
        The same of each pair by itself.
    exclusive : (float, float) or None
        How far a left and a right record has only one partner; None without rivals.
    repeats : tuple of str
        What was left out because it repeats something, in words.
    share : float
        How much of what their fields can tell its matches share.
    crowd : float
        Share of the best few candidates of a record that are alike beside records at random;
        0 where there is too little to compare.
    """

    score: npt.NDArray[np.float64]
    alone: npt.NDArray[np.float64]
    exclusive: tuple[float, float] | None
    repeats: tuple[str, ...]
    share: float
    crowd: float = 0.0


def fit_unlabelled(job: Job) -> Fit:
    """Learn from the candidate pairs alone.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    """
    apart = Apart.loosened(job)
    rows, fitted, matcher, notes, believed = _learned(job)
    if apart:
        rows, believed = apart.believed(job, matcher, rows, believed)
    spec, found = job.spec, job.candidates
    score = chance = believed.score
    if isinstance(matcher, FittedRivals) and not spec.rivals:
        matcher, score, notes = fitted, believed.alone, list(believed.repeats)
        job.spec = replace(job.spec, second_pass=None)
        if len(rows) == len(found):
            job.keep_scores(Known(matcher, score))
    scale = max(len(found), 1) / max(len(rows), 1)
    left, right = found.left[rows], found.right[rows]
    assigned = assigned_pairs(job, matcher, left, right) if is_assigned(spec.goal) else None
    choice = expected_threshold(score, spec.goal, assigned=assigned, chance=chance)
    alike, none = fitted.learning.alike, not (score >= _LIKELY).any()
    unsure = alike is not None or none
    if unsure and isinstance(spec.goal, FBeta) and choice.threshold < _LIKELY:
        # Where matches are few the best F1 by their chances would take what is mostly none.
        cut = f"a lower cut, {choice.threshold:.4g}, would also take pairs that are likelier none"
        choice = replace(choice, threshold=_LIKELY, note=f"likelier a match than not; {cut}")
    expected = expected_figures(score, choice.threshold, scale, chance=chance)
    notes += of_kinds(alike, expected["links"], inside=job.group is None)
    notes += plain_warnings(job, expected)
    if score is not chance:
        notes.append(cost_of_no_rivals(chance, expected))
    report: dict[str, Any] = {
        "labels": "none: learned from the candidate pairs",
        "pairs": {"candidates": len(found), "used": len(rows)},
        "threshold_note": choice.note,
        "expected": expected,
        "prior": fitted.prior,
        "notes": [*fitted.learning.notes, *notes],
        "matcher": matcher.describe(),
        "brief": fitted.brief(),
    }
    for note in fitted.learning.notes:
        logger.info("learned without labels: %s", note)
    for note in notes:
        logger.warning("learned without labels: %s", note)
    return Fit(matcher, choice.threshold, report, choice.band)


def opinion_of(job: Job, spec: LinkerSpec) -> Believed | None:
    """Ask a Fellegi-Sunter model what it thinks of the candidates of a job.

    It compares each field once, whatever the trees see: several comparisons of a name that
    agree together would outweigh all else.

    Parameters
    ----------
    job : Job
        Its candidates, and what it has prepared of them, are used again.
    spec : LinkerSpec
        As the user gave it.

    Returns
    -------
    Believed or None
        None where no comparison has levels.
    """
    spec = narrowed(replace(spec, matcher=Boosting()), _asked(spec) - _asked(job.spec))
    spec = unlabelled_spec(spec)
    if not default_levels(spec.comparisons):
        return None
    other = job.with_spec(spec)
    rows, _, matcher, _, believed = _learned(other, opinion=True)
    if len(rows) == len(job.candidates):
        return believed
    score = other.scores(matcher, job.candidates.left, job.candidates.right)
    return believed._replace(score=score)


def _asked(spec: LinkerSpec) -> set[str]:
    """Return the fields that a linker reads; where the tables are known, those with values."""
    return {name for need in spec.needs() for name in need.fields}


class _Learned(NamedTuple):
    """The candidates that were learned from; the model, with rivals too, notes and opinions."""

    rows: npt.NDArray[np.int64]
    fitted: FittedFellegiSunter
    matcher: FittedFellegiSunter | FittedRivals
    notes: list[str]
    believed: Believed


def _learned(job: Job, *, opinion: bool = False) -> _Learned:
    """Learn from some candidates.

    As an opinion for self-training it lets more of them compete; see `competition_of`.
    """
    found, names = job.candidates, job.spec.base_names()
    repeats = [*within_room(job), *without_repeats(job)]
    assert isinstance(job.spec.matcher, FellegiSunter)
    layout = Layout(job.spec.matcher.levels, names)
    rows, packed, near, sample = drawn(job, layout, opinion=opinion)
    every = len(rows) == len(found)
    left, right = (found.left, found.right) if every else (found.left[rows], found.right[rows])
    codes = layout.unpack(packed)
    beside = None if opinion else told_by_strangers(job, sample)
    fitted = job.spec.matcher.learn(sample, names=names) if beside is None else beside.fitted
    if beside is None and not opinion:
        beside = learn_crowded(job, sample, fitted)
        repeats += [] if beside is None else [_CROWDED]
    if beside is not None:
        fitted, codes = beside.fitted, np.ascontiguousarray(codes[:, beside.place])
        job.spec = replace(job.spec, matcher=beside.matcher)
    own = _log_odds(job, fitted, rows, codes)
    matcher, notes, exclusive, lowered = competition_of(
        job, fitted, own, rows, near, opinion=opinion
    )
    if isinstance(matcher, FittedRivals):
        assert isinstance(matcher.first, FittedFellegiSunter)
        fitted, own = matcher.first, own - lowered
    else:
        job.spec = replace(job.spec, second_pass=None)
    score = alone = 1 / (1 + np.exp(-np.clip(own, -700, 700)))
    if isinstance(matcher, FittedRivals):
        if every:
            job.keep_window(matcher, matcher.gather(job, own))
        score = job.scores(matcher, left, right)
    if every:
        job.keep_scores(Known(matcher, score))
    elif matcher is fitted and not _weighs_rare(fitted):
        job.keep_scores(Known(matcher, fitted.score_of(codes), rows))
    share = 1.0 if fitted.learning.share is None else fitted.learning.share
    seen = seen_beside_strangers(job, sample) if opinion else None
    crowd = 0.0 if seen is None else seen.share
    believed = Believed(score, alone, exclusive, tuple(repeats), share, crowd)
    return _Learned(rows, fitted, matcher, [*repeats, *notes], believed)


def learn_from_both(
    job: Job, features: npt.NDArray[np.float32], labels: npt.NDArray[np.bool_]
) -> FittedFellegiSunter:
    """Learn from labelled matches and from the unlabelled candidate pairs.

    Labelled matches count for m as they are; u and the prior come from the candidates, for
    labelled non-matches are mostly picked to be hard.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    features : float32[n, k]
        Comparisons and context of labelled pairs.
    labels : bool[n]
    """
    for note in (*within_room(job), *without_repeats(job)):
        logger.warning("learned from labels and candidates: %s", note)
    matcher = job.spec.matcher
    assert isinstance(matcher, FellegiSunter)
    layout = Layout(matcher.levels, job.spec.base_names())
    sample = drawn(job, layout).sample
    matches = layout.patterns([layout.pack(np.ascontiguousarray(features[labels]))])
    return matcher.learn(replace(sample, matches=matches), names=layout.names)


def _log_odds(
    job: Job,
    fitted: FittedFellegiSunter,
    rows: npt.NDArray[np.int64],
    codes: npt.NDArray[np.uint8],
) -> npt.NDArray[np.float64]:
    """Return the log-odds of pairs; comparisons are made anew only where rare values count."""
    if not _weighs_rare(fitted):
        return fitted.log_odds_of(codes)
    own = np.empty(len(codes), np.float64)
    job.each_candidate("score", fitted.log_odds, own, rows)
    return own


def _weighs_rare(fitted: FittedFellegiSunter) -> bool:
    """Say whether a model asks how rare the values are that agree."""
    return any(item.frequency is not None for item in fitted.levels)
