"""Where a person lives or a firm is: fields that change together when somebody moves.

Without labels comparisons are taken to be independent of each other. House number, street and
flat are not: whoever moves changes them all at once, and would be refused as often as they are
counted. So they are compared as one text; and what lies around them, the city and the postal
code, as another. Neighbours, too, share all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from sameas.linker.subjects import names_of_firms, names_of_persons
from sameas.records import Field
from sameas.records.concepts import CONCEPTS, concept_of, words_of

__all__ = ["parts_of_homes", "whole_homes"]

_AT = ("house_number", "street", "address")
_AROUND = ("city", "region", "postal_code")
#: Words of the names of such fields; what else is in a name tells whose address it is.
_WORDS = {word for concept in (*_AT, *_AROUND) for word in words_of(CONCEPTS[concept])} | {"line"}


def parts_of_homes(fields: Sequence[Field]) -> list[tuple[str, ...]]:
    """Return the names of fields that are compared as one, by the name and kind of the fields.

    Examples
    --------
    >>> fields = [Field("surname", "surname"), Field("house_number", "category"),
    ...           Field("street", "street"), Field("postcode", "postal_code"),
    ...           Field("office_street", "street")]
    >>> parts_of_homes(fields)
    [('house_number', 'street')]
    >>> parts_of_homes(fields[1:])
    []
    """
    parts: dict[tuple[bool, str], list[str]] = {}
    for name, (at, whose) in _homes(fields).items():
        parts.setdefault((at, whose), []).append(name)
    return [tuple(names) for names in parts.values() if len(names) > 1]


def whole_homes(fields: Sequence[Field]) -> list[frozenset[str]]:
    """Return the names of all fields of an address, one set for each address.

    Examples
    --------
    >>> whole_homes([Field("surname", "surname"), Field("city", "category")])
    [frozenset({'city'})]
    """
    whole: dict[str, set[str]] = {}
    for name, (_, whose) in _homes(fields).items():
        whole.setdefault(whose, set()).add(name)
    return [frozenset(names) for names in whole.values()]


def _homes(fields: Sequence[Field]) -> dict[str, tuple[bool, str]]:
    """Return of each field of an address if it names the house or what is around, and whose."""
    if not names_of_persons(fields) and not names_of_firms(fields):
        return {}
    found = {}
    for field in fields:
        meaning = _meaning(field)
        if meaning in (*_AT, *_AROUND):
            rest = (w for w in words_of(field.name) if w not in _WORDS and not w.isdigit())
            found[field.name] = (meaning in _AT, " ".join(rest))
    return found


def _meaning(field: Field) -> str:
    """Say which part of an address a field is; a category says it by its name alone."""
    if field.kind in ("address", "street", "postal_code"):
        return field.kind
    meant = concept_of(field.name) if field.kind in ("category", "text") else None
    return "" if meant is None or "nationality" in words_of(field.name) else meant.name
