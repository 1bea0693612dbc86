"""Where most candidates are matches: lists of visits, of bookings, of an author's papers.

If everybody is there ten times, the two groups that fit the candidates best are both matches,
likely and less likely ones. What records at random agree in shows it: seen beside them nearly all
candidates are alike. From there the candidates are learned from anew, and the few pairs that are
least alike become the non-matches: households and namesakes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.linker.job import Job
from sameas.linker.patterns import patterns_at_random
from sameas.linker.strangers import beside_strangers
from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import IDENTIFIED, Layout, Patterns, Sample, telling

__all__ = ["Beside", "learn_crowded", "seen_beside_strangers"]

#: Candidates are crowded by matches from this share on.
_MOSTLY = 0.5


class Beside(NamedTuple):
    """Candidates as they look beside records at random.

    Attributes
    ----------
    matcher : FellegiSunter
        Without margins.
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


def seen_beside_strangers(job: Job, sample: Sample) -> Beside | None:
    """Look at candidates beside pairs of records at random.

    Margins are left out, for a record with many partners is far ahead with none.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    sample : Sample
        Its candidates.

    Returns
    -------
    Beside or None
        None where there is too little to compare.
    """
    matcher, names = job.spec.matcher, job.spec.base_names()
    assert isinstance(matcher, FellegiSunter)
    strange = beside_strangers(matcher)
    if len(strange.levels) < IDENTIFIED:
        return None
    place = [matcher.levels.index(item) for item in strange.levels]
    codes = np.ascontiguousarray(sample.candidates.codes[:, place])
    plain = replace(
        sample,
        candidates=Patterns(codes, sample.candidates.count),
        random=patterns_at_random(job, Layout(strange.levels, names)),
        strata=(),
    )
    alone = replace(matcher, levels=strange.levels)
    return Beside(alone, strange.learn(plain, names=names), place, plain)


def learn_crowded(job: Job, sample: Sample, fitted: FittedFellegiSunter) -> Beside | None:
    """Learn anew where two groups of matches were taken for matches and non-matches.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`.
    sample : Sample
        What was learned from.
    fitted : FittedFellegiSunter
        What came of it.

    Returns
    -------
    Beside or None
        None where enough comparisons tell matches from non-matches already, or where most
        candidates are no match, seen beside records at random.
    """
    matcher, names = job.spec.matcher, fitted.names
    assert isinstance(matcher, FellegiSunter)
    if not matcher.shared or matcher.u != "candidates" or _is_identified(fitted):
        return None
    seen = seen_beside_strangers(job, sample)
    if seen is None or seen.share < _MOSTLY:
        return None
    found = seen.matcher.learn(replace(seen.sample, begin=seen.chance), names=names)
    return seen._replace(fitted=found) if found.prior >= _MOSTLY else seen


def _is_identified(fitted: FittedFellegiSunter) -> bool:
    """Say whether enough comparisons tell matches from non-matches."""
    tells = telling(Layout(fitted.levels, fitted.names), fitted.parameters, fitted.seen)
    return bool(tells.sum() >= min(IDENTIFIED, len(tells)))
