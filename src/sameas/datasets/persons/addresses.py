"""Where people live: street, city and postal code, and the new ones of those who moved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import UIntArray, mix, unit
from sameas.datasets.persons.dates import swap_or_change_digit
from sameas.datasets.persons.people import People
from sameas.datasets.persons.records import Records
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.typos import misspell
from sameas.datasets.persons.vocabulary import Names
from sameas.datasets.places import words
from sameas.datasets.texts import blank, fixed_width

__all__ = ["Homes", "find_homes", "write_addresses"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Postal areas of a shard (about a thousand persons each); four of them lie in one city.
AREAS = 32
_AREAS_A_CITY = 4
_CITIES = 2_000
_STREETS_AN_AREA = 60
_STREET_WORDS = 3_000


@dataclass(frozen=True, slots=True)
class Homes:
    """Where each record says that its person lives.

    Attributes
    ----------
    key : uint64[n]
        Equal for one household at one address.
    moved : bool[n]
    area : int64[n]
        Number of the postal area in the whole table.
    city : int64[n]
        Number of the city, the largest first.
    """

    key: UIntArray
    moved: BoolArray
    area: IntArray
    city: IntArray


def find_homes(
    people: People,
    records: Records,
    settings: PersonSettings,
    shard: int,
    *,
    seed: int,
    rng: np.random.Generator,
) -> Homes:
    """Return the home of each record: the old one or, in some later records, the new one."""
    household = people.household[records.person]
    moved = records.later & (rng.random(len(household)) < settings.moved)
    old = mix(seed, 73, shard, household)
    new = mix(seed, 79, shard, household)
    first = (old % AREAS).astype(np.int64)
    near = first - first % _AREAS_A_CITY + (new % _AREAS_A_CITY).astype(np.int64)
    far = ((new >> np.uint64(8)) % AREAS).astype(np.int64)
    second = np.where(unit(mix(83, new)) < settings.moved_far, far, near)
    area = shard * AREAS + np.where(moved, second, first)
    rank = unit(mix(seed, 89, area // _AREAS_A_CITY))
    # The largest of the cities has about an eighth of the people.
    city = np.floor(np.exp(rank * np.log(_CITIES))).astype(np.int64) - 1
    return Homes(np.where(moved, new, old), moved, area, city)


def write_addresses(
    homes: Homes,
    records: Records,
    settings: PersonSettings,
    known: Names,
    rng: np.random.Generator,
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Write the address ("12 Mill Street Apt 4"), the city and the postal code."""
    address = _streets(homes, records, settings, known, rng)
    wrong = np.flatnonzero(records.careless(settings.address_typo, rng))
    address = misspell(address, wrong, settings.typo_kinds, rng)
    city = known.other.take(pa.array(10_000 + homes.city))
    wrong = np.flatnonzero(records.careless(settings.city_typo, rng))
    city = misspell(city, wrong, settings.typo_kinds, rng)
    return (
        blank(address, records.careless(settings.address_missing, rng)),
        blank(city, records.careless(settings.city_missing, rng)),
        _postal_codes(homes, records, settings, rng),
    )


def _streets(
    homes: Homes,
    records: Records,
    settings: PersonSettings,
    known: Names,
    rng: np.random.Generator,
) -> pa.Array:
    count = len(homes.key)
    street = mix(97, homes.area, mix(101, homes.key) % _STREETS_AN_AREA)
    usual = street % 5 < 2
    name = known.other.take(pa.array((15_000 + street % _STREET_WORDS).astype(np.int64)))
    common = pa.array(words.STREETS).take(pa.array((street % len(words.STREETS)).astype(np.int64)))
    name = pc.if_else(pa.array(usual), common, name)
    kind = np.floor(unit(mix(103, street)) ** 2 * len(words.STREET_TYPES)).astype(np.int64)
    short = pa.array(words.ABBREVIATIONS).take(pa.array(kind))
    full = pa.array(words.STREET_TYPES).take(pa.array(kind))
    road = pc.if_else(pa.array(rng.random(count) < settings.street_short), short, full)
    house = np.exp(unit(mix(107, homes.key)) * np.log(400)).astype(np.int64)
    wrong = records.careless(settings.number_wrong, rng)
    house = np.where(wrong, np.maximum(house + rng.integers(-4, 9, count), 1), house)
    unit_number = 1 + (mix(109, homes.key) % 40).astype(np.int64)
    flat = unit(mix(113, homes.key)) < settings.unit_share
    flat &= rng.random(count) >= settings.unit_dropped
    texts = pc.binary_join_element_wise(pc.cast(pa.array(house), pa.string()), name, road, " ")
    unit_text = pc.cast(pa.array(unit_number), pa.string())
    return pc.if_else(
        pa.array(flat), pc.binary_join_element_wise(texts, " Apt ", unit_text, ""), texts
    )


def _postal_codes(
    homes: Homes, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    """Write five digits: two of the city, three of the area."""
    code = (10 + mix(127, homes.city) % 90) * 1_000 + mix(131, homes.area) % 1_000
    written = (ord("0") + code[:, None] // 10 ** np.arange(4, -1, -1, dtype=np.uint64) % 10).astype(
        np.uint8
    )
    wrong = np.flatnonzero(records.careless(settings.postal_typo, rng))
    spot = rng.integers(1, 5, len(wrong))
    written[wrong] = swap_or_change_digit(written[wrong], spot, rng)
    return blank(fixed_width(written), records.careless(settings.postal_missing, rng))
