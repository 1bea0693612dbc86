"""Tables of very many columns: as many comparisons as the patterns of pairs have room for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from sameas.linker.job import Job
from sameas.linker.levels import default_levels
from sameas.linker.patterns import random_pairs
from sameas.matching import FellegiSunter, Levels
from sameas.matching.fellegi_sunter import fits

__all__ = ["within_room"]

#: Pairs that tell how often values are known; columns that a note names.
_RANDOM_PAIRS = 10_000
_SHOWN = 5


def within_room(job: Job) -> list[str]:
    """Leave out the levels of what fewest pairs know, until all patterns can be counted.

    A pattern is one number of 64 bits, enough for some 20 comparisons. What the user chose is
    left as it is.

    Parameters
    ----------
    job : Job
        Its matcher is a `FellegiSunter`, and may be another one afterwards.

    Returns
    -------
    list of str
        What was left out, in words.
    """
    spec, matcher = job.spec, job.spec.matcher
    assert isinstance(matcher, FellegiSunter)
    levels = list(matcher.levels)
    if fits(levels) or matcher.levels != default_levels(spec.comparisons, spec.context):
        return []
    known = _known(job, matcher.levels)
    dropped: list[str] = []
    for place in sorted(range(len(known)), key=lambda one: (known[one], -one)):
        if fits(levels):
            break
        levels.remove(matcher.levels[place])
        dropped.append(matcher.levels[place].column)
    job.spec = replace(spec, matcher=replace(matcher, levels=tuple(levels)))
    named = ", ".join(dropped[:_SHOWN]) + (", ..." if len(dropped) > _SHOWN else "")
    return [
        f"only {len(levels)} of {len(known)} comparisons are weighed together; those whose values "
        f"are missing most have no part: {named}. Name the fields that matter, or take others out"
    ]


def _known(job: Job, levels: tuple[Levels, ...]) -> npt.NDArray[np.float64]:
    """Return the share of random pairs that know a comparison."""
    names = job.spec.base_names()
    place = [names.index(item.column) for item in levels]
    left, right = random_pairs(job, _RANDOM_PAIRS)
    missing = np.empty((len(left), len(levels)), np.bool_)
    job.each_pair(
        "random pairs", left, right, lambda features: np.isnan(features[:, place]), missing
    )
    return 1 - missing.mean(axis=0) if len(left) else np.ones(len(levels))
