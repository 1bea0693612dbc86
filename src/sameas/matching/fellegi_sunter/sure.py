"""Matches beyond doubt: pairs that share nearly all that their fields can tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.matching.fellegi_sunter.alike import beyond_chance, replaced, told_by
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = ["Chance", "Surely", "surely"]

Floats = npt.NDArray[np.float64]

#: A pair is surely a match that shares so many times as much as matches do at least.
_SURE = 1.4


class Chance(NamedTuple):
    """What agrees by chance.

    Attributes
    ----------
    random : Patterns
        Of random pairs.
    pairs : float
        All pairs that the candidates are of.
    """

    random: Patterns
    pairs: float


class Surely(NamedTuple):
    """What is known of matches before the kinds are.

    Attributes
    ----------
    sure : float64[p]
        Which share of the pairs of each pattern is surely matches.
    held : float64[p]
        Of which of them no kind learns: those that are alike in every field.
    replaced : float
        In which share of them a field holds another value altogether: hardly a sure pair shows it.
    """

    sure: Floats
    held: Floats
    replaced: float


def surely(layout: Layout, patterns: Patterns, least: float, chance: Chance | None) -> Surely:
    """Say which pairs are matches beyond doubt.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
    least : float
        How much of what their fields can tell matches share at least.
    chance : Chance or None
        Without it all pairs that share most are taken for matches.
    """
    told, bar = told_by(layout, patterns), min(_SURE * least, 1.0)
    sure = (told.share >= bar).astype(np.float64)
    if chance is not None:
        sure *= beyond_chance(layout, patterns, chance.random, chance.pairs)
    held = sure * told.near.all(axis=1)
    return Surely(sure, held, replaced(told, patterns.count, bar))
