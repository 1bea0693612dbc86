"""Teaching a pair classifier: bounds, networks, and the final matcher over what they say.

First scores and log-odds of training pairs are cross-fitted, so the final matcher learns from
them as they are on new pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sameas.core.errors import LabelError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling import deal_folds
from sameas.linker.opinion import OpinionColumns
from sameas.linker.pair_classifier import (
    DISTANCE,
    FittedPairClassifier,
    PairClassifier,
    metres_of,
)
from sameas.linker.pair_lesson import network_lesson, unlabelled_pairs
from sameas.linker.pair_network import PairNetwork, record_columns, train_network
from sameas.matching import FittedMatcher
from sameas.models.pairs import Serialisation

if TYPE_CHECKING:
    from sameas.linker.job import Job

__all__ = ["TaughtNetwork", "fit_pair_classifier", "teach_network"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

_COORDINATES = ("latitude", "longitude")


@dataclass(frozen=True, eq=False)
class TaughtNetwork:
    """A network beside the matcher that says when to ask it.

    Attributes
    ----------
    spec : PairClassifier
        With what it left to the linker.
    first : FittedMatcher
    network : PairNetwork
    bounds : dict of str to float
        The row of `BAND`.
    odds : float32[p]
        Log-odds of the labelled pairs between the bounds, NaN for the others; of training pairs
        those of networks without their left records.
    """

    spec: PairClassifier
    first: FittedMatcher
    network: PairNetwork
    bounds: dict[str, float]
    odds: Floats


def fit_pair_classifier(
    job: Job,
    second: PairClassifier,
    features: Floats,
    pairs: tuple[IntArray, IntArray, Bools],
    parts: tuple[Bools, Bools],
) -> tuple[FittedPairClassifier, Scores]:
    """Fit first matcher, networks and final matcher; score the labelled pairs.

    Parameters
    ----------
    job, second, features, pairs, parts
        As in `teach_network`.

    Returns
    -------
    fitted : FittedPairClassifier
    scores : float64[p]
        Log-odds of training pairs are those of networks without their left records.
    """
    label, train = pairs[2], parts[0]
    taught = teach_network(job, second, features, pairs, parts)
    whole, spec = np.hstack([features, taught.odds[:, None]]), job.spec
    final = spec.matcher.fit(whole[train], label[train], names=spec.names(), seed=spec.seed)
    fitted = FittedPairClassifier(taught.spec, taught.first, taught.network, final, taught.bounds)
    return fitted, final.score(whole)


def teach_network(
    job: Job,
    second: PairClassifier,
    features: Floats,
    pairs: tuple[IntArray, IntArray, Bools],
    parts: tuple[Bools, Bools],
    *,
    opinion: OpinionColumns | None = None,
) -> TaughtNetwork:
    """Fit the first matcher and the networks; the job's spec takes over their settings.

    Parameters
    ----------
    job : Job
    second : PairClassifier
    features : float32[p, k]
        Comparisons, context and opinion of the labelled pairs.
    pairs : (left int32[p], right int32[p], label bool[p])
    parts : (train bool[p], valid bool[p])
        Valid pairs choose weights and bounds; of others nothing is learnt.
    opinion : OpinionColumns, optional
        What adds the opinion to further pairs, where `second` has one.
    """
    left, right, label = pairs
    train, valid = parts
    dealt = job.number(left)
    if not second.can_fit(dealt[train], label[train]):
        raise LabelError(
            f"The training pairs hold {int(label[train].sum())} matches; a pair classifier needs "
            f"matches and non-matches in each of {second.folds} folds of the left records."
        )
    second, form = _settled(job, second)
    job.spec = replace(job.spec, second_pass=second)
    names = job.spec.names()[:-1]
    fold = deal_folds(dealt, second.folds)
    inside = [train & (fold == number) for number in range(second.folds)]
    first, others, score = _first(second, features, label, train, inside, names, job.spec.seed)
    bounds, asked = _bounds(second, score, label, train | valid)
    more = unlabelled_pairs(job, second, first, pair_key(left, right), opinion)
    columns = record_columns(job.records, second.fields)
    metres = metres_of(form, features, names)
    odds = np.full(len(left), np.nan, np.float32)

    def learn(rows: Bools, what: Bools, judged_by: FittedMatcher) -> PairNetwork:
        if second.only_open and 0 < label[rows & asked].sum() < (rows & asked).sum():
            rows = rows & asked
        judge = valid & asked if second.only_open else valid
        lesson = network_lesson(pairs, features, (rows, judge), more, judged_by)
        network = train_network(
            columns, lesson.pairs, lesson.parts, spec=second, target=lesson.target,
            metres=metres_of(form, lesson.features, names),
        )  # fmt: skip
        far = None if metres is None else metres[what]
        odds[what] = network.log_odds(columns, left[what], right[what], far)
        return network

    for mine, other in zip(inside, others, strict=True):
        if (mine & asked).any():
            learn(train & ~mine, mine & asked, other)
    network = learn(train, ~train & asked, first)
    return TaughtNetwork(second, first, network, bounds, odds)


def _settled(job: Job, second: PairClassifier) -> tuple[PairClassifier, Serialisation]:
    """Return the settings with what they leave to the linker, and the form."""
    told = DISTANCE in job.spec.base_names()
    form = second.form or Serialisation(distance="text" if told else None)
    table, fields = job.records.table, second.fields
    if not fields:
        left_out = {field.name for field in job.spec.fields
                    if form.distance is not None and field.kind in _COORDINATES}  # fmt: skip
        fields = tuple(
            field.name
            for field in job.spec.fields
            if field.name not in left_out | {job.spec.silver}
            and table[field.name].null_count < len(table)
        )
    return replace(second, form=form, fields=fields), form


def _first(
    second: PairClassifier,
    features: Floats,
    label: Bools,
    train: Bools,
    inside: list[Bools],
    names: tuple[str, ...],
    seed: int,
) -> tuple[FittedMatcher, list[FittedMatcher], Scores]:
    """Fit the first matcher, and one without each fold, which scores the training pairs of it."""
    first = second.matcher.fit(features[train], label[train], names=names, seed=seed)
    score = np.asarray(first.score(features), np.float64)
    others = []
    for number, mine in enumerate(inside):
        rest = train & ~mine
        own = second.matcher.fit(features[rest], label[rest], names=names, seed=seed + number + 1)
        score[mine] = own.score(features[mine])
        others.append(own)
    return first, others, score


def _bounds(
    second: PairClassifier, score: Scores, label: Bools, seen: Bools
) -> tuple[dict[str, float], Bools]:
    """Return the row of `BAND`, and which pairs lie between the bounds."""
    low, high = second.band(score[seen], label[seen])
    asked = (score >= low) & (score <= high)
    wrong = np.where(label, score < low, score > high)
    shares = {"asked": float(asked[seen].mean()), "lost": float(wrong[seen].mean())}
    return {"low": low, "high": high, **shares}, asked
