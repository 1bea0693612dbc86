"""Persons of whom little is known: non-matches are two persons at random.

Where names and an e-mail address are all there is, a blocking rule leaves nothing to tell its
matches by, and what candidates agree in says little of what strangers agree in: nearly all
candidates have one surname, for that is how they met. Beside pairs of records at random whatever
is more alike than chance looks like a match, members of a household too. These show: in one of
the fields, the given name, most of them differ.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.linker.job import Job
from sameas.linker.patterns import patterns_at_random
from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import HALF, IDENTIFIED, Layout, Patterns, Sample, told_by

__all__ = ["Beside", "seen_beside_strangers", "told_by_strangers"]

#: Of matches so many are alike in each of their fields. On the tables that this was chosen on it
#: was 0.8 and more in the worst field where they were matches, 0.44 and less in households; where
#: both were among them, of one telephone number, kinds were better up to 0.64.
_ALIKE = 0.7
#: Two fields lean on each other where strangers are alike in both so many times as often as chance
#: has it, and that by so many standard errors. E-mail addresses were at 2.6 to 3.7, the rest below
#: 1.4 (and given names and surnames, of which few strangers are alike, at 2.1, error 0.4).
_LEANING, _SURELY = 2.0, 3.0
_EVEN = 0.5


class Beside(NamedTuple):
    """Candidates as they look beside records at random.

    Attributes
    ----------
    matcher : FellegiSunter
        Without margins, which only candidates have.
    fitted : FittedFellegiSunter
        With u from random pairs.
    place : list of int
        Which levels of the job's matcher it has, in their order.
    sample : Sample
        The candidates by these levels.
    """

    matcher: FellegiSunter
    fitted: FittedFellegiSunter
    place: list[int]
    sample: Sample

    @property
    def chance(self) -> npt.NDArray[np.float64]:
        """The probability that candidates of each pattern are matches."""
        return self.fitted.score_of(self.sample.candidates.codes)

    @property
    def share(self) -> float:
        """The share of candidates that are matches, as far as can be seen."""
        candidates = self.sample.candidates
        return float(candidates.count @ self.chance) / candidates.pairs

    @property
    def least_alike(self) -> float:
        """The share of matches that are alike in a field, where it is least."""
        candidates = self.sample.candidates
        told = told_by(Layout(self.fitted.levels, self.fitted.names), candidates)
        known = (candidates.count * self.chance)[:, None] * (told.most > 0)
        alike = (known * told.near).sum(axis=0)
        return float((alike / np.maximum(known.sum(axis=0), 1e-9)).min())

    @property
    def leaning(self) -> bool:
        """Whether fields lean on each other among strangers, as an e-mail address on the name."""
        random, fitted = self.sample.random, self.fitted
        assert random is not None
        levels = np.array([item.levels for item in fitted.levels])
        known = random.codes < levels
        alike = (random.codes < np.maximum(levels - 1, 1)).astype(np.float64)
        strange = random.count * (fitted.score_of(random.codes) < _EVEN)
        for one, other in combinations(range(len(levels)), 2):
            count = strange * known[:, one] * known[:, other]
            both = float(count @ (alike[:, one] * alike[:, other]))
            chance = (count @ alike[:, one]) * (count @ alike[:, other]) / max(count.sum(), 1.0)
            if both > _LEANING * chance + _SURELY * np.sqrt(_LEANING * chance):
                return True
        return False


def seen_beside_strangers(job: Job, sample: Sample, least: int = IDENTIFIED) -> Beside | None:
    """Look at candidates beside pairs of records at random.

    Margins are left out, for a record with many partners is far ahead with none.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    sample : Sample
        Its candidates.
    least : int
        So many fields have to be compared.

    Returns
    -------
    Beside or None
        None where there is too little to compare.
    """
    matcher, names = job.spec.matcher, job.spec.base_names()
    assert isinstance(matcher, FellegiSunter)
    fields = tuple(item for item in matcher.levels if min(item.thresholds, default=0.0) >= 0)
    if len(fields) < least:
        return None
    place = [matcher.levels.index(item) for item in fields]
    codes = np.ascontiguousarray(sample.candidates.codes[:, place])
    plain = replace(
        sample,
        candidates=Patterns(codes, sample.candidates.count),
        random=patterns_at_random(job, Layout(fields, names)),
        strata=(),
    )
    alone = replace(matcher, levels=fields)
    fitted = replace(alone, u="random").learn(plain, names=names)
    return Beside(alone, fitted, place, plain)


def told_by_strangers(job: Job, sample: Sample) -> Beside | None:
    """Learn beside strangers, where rules leave too little and no households come of it.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    sample : Sample
        Its candidates.

    Returns
    -------
    Beside or None
        None where matches have to share more than half of what their fields can tell, for variants
        of a thing are as unlike strangers as copies are; where the blocking rules show non-matches;
        where what is more alike than chance differs in one of the fields too often; or where fields
        lean on each other.
    """
    matcher = job.spec.matcher
    assert isinstance(matcher, FellegiSunter)
    if not 0 < matcher.shared <= HALF or matcher.u != "candidates" or sample.strata:
        return None
    seen = seen_beside_strangers(job, sample, least=1)
    return None if seen is None or seen.least_alike < _ALIKE or seen.leaning else seen
