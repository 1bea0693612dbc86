"""Which person each record means, which record came first, and how carefully it was taken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import even
from sameas.datasets.persons.people import SHARD_PERSONS
from sameas.datasets.persons.settings import PersonSettings

__all__ = ["Records", "draw_records"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

_MOST_RECORDS = 8


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one shard, those of a person beside each other.

    Attributes
    ----------
    person : int64[n]
        Number within the shard.
    key : int64[n]
        Number of the person in the whole table, the truth.
    later : bool[n]
        Not the first record of its person.
    rate : float64[n]
        How many times as many errors and gaps as in the mean.
    """

    person: IntArray
    key: IntArray
    later: BoolArray
    rate: FloatArray

    def careless(self, share: float, rng: np.random.Generator) -> BoolArray:
        """Draw the records with an error or a gap that `share` of all records have."""
        return rng.random(len(self.rate)) < share * self.rate


def draw_records(shard: int, settings: PersonSettings, rng: np.random.Generator) -> Records:
    """Draw how many records each person has, and how careful they are."""
    upto = np.cumsum(settings.cluster_sizes)
    size = 1 + np.searchsorted(upto, even(rng, SHARD_PERSONS), side="right")
    tail = np.flatnonzero(size > 3)
    with np.errstate(divide="ignore"):
        more = np.log(1 - even(rng, len(tail))) / np.log(settings.cluster_tail)
    size[tail] = np.minimum(4 + more, _MOST_RECORDS).astype(np.int64)
    person = np.repeat(np.arange(SHARD_PERSONS), size)
    later = np.ones(len(person), bool)
    later[np.cumsum(size) - size] = False
    poor = rng.random(len(person)) < settings.poor_share
    usual = 1 / (1 + settings.poor_share * (settings.poor_factor - 1))
    rate = np.where(poor, usual * settings.poor_factor, usual)
    return Records(person, shard * SHARD_PERSONS + person, later, rate)
