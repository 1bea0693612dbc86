"""Students on bootstrap samples: where they differ, a label teaches most."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.labeling.agreements import agreement
from sameas.linker.pool import Pool
from sameas.linker.student import Classroom, Lesson
from sameas.matching import Matcher, RandomForest

__all__ = ["Committee", "alike"]

Floats = npt.NDArray[np.float64]

#: Candidates that a committee looks at.
_MOST = 50_000
_MEMBERS = 5
_MEMBER = RandomForest(trees=40, min_leaf=2)


class Committee:
    """Students on bootstrap samples of the labels: where they differ, a label teaches most."""

    def __init__(self, pool: Pool, matcher: Matcher | None) -> None:
        self.pool, self.matcher = pool, matcher
        self.room: Classroom | None = None

    def ask(self, lesson: Lesson) -> Floats | None:
        """Return scores of all candidates by member; None while a class is missing.

        Of many candidates the most doubtful and some others are looked at; the rest get 0.
        """
        if len(np.unique(lesson.label)) < 2:
            return None
        if self.room is None:
            self.room = Classroom.open(self.pool.job, self.pool.cheap, self.matcher)
            doubt = np.argsort(np.abs(self.pool.score - 0.5), kind="stable")
            self.rows = np.sort(doubt[:_MOST])
            self.features = self.room.features(
                self.pool.left[self.rows], self.pool.right[self.rows]
            )
        known = self.room.features(lesson.left, lesson.right)
        spec, random = self.room.job.spec, np.random.default_rng(self.room.job.spec.seed)
        out = np.zeros((len(self.pool.left), _MEMBERS))
        for number in range(_MEMBERS):
            sides = [np.flatnonzero(lesson.label == side) for side in (False, True)]
            drawn = np.concatenate([random.choice(side, len(side)) for side in sides])
            fitted = _MEMBER.fit(
                known[drawn], lesson.label[drawn], names=spec.names(), seed=spec.seed + number
            )
            out[self.rows, number] = fitted.score(self.features)
        return out


def alike(before: Floats, now: Floats) -> float:
    """Return Cohen's kappa of the committee's decisions; 1 where both say one thing only."""
    found = agreement(now.mean(axis=1) >= 0.5, before.mean(axis=1) >= 0.5, replicates=1)
    return 1.0 if np.isnan(found.kappa) else found.kappa
