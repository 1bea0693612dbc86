"""Where entities stand: dense clusters on a wide background, equal names kept apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import UIntArray, even, mix, normal
from sameas.datasets.places.settings import PlaceSettings
from sameas.datasets.places.world import METRES_PER_DEGREE, Parts

__all__ = [
    "Positions",
    "displace",
    "round_degrees",
    "settle",
    "spread_equal_names",
    "squares",
    "to_degrees",
]

_FARTHEST = 2_000.0
_ANCHORS = 4

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Positions:
    """Entities of a shard.

    Attributes
    ----------
    part : int64[n]
        City or district that each entity belongs to.
    east, north : float64[n]
        Metres from the centre of the part.
    """

    part: IntArray
    east: FloatArray
    north: FloatArray


def settle(parts: Parts, settings: PlaceSettings, rng: np.random.Generator) -> Positions:
    """Draw a position for every entity of a shard."""
    part = np.repeat(np.arange(len(parts.entities)), parts.entities)
    count = len(part)
    place = rng.normal(size=(count, 2)) * parts.sigma[part, None]
    draw = rng.random(count)
    core_share = (parts.core / parts.entities)[part]
    core = draw < core_share
    dense = ~core & (draw < core_share + settings.clustered_share)
    sigma = 100 + 100 * np.minimum(parts.core / 2_000, 1)
    place[core] = rng.normal(size=(int(core.sum()), 2)) * sigma[part[core], None]
    place[dense] = _clustered(part[dense], parts, settings, rng)
    return Positions(part, place[:, 0], place[:, 1])


def _clustered(
    part: IntArray, parts: Parts, settings: PlaceSettings, rng: np.random.Generator
) -> FloatArray:
    """Draw positions in the dense clusters of each entity's part."""
    share = settings.clustered_share / settings.cluster_entities
    clusters = np.ceil(parts.entities * share).astype(np.int64)
    upto = np.cumsum(clusters)
    owner = np.repeat(np.arange(len(clusters)), clusters)
    weight = np.concatenate([[0.0], np.cumsum(np.exp(0.9 * rng.normal(size=len(owner))))])
    low, high = weight[upto - clusters][part], weight[upto][part]
    which = np.searchsorted(weight, low + (high - low) * rng.random(len(part)), side="right") - 1
    which = np.clip(which, (upto - clusters)[part], upto[part] - 1)
    centre = rng.normal(size=(len(owner), 2)) * parts.sigma[owner, None] * 0.9
    sigma = rng.uniform(*settings.cluster_sigma, len(owner))
    place: FloatArray = centre[which] + rng.normal(size=(len(part), 2)) * sigma[which, None]
    anchors = centre[:, None] + rng.normal(size=(len(owner), _ANCHORS, 2)) * sigma[:, None, None]
    anchored = rng.random(len(part)) < settings.anchored_share
    site = (rng.random(len(part)) ** 2 * _ANCHORS).astype(np.int64)
    place[anchored] = anchors[which[anchored], site[anchored]]
    return place


def spread_equal_names(
    positions: Positions,
    names: UIntArray,
    parts: Parts,
    settings: PlaceSettings,
    rng: np.random.Generator,
) -> Positions:
    """Move places apart that bear one name within one square; the first of each stays."""
    east, north = positions.east.copy(), positions.north.copy()
    for shift in (0.0, 0.5):
        square = [
            np.floor(axis / settings.chain_spacing + shift).astype(np.int64)
            for axis in (east, north)
        ]
        key = mix(3, names, positions.part, *square)
        first = np.zeros(len(key), bool)
        first[np.unique(key, return_index=True)[1]] = True
        moved = np.flatnonzero(~first)
        place = rng.normal(size=(len(moved), 2)) * parts.sigma[positions.part[moved], None]
        east[moved], north[moved] = place.T
    return Positions(positions.part, east, north)


def squares(positions: Positions, parts: Parts, side: float) -> UIntArray:
    """Return numbers of the squares of the map in which entities stand."""
    # Districts of one city are told apart by their centres.
    centre = np.rint(parts.latitude * 1e4).astype(np.int64)[positions.part]
    east = np.floor(positions.east / side).astype(np.int64)
    north = np.floor(positions.north / side).astype(np.int64)
    return mix(13, parts.city[positions.part], centre, east, north)


def to_degrees(positions: Positions, parts: Parts) -> tuple[FloatArray, FloatArray]:
    """Return latitude and longitude."""
    return move(
        parts.latitude[positions.part],
        parts.longitude[positions.part],
        positions.east,
        positions.north,
    )


def move(
    latitude: FloatArray, longitude: FloatArray, east: FloatArray, north: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Move points by metres."""
    stretch = METRES_PER_DEGREE * np.cos(np.radians(latitude))
    return round_degrees(latitude + north / METRES_PER_DEGREE, longitude + east / stretch)


def round_degrees(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Round to 7 digits (a centimetre), longitude to [-180, 180)."""
    east = np.round(longitude, 7)
    east = np.where(east >= 180, east - 360, np.where(east < -180, east + 360, east))
    return np.round(latitude, 7), np.round(east, 7)


def displace(
    latitude: FloatArray,
    longitude: FloatArray,
    large: npt.NDArray[np.bool_],
    settings: PlaceSettings,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Move duplicates away from their master record.

    Parameters
    ----------
    latitude, longitude : float64[n]
        The master's position.
    large : bool[n]
        Whether the duplicate's cluster has three or more records.
    """
    count = len(latitude)
    draw = even(rng, count)
    sigma = np.where(draw < settings.near_share, settings.near_sigma, settings.middle_sigma)
    sigma = np.where(large, sigma * settings.large_scale, sigma)
    offset = rng.normal(size=(count, 2)) * sigma[:, None]
    far = draw >= 1 - np.where(large, settings.far_share_large, settings.far_share)
    away = np.zeros(count)
    away[far] = normal(even(rng, int(far.sum())))
    distance = settings.far_median * np.exp(settings.far_spread * away)
    distance = np.minimum(distance, _FARTHEST)
    angle = rng.uniform(0, 2 * np.pi, count)
    offset[:, 0] = np.where(far, distance * np.cos(angle), offset[:, 0])
    offset[:, 1] = np.where(far, distance * np.sin(angle), offset[:, 1])
    return move(latitude, longitude, offset[:, 0], offset[:, 1])
