"""What the fields of tables say of each other: surnames, places, the name of the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.records.concepts import concept_of, words_of
from sameas.records.degrees import degrees_of
from sameas.records.recognise.profile import Profile

__all__ = ["RecognisedField", "with_name", "with_places", "with_surnames"]

#: Kinds that say what a record is.
_NAMING = (
    "name",
    "organisation",
    "person",
    "given_name",
    "surname",
    "text",
    "aliases",
    "email",
    "phone",
)
#: Share of different values from which towns are names: of a list of towns or places.
_MOSTLY = 0.6
#: What two numbers that make a place may be called: across the map, and up.
_ACROSS, _UP = ("x", "lange", "laenge"), ("y", "breite")
#: Different values from which a column may hold surnames.
_SURNAMES = 50


@dataclass(frozen=True, slots=True)
class RecognisedField:
    """A field: what it is called, what it means, and which columns hold it.

    Attributes
    ----------
    name : str
    kind : str
        A kind of field, or "ignore".
    columns : mapping of source to column
    confidence : float
        From 0 to 1.
    why : tuple of str
    profile : Profile
        All its columns together.
    """

    name: str
    kind: str
    columns: Mapping[str, str]
    confidence: float
    why: tuple[str, ...]
    profile: Profile


def with_places(fields: list[RecognisedField]) -> list[RecognisedField]:
    """Take two numbers beside each other for a place, if they can only be that."""
    if any(field.kind in ("latitude", "longitude") for field in fields):
        return fields
    for place, (one, other) in enumerate(pairwise(fields)):
        exact = all(f.kind in ("number", "text") and _decimals(f.profile) for f in (one, other))
        if not exact or set(one.columns) != set(other.columns):
            continue
        limits = [_largest(field.profile) for field in (one, other)]
        if max(limits) > 180 or min(limits) > 90:
            continue
        turned = limits[0] > 90 or (limits[1] <= 90 and _called_turned(one.name, other.name))
        kinds = ("longitude", "latitude") if turned else ("latitude", "longitude")
        why = "two numbers beside each other with many decimals, in the range of degrees"
        fields[place : place + 2] = [
            replace(field, name=kind, kind=kind, confidence=0.6, why=(why,))
            for field, kind in zip((one, other), kinds, strict=True)
        ]
        return fields
    return fields


def with_surnames(fields: list[RecognisedField]) -> list[RecognisedField]:
    """Take the words beside given names for surnames, if nothing says what else they are."""
    if any(field.kind in ("surname", "person") for field in fields):
        return fields
    for place, field in enumerate(fields):
        beside = [n for n in (place - 1, place + 1) if 0 <= n < len(fields)]
        named = [fields[n] for n in beside if fields[n].kind == "given_name"]
        if not named or not _may_be_surnames(field) or set(field.columns) != set(named[0].columns):
            continue
        why = f"single words beside the given names of {named[0].name}, and nothing says what else"
        fields[place] = replace(field, kind="surname", confidence=0.6, why=(why,))
        return fields
    return fields


def _may_be_surnames(field: RecognisedField) -> bool:
    """Say whether the name of a field tells nothing and its values are many single words."""
    column = field.profile
    unnamed = field.kind in ("category", "name", "text") and concept_of(field.name) is None
    return (
        unnamed
        and column.distinct >= _SURNAMES
        and column.words < 1.5
        and column.share("letters") > 0.9
    )


def with_name(fields: list[RecognisedField]) -> list[RecognisedField]:
    """Take towns for the names of the records, if nearly all differ and nothing else names them."""
    if any(field.kind in _NAMING for field in fields):
        return fields
    for place, field in enumerate(fields):
        concept, column = concept_of(field.name), field.profile
        town = field.kind == "category" and concept is not None and concept.name == "city"
        if town and column.unique > _MOSTLY and column.distinct >= _SURNAMES:
            why = (*field.why, "most of its values differ, and no other column names the records")
            fields[place] = replace(field, kind="name", confidence=0.6, why=why)
            return fields
    return fields


def _decimals(column: Profile) -> bool:
    """Say whether nearly all values have at least four decimals and few occur twice."""
    if not len(column.values) or column.unique < 0.3:
        return False
    many = pc.mean(pc.match_substring_regex(column.values, r"^-?\d{1,3}[.,]\d{4,}$")).as_py()
    return bool(many > 0.8)


def _largest(column: Profile) -> float:
    """Return the largest size of the values, which may have a decimal comma."""
    return float(np.abs(degrees_of(column.values, "latitude").drop_null().to_numpy()).max())


def _called_turned(one: str, other: str) -> bool:
    """Say whether the names of two columns say that the longitude comes first."""
    first, second = ("".join(words_of(name)) for name in (one, other))
    return first in _ACROSS or second in _UP
