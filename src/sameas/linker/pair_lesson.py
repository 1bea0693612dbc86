"""What a network learns from: labelled pairs, and others that the first matcher labels.

A few hundred texts teach a network little, and the same labels a forest over comparisons much. So
the forest passes on what it learned: it says how likely further pairs are matches. These are
drawn as evenly over its scores as the pairs that are asked about are over the scores before.
Most likely matches may bear labels already, so labelled pairs are never left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling.selection import PairSelection, choose_pairs
from sameas.linker.opinion import OpinionColumns
from sameas.matching import FittedMatcher

if TYPE_CHECKING:
    from sameas.linker.job import Job
    from sameas.linker.pair_classifier import PairClassifier

__all__ = ["NetworkLesson", "UnlabelledPairs", "network_lesson", "unlabelled_pairs"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

#: Candidates that are scored to draw some of them, at most.
_LOOKED_AT = 20_000
_EVENLY = PairSelection(random=1.0, score=0.0, doubt=0.0, hard=0.0)


@dataclass(frozen=True, eq=False)
class UnlabelledPairs:
    """Candidates without a label, and what the first matcher sees of them."""

    left: IntArray
    right: IntArray
    features: Floats


@dataclass(frozen=True, eq=False)
class NetworkLesson:
    """What `train_network` takes.

    Attributes
    ----------
    pairs : (left int32[n], right int32[n], label bool[n])
    parts : (train bool[n], valid bool[n])
    features : float32[n, k]
    target : float32[n, 2] or None
    """

    pairs: tuple[IntArray, IntArray, Bools]
    parts: tuple[Bools, Bools]
    features: Floats
    target: Floats | None


def unlabelled_pairs(
    job: Job,
    second: PairClassifier,
    first: FittedMatcher,
    labelled: npt.NDArray[np.int64],
    opinion: OpinionColumns | None,
) -> UnlabelledPairs | None:
    """Draw candidates evenly over the scores of the first matcher; None where none are wanted.

    Parameters
    ----------
    job : Job
    second : PairClassifier
        Says how many.
    first : FittedMatcher
    labelled : int64[p]
        Keys of the pairs that have a label.
    opinion : OpinionColumns or None
    """
    if not second.unlabelled:
        return None
    found = job.candidates
    free = np.flatnonzero(~np.isin(pair_key(found.left, found.right), labelled))
    some = np.sort(np.random.default_rng(job.spec.seed).permutation(free)[:_LOOKED_AT])
    left, right = found.left[some], found.right[some]
    features = job.seen(opinion, left, right, np.ones(len(some), bool))
    score = np.clip(first.score(features), 0, 1)
    rows = choose_pairs(left, right, score, pairs=second.unlabelled, selection=_EVENLY).rows
    return UnlabelledPairs(left[rows], right[rows], features[rows])


def network_lesson(
    pairs: tuple[IntArray, IntArray, Bools],
    features: Floats,
    parts: tuple[Bools, Bools],
    more: UnlabelledPairs | None,
    first: FittedMatcher,
) -> NetworkLesson:
    """Put pairs that a matcher labels behind the labelled ones."""
    if more is None:
        return NetworkLesson(pairs, parts, features, None)
    left, right, label = pairs
    count = len(more.left)
    chance = np.concatenate([label.astype(np.float64), np.clip(first.score(more.features), 0, 1)])
    whole = (
        np.concatenate([left, more.left]),
        np.concatenate([right, more.right]),
        chance >= 0.5,
    )
    train = np.concatenate([parts[0], np.ones(count, bool)])
    valid = np.concatenate([parts[1], np.zeros(count, bool)])
    target = np.stack([1 - chance, chance], axis=1).astype(np.float32)
    return NetworkLesson(whole, (train, valid), np.vstack([features, more.features]), target)
