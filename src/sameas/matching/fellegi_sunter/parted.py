"""Candidate pairs parted into kinds: as many as those show that are not surely matches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.kernels.mixtures import share_among
from sameas.matching.fellegi_sunter.alike import alike_throughout
from sameas.matching.fellegi_sunter.em import Fixed, level_shares, pairs_before
from sameas.matching.fellegi_sunter.layout import Layout, Patterns
from sameas.matching.fellegi_sunter.sure import Chance, Surely, surely

__all__ = ["Kinds", "Parted", "logs_of_kinds", "parted_kinds", "shares_of_kinds"]

Floats = npt.NDArray[np.float64]

#: Kinds to begin with, and how often pairs are parted from another start: where one ends with a
#: kind that took matches in, another does not.
_KINDS, _STARTS = 8, 4
#: Patterns from which starts are tried; what is begun is ended with all.
_PATTERNS = 4_000
#: Iterations until the first kind may be dissolved, and between that and the next.
_FIRST, _AGAIN = 20, 4
_TINY = 1e-300


class Kinds(NamedTuple):
    """How often each kind has each state, float64[k, s], and the pairs of each, float64[k]."""

    part: Floats
    pairs: Floats


class Parted(NamedTuple):
    """Candidate pairs parted into kinds, from several starts, beside those that surely match.

    Attributes
    ----------
    several : list
        What each start ended with that found more than one kind.
    throughout : bool
        Half of the starts end with a kind that is alike in every field, as matches are.
    matches : Surely
    some : (Patterns, Surely)
        Those that the kinds are learned from.
    """

    several: list[Kinds]
    throughout: bool
    matches: Surely
    some: tuple[Patterns, Surely]

    @property
    def few(self) -> bool:
        """Whether most starts end with one kind."""
        return 2 * len(self.several) < _STARTS


def parted_kinds(
    layout: Layout, patterns: Patterns, fixed: Fixed, *, least: float, chance: Chance | None = None
) -> Parted:
    """Part the pairs that are not surely matches into kinds; `least` and `chance` as for these.

    A kind holds more pairs than are surely matches, for a smaller one may be the rest of these.
    """
    matches = surely(layout, patterns, least, chance)
    some, few_matches = _some(patterns, matches)
    found = float(patterns.count @ matches.sure)
    rest = Patterns(some.codes, some.count * (1 - few_matches.sure))
    every = [_parted(layout, rest, fixed, found, start) for start in range(_STARTS)]
    several = [kinds for kinds in every if len(kinds.pairs) > 1]
    like = [alike_throughout(layout, patterns, kinds.part).any() for kinds in several]
    return Parted(several, bool(2 * sum(like) >= _STARTS), matches, (some, few_matches))


def _some(patterns: Patterns, matches: Surely) -> tuple[Patterns, Surely]:
    """Draw patterns, often those of many pairs, and let each stand for the others like it."""
    count = patterns.count
    if len(count) <= _PATTERNS:
        return patterns, matches
    share = np.minimum(count * _PATTERNS / count.sum(), 1.0)
    drawn = np.random.default_rng(0).random(len(count)) < share
    kept = Patterns(patterns.codes[drawn], count[drawn] / share[drawn])
    return kept, matches._replace(sure=matches.sure[drawn], held=matches.held[drawn])


def _parted(layout: Layout, patterns: Patterns, fixed: Fixed, least: float, start: int) -> Kinds:
    """Part pairs into kinds; the smallest is dissolved until all hold at least so many."""
    place, count = patterns.codes + layout.first[:-1], patterns.count
    drawn = np.random.default_rng(start).dirichlet(np.full(_KINDS, 0.3), len(count)).T * count
    width, flat = place.shape[1], place.ravel()
    states = [np.bincount(flat, np.repeat(one, width), minlength=layout.states) for one in drawn]
    kinds = Kinds(shares_of_kinds(layout, fixed, np.array(states)), drawn.sum(axis=1))
    iterations = _FIRST
    while len(kinds.pairs):
        for _ in range(iterations):
            _, _, pairs, found = share_among(place, count, *logs_of_kinds(layout, kinds))
            kinds = Kinds(shares_of_kinds(layout, fixed, found), pairs)
        smallest, iterations = int(kinds.pairs.argmin()), _AGAIN
        if kinds.pairs[smallest] >= least:
            break
        kinds = Kinds(*(np.delete(part, smallest, axis=0) for part in kinds))
    return kinds


def logs_of_kinds(layout: Layout, kinds: Kinds) -> tuple[Floats, Floats]:
    """Return the logs of what a class has, 0 where a state says nothing, and of its share."""
    says = layout.mask("learned")
    part = np.log(np.where(says, np.maximum(kinds.part, _TINY), 1.0))
    return part, np.log(np.maximum(kinds.pairs / kinds.pairs.sum(), _TINY))


def shares_of_kinds(layout: Layout, fixed: Fixed, states: Floats) -> Floats:
    """Turn the counts of states of each kind into shares within each comparison."""
    return level_shares(layout, states + pairs_before(layout, fixed.smoothing), fixed.u)
