"""Fields: what a column means, so that a step knows how it may be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, choices_hint
from sameas.core.specs import register

__all__ = ["FIELD_KINDS", "RESERVED_NAMES", "Field", "as_fields"]

#: Every kind of field, and the Arrow type that holds it in RECORDS.
FIELD_KINDS: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "name": pa.string(),  # what the thing is called
        "text": pa.string(),  # any other wording: titles, descriptions
        "person": pa.string(),  # a whole name of a person
        "given_name": pa.string(),
        "surname": pa.string(),
        "organisation": pa.string(),  # a name with or without its legal form
        "address": pa.string(),  # a whole postal address
        "street": pa.string(),  # street and house number
        "postal_code": pa.string(),
        "phone": pa.string(),
        "email": pa.string(),
        "url": pa.string(),
        "date": pa.string(),  # as it came, in any common writing; "1987" and "1987-03" too
        "category": pa.string(),  # one label
        "set": pa.list_(pa.string()),  # labels: a list, or text with ; | , between them
        "aliases": pa.list_(pa.string()),  # further names of the thing, written as a set is
        "number": pa.float64(),
        "quantity": pa.string(),  # a number with a unit: "1.5 kg", "500ml", "$ 12.99"
        "latitude": pa.float64(),  # decimal degrees, in [-90, 90]
        "longitude": pa.float64(),  # decimal degrees, in [-180, 180]
        "identifier": pa.string(),  # an opaque code, equal or not
        "reference": pa.string(),  # the id of another record of the same source
    }
)

#: Names that RECORDS itself uses.
RESERVED_NAMES = frozenset({"source", "id", "record"})


@register("field", "field")
@dataclass(frozen=True, slots=True)
class Field:
    """A canonical field of the records, and what it means.

    Parameters
    ----------
    name : str
        Its name in RECORDS, whatever the user's column is called.
    kind : str
        One of `FIELD_KINDS`. (Not ``type``: in the JSON of a spec that key names the spec.)

    Raises
    ------
    ArgumentError
        If the kind is unknown, or the name is empty or one that RECORDS itself uses.

    Examples
    --------
    >>> Field("title", "text").arrow_type
    DataType(string)
    """

    name: str
    kind: str

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ArgumentError(f"A field needs a name (text), got {self.name!r}.")
        if self.name in RESERVED_NAMES:
            raise ArgumentError(
                f"A field cannot be called {self.name!r}: the table of records uses that name "
                f"itself. Give the field another name and map it to your column."
            )
        if self.kind not in FIELD_KINDS:
            raise ArgumentError(
                f"Field {self.name!r} has the unknown kind {self.kind!r}."
                f"{choices_hint(str(self.kind), FIELD_KINDS)} Known: {', '.join(FIELD_KINDS)}."
            )

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type of this field in RECORDS."""
        return FIELD_KINDS[self.kind]


def as_fields(fields: Mapping[str, str] | Iterable[Field]) -> tuple[Field, ...]:
    """Turn ``{"title": "text"}`` or `Field` objects into a tuple of fields.

    Raises
    ------
    ArgumentError
        If a kind is unknown, a name occurs twice, or an item is not a `Field`.

    Examples
    --------
    >>> as_fields({"title": "text", "year": "number"})
    (Field(name='title', kind='text'), Field(name='year', kind='number'))
    """
    if isinstance(fields, Mapping):
        return tuple(Field(name, kind) for name, kind in fields.items())
    found: dict[str, Field] = {}
    must = "fields must be a mapping such as {'title': 'text'}, or several Field objects"
    given: object = fields
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ArgumentError(f"{must}; got {given!r}.")
    for field in fields:
        if not isinstance(field, Field):
            raise ArgumentError(f"{must}; got one that is {field!r}.")
        if field.name in found:
            raise ArgumentError(f"The field {field.name!r} is given twice.")
        found[field.name] = field
    return tuple(found.values())
