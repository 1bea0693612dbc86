"""Fit without labels: a Fellegi-Sunter model of the candidate pairs, and a threshold from it."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.evaluation import expected_threshold, is_assigned
from sameas.linker.both_ways import both_ways
from sameas.linker.bounded import Known
from sameas.linker.defaults import default_comparisons, default_context
from sameas.linker.expectations import expected_figures, plain_warnings
from sameas.linker.job import Job
from sameas.linker.levels import (
    default_levels,
    first_of_each_field,
    unlabelled_comparisons,
    unlabelled_context,
)
from sameas.linker.patterns import coded, sample_of
from sameas.linker.redundancy import without_repeats
from sameas.linker.review import assigned_pairs
from sameas.linker.rivals import (
    FittedRivals,
    Rivals,
    measure_exclusivity,
    measure_inside,
    measure_several,
)
from sameas.linker.seats import Seats
from sameas.linker.spec import LinkerSpec
from sameas.linker.training import Fit
from sameas.matching import Boosting, FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import Layout

__all__ = [
    "NO_RIVALS",
    "Believed",
    "can_learn",
    "fit_unlabelled",
    "learn_from_both",
    "opinion_of",
    "unlabelled_spec",
]

logger = logging.getLogger(__name__)
#: Candidate pairs beyond this many are sampled for the fit. Of two tables more are taken, for
#: how exclusive partners are shows in all the candidates of a record.
_MOST_PAIRS = 250_000
_MOST_ACROSS = 5_000_000
#: With so many times more matches than records, and so many plausible partners of those that
#: have any, in either table, a pairwise model has not found matches.
_TOO_MANY, _AMBIGUOUS = 2.0, 1.25
#: Inside one table: where records that have copies have several, and one copy at most so far.
_MOSTLY_ONE = 0.35
NO_RIVALS = 0.0, 0.0


class Believed(NamedTuple):
    """What a Fellegi-Sunter model thinks of the candidates of a job.

    Attributes
    ----------
    score : float64[candidates]
        Chance of a match, rivals included.
    exclusive : (float, float) or None
        How far a left and a right record has only one partner; None without rivals.
    repeats : tuple of str
        What was left out because it repeats something, in words.
    """

    score: npt.NDArray[np.float64]
    exclusive: tuple[float, float] | None
    repeats: tuple[str, ...]


def can_learn(spec: LinkerSpec) -> bool:
    """Say whether a linker can learn without labels and without a silver field."""
    return spec.silver is None and isinstance(spec.matcher, Boosting | FellegiSunter)


def unlabelled_spec(spec: LinkerSpec) -> LinkerSpec:
    """Turn the defaults of a linker into those for tables without labels.

    The default matcher, and any other `Boosting`, becomes `FellegiSunter`, the comparisons about
    one a field; what the user chose for a `FellegiSunter` stays. There is no second pass and no
    cascade.
    """
    evidence = tuple(field for field in spec.fields if field.name != spec.silver)
    comparisons = spec.comparisons
    taught = isinstance(spec.matcher, Boosting)
    matcher = FellegiSunter() if taught else spec.matcher
    open_to = isinstance(matcher, FellegiSunter) and not matcher.levels
    if open_to and comparisons == default_comparisons(evidence):
        comparisons = unlabelled_comparisons(evidence)
    elif taught:  # of a recipe: many columns a field, which trees can weigh against each other
        comparisons = first_of_each_field(comparisons)
    context = spec.context
    if open_to and context is not None and context == default_context(evidence):
        context = unlabelled_context(evidence) or context
    if isinstance(matcher, FellegiSunter) and open_to:
        matcher = replace(matcher, levels=default_levels(comparisons, context))
    second = Rivals() if spec.context is not None else None
    return replace(
        spec, comparisons=comparisons, context=context, matcher=matcher, second_pass=second,
        cascade=None,
    )  # fmt: skip


def fit_unlabelled(job: Job) -> Fit:
    """Learn from the candidate pairs alone.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    """
    spec, found = job.spec, job.candidates
    rows = _sampled(job)
    fitted, matcher, notes, believed = _learned(job, rows)
    score = believed.score
    scale = max(len(found), 1) / max(len(rows), 1)
    left, right = found.left[rows], found.right[rows]
    assigned = assigned_pairs(job, matcher, left, right) if is_assigned(spec.goal) else None
    choice = expected_threshold(score, spec.goal, assigned=assigned)
    expected = expected_figures(score, choice.threshold, scale)
    notes += plain_warnings(job, expected)
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
    spec = unlabelled_spec(replace(spec, matcher=Boosting()))
    if not default_levels(spec.comparisons):
        return None
    other = job.with_spec(spec.without(_asked(spec) - _asked(job.spec)))
    rows = _sampled(job)
    _, matcher, _, believed = _learned(other, rows, inside=job.mode == "dedupe")
    if len(rows) == len(job.candidates):
        return believed
    score = other.scores(matcher, job.candidates.left, job.candidates.right)
    return believed._replace(score=score)


def _asked(spec: LinkerSpec) -> set[str]:
    """Return the fields that a linker reads; where the tables are known, those with values."""
    return {name for need in spec.needs() for name in need.fields}


def _learned(
    job: Job, rows: npt.NDArray[np.int64], *, inside: bool = False
) -> tuple[FittedFellegiSunter, FittedFellegiSunter | FittedRivals, list[str], Believed]:
    """Learn from some candidates; return the model, with rivals too, notes and opinions.

    Those of one table compete where `inside` says so.
    """
    found, names = job.candidates, job.spec.base_names()
    repeats = without_repeats(job)
    assert isinstance(job.spec.matcher, FellegiSunter)
    layout, every = Layout(job.spec.matcher.levels, names), len(rows) == len(found)
    left, right = (found.left, found.right) if every else (found.left[rows], found.right[rows])
    packed, near = coded(job, layout, "levels", rows=None if every else rows)
    scale = max(len(found), 1) / max(len(rows), 1)
    sample = sample_of(job, layout, packed[near], scale, found.rule[rows][near])
    fitted = job.spec.matcher.learn(sample, names=names)
    codes = layout.unpack(packed)
    own = _log_odds(job, fitted, rows, codes)
    add = _with_rivals_inside if inside else _with_rivals
    matcher, notes, exclusive = add(job, fitted, own, rows)
    score = 1 / (1 + np.exp(-np.clip(own, -700, 700)))
    if isinstance(matcher, FittedRivals):
        if every:
            job.keep_window(matcher, matcher.gather(job, own))
        score = job.scores(matcher, left, right)
    if every:
        job.keep_scores(Known(matcher, score))
    elif matcher is fitted and not _weighs_rare(fitted):
        job.keep_scores(Known(matcher, fitted.score_of(codes), rows))
    return fitted, matcher, [*repeats, *notes], Believed(score, exclusive, tuple(repeats))


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
    without_repeats(job)
    matcher, found = job.spec.matcher, job.candidates
    assert isinstance(matcher, FellegiSunter)
    layout = Layout(matcher.levels, job.spec.base_names())
    rows = _sampled(job)
    packed, near = coded(job, layout, "levels", rows=rows)
    scale = max(len(found), 1) / max(len(rows), 1)
    sample = sample_of(job, layout, packed[near], scale, found.rule[rows][near])
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


def _with_rivals(
    job: Job,
    fitted: FittedFellegiSunter,
    own: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> tuple[FittedFellegiSunter | FittedRivals, list[str], tuple[float, float] | None]:
    """Add the rivals of several tables, with the exclusivity that is measured or must be.

    Last comes how far a record is believed to have one partner. Where too much is taken for
    matches, what was measured of them is too low: there it is the greater of both, made greater.
    """
    sizes = np.bincount(job.records.source_code)
    if not isinstance(job.spec.second_pass, Rivals) or job.group is None or len(sizes) < 2:
        job.spec = replace(job.spec, second_pass=None)
        return fitted, [], None
    left, right = job.candidates.left[rows], job.candidates.right[rows]
    found = float((1 / (1 + np.exp(-np.clip(own, -700, 700)))).sum())
    found *= len(job.candidates) / max(len(rows), 1)
    seats, room = Seats.of(sizes), sum(map(min, combinations(sizes.tolist(), 2)))
    shares = (
        measure_exclusivity(left, right, own, len(job.records), single=job.single)
        if (len(sizes) == 2)
        else (measure_several(seats, left, right, own, single=job.single),) * len(sizes)
    )
    few = found <= _TOO_MANY * room or _partners(*seats.ends(left, right), own) < _AMBIGUOUS
    if few or all(job.single):
        return FittedRivals(fitted, shares), [], shares[:2]
    note = (
        f"pair by pair the model takes {found:,.0f} for matches, more than {room:,} "
        "records allow: each record was therefore given one partner at most"
    )
    greater = 1 - (1 - max(shares)) ** 2
    return FittedRivals(fitted, (1.0,) * len(sizes)), [note], (greater, greater)


def _with_rivals_inside(
    job: Job,
    fitted: FittedFellegiSunter,
    own: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> tuple[FittedRivals, list[str], tuple[float, float]]:
    """Add the rivals of one table; see `_with_rivals`.

    Where records have several copies, as a paper that is cited often, nobody competes. Where the
    model takes too much for matches though records mostly have one copy, it has found what is of
    one kind.
    """
    found, records = job.candidates, len(job.records)
    left, right = found.left[rows], found.right[rows]
    share = measure_inside(left, right, own, records)
    likely = float((1 / (1 + np.exp(-np.clip(own, -700, 700)))).sum()) * len(found) / len(rows)
    ambiguous = _partners(*both_ways(left, right, records, own)) >= _AMBIGUOUS
    if share < _MOSTLY_ONE and ambiguous:
        return FittedRivals(fitted, (0.0,)), [], NO_RIVALS
    # Every record has one copy in half as many pairs.
    if likely <= _TOO_MANY * records / 2 or not ambiguous:
        return FittedRivals(fitted, (share,)), [], (share, share)
    greater = 1 - (1 - share) ** 2
    return FittedRivals(fitted, (1.0,)), [], (greater, greater)


def _partners(left: IntArray, right: IntArray, own: npt.NDArray[np.float64]) -> float:
    """Return how many plausible partners a record has that has any, in the better table."""
    likely = own > 0
    most = max(len(np.unique(side[likely])) for side in (left, right))
    return float(likely.sum()) / max(most, 1)


def _sampled(job: Job) -> npt.NDArray[np.int64]:
    """Return the candidates to learn from, in order."""
    total, most = len(job.candidates), _MOST_PAIRS if job.group is None else _MOST_ACROSS
    if total <= most:
        return np.arange(total)
    random = np.random.default_rng(job.spec.seed)
    return np.sort(random.choice(total, most, replace=False))
