"""Which matcher learns where nobody labelled pairs."""

from __future__ import annotations

import logging
from dataclasses import replace
from importlib.util import find_spec

from sameas.core.errors import LabelError
from sameas.linker.defaults import default_comparisons
from sameas.linker.fit import Fit
from sameas.linker.job import Job
from sameas.linker.pair_classifier import PairClassifier
from sameas.linker.rivals import FittedRivals
from sameas.linker.spec import LinkerSpec
from sameas.linker.subjects import names_of_persons, only_names
from sameas.linker.unlabelled import can_learn, unlabelled_spec
from sameas.linker.unsupervised import fit_unlabelled
from sameas.matching import (
    Boosting,
    FittedFellegiSunter,
    FittedMatcher,
    RuleMatcher,
    SelfTraining,
)

__all__ = ["fit_without_labels", "spec_without_labels"]

logger = logging.getLogger(__name__)
#: The threshold of rules, whose scores are 0 and 1.
_ALL_MET = 0.5
_NOTE = (
    "scikit-learn is not installed, so the matcher is FellegiSunter(); on tables like these "
    "SelfTraining() finds more: pip install 'sameas[train]'"
)
_NAMESAKES = (
    "nothing is known of the persons but their names: two persons of one name cannot be told "
    "apart; give a birthday, a place or the like if there is one"
)


def spec_without_labels(
    spec: LinkerSpec, *, across: bool, sources: int
) -> tuple[LinkerSpec, list[str]] | None:
    """Choose the matcher of a linker that has neither labels nor a silver field.

    What the user chose stays if it can learn by itself. The default matcher, and any other
    `Boosting`, becomes `SelfTraining` for tables whose candidates have a context and that are not
    of persons, or are lists of their names; elsewhere, and for one table of a recipe, it becomes
    `FellegiSunter`.

    Parameters
    ----------
    spec : LinkerSpec
    across : bool
        Whether only records of different tables meet.
    sources : int
        Number of tables.

    Returns
    -------
    (LinkerSpec, list of str) or None
        The spec and what to know of the choice; None where the matcher needs labels.

    Raises
    ------
    LabelError
        If a pair classifier was asked for.
    """
    if spec.silver is not None:
        return None
    if isinstance(spec.second_pass, PairClassifier):
        raise LabelError(
            "There are no labels, and a pair classifier has to be taught by some. Give labels=, a "
            "table with left_id, right_id and label; or name a silver field; or leave the pair "
            "classifier out."
        )
    if isinstance(spec.matcher, SelfTraining):
        return _self_trained(spec, spec.matcher), []
    if _is_settled(spec):
        return replace(spec, second_pass=None, cascade=None), []
    # Fields of persons say little one by one and much together: Fellegi-Sunter's own. Two lists of
    # names are told apart by their wording, as those of things are.
    suits = (
        isinstance(spec.matcher, Boosting)
        and spec.context is not None
        and (sources > 1 if across else sources == 1 and _is_plain(spec))
        and ((across and only_names(spec.fields)) or not names_of_persons(spec.fields))
    )
    able = find_spec("sklearn") is not None
    if suits and able:
        notes = [_NAMESAKES] if only_names(spec.fields) else []
        return _self_trained(spec, SelfTraining()), notes
    if can_learn(spec):
        return unlabelled_spec(spec), [_NOTE] if suits else []
    return None


def _is_settled(spec: LinkerSpec) -> bool:
    """Say whether the matcher is rules whose thresholds are all given: nothing is to be learned."""
    matcher = spec.matcher
    return isinstance(matcher, RuleMatcher) and all(
        item.value is not None for item in matcher.conditions
    )


def _is_plain(spec: LinkerSpec) -> bool:
    """Say whether the comparisons follow from the fields alone, as in a plan.

    One table of a recipe stays with Fellegi-Sunter: on three of mineral sites self-training was
    level or worse.
    """
    return spec.comparisons == default_comparisons(spec.fields)


def fit_without_labels(job: Job, notes: list[str], given: LinkerSpec) -> Fit:
    """Learn from the candidate pairs alone, by the matcher of the job.

    Parameters
    ----------
    job : Job
    notes : list of str
        What to know of the choice of the matcher.
    given : LinkerSpec
        The linker as the user gave it.
    """
    matcher = job.spec.matcher
    if isinstance(matcher, RuleMatcher):
        return _as_given(job, matcher)
    if isinstance(matcher, SelfTraining):
        from sameas.linker.self_training import fit_self_trained  # many modules, seldom needed

        learned = fit_self_trained(job, given)
    else:
        learned = fit_unlabelled(job)
    for note in notes:
        logger.warning("%s", note)
    learned.report["notes"] = [*notes, *learned.report["notes"]]
    learned.report["assumptions"] = _assumed(learned.matcher, given)
    return learned


def _as_given(job: Job, matcher: RuleMatcher) -> Fit:
    """Take rules as they are; a pair that meets them all has the score 1."""
    fitted = matcher.without_training(job.spec.names())
    report = {
        "labels": "none: rules with thresholds that were given",
        "pairs": {"candidates": len(job.candidates), "used": 0},
        "threshold_note": "pairs that meet all rules have the score 1, others 0",
        "notes": [],
        "matcher": fitted.describe(),
    }
    return Fit(fitted, _ALL_MET, report)


def _assumed(matcher: FittedMatcher, given: LinkerSpec) -> list[str]:
    """Say what a model of independent comparisons takes for granted, and what it leaves out."""
    if isinstance(matcher, FittedRivals):
        matcher = matcher.first
    if not isinstance(matcher, FittedFellegiSunter):
        return []
    used = [item.column for item in matcher.levels]
    said = [
        "The parts of a score count as independent of each other, so each field is compared once: "
        f"{', '.join(used)}."
    ]
    out = [name for name in given.base_names() if name not in used]
    if isinstance(given.matcher, Boosting) and out:
        said.append(
            f"{len(out)} further columns, other similarities of these fields, have no part. "
            "Matches that only they show are not found; labels bring them in."
        )
    return said


def _self_trained(spec: LinkerSpec, matcher: SelfTraining) -> LinkerSpec:
    return replace(spec, matcher=matcher, second_pass=None, cascade=None)
