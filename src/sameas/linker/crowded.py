"""Where most candidates are matches: lists of visits, of bookings, of an author's papers.

If everybody is there ten times, the two groups that fit the candidates best are both matches,
likely and less likely ones. Few comparisons tell them apart, or, where patents differ more than
their inventors do, none of the names. What records at random agree in shows it: seen beside them
nearly all candidates are alike. From there the candidates are learned from anew, and the few pairs
that are least alike become the non-matches: households and namesakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sameas.linker.job import Job
from sameas.linker.patterns import fields_of_columns
from sameas.linker.strangers import Beside, seen_beside_strangers
from sameas.linker.subjects import names_of_persons
from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import IDENTIFIED, Layout, Sample, telling
from sameas.records import Field

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
    if not matcher.shared or matcher.u != "candidates" or _is_identified(job, fitted):
        return None
    seen = seen_beside_strangers(job, sample)
    if seen is None or seen.share < _MOSTLY:
        return None
    found = seen.matcher.learn(replace(seen.sample, begin=seen.chance), names=names)
    return seen._replace(fitted=found) if found.prior >= _MOSTLY else seen


def _is_identified(job: Job, fitted: FittedFellegiSunter) -> bool:
    """Say whether enough comparisons tell matches from non-matches; of persons a name is one."""
    tells = telling(Layout(fitted.levels, fitted.names), fitted.parameters, fitted.seen)
    if tells.sum() < min(IDENTIFIED, len(tells)):
        return False
    people, about = _first_of_all_persons(job.spec.fields), fields_of_columns(job)
    of_names = [
        any(not people.isdisjoint(about.get(column, ())) for column in item.columns())
        for item in fitted.levels
    ]
    return not any(of_names) or bool(tells[of_names].any())


def _first_of_all_persons(fields: Sequence[Field]) -> set[str]:
    """Return the names of persons, where the records are first of all of them.

    A book has an author and an author has books: what stands first is what the records are of.
    """
    named = names_of_persons(fields)
    kinds = [field.kind for field in fields]
    works = [place for place, kind in enumerate(kinds) if kind in ("name", "text")]
    if not named or (works and fields.index(named[0]) > works[0]):
        return set()
    return {field.name for field in named}
