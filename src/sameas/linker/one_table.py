"""What self-training guesses of the candidates inside one table.

Two wordings of one thing by one hand are more alike than those by two hands, and so are the
variants of a product by one shop. So the first similarities are a poor guide: what they say of the
best candidates is only where the guesses begin. From then on the trees say which candidates are
the best, beside the second opinion. Where records have several copies, as papers that are cited
often, being the best says little, and the second opinion is right without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import IntArray
from sameas.linker.both_ways import both_ways, one_way
from sameas.linker.competition import NO_RIVALS
from sameas.linker.doubts import Doubt, Verdict
from sameas.linker.exclusivity import measure_inside
from sameas.linker.guesses import first_guess, guess_of_best, mutual_best
from sameas.linker.halves import CANDIDATES, Copies, pairs_of_copies
from sameas.linker.hands import styles_of, two_hands
from sameas.linker.learner import Learner
from sameas.matching.fellegi_sunter import BEYOND

__all__ = ["OneTable"]

Wide = npt.NDArray[np.float64]

#: Rounds until the trees no longer depend on the first similarities.
_ROUNDS = 6
#: With so many times more copies than halves of the table show the trees have found a kind; with
#: a smaller share of them the user is told.
_TWICE, _MOSTLY = 2.0, 0.6
#: Halves are asked for all records where fewer than this share of them has enough candidates.
_TELLING = 0.1
#: By so many standard errors halves must show fewer copies than none.
_SURELY = 2.33
#: By so many for each record where records have several copies: from three each a fifth and more,
#: in malls a twentieth.
_CROWDED = 0.1
#: And so many times as many pairs should be alike: trees that have learned find 2.4 and more.
_ALIKE = 1.5


@dataclass
class OneTable(Learner):
    """The candidates inside one table and what is guessed of them.

    Attributes
    ----------
    copies : Copies or None
        How many there are by halves of the table, once the trees have learned.
    """

    copies: Copies | None = field(default=None, init=False)

    @property
    def competes(self) -> bool:
        """Pairs that share a record are rivals, unless records have several copies."""
        return self.opinion is None or self.opinion.exclusive != NO_RIVALS

    @property
    def rounds(self) -> int:
        """Rounds of guessing and learning; one where the second opinion teaches alone."""
        return self.spec.rounds or (_ROUNDS if self.competes else 1)

    def _fresh(self) -> list[int]:
        """Return all columns: in the last round the first similarities have long had no say."""
        return list(range(len(self.columns)))

    def guess(self) -> Wide:
        """Guess by the first similarities and, where there is one, by the second opinion."""
        if self.opinion is not None and not self.competes:
            return self.opinion.score[self.near]
        guess = self._of_first()
        return guess if self.opinion is None else (guess + self.opinion.score[self.near]) / 2

    def guess_again(self, guess: Wide, crossed: Wide) -> Wide:
        """Guess by what trees say of the order of candidates, and by the second opinion.

        Without that it is the guess of the round before, as for two tables.
        """
        if not self.competes:
            return guess
        left, right, first, own = self._both_ways(self.first[self.near], crossed)
        exclusive = self._exclusive or self.exclusivity(crossed)
        found = guess_of_best(left, right, own, 2 * len(self.job.records), exclusive=exclusive)
        stays = np.where(one_way(mutual_best(left, right, first)), 0.0, self._of_first())
        beside = guess if self.opinion is None else self.opinion.score[self.near]
        return np.asarray((beside + np.maximum(one_way(found), stays)) / 2)

    def exclusivity(self, crossed: Wide) -> tuple[float, float]:
        """Measure how far a record has one copy only, which is the same on both sides."""
        share = measure_inside(*self._ends, crossed, len(self.job.records))
        return share, share

    def verdict(self, crossed: Wide) -> Verdict:
        """Ask three ways whether pairs that are alike are copies, or only of one kind.

        Copies share most of what their fields can tell; or they were written by two hands; or
        halves of the table show that there are so many. Where records have several copies halves
        show less, and are not asked for so many. But more records of a half are each other's
        nearest only where many are nearly as near: a few more in a mall, where there are no
        copies, and many more where everything is there several times. One field shows hands in
        its length alone: no more are taken for copies then than twice what halves show.
        """
        share = 1.0 if self.opinion is None else self.opinion.share
        taken = mutual_best(*self._ends, crossed) & (crossed > 0)
        if share >= BEYOND:
            return Verdict()
        seed, records = self.job.spec.seed, len(self.job.records)
        every = pairs_of_copies(*self._ends, crossed, records, seed)
        if every.pairs + _SURELY * every.error < -_CROWDED * records:
            return _among_many(int((crossed > 0).sum()), -every.pairs)
        copies, asked = _shown(*self._ends, crossed, records, seed)
        if copies.pairs < -_SURELY * copies.error:
            why = f"are {taken.sum():,}, of which halves of the table show none to be copies"
            return Verdict(Doubt(why))
        # Whether a record is part of another is no matter of style: a mall is not its shop.
        fields = tuple(item.name for item in self.job.spec.fields if item.kind != "reference")
        styles = self.job.each_record(partial(styles_of, fields=fields))
        most, best = copies.pairs + copies.error, crossed[taken & asked]
        if two_hands(styles, *self._ends, taken):
            return _no_more(best, _TWICE * most if len(fields) == 1 else np.inf)
        if not self.competes:
            return Verdict(Doubt(f"share only {share:.0%} of what their fields can tell"))
        self.copies = copies
        return _too_many(len(best), copies) if len(best) > _TWICE * most else _no_more(best, most)

    def remarks(self, links: float) -> list[str]:
        """Say how many of the links halves of the table show to be copies, where it is few."""
        if self.copies is None or self.copies.pairs >= _MOSTLY * links:
            return []
        return [
            f"{links:,.0f} links, of which halves of the table show about "
            f"{max(self.copies.pairs, 0):,.0f} to be copies: the others may be variants; look at "
            "some, or raise the threshold"
        ]

    def _of_first(self) -> Wide:
        left, right, first = self._both_ways(self.first[self.near])
        records = 2 * len(self.job.records)
        return one_way(first_guess(left, right, first, records, exclusive=self._exclusive))

    def _both_ways(self, *values: Wide) -> tuple[npt.NDArray[Any], ...]:
        return both_ways(*self._ends, len(self.job.records), *values)


def _shown(
    left: IntArray, right: IntArray, crossed: Wide, records: int, seed: int
) -> tuple[Copies, npt.NDArray[np.bool_]]:
    """Ask halves for copies, and say of which candidates they tell.

    Records with few candidates tell nothing, as most shops of a town, where few others are near
    enough: they have none in many a half, which looks as if a copy were gone.
    """
    many = np.bincount(np.concatenate([left, right]), minlength=records) >= CANDIDATES
    least, asked = CANDIDATES, many[left] & many[right]
    if many.mean() < _TELLING:
        least, asked = 0, np.ones(len(left), np.bool_)
    return pairs_of_copies(left, right, crossed, records, seed, least=least), asked


def _no_more(taken: Wide, most: float) -> Verdict:
    """Take no more pairs for matches, by what moves the log-odds of the last one to none."""
    if len(taken) <= most:
        return Verdict()
    return Verdict(shift=-float(np.sort(taken)[-max(int(most), 1)]))


def _too_many(taken: int, copies: Copies) -> Verdict:
    """Doubt what is taken where halves show much fewer copies."""
    shown = max(round(copies.pairs), 0)
    return Verdict(
        Doubt(f"are {taken:,}, of which halves of the table show about {shown:,} to be copies")
    )


def _among_many(alike: int, gained: float) -> Verdict:
    """Doubt trees where records have several copies and hardly any pair is alike for them.

    A record with several copies is far ahead with none, and trees begin with those that are.
    """
    if alike >= _ALIKE * gained:
        return Verdict()
    why = f"are {alike:,}, though halves of the table show records to have several copies"
    return Verdict(Doubt(why, "many"))
