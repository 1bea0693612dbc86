"""Fit without labels by self-training: guesses become labels, and rivals compete."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.errors import ArgumentError, LabelError
from sameas.evaluation import FBeta, ThresholdChoice, expected_threshold, is_assigned
from sameas.linker.apart import Apart
from sameas.linker.competition import NEARLY_ALL
from sameas.linker.doubts import Doubt, DoubtError
from sameas.linker.examples import PLAIN
from sameas.linker.expectations import cost_of_no_rivals, expected_figures, plain_warnings
from sameas.linker.fit import Fit
from sameas.linker.job import Job
from sameas.linker.learner import Learner
from sameas.linker.one_table import OneTable
from sameas.linker.review import assigned_pairs
from sameas.linker.rivals import FittedRivals, Rivals
from sameas.linker.sampling import check_candidates
from sameas.linker.several_tables import SeveralTables
from sameas.linker.spec import LinkerSpec
from sameas.linker.two_tables import TwoTables
from sameas.linker.unsupervised import opinion_of
from sameas.linker.without_rivals import Alone, learn_outcome
from sameas.matching import FittedMatcher, SelfTraining, TreeEnsemble

__all__ = ["fit_self_trained"]

logger = logging.getLogger(__name__)
Wide = npt.NDArray[np.float64]

#: With fewer guessed matches there is little to learn from.
_FEW = 50
#: In tables of so few records trees learn nothing from fewer guesses than this.
_SMALL, _LEAST = 20, 6


def fit_self_trained(job: Job, given: LinkerSpec) -> Fit:
    """Learn from the candidate pairs alone, by `SelfTraining`.

    Parameters
    ----------
    job : Job
        Its matcher is a `SelfTraining`; it has a context.
    given : LinkerSpec
        As the user gave it, for the second opinion.

    Raises
    ------
    ArgumentError
        If there is no context.
    LabelError
        If there is nothing to learn from.
    """
    spec = job.spec.matcher
    assert isinstance(spec, SelfTraining)
    if job.spec.context is None:
        raise ArgumentError(
            "SelfTraining starts from the first similarities of a context, and this linker has "
            "none. Give context=Context((NgramCosine(('name',)),)) over a wording field, or take "
            "matcher=FellegiSunter()."
        )
    apart = Apart.loosened(job)
    check_candidates(job)
    learner = _learner(job, spec, given)
    asked = isinstance(given.matcher, SelfTraining)
    crowd = 0.0 if learner.opinion is None else learner.opinion.crowd
    if crowd >= NEARLY_ALL and not asked:  # none is far ahead for trees to begin with
        raise DoubtError(Doubt(f"are {crowd:.0%} of the best candidates of a record", "many"))
    guess = learner.guess()
    guessed = int((guess > 0.5).sum())
    if guess.min() > 0.5 or not guessed:
        raise LabelError(
            f"Of {len(guess):,} candidate pairs {guessed:,} are guessed to be matches: there is "
            "nothing to tell apart. Give labels, or take matcher=FellegiSunter()."
        )
    if guessed < _LEAST and len(job.records) < _SMALL and not asked:
        raise LabelError(
            f"only {guessed} pairs are guessed to be matches, too few for trees to learn from"
        )
    taught, doubt = _taught(learner, guess)
    if doubt is not None and not asked:
        raise DoubtError(doubt)
    if apart:
        learner, taught = _kept_apart(apart, learner, taught)
    matcher, score, chance = _judges(learner, taught)
    plain, chance = score is chance, _believed(learner, chance)
    choice = _threshold(job, matcher, score, chance, plain=plain)
    report = _report(learner, matcher, guessed, (score, chance), choice, plain=plain)
    if doubt is not None:
        note = f"the pairs most alike {doubt.why}: they may be of one kind, and not one"
        logger.warning("learned without labels: %s", note)
        report["notes"].append(note)
    return Fit(matcher, choice.threshold, report, choice.band)


class _Taught(NamedTuple):
    """Trees, and their log-odds: of near candidates out of folds, and of all."""

    trees: TreeEnsemble
    crossed: Wide
    own: Wide


def _learner(job: Job, spec: SelfTraining, given: LinkerSpec) -> Learner:
    inside, across = job.mode == "dedupe", job.group is not None
    second = opinion_of(job, given) if inside or across else None
    several = across and len(job.records.sources) > 2
    kind = OneTable if inside else SeveralTables if several else TwoTables if across else Learner
    learner: Learner = kind(job, spec, second)
    return learner


def _taught(learner: Learner, guess: Wide) -> tuple[_Taught, Doubt | None]:
    """Learn and guess in turns; say what speaks against copies, if anything does."""
    rounds, again = learner.rounds, guess
    for number in range(rounds):
        trees, crossed, own = learner.learn(again, number, last=number + 1 == rounds)
        following = learner.guess_again(guess, crossed) if number + 1 < rounds else again
        again = following if learner.teaches(following) else again
    doubt, shift = learner.verdict(crossed)
    trees = replace(trees, baseline=trees.baseline + shift)
    return _Taught(trees, crossed + shift, own + shift), doubt


def _kept_apart(apart: Apart, learner: Learner, taught: _Taught) -> tuple[Learner, _Taught]:
    """Take out what differs in a word of a series, now that trees have learned."""
    near = learner.near
    learner, kept = apart.learner(learner)
    return learner, _Taught(taught.trees, taught.crossed[kept[near]], taught.own[kept])


def _judges(learner: Learner, taught: _Taught) -> tuple[FittedRivals | TreeEnsemble, Wide, Wide]:
    """Return the matcher that the job asks for, its scores, and the chances of a match.

    The two differ where pairs that share a record compete, but not in the matcher.
    """
    job, (trees, crossed, own) = learner.job, taught
    matcher: FittedRivals | TreeEnsemble = trees
    if learner.competes:
        shares, sources = learner.exclusivity(crossed), len(job.records.sources)
        matcher = FittedRivals(trees, shares[:1] * sources if sources > 2 else shares[:sources])
    score = chance = learner.judged(matcher, own)
    if isinstance(matcher, FittedRivals) and not job.spec.rivals:
        alone = learn_outcome(learner, chance) or Alone(trees, own)
        matcher, score = alone.matcher, learner.judged(*alone)
    rivals = Rivals() if isinstance(matcher, FittedRivals) else None
    job.spec = replace(job.spec, second_pass=rivals, cascade=None)
    if isinstance(matcher, FittedRivals):
        job.keep_window(matcher, matcher.gather(job, own))
    return matcher, score, chance


def _believed(learner: Learner, chance: Wide) -> Wide:
    """Return the chances of a match, without the many small ones of far candidates.

    These are non-matches by assumption, and their small scores add up to matches that are not.
    """
    believed = np.where(chance > PLAIN, chance, 0.0)
    believed[learner.near] = chance[learner.near]
    return believed


def _threshold(
    job: Job, matcher: FittedMatcher, score: Wide, chance: Wide, *, plain: bool
) -> ThresholdChoice:
    """Take pairs that are likelier matches than not; for another goal, what it expects.

    Where the score is not `plain`, the chance of a match, as without rivals, the goal decides too.
    """
    goal, found = job.spec.goal, job.candidates
    if plain and isinstance(goal, FBeta) and goal.beta == 1:
        note = "likelier a match than not, by the model; no labels were used"
        return ThresholdChoice(0.5, float("nan"), goal, note)
    assigned = assigned_pairs(job, matcher, found.left, found.right) if is_assigned(goal) else None
    return expected_threshold(score, goal, assigned=assigned, chance=chance)


def _report(
    learner: Learner,
    matcher: FittedRivals | TreeEnsemble,
    guessed: int,
    scores: tuple[Wide, Wide],
    choice: ThresholdChoice,
    *,
    plain: bool,
) -> dict[str, Any]:
    job, found = learner.job, learner.job.candidates
    score, chance = scores
    expected = expected_figures(score, choice.threshold, 1.0, chance=chance)
    notes = plain_warnings(job, expected)
    if not plain:
        notes.append(cost_of_no_rivals(chance, expected))
    notes += learner.opinion.repeats if learner.opinion is not None else ()
    notes += learner.remarks(expected["links"])
    if guessed < _FEW:
        notes.append(f"only {guessed} pairs were guessed to be matches: too few to learn from")
    how = "are the best of a record, or as alike" if learner.competes else "look alike"
    report: dict[str, Any] = {
        "labels": f"none: self-training, which began with {guessed:,} pairs that {how}",
        "pairs": {"candidates": len(found), "used": len(learner.near)},
        "threshold_note": choice.note,
        "expected": expected,
        "notes": notes,
        "matcher": matcher.describe(),
    }
    if isinstance(matcher, FittedRivals):
        shares = dict(zip(job.records.sources, matcher.exclusive, strict=True))
        report["exclusivity"] = {name: round(share, 4) for name, share in shares.items()}
        sizes = np.bincount(job.records.source_code)
        room = sum(min(pair) for pair in combinations(sizes.tolist(), 2))
        most, of = (
            (room, "the smaller table has {:,} records")
            if len(sizes) == 2
            else (room or len(job.records) // 2, "there is room for {:,} pairs")
        )
        if max(matcher.exclusive) > 0.5 and expected["links"] > most:
            notes.append(
                f"{expected['links']:,.0f} links, though records mostly have one partner and "
                f"{of.format(most)}: look at some"
            )
    for note in notes:
        logger.warning("learned without labels: %s", note)
    return report
