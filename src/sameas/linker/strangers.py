"""Persons of whom little is known: non-matches are two persons at random.

Where names and an e-mail address are all there is, a blocking rule leaves nothing to tell its
matches by, and what candidates agree in says little of what strangers agree in: nearly all
candidates have one surname, for that is how they met.
"""

from __future__ import annotations

from dataclasses import replace

from sameas.matching import FellegiSunter, FittedFellegiSunter
from sameas.matching.fellegi_sunter import Sample

__all__ = ["beside_strangers", "needs_strangers"]


def needs_strangers(matcher: FellegiSunter, sample: Sample, fitted: FittedFellegiSunter) -> bool:
    """Say whether neither the blocking rules nor several kinds of pairs showed non-matches.

    Parameters
    ----------
    matcher : FellegiSunter
    sample : Sample
        What it learned from.
    fitted : FittedFellegiSunter
    """
    asked = matcher.shared > 0 and matcher.u == "candidates"
    return asked and not sample.strata and fitted.learning.alike is None


def beside_strangers(matcher: FellegiSunter) -> FellegiSunter:
    """Take u from random pairs, without the margins, which only candidates have.

    Examples
    --------
    >>> from sameas.matching import Levels
    >>> matcher = FellegiSunter((Levels("a", (1.0,)), Levels("a_margin_smaller", (0.1, -0.1))))
    >>> beside_strangers(matcher).u, [item.column for item in beside_strangers(matcher).levels]
    ('random', ['a'])
    """
    fields = tuple(item for item in matcher.levels if min(item.thresholds, default=0.0) >= 0)
    return replace(matcher, u="random", levels=fields)
