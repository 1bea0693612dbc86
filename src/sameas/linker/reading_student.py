"""A student that reads: a network beside the small matcher, taught by few labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sameas.core.prepared import IntArray
from sameas.linker.opinion import Opinion
from sameas.linker.pair_classifier import FittedPairClassifier, PairClassifier
from sameas.linker.pair_fitting import teach_network
from sameas.linker.student import Classroom, Features, Lesson, Student, teach
from sameas.matching import FittedMatcher
from sameas.models.pairs import Shuffled
from sameas.models.training import TrainOptions

__all__ = ["network_for_few", "teach_reader"]

#: Candidates on which a threshold is chosen, at most: reading is dear.
_OTHERS = 2_000
_TRAINING = TrainOptions(
    epochs=3, batch_size=8, learning_rate=1e-4, max_length=128, patience=None
)  # fmt: skip
_EITHER_ORDER = Shuffled(shuffle=False)


def network_for_few(
    model: str, *, layers: int | None = None, unlabelled: int = 1_500
) -> PairClassifier:
    """Return the settings of a network that a few hundred labels teach.

    Parameters
    ----------
    model : str
        Any transformer with weights: a folder, an installed package, the hub.
    layers : int, optional
        Only so many first layers.
    unlabelled : int
        Candidates that the first matcher labels for it.

    Examples
    --------
    >>> network_for_few("all-MiniLM-L6-v2").options.epochs
    3
    """
    return PairClassifier(
        model, layers=layers, augment=_EITHER_ORDER, options=_TRAINING, unlabelled=unlabelled
    )


def teach_reader(room: Classroom, lesson: Lesson, network: PairClassifier) -> Student:
    """Teach a network by a lesson, and a student that sees what the network says too.

    The student's matcher is also the first matcher of the network. The room's job takes over the
    settings.

    Raises
    ------
    LabelError
        If the labels are too few or all of one kind.
    """
    job, pairs = room.job, (lesson.left, lesson.right, lesson.label)
    shown = job.spec.second_pass if isinstance(job.spec.second_pass, Opinion) else None
    second = replace(network, matcher=job.spec.matcher, opinion=shown)
    features, everything = room.features(*pairs[:2]), np.ones(len(lesson.label), bool)
    taught = teach_network(
        job, second, features, pairs, (everything, ~everything), opinion=room.opinion
    )
    reader = FittedPairClassifier(
        taught.spec, taught.first, taught.network, taught.first, taught.bounds, room.opinion
    )
    reading = _ReadingRoom(job, room.cheap, room.opinion, reader)
    return teach(
        reading, lesson, features=np.hstack([features, taught.odds[:, None]]),
        others=reading.some_candidates(_OTHERS),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _ReadingRoom(Classroom):
    """A classroom where the student sees what a network says of the pairs in doubt."""

    reader: FittedPairClassifier

    def features(self, left: IntArray, right: IntArray) -> Features:
        """Compute what a student sees of pairs (left < right)."""
        return self.job.seen(self.reader, left, right, self.job.listed(left, right))

    def whole(self, final: FittedMatcher) -> FittedMatcher:
        """Put opinion, first matcher and network before a student."""
        return replace(self.reader, final=final)
