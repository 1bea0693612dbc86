"""Streets and house numbers, written in two styles and with their faults."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.datasets.hashing import mix, unit
from sameas.datasets.places import words
from sameas.datasets.places.names import Surroundings
from sameas.datasets.places.phrases import Phrases
from sameas.datasets.places.positions import Positions, squares
from sameas.datasets.places.vocabulary import INVENTED, vocabulary
from sameas.datasets.places.world import Parts
from sameas.datasets.texts import mistype

__all__ = ["house_numbers", "surroundings", "write_addresses"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_DISTRICT_SQUARE, _STREET_SQUARE = 2_500.0, 500.0
_STREETS_A_SQUARE = 5


def surroundings(positions: Positions, parts: Parts, rng: np.random.Generator) -> Surroundings:
    """Return the words of the place where each entity stands."""
    known = vocabulary()
    first = known.start["invented"]
    city = first + mix(17, parts.city)[positions.part] % INVENTED
    district = first + mix(19, squares(positions, parts, _DISTRICT_SQUARE)) % INVENTED
    street = mix(
        23,
        squares(positions, parts, _STREET_SQUARE),
        rng.integers(0, _STREETS_A_SQUARE, len(positions.part)),
    )
    usual = known.start["STREETS"] + (street >> np.uint64(8)) % len(words.STREETS)
    invented = first + (street >> np.uint64(8)) % INVENTED
    kinds = len(words.STREET_TYPES)
    # The product of two draws favours the first types.
    draws = (street % 64, (street >> np.uint64(40)) % 64)
    street_type = (draws[0] * draws[1] * kinds) // (64 * 64)
    return Surroundings(
        city.astype(np.int32),
        district.astype(np.int32),
        np.where(street % 5 < 2, usual, invented).astype(np.int32),
        street_type.astype(np.int32),
    )


def house_numbers(positions: Positions) -> IntArray:
    """Return the house number of each entity; one spot has one number."""
    east, north = (np.rint(axis).astype(np.int64) for axis in (positions.east, positions.north))
    part = unit(mix(29, east, north))
    number: IntArray = np.exp(part * np.log(4_000)).astype(np.int64)
    return number


def write_addresses(
    around: Surroundings,
    number: IntArray,
    style_a: BoolArray,
    master: BoolArray,
    rng: np.random.Generator,
) -> pa.Array:
    """Write the address of each record, "Mill Street, 12" (style A) or "12 Mill St" (B)."""
    known, count = vocabulary(), len(number)
    noisy = ~master
    changed = noisy & (rng.random(count) < 0.06)
    number = np.where(changed, np.maximum(number + rng.integers(-4, 9, count), 1), number)
    house = known.number(number)
    road = (known.start["STREET_TYPES"] + around.street_type).astype(np.int32)
    short = (known.start["ABBREVIATIONS"] + around.street_type).astype(np.int32)
    road = np.where(rng.random(count) < np.where(style_a, 0.05, 0.6), short, road)
    phrases = Phrases.empty(count)
    numbered = rng.random(count) < np.where(style_a, 0.88, 0.97)
    a = np.flatnonzero(style_a)
    phrases.append(a, around.street[a])
    phrases.append(a, road[a])
    a = np.flatnonzero(style_a & numbered)
    phrases.append(a, house[a], ", ")
    b = np.flatnonzero(~style_a & (rng.random(count) < 0.06))
    phrases.append(b, np.full(len(b), known.start["Unit"], np.int32))
    phrases.append(b, known.number(rng.integers(1, 60, len(b))))
    b = np.flatnonzero(~style_a & numbered)
    unit = phrases.words[b, 0] >= 0
    phrases.append(b[unit], house[b[unit]], ", ")
    phrases.append(b[~unit], house[b[~unit]])
    b = np.flatnonzero(~style_a)
    phrases.append(b, around.street[b])
    phrases.append(b, road[b])
    local = np.flatnonzero(~style_a & (rng.random(count) < 0.12))
    phrases.append(local, around.city[local], ", ")
    return mistype(phrases.spell(), np.flatnonzero(noisy & (rng.random(count) < 0.03)), rng)
