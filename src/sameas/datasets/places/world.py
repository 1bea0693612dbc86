"""Where the cities are, and how they are cut into shards of equally many entities."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import mix, stream, unit
from sameas.datasets.places.settings import PlaceSettings

__all__ = ["MAX_RECORDS", "METRES_PER_DEGREE", "SHARD_ENTITIES", "Parts", "World", "build_world"]

MAX_RECORDS = 28_000_000
SHARD_ENTITIES = 32_768
METRES_PER_DEGREE = 6_371_008.8 * np.pi / 180

_DISTRICT_SPACING = 16_000.0
_COUNTRIES = 40
#: Populated parts of the world: latitudes, longitudes, share of the cities.
_REGIONS = (
    (36.0, 60.0, -9.0, 40.0, 0.24),
    (8.0, 32.0, 69.0, 92.0, 0.20),
    (22.0, 45.0, 100.0, 141.0, 0.20),
    (-9.0, 20.0, 95.0, 126.0, 0.08),
    (25.0, 52.0, -124.0, -68.0, 0.12),
    (-38.0, 12.0, -80.0, -40.0, 0.07),
    (-34.0, 34.0, -16.0, 48.0, 0.07),
    (-44.0, -20.0, 115.0, 178.0, 0.02),
)
#: Cities that try a program: beyond the polar circle, on the antimeridian, on longitude 0
#: (and near the equator), on the equator.
_TRIALS = ((71.03, 25.8), (-16.85, 179.995), (5.63, 0.0), (0.0, 109.34))


@dataclass(frozen=True, slots=True)
class Parts:
    """The cities, or districts of a large city, that make up a shard.

    Attributes
    ----------
    city : int64[p]
        Rank of the city, 0 is the largest.
    country : int64[p]
    entities : int64[p]
        Entities of this part.
    core : int64[p]
        Of these, how many stand in the city's centre.
    latitude, longitude : float64[p]
        Centre of the part, decimal degrees.
    sigma : float64[p]
        Standard deviation of its background, metres.
    """

    city: npt.NDArray[np.int64]
    country: npt.NDArray[np.int64]
    entities: npt.NDArray[np.int64]
    core: npt.NDArray[np.int64]
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]

    def rate(self, which: int, between: tuple[float, float]) -> npt.NDArray[np.float64]:
        """Return a rate of each part's city from a range, the same in all its parts."""
        low, high = between
        return low + (high - low) * unit(mix(which, self.city))


@dataclass(frozen=True, slots=True)
class World:
    """All cities of one seed.

    Attributes
    ----------
    seed : int
    latitude, longitude : float64[cities]
    entities : int64[cities]
        Falling.
    order : int64[shards]
        The cities stand in one line, cut every 32,768 entities; the n-th shard written is
        piece ``order[n]``.
    """

    seed: int
    settings: PlaceSettings
    latitude: npt.NDArray[np.float64]
    longitude: npt.NDArray[np.float64]
    entities: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]

    def parts(self, shard: int) -> Parts:
        """Return the cities and districts of a shard."""
        begin = int(self.order[shard]) * SHARD_ENTITIES
        end = begin + SHARD_ENTITIES
        upto = np.cumsum(self.entities)
        first, last = np.searchsorted(upto, [begin, end - 1], side="right")
        city = np.arange(first, last + 1)
        left = upto[city] - self.entities[city]
        count = np.minimum(upto[city], end) - np.maximum(left, begin)
        district = begin // SHARD_ENTITIES - left // SHARD_ENTITIES
        core = np.minimum(self.entities[city] * self.settings.core_share, self.settings.core_limit)
        core = np.where(district == 0, np.minimum(core, count), 0).astype(np.int64)
        low, high = self.settings.city_sigma
        spread = 0.9 + 0.3 * unit(mix(self.seed, city, district, 1))
        sigma = np.clip(0.95 * high * np.sqrt(count / SHARD_ENTITIES) * spread, low, high)
        angle = district * np.pi * (3 - np.sqrt(5))
        away = _DISTRICT_SPACING * np.sqrt(district) / METRES_PER_DEGREE
        latitude = self.latitude[city] + away * np.sin(angle)
        stretch = np.cos(np.radians(latitude))
        longitude = self.longitude[city] + away * np.cos(angle) / stretch
        country = mix(7, np.floor(self.longitude[city] / 9).astype(np.int64)) % _COUNTRIES
        return Parts(city, country.astype(np.int64), count, core, latitude, longitude, sigma)


@lru_cache(maxsize=4)
def build_world(seed: int, settings: PlaceSettings) -> World:
    """Place the cities and put the shards in order."""
    rng = stream(seed, 0)
    shards = _shards(settings)
    ranks = np.arange(1, settings.cities + 1)
    upto = np.rint(np.cumsum(1 / ranks) / (1 / ranks).sum() * shards * SHARD_ENTITIES)
    entities = np.diff(upto.astype(np.int64), prepend=0)
    box = np.array(_REGIONS)
    region = rng.choice(len(box), settings.cities, p=box[:, 4] / box[:, 4].sum())
    south, north, west, east, _ = box[region].T
    # The centre of a city is the middle of a geohash-6 cell: so the largest block is as large
    # whatever the seed.
    latitude = (np.floor(rng.uniform(south, north) * 2**15 / 180) + 0.5) * 180 / 2**15
    longitude = (np.floor(rng.uniform(west, east) * 2**15 / 360) + 0.5) * 360 / 2**15
    # The trial cities are of the size that four of them lie in one shard.
    line = np.cumsum(entities) // SHARD_ENTITIES
    small = int(np.searchsorted(entities < SHARD_ENTITIES // 6, True))
    begin = int(np.searchsorted(line, line[small] + 1, side="left")) + 1
    trial = np.arange(begin, begin + len(_TRIALS))[: max(settings.cities - begin, 0)]
    latitude[trial], longitude[trial] = np.array(_TRIALS)[: len(trial)].T
    # Golden-section order: every prefix has its share of large and of small cities.
    turn = (np.arange(shards) * (np.sqrt(5) - 1) / 2 + rng.random()) % 1
    order = np.argsort(turn, kind="stable")
    # Among the first million records are the trial cities and the centre of the largest city.
    for place, piece in ((3, int(line[min(begin, settings.cities - 1)])), (15, 0)):
        found = int(np.flatnonzero(order == piece)[0])
        order[[place, found]] = order[[found, place]]
    return World(seed, settings, latitude, longitude, entities, order)


def _shards(settings: PlaceSettings) -> int:
    """Return how many shards hold 28 million records, with one per cent to spare."""
    one, two, three = settings.cluster_sizes
    tail = 1 - one - two - three
    beyond = 4 + settings.cluster_tail / (1 - settings.cluster_tail)
    mean = one + 2 * two + 3 * three + tail * beyond
    return int(np.ceil(1.01 * MAX_RECORDS / (SHARD_ENTITIES * mean)))
