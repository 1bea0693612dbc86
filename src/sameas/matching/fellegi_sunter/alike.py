"""How alike pairs are on the whole: what they share of what their fields can tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.matching.fellegi_sunter.em import surprise
from sameas.matching.fellegi_sunter.layout import Layout, Patterns

__all__ = [
    "Told",
    "alike_throughout",
    "beyond_chance",
    "replaced",
    "shared",
    "told_by",
]

Floats = npt.NDArray[np.float64]

#: Pairs that share less than this of what a field can tell differ in it.
_SOME = 0.2
#: The share of matches in which a field holds another value altogether is between these.
_REPLACED = 0.01, 0.05
#: Pairs, alike in all other fields, of which such a share can be told.
_FEWEST = 100


class Told(NamedTuple):
    """What pairs of each pattern tell, field by field.

    Attributes
    ----------
    got : float64[p, f]
        By the level that they have.
    most : float64[p, f]
        By the most alike level; 0 where one record or both have no value.
    """

    got: Floats
    most: Floats

    @property
    def share(self) -> Floats:
        """How much pairs share of what the fields that both have can tell, float64[p]."""
        return _ratio(self.got.sum(axis=1), self.most.sum(axis=1))

    @property
    def near(self) -> npt.NDArray[np.bool_]:
        """Whether pairs are alike in each field, or it is not known, bool[p, f]."""
        return np.asarray((self.got >= _SOME * self.most) | (self.most == 0))


def told_by(layout: Layout, patterns: Patterns) -> Told:
    """Return what pairs of each pattern tell by being as alike as they are.

    The rarer it is among all candidates to be as alike in a field, the more a level tells. What no
    pair reaches is not asked for: the tables may write it otherwise. Of one field it is, for then
    nothing else says that the most alike pairs are copies.
    """
    fields = _fields_of(layout)
    told = surprise(layout, patterns, reached=len(fields) > 1)
    got, most = np.zeros((2, len(patterns.count), len(fields)))
    for place, (number, levels) in enumerate(fields):
        code = patterns.codes[:, number]
        there = code < levels.stop - levels.start
        got[:, place] = np.where(there, told[levels.start + np.where(there, code, 0)], 0.0)
        most[:, place] = np.where(there, told[levels.start], 0.0)
    return Told(got, most)


def shared(layout: Layout, patterns: Patterns, m: Floats) -> float:
    """Say how much of what their fields can tell the pairs of a class share, 0 to 1.

    Parameters
    ----------
    layout : Layout
        A comparison with thresholds below zero is of pairs, not of fields, and left out.
    patterns : Patterns
        All candidates: the rarer it is to be as alike, the more a level tells.
    m : float64[s]
        How often the class has each level.
    """
    told, most, got = surprise(layout, patterns), 0.0, 0.0
    for _, levels in _fields_of(layout):
        most += float(told[levels][0])
        got += float(m[levels] @ told[levels])
    return got / most if most else 1.0


def alike_throughout(layout: Layout, patterns: Patterns, parts: Floats) -> npt.NDArray[np.bool_]:
    """Say which classes are alike in every field, as matches are that differ much.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
        All candidates.
    parts : float64[k, s]
        How often each class has each state.
    """
    told, out = surprise(layout, patterns, reached=True), np.ones(len(parts), np.bool_)
    for _, levels in _fields_of(layout):
        out &= parts[:, levels] @ told[levels] >= _SOME * told[levels][0]
    return out


def beyond_chance(layout: Layout, patterns: Patterns, random: Patterns, pairs: float) -> Floats:
    """Say which share of the pairs of each pattern is more than chance brings about.

    Where only names are known, two persons agree in all of them by chance; where there is a
    telephone number too, hardly ever.

    Parameters
    ----------
    layout : Layout
    patterns : Patterns
        Of the candidates.
    random : Patterns
        Of random pairs: how often their fields have each state, as if independent of each other.
    pairs : float
        All pairs that the candidates are of.

    Returns
    -------
    float64[p]
        0 where as many are expected by chance as there are candidates, 1 where none is.
    """
    column = [number for number, _ in _fields_of(layout)]
    begin = layout.first[:-1]
    place = random.codes + begin
    states = np.bincount(place.ravel(), np.repeat(random.count, place.shape[1]), layout.states)
    often = np.log((states + 0.5) / (random.pairs + 1.0))
    expected = pairs * np.exp(often[(patterns.codes + begin)[:, column]].sum(axis=1))
    factor = np.random.default_rng(0).integers(1, 2**63, len(column), np.uint64) | np.uint64(1)
    mixed = (patterns.codes[:, column] * factor).sum(axis=1)
    _, alike = np.unique(mixed, return_inverse=True)
    count = np.bincount(alike, patterns.count).astype(np.float64)[alike]
    return np.clip(1.0 - _ratio(expected, count), 0.0, 1.0)


def replaced(told: Told, count: Floats, least: float) -> float:
    """Say in which share of the matches a field holds another value altogether.

    Pairs that are alike in all fields but one are taken for matches. Among them are those of one
    household or one name, which differ in some of the fields; so the field that differs least
    often stands for all, and with half of that.

    Parameters
    ----------
    told : Told
    count : float64[p]
        Pairs of each pattern.
    least : float
        How much matches share of what the other fields can tell.
    """
    near, shares = told.near, list[float]()
    got, most, far = told.got.sum(axis=1), told.most.sum(axis=1), (~near).sum(axis=1)
    told_of = (told.most > 0).sum(axis=1)
    for field in range(near.shape[1]):
        there = told.most[:, field] > 0
        alike = there & (told_of > 2) & (far == ~near[:, field])
        share = _ratio(got - told.got[:, field], most - told.most[:, field])
        held = count * (alike & (share >= least))
        if held.sum() >= _FEWEST:
            shares.append(float(held @ ~near[:, field] / held.sum()))
    return float(np.clip(min(shares, default=0.0) / 2, *_REPLACED))


def _fields_of(layout: Layout) -> list[tuple[int, slice]]:
    """Return the comparisons of fields, each with the states that are levels."""
    return [
        (number, slice(int(layout.first[number]), int(layout.first[number]) + item.levels))
        for number, item in enumerate(layout.levels)
        if min(item.thresholds, default=0.0) >= 0
    ]


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.ones(len(part)), where=whole > 0)
