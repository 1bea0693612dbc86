"""One shard of the generated table: 32,768 persons and all their records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.datasets.hashing import mix, stream
from sameas.datasets.persons.addresses import find_homes, write_addresses
from sameas.datasets.persons.contacts import write_emails, write_phones
from sameas.datasets.persons.dates import write_dates
from sameas.datasets.persons.people import People, draw_people
from sameas.datasets.persons.records import Records, draw_records
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.spellings import write_names, write_sex
from sameas.datasets.persons.vocabulary import names
from sameas.datasets.texts import hexadecimal

__all__ = ["SCHEMA", "build_shard"]

#: A generated person. `entity_id` is the truth, and no linker may see it.
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("given_name", pa.string()),
        ("surname", pa.string()),
        ("sex", pa.string()),
        ("date_of_birth", pa.string()),
        ("address", pa.string()),
        ("city", pa.string()),
        ("postal_code", pa.string()),
        ("phone", pa.string()),
        ("email", pa.string()),
        ("entity_id", pa.int64()),
    ]
)

_TILES = 16
_KIND = 2  # places have 0 and 1
_PEOPLE, _RECORDS, _NAME, _SEX, _DATE, _HOME, _ADDRESS, _PHONE, _EMAIL, _ORDER = range(10)


def build_shard(seed: int, settings: PersonSettings, shard: int) -> pa.Table:
    """Generate shard number `shard`; it depends on no other shard.

    Rows stand in sixteen groups of whole households, shuffled within each, so a prefix of the
    rows has its share of duplicates and of families.
    """
    streams = [stream(seed, _KIND, shard, step) for step in range(_ORDER + 1)]
    known = names(settings.given_offset, settings.surname_offset)
    people = draw_people(settings, streams[_PEOPLE])
    records = draw_records(shard, settings, streams[_RECORDS])
    homes = find_homes(people, records, settings, shard, seed=seed, rng=streams[_HOME])
    key = (np.int64(shard) << 20) + np.arange(len(records.person))
    columns = [
        hexadecimal(mix(seed * 2 + 1, 167, key)),
        *write_names(people, records, settings, streams[_NAME]),
        write_sex(people, records, settings, streams[_SEX]),
        write_dates(people, records, settings, streams[_DATE]),
        *write_addresses(homes, records, settings, known, streams[_ADDRESS]),
        write_phones(homes, records, settings, streams[_PHONE]),
        write_emails(people, records, settings, known, streams[_EMAIL]),
        pa.array(records.key),
    ]
    rows = _order(people, records, streams[_ORDER])
    return pa.Table.from_arrays(columns, schema=SCHEMA).take(pa.array(rows))


def _order(people: People, records: Records, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the order of rows."""
    tile = people.household * _TILES // (people.household[-1] + 1)
    return np.lexsort((rng.random(len(records.person)), tile[records.person]))
