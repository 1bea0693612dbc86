"""Phone numbers and e-mail addresses of records."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.datasets.hashing import UIntArray, mix, unit
from sameas.datasets.persons import words
from sameas.datasets.persons.addresses import Homes
from sameas.datasets.persons.people import People
from sameas.datasets.persons.records import Records
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.typos import misspell
from sameas.datasets.persons.vocabulary import Names
from sameas.datasets.places.contacts import fill_template, slugs
from sameas.datasets.texts import blank, fixed_width, scatter

__all__ = ["write_emails", "write_phones"]


_PHONES = ("(AAA) LLL-LLLL", "AAA-LLL-LLLL", "AAA LLL LLLL", "AAALLLLLLL", "AAA.LLL.LLLL",
           "+1 AAA LLL LLLL", "+1-AAA-LLL-LLLL", "+1AAALLLLLLL")  # fmt: skip
_COMMON_SURNAMES = 3_000
_FORMS = 5


def write_phones(
    homes: Homes, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    """Write the phone number of each record: of the household at its address, or one's own."""
    count = len(records.key)
    landline = unit(mix(137, records.key)) < settings.landline_share
    changed = records.later & (rng.random(count) < settings.phone_changed)
    own = mix(139, records.key, changed)
    key = np.where(landline, mix(149, homes.key), own)
    # Landlines of a city share their area code; mobile phones have one of forty.
    area = np.where(landline, mix(151, homes.city) % 700, own % 40 + 700).astype(np.int64) + 200
    local = 2_000_000 + ((key >> np.uint64(8)) % 8_000_000).astype(np.int64)
    digits = area * 10_000_000 + local
    place = 10 ** rng.integers(0, 6, count)
    digit = digits // place % 10
    slipped = digits + ((digit + rng.integers(1, 10, count)) % 10 - digit) * place
    digits = np.where(records.careless(settings.phone_wrong, rng), slipped, digits)
    manner = rng.integers(0, len(_PHONES), count)
    parts = []
    for number, template in enumerate(_PHONES):
        rows = np.flatnonzero(manner == number)
        parts.append((rows, fixed_width(fill_template(template, digits[rows]))))
    return blank(scatter(parts), records.careless(settings.phone_missing, rng))


def write_emails(
    people: People,
    records: Records,
    settings: PersonSettings,
    known: Names,
    rng: np.random.Generator,
) -> pa.Array:
    """Write the e-mail address of each record: the old one or, in later records, the new one."""
    changed = records.later & (rng.random(len(records.key)) < settings.email_changed)
    own = mix(157, records.key, changed)
    given = slugs(known.given.take(pa.array(people.given)))
    surname = slugs(known.surname.take(pa.array(people.surname)))
    person = pa.array(records.person)
    local = _local_parts(given.take(person), surname.take(person), own)
    # No two people have one address: only those with a rare surname do without a number.
    rare = (people.surname >= _COMMON_SURNAMES)[records.person] & (own % 2 == 0)
    plain = rare & (_form(own) != _FORMS - 1)
    number = pc.cast(pa.array(((own >> np.uint64(20)) % 99_990).astype(np.int64) + 10), pa.string())
    number = pc.if_else(pa.array(plain), "", number)
    draw = unit(mix(163, own)) ** 2 * len(words.DOMAINS)
    domain = pa.array(words.DOMAINS).take(pa.array(draw.astype(np.int64)))
    texts = pc.binary_join_element_wise(local, number, "@", domain, "")
    wrong = np.flatnonzero(records.careless(settings.email_typo, rng))
    texts = misspell(texts, wrong, settings.typo_kinds, rng)
    return blank(texts, records.careless(settings.email_missing, rng))


def _form(own: UIntArray) -> UIntArray:
    return (own >> np.uint64(8)) % _FORMS


def _local_parts(given: pa.Array, surname: pa.Array, own: UIntArray) -> pa.Array:
    """Return what stands before the number: one of five forms of a name."""
    form = _form(own)
    letter = pc.utf8_slice_codeunits(given, 0, 1)
    written = (
        pc.binary_join_element_wise(given, surname, "."),
        pc.binary_join_element_wise(letter, surname, ""),
        pc.binary_join_element_wise(given, surname, ""),
        pc.binary_join_element_wise(surname, given, "."),
        given,
    )
    rows = [np.flatnonzero(form == number) for number in range(_FORMS)]
    return scatter(
        [(row, texts.take(pa.array(row))) for row, texts in zip(rows, written, strict=True)]
    )
