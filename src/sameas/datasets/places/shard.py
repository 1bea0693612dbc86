"""One shard of the generated table: 32,768 entities and all their records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.datasets.hashing import even, mix, stream
from sameas.datasets.places import addresses, contacts, labels, positions, postal_codes
from sameas.datasets.places.entities import Entities, draw_entities
from sameas.datasets.places.name_noise import vary_names
from sameas.datasets.places.settings import PlaceSettings
from sameas.datasets.places.vocabulary import Codes, vocabulary
from sameas.datasets.places.world import SHARD_ENTITIES, Parts, World
from sameas.datasets.texts import blank, hexadecimal, mistype

__all__ = ["SCHEMA", "build_shard"]

#: A generated place. `entity_id` is the truth, and no linker may see it.
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("address", pa.string()),
        ("postal_code", pa.string()),
        ("phone", pa.string()),
        ("homepage", pa.string()),
        ("labels", pa.list_(pa.string())),
        ("parent_id", pa.string()),
        ("entity_id", pa.int64()),
    ]
)

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_TILES_A_SIDE = 4
_MAX_CLUSTER = 20
_POSITION, _NAME, _CLUSTER, _ADDRESS, _POSTAL, _PHONE, _HOMEPAGE, _LABEL, _ORDER = range(1, 10)


@dataclass(frozen=True, slots=True)
class _Records:
    """Which entity each record means; the first of each entity is its master record."""

    entity: IntArray
    master: BoolArray
    large: BoolArray
    style_a: BoolArray


def build_shard(world: World, shard: int) -> pa.Table:
    """Generate shard number `shard` of a world.

    Rows stand in an order of small districts ("tiles"), shuffled within each, and a parent's
    master record stands before the records of its children: so any prefix of the rows is a
    denser and truer sample than a thinned city would be, and no `parent_id` points outside it.
    """
    parts, settings = world.parts(shard), world.settings
    streams = [stream(world.seed, 1, shard, step) for step in range(_ORDER + 1)]
    entities = draw_entities(
        parts, settings, *(streams[step] for step in (_POSITION, _NAME, _ADDRESS))
    )
    records = _records(settings, streams[_CLUSTER])
    rows = _order(entities, records, streams[_ORDER])
    number = shard * SHARD_ENTITIES
    master_row = np.flatnonzero(records.master)
    key = (np.int64(shard) << 20) + np.arange(len(records.entity))
    ids = hexadecimal(mix(world.seed * 2 + 1, key))
    parent = entities.parent[records.entity]
    kept = records.master | (streams[_ORDER].random(len(parent)) >= settings.parent_missing)
    inside = (parent >= 0) & kept
    parent_ids = ids.take(pa.array(np.where(inside, master_row[parent], 0)))
    latitude, longitude = _places(entities, records, parts, settings, streams[_POSITION])
    columns = [
        ids,
        _write_names(entities, records, settings, streams[_NAME]),
        pa.array(latitude),
        pa.array(longitude),
        *_write_address(entities, records, parts, settings, streams),
        *_write_contacts(entities, records, parts, settings, streams, number),
        labels.write_labels(
            entities.category[records.entity],
            records.master,
            streams[_LABEL].random(len(parent)) < settings.labels_missing,
            streams[_LABEL],
        ),
        blank(parent_ids, ~inside),
        pa.array(number + records.entity),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA).take(pa.array(rows))


def _records(settings: PlaceSettings, rng: np.random.Generator) -> _Records:
    """Draw how many records each entity has, and the style of each."""
    upto = np.cumsum(settings.cluster_sizes)
    size = 1 + np.searchsorted(upto, even(rng, SHARD_ENTITIES), side="right")
    tail = np.flatnonzero(size > 3)
    more = np.log(1 - even(rng, len(tail))) / np.log(settings.cluster_tail)
    size[tail] = np.minimum(4 + more.astype(np.int64), _MAX_CLUSTER)
    entity = np.repeat(np.arange(SHARD_ENTITIES), size)
    master = np.zeros(len(entity), bool)
    master[np.cumsum(size) - size] = True
    style_a = (rng.random(SHARD_ENTITIES) < settings.style_a_share)[entity]
    other = ~master & (rng.random(len(entity)) < settings.other_style_share)
    return _Records(entity, master, size[entity] > 2, style_a ^ other)


def _order(entities: Entities, records: _Records, rng: np.random.Generator) -> IntArray:
    """Return the order of rows: tile by tile, shuffled within each, parents before children."""
    place = entities.positions
    count = len(place.part)
    strip = _rank(np.lexsort((place.east, place.part))) * _TILES_A_SIDE // count
    row = _rank(np.lexsort((place.north, place.part, strip)))
    tile = row * _TILES_A_SIDE**2 // count
    home = np.where(entities.parent >= 0, entities.parent, np.arange(count))
    draw = rng.random(len(records.entity))
    first = draw[records.master]
    parent = entities.parent[records.entity]
    draw = np.where(parent >= 0, first[parent] + (1 - first[parent]) * draw, draw)
    return np.lexsort((draw, tile[home][records.entity]))


def _rank(order: IntArray) -> IntArray:
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _places(
    entities: Entities,
    records: _Records,
    parts: Parts,
    settings: PlaceSettings,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the coordinates of each record."""
    latitude, longitude = positions.to_degrees(entities.positions, parts)
    latitude, longitude = latitude[records.entity], longitude[records.entity]
    rows = np.flatnonzero(~records.master)
    latitude[rows], longitude[rows] = positions.displace(
        latitude[rows], longitude[rows], records.large[rows], settings, rng
    )
    failed = rows[rng.random(len(rows)) < settings.centroid_share]
    part = entities.positions.part[records.entity[failed]]
    latitude[failed], longitude[failed] = positions.round_degrees(
        parts.latitude[part], parts.longitude[part]
    )
    return latitude, longitude


def _write_names(
    entities: Entities, records: _Records, settings: PlaceSettings, rng: np.random.Generator
) -> pa.Array:
    """Write the name of each record."""
    rows = np.flatnonzero(~records.master)
    entity = records.entity[rows]
    written = entities.names.take(records.entity)
    varied, typos = vary_names(
        written.take(rows),
        entities.around.take(entity),
        entities.category[entity],
        settings.name_noise,
        rng,
    )
    written.put(rows, varied)
    return mistype(written.spell(), rows[typos], rng)


def _write_address(
    entities: Entities,
    records: _Records,
    parts: Parts,
    settings: PlaceSettings,
    streams: list[np.random.Generator],
) -> tuple[pa.Array, pa.Array]:
    """Write the address and the postal code of each record."""
    place, entity, count = entities.positions, records.entity, len(records.entity)
    part = place.part[entity]
    rng = streams[_ADDRESS]
    address = addresses.write_addresses(
        entities.around.take(entity),
        addresses.house_numbers(place)[entity],
        records.style_a,
        records.master,
        rng,
    )
    missing = np.where(
        records.style_a,
        settings.address_missing_a,
        parts.rate(1, settings.address_missing_b)[part],
    )
    address = blank(address, rng.random(count) < missing)
    rng = streams[_POSTAL]
    kept = records.master | (rng.random(count) < settings.postal_kept)
    code = postal_codes.write_postal_codes(
        postal_codes.postal_areas(place, parts)[entity], parts.country[part], kept, rng
    )
    missing = np.where(
        records.style_a, settings.postal_missing_a, parts.rate(2, settings.postal_missing_b)[part]
    )
    return address, blank(code, rng.random(count) < missing)


def _write_contacts(
    entities: Entities,
    records: _Records,
    parts: Parts,
    settings: PlaceSettings,
    streams: list[np.random.Generator],
    number: int,
) -> tuple[pa.Array, pa.Array]:
    """Write the phone number and the homepage of each record."""
    entity, count = records.entity, len(records.entity)
    part = entities.positions.part[entity]
    rng = streams[_PHONE]
    kept = records.master | (rng.random(count) < settings.phone_kept)
    key = number + entity
    phone = contacts.write_phones(key, parts.country[part], parts.city[part], kept, rng)
    phone = blank(phone, rng.random(count) < parts.rate(3, settings.phone_missing)[part])
    rng = streams[_HOMEPAGE]
    kept = records.master | (rng.random(count) < settings.homepage_kept)
    chain = entities.chain
    runs = np.where(chain >= 0, -1 - chain, number + np.arange(len(chain)))
    host = _hosts(entities)
    page = contacts.write_homepages(host.take(pa.array(entity)), runs[entity], kept, rng)
    return phone, blank(page, rng.random(count) < parts.rate(4, settings.homepage_missing)[part])


def _hosts(entities: Entities) -> pa.Array:
    """Return the host name of each entity: of its name and city, for chains of the name."""
    known: Codes = entities.around.city
    city = contacts.slugs(vocabulary().spelling.take(pa.array(known)))
    return contacts.hosts(contacts.slugs(entities.names.spell()), city, entities.chain >= 0)
