"""Given names and surnames as records have them: short forms, initials, new surnames."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.datasets.hashing import mix
from sameas.datasets.persons.people import People
from sameas.datasets.persons.records import Records
from sameas.datasets.persons.settings import PersonSettings
from sameas.datasets.persons.typos import misspell
from sameas.datasets.persons.vocabulary import names
from sameas.datasets.texts import blank

__all__ = ["write_names", "write_sex"]

IntArray = npt.NDArray[np.int64]


def write_names(
    people: People, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> tuple[pa.Array, pa.Array]:
    """Write the given name and the surname of each record."""
    given = _given(people, records, settings, rng)
    surname = _surnames(people, records, settings, rng)
    swapped = pa.array(rng.random(len(given)) < settings.swapped_names)
    given, surname = pc.if_else(swapped, surname, given), pc.if_else(swapped, given, surname)
    return (
        blank(given, records.careless(settings.given_missing, rng)),
        blank(surname, records.careless(settings.surname_missing, rng)),
    )


def _given(
    people: People, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    known = names(settings.given_offset, settings.surname_offset)
    number = people.given[records.person]
    forms = known.short[number]
    many = np.maximum((forms >= 0).sum(axis=1), 1)
    # A person is called by one short form, now and then by another.
    usual = mix(71, records.key) % many.astype(np.uint64)
    other = rng.integers(0, many)
    form = np.where(rng.random(len(number)) < 0.8, usual.astype(np.int64), other)
    short = forms[np.arange(len(number)), form]
    called = (short >= 0) & (rng.random(len(number)) < settings.nickname)
    texts = known.given.take(pa.array(np.where(called, short, number)))
    texts = misspell(texts, np.flatnonzero(records.careless(settings.given_typo, rng)),
                     settings.typo_kinds, rng)  # fmt: skip
    letter = pc.utf8_slice_codeunits(texts, 0, 1)
    dotted = pc.binary_join_element_wise(letter, ".", "")
    letter = pc.if_else(pa.array(rng.random(len(number)) < 0.4), dotted, letter)
    return pc.if_else(pa.array(records.careless(settings.initial, rng)), letter, texts)


def _surnames(
    people: People, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    known = names(settings.given_offset, settings.surname_offset)
    person = records.person
    may = records.later & (people.sex == 1)[person] & people.grown[person]
    new = may & (rng.random(len(person)) < settings.new_surname)
    double = new & (rng.random(len(person)) < settings.double_surname)
    old = known.surname.take(pa.array(people.surname[person]))
    other = known.surname.take(pa.array(people.new_surname[person]))
    both = pc.binary_join_element_wise(old, other, "-")
    texts = pc.if_else(pa.array(double), both, pc.if_else(pa.array(new), other, old))
    wrong = np.flatnonzero(records.careless(settings.surname_typo, rng))
    return misspell(texts, wrong, settings.typo_kinds, rng)


def write_sex(
    people: People, records: Records, settings: PersonSettings, rng: np.random.Generator
) -> pa.Array:
    """Write "m" or "f"."""
    woman = (people.sex == 1)[records.person] ^ records.careless(settings.sex_wrong, rng)
    texts = pc.if_else(pa.array(woman), "f", "m")
    return blank(texts, records.careless(settings.sex_missing, rng))
