"""Words that tell names of a series apart: learners see such pairs, runs do not compare them.

Football and baseball of one college are worded as alike as copies are, and learners see from both
how copies are worded. Without these pairs little would be left that looks alike, and nothing spoke
for copies. So they are candidates while a linker learns without labels, and no longer where it says
what is linked: what words keep apart is all that they change.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sameas.blocking import AllOf, NoSeries
from sameas.linker.bounded import Known
from sameas.linker.job import Job
from sameas.linker.patterns import filters_of
from sameas.linker.rivals import FittedRivals
from sameas.matching import FittedMatcher
from sameas.records import prepare

if TYPE_CHECKING:
    from sameas.linker.learner import Learner
    from sameas.linker.unsupervised import Believed

__all__ = ["Apart"]

Rows = npt.NDArray[np.int64]
Wide = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Apart:
    """What a run keeps apart by words.

    Attributes
    ----------
    blocking : tuple of rules
        Of the run.
    filters : tuple of NoSeries
        Those by words that all rules have.
    """

    blocking: tuple[Any, ...]
    filters: tuple[NoSeries, ...]

    def __bool__(self) -> bool:
        """Say whether anything is kept apart."""
        return bool(self.filters)

    @classmethod
    def loosened(cls, job: Job) -> Apart:
        """Let pairs that differ in words be candidates of a job whose candidates are not found."""
        rules: tuple[Any, ...] = job.spec.blocking
        first, *others = map(_by_words, rules)
        filters = tuple(part for part in first if all(part in other for other in others))
        if not filters or "candidates" in vars(job):
            return cls(rules, ())

        def loose(part: Any) -> Any:
            if isinstance(part, AllOf):
                return AllOf(tuple(map(loose, part.filters)))
            return NoSeries(part.field) if part in filters else part

        few = tuple(replace(rule, filter=loose(rule.filter)) for rule in rules)
        job.spec = replace(job.spec, blocking=few)
        return cls(rules, filters)

    def kept(self, job: Job) -> npt.NDArray[np.bool_]:
        """Take the pairs out of the candidates of a job; say which are left."""
        needs = [need for part in self.filters for need in part.needs()]
        more = prepare(job.records.table, needs, job.statistics, threads=job.engine.threads)
        found = job.candidates
        kept = AllOf(self.filters).keep(more, found.left, found.right)
        job.spec = replace(job.spec, blocking=self.blocking)
        job.columns = {**job.columns, **more}
        job.go_on_with(found.those(kept))
        return kept

    def learner(self, learner: Learner) -> tuple[Learner, npt.NDArray[np.bool_]]:
        """Return a learner whose rounds are over with the candidates that are left, and which."""
        near, kept = learner.near, self.kept(learner.job)
        other = copy(learner)
        other.near = (np.cumsum(kept) - 1)[near[kept[near]]]
        other.first, other.fold = learner.first[kept], learner.fold[kept]
        other.namesakes = learner.namesakes[kept[near]]
        return other, kept

    def believed(
        self, job: Job, matcher: FittedMatcher, rows: Rows, believed: Believed
    ) -> tuple[Rows, Believed]:
        """Return which candidates of a sample are left, and what a model thinks of them now."""
        every, kept = len(rows) == len(job.candidates), self.kept(job)
        rows, alone = (np.cumsum(kept) - 1)[rows[kept[rows]]], believed.alone[kept[rows]]
        found, score = job.candidates, alone
        if isinstance(matcher, FittedRivals):
            score = job.scores(matcher, found.left[rows], found.right[rows])
        if every:
            job.keep_scores(Known(matcher, score))
        return rows, believed._replace(score=score, alone=alone)


def _by_words(rule: Any) -> list[NoSeries]:
    """Return the filters of a rule that keep words apart."""
    return [part for part in filters_of(rule) if isinstance(part, NoSeries) and part.words]
