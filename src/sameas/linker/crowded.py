"""Where most candidates are matches: lists of visits, of bookings, of an author's papers.

If everybody is there ten times, the two groups that fit the candidates best are both matches,
likely and less likely ones. What records at random agree in shows it: seen beside them nearly all
candidates are alike. From there the candidates are learned from anew, and the few pairs that are
least alike become the non-matches: households and namesakes.
"""

from __future__ import annotations

from dataclasses import replace

from sameas.linker.job import Job
from sameas.linker.strangers import Beside, seen_beside_strangers
from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import IDENTIFIED, Layout, Sample, telling

__all__ = ["learn_crowded"]

#: Candidates are crowded by matches from this share on.
_MOSTLY = 0.5


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
