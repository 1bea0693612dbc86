"""What the records of a table are of, by the kinds of its fields: persons, firms, or things."""

from __future__ import annotations

from collections.abc import Sequence

from sameas.records import Field
from sameas.records.concepts import concept_of

__all__ = ["names_of_firms", "names_of_persons", "only_names"]

_PEOPLE = ("given_name", "surname", "person")
_ADDRESSES = ("address", "street", "postal_code")


def names_of_persons(fields: Sequence[Field]) -> list[Field]:
    """Return the fields that name persons, if the records are of persons and not of their works.

    Works have a title or a text beside the names, and neither telephone nor e-mail.

    Examples
    --------
    >>> names_of_persons([Field("surname", "surname"), Field("city", "category")])
    [Field(name='surname', kind='surname')]
    >>> names_of_persons([Field("artist", "person"), Field("song", "text")])
    []
    """
    named = [field for field in fields if field.kind in _PEOPLE]
    kinds = {field.kind for field in fields}
    works = not kinds.isdisjoint(("name", "text")) and kinds.isdisjoint(("phone", "email"))
    return [] if works and all(field.kind == "person" for field in named) else named


def only_names(fields: Sequence[Field]) -> bool:
    """Say whether nothing is known of persons but what they are called.

    Examples
    --------
    >>> only_names([Field("surname", "surname"), Field("given_name", "given_name")])
    True
    >>> only_names([Field("surname", "surname"), Field("city", "category")])
    False
    """
    return bool(fields) and all(field.kind in _PEOPLE for field in fields)


def names_of_firms(fields: Sequence[Field]) -> list[Field]:
    """Return the fields that name firms, if the records are of firms and where they are.

    Where something else is named, or has a title, the firm is its maker or publisher.

    Examples
    --------
    >>> names_of_firms([Field("company", "organisation"), Field("street", "street")])
    [Field(name='company', kind='organisation')]
    >>> names_of_firms([Field("title", "text"), Field("publisher", "organisation"),
    ...                 Field("address", "address")])
    []
    """
    kinds = {field.kind for field in fields}
    titles = (concept_of(field.name) for field in fields if field.kind == "text")
    works = any(meant is not None and meant.name == "name" for meant in titles)
    if works or kinds.isdisjoint(_ADDRESSES) or not kinds.isdisjoint(("name", *_PEOPLE)):
        return []
    return [field for field in fields if field.kind == "organisation"]
