"""True persons, household by household."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import even, mix, normal, unit
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.vocabulary import FASHIONS, names

__all__ = ["SHARD_PERSONS", "People", "draw_people"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SHARD_PERSONS = 32_768
_NOW = 2020.0
_MOST_AGE = 95.0


@dataclass(frozen=True, slots=True)
class People:
    """The persons of one shard.

    Attributes
    ----------
    household : int64[n]
        Rising from 0.
    sex : int64[n]
        0: man, 1: woman.
    given, surname, new_surname : int64[n]
        Numbers of names; the new surname is the one of a later marriage.
    born : int64[n]
        Days since 1970.
    grown : bool[n]
        At least 20 years old.
    """

    household: IntArray
    sex: IntArray
    given: IntArray
    surname: IntArray
    new_surname: IntArray
    born: IntArray
    grown: BoolArray


def draw_people(settings: PersonSettings, rng: np.random.Generator) -> People:
    """Draw the households of a shard and who lives in them."""
    household, role = _households(settings, rng)
    count = len(household)
    first = np.flatnonzero(role == 0)[household]
    flat = (rng.random(count) < settings.flatmates_share)[first]
    single = (rng.random(count) < settings.single_share)[first]
    child = ~flat & (role > np.where(single, 0, 1))
    partner = ~flat & (role == 1) & ~child
    sex = rng.integers(0, 2, count)
    sex = np.where(partner, 1 - sex[first], sex)
    age = _ages(first, child, partner, rng)
    twin = child & np.roll(child, 1) & (rng.random(count) < settings.twin_share)
    age[twin] = age[np.flatnonzero(twin) - 1]
    known = names(settings.given_offset, settings.surname_offset)
    fashion = np.clip(((_NOW - age) - 1920) / 100 * FASHIONS, 0, FASHIONS - 1).astype(np.int64)
    given = known.draw_given(sex, fashion, even(rng, count))
    given = _apart(given, known.given_start[sex], child)
    junior = child & (sex == 0) & (sex[first] == 0) & (rng.random(count) < settings.junior_share)
    given = np.where(junior, given[first], given)
    own = known.draw_surnames(even(rng, count))
    shared = child | (partner & (rng.random(count) < settings.partner_same_surname))
    surname = np.where(shared, own[first], own)
    other = known.draw_surnames(rng.random(count))
    born = np.floor((_NOW - 1970 - age) * 365.25).astype(np.int64)
    return People(household, sex, given, surname, other, born, age >= 20)


def _households(settings: PersonSettings, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Return the household of each person, and the place in it."""
    upto = np.cumsum(settings.household_sizes[:-1])
    size = 1 + np.searchsorted(upto, even(rng, SHARD_PERSONS), side="right")
    household = np.repeat(np.arange(len(size)), size)[:SHARD_PERSONS]
    begin = np.cumsum(size) - size
    return household, np.arange(SHARD_PERSONS) - begin[household]


def _ages(
    first: IntArray, child: BoolArray, partner: BoolArray, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Draw ages in years, with fractions: the head, the partner beside it, children below."""
    count = len(first)
    own = 20 + (_MOST_AGE - 20) * even(rng, count) ** 1.4
    # Ages beyond a limit are mirrored at it: cut off, they would all have one date of birth.
    beside = _MOST_AGE - np.abs(_MOST_AGE - own[first] - 4 * normal(rng.random(count)))
    beside = 18 + np.abs(beside - 18)
    below = np.maximum(own[first] - 20 - 18 * rng.random(count), 3 * rng.random(count))
    return np.where(child, below, np.where(partner, beside, own))


def _apart(given: IntArray, begin: IntArray, child: BoolArray) -> IntArray:
    """Give a child another name than that of the child before it."""
    same = child & np.roll(child, 1) & (given == np.roll(given, 1))
    step = 1 + np.floor(7 * unit(mix(67, np.arange(len(given))))).astype(np.int64)
    step = np.where(given - step >= begin, -step, step)
    return np.where(same, given + step, given)
