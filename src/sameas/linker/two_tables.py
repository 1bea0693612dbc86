"""Whether two tables have anything in common, and how many pairs of theirs are one thing.

Any two tables have pairs that are most alike, and trees find them. Whether they are of one thing
shows in halves of the tables and beside the pairs inside each table (`in_common`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.labeling import deal_folds
from sameas.linker.doubts import Doubt, Verdict
from sameas.linker.found import Candidates
from sameas.linker.guesses import mutual_best, ranks
from sameas.linker.halves import CANDIDATES, Copies, pairs_of_copies
from sameas.linker.in_common import InCommon, beside_next, pairs_in_common
from sameas.linker.job import Job
from sameas.linker.learner import Learner
from sameas.matching.fellegi_sunter import BEYOND

__all__ = ["TwoTables"]

Wide = npt.NDArray[np.float64]

#: By so many standard errors there must be more pairs than none.
_SURELY = 3.0
#: All estimates are low: there are at most so many times as many pairs as they show.
_MOST = 1.5
#: Where few records have a partner halves and what is left over show a third of them; together they
#: say so, by so many standard errors; or, if nothing else finds a match, by fewer.
_FEW, _TOGETHER, _FAINTLY = 3.0, 2.0, 1.5
#: Where records have several partners halves show fewer than none, by so many for each record of a
#: table and half as many across, and by so many standard errors.
_CROWDED, _CLEARLY = 0.1, 2.33
#: A table surely holds copies of its own where halves show them by so many standard errors.
_COPIES = 5.0
#: The last pair that is kept stays above even chances.
_TINY = 1e-9


@dataclass
class TwoTables(Learner):
    """The candidates of two tables, which may have little in common.

    Attributes
    ----------
    kept : (int, int) or None
        How many of how many pairs that are each other's best were kept, where not all were.
    """

    kept: tuple[int, int] | None = field(default=None, init=False)

    def verdict(self, crossed: Wide) -> Verdict:
        """Ask three ways whether pairs that are alike are matches, and how many of them.

        Matches share most of what their fields can tell; or halves of the tables show that there
        are so many; or pairs inside the tables are less often so near. Where records have several
        partners on both sides none of that shows it, and nothing is asked.
        """
        taken = mutual_best(*self._ends, crossed) & (crossed > 0)
        told = self.opinion is not None and self.opinion.share >= BEYOND
        if told or self.many or not taken.any():
            return Verdict()
        alike, records = np.sort(crossed[taken])[::-1], len(self.job.records)
        seed = self.job.spec.seed
        shown = pairs_of_copies(*self._ends, crossed, records, seed, least=CANDIDATES)
        kept = _at_most(shown)
        if kept >= len(alike) or not self.job.whole:
            return Verdict()
        inside = self._inside()
        common, beside = self._beside(crossed, inside)
        both = _mean(shown, beside)
        together = _at_most(both, _TOGETHER, _FEW)
        kept = max(kept, _at_most(beside), together, _kept(common, alike))
        if kept >= len(alike):
            return Verdict()
        if self._repeat(shown, inside):
            return Verdict()
        if not kept:
            why = (
                f"are {len(alike):,}, and about as many would be so near if the two tables had "
                "nothing in common: pairs inside each table are, and halves of the tables show no "
                "partners"
            )
            return Verdict(Doubt(why, faint=both.pairs >= _FAINTLY * both.error))
        self.kept = kept, len(alike)
        return Verdict(shift=-float(alike[kept - 1]) + _TINY)

    def remarks(self, links: float) -> list[str]:  # noqa: ARG002
        """Say that only the surest pairs were kept, where the tables have little in common."""
        if self.kept is None:
            return []
        kept, alike = self.kept
        return [
            f"{alike:,} pairs are each other's best, but no more than about {kept:,} of them are "
            "matches, by the pairs inside each table and by halves of both: only the surest are "
            "links, for the tables have little in common"
        ]

    def _inside(self) -> tuple[IntArray, IntArray, Wide]:
        """Return the near pairs inside both tables, and their log-odds by the trees."""
        inside = _job_inside(self.job)
        found = inside.candidates
        first = np.nan_to_num(inside.similarities[1].astype(np.float64)).mean(axis=1)
        near = np.flatnonzero(np.minimum(*ranks(found.left, found.right, first)) < self.spec.near)
        each = np.empty((len(near), self.spec.folds))
        inside.each_candidate("inside the tables", self.trees.opinions, each, near)
        left, right = found.left[near], found.right[near]
        fold = deal_folds(left, self.spec.folds)
        own = np.take_along_axis(each, fold[:, None], axis=1)[:, 0]
        return left, right, own + self.trees.shift

    def _beside(
        self, crossed: Wide, inside: tuple[IntArray, IntArray, Wide]
    ) -> tuple[InCommon, Copies]:
        """Hold the pairs inside both tables against those across."""
        one, two = self._ends
        left, right = np.concatenate([one, inside[0]]), np.concatenate([two, inside[1]])
        score = np.concatenate([crossed, inside[2]])
        pairs = left, right, score, np.arange(len(score)) >= len(crossed)
        sizes = np.bincount(self.job.records.source_code)
        return pairs_in_common(*pairs, sizes), beside_next(*pairs, len(self.job.records))

    def _repeat(self, shown: Copies, inside: tuple[IntArray, IntArray, Wide]) -> bool:
        """Say whether a table holds things several times, for then its own pairs tell nothing.

        Halves of it surely show copies; or, where they have many, clearly fewer than none, and
        across the tables too.
        """
        source, seed = self.job.records.source_code, self.job.spec.seed
        fewer = _are_fewer(shown, _CROWDED / 2 * len(source))
        left, right, score = inside
        for number, size in enumerate(np.bincount(source).tolist()):
            rows = source[left] == number
            part = left[rows], right[rows], score[rows], len(source), seed
            own = pairs_of_copies(*part, least=CANDIDATES)
            if own.pairs > _COPIES * own.error or (fewer and _are_fewer(own, _CROWDED * size)):
                return True
        return False


def _job_inside(job: Job) -> Job:
    """Return a job of the pairs inside the tables of another one."""
    inside = replace(job, mode="also-within")
    inside.columns = job.columns
    found, source = inside.candidates, job.records.source_code
    own = source[found.left] == source[found.right]
    inside.candidates = Candidates(found.left[own], found.right[own], found.rule[own])
    return inside


def _are_fewer(found: Copies, least: float) -> bool:
    """Say whether halves show clearly fewer copies than none."""
    return found.pairs < -max(least, _CLEARLY * found.error)


def _at_most(found: Copies, surely: float = _SURELY, most: float = _MOST) -> int:
    """Return how many pairs there may be by a low estimate; none if that may be chance."""
    return int(most * (found.pairs + found.error)) if found.pairs >= surely * found.error else 0


def _mean(*found: Copies) -> Copies:
    """Return the mean of estimates, the surer ones counting more."""
    mass = np.array([1 / max(one.error, _TINY) ** 2 for one in found])
    pairs = float(mass @ [one.pairs for one in found] / mass.sum())
    return Copies(pairs, float(1 / np.sqrt(mass.sum())))


def _kept(common: InCommon, alike: Wide) -> int:
    """Return how many of the pairs that are alike, falling, the pairs inside tables leave.

    As many as are in common at most; or else those down to the score at which a pair across is
    mostly of one thing: where the most are gained, one that is not counts as much as one that is.
    """
    over = int((common.score > 0).sum())
    if not over:
        return 0
    every = _at_most(Copies(float(common.pairs[over - 1]), float(common.error[over - 1])))
    best = int(np.argmax((common.pairs - common.across / 2)[:over]))
    surely = common.pairs[best] >= _SURELY * common.error[best]
    return max(every, int((alike >= common.score[best]).sum()) if surely else 0)
