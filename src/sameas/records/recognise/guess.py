"""What a column means: from its name and from what its values look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sameas.records.concepts import (
    Concept,
    concept_of,
    is_key_of_another,
    is_numbered,
)
from sameas.records.degrees import degrees_of
from sameas.records.recognise.profile import Profile

__all__ = ["IGNORE", "POINT", "Guess", "guess"]

#: A column that says nothing about which records belong together.
IGNORE = "ignore"
#: Latitude and longitude in one column.
POINT = "point"

_MOST = 0.6  # share from which "most values" look like something
_LAST_DAY = 31  # numbers up to it are days of some month, not dates
_FEW = 0.05  # distinct values a row up to which a column is a label
_OWN = 0.5  # distinct values a row from which an id may be that of the row's own thing
_SHARED = 0.2  # and up to which many rows share each of them
_NAMED: dict[str, str] = {
    "house_number": "category", "city": "category", "region": "category", "year": "number",
}  # fmt: skip
_TEXTS = ("given_name", "surname", "person", "organisation", "name", "text", "address", "street")


#: Concepts that say something of the row, not of the thing.
_BESIDE = {
    "entity": (0.9, "this looks like an answer (which records belong together), not like evidence"),
    "provenance": (0.8, "it says where the row comes from, not what the thing is"),
    "certainty": (0.8, "it says how sure another value is, not what the thing is"),
    "projection": (0.85, "it says how coordinates are written, not what the thing is"),
}


class Guess(NamedTuple):
    """A kind of field, how sure that is from 0 to 1, and why."""

    kind: str
    confidence: float
    why: tuple[str, ...]


def guess(column: Profile) -> Guess:
    """Guess the kind of a field, `POINT` or `IGNORE`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from sameas.records.recognise.profile import profile
    >>> guess(profile("x", [pa.chunked_array([["a@b.org", "c@d.com"]])]))
    Guess(kind='email', confidence=0.9, why=('100 % of the values look like e-mail addresses',))
    """
    concept = concept_of(column.name)
    for rule in _RULES:
        found = rule(column, concept)
        if found is not None:
            return found
    return Guess("text", 0.3, ("nothing else fits",))


def _called(column: Profile) -> str:
    return f"the column is called {column.name!r}"


def _look(share: float, what: str) -> str:
    return f"{100 * share:.0f} % of the values look like {what}"


def _sure(named: bool, share: float) -> float:
    return round(min(0.99, (0.97 if named else 0.9) * (0.5 + 0.5 * share)), 2)


def _useless(column: Profile, concept: Concept | None) -> Guess | None:
    if column.known == 0:
        return Guess(IGNORE, 1.0, ("it has no values",))
    if column.type == "other":
        return Guess(IGNORE, 0.9, ("its values are structures, not single values",))
    if column.distinct == 1 and column.known > 1:
        return Guess(IGNORE, 0.95, (f"every value is the same ({column.values[0].as_py()!r:.40})",))
    if concept is None:
        return None
    label = column.unique <= _SHARED or concept.name != "provenance"
    if concept.name in _BESIDE and concept.strength > 0.5 and label:
        sure, why = _BESIDE[concept.name]
        return Guess(IGNORE, sure, (_called(column), why))
    if concept.name == "timestamp" and concept.strength > 0.5 and _tells_time(column):
        why = "it says when the row was written, not what the thing is"
        return Guess(IGNORE, 0.85, (_called(column), why))
    return None


def _tells_time(column: Profile) -> bool:
    times = (column.share(shape) > _MOST for shape in ("date", "number"))
    return column.type == "time" or any(times)


def _typed(column: Profile, concept: Concept | None) -> Guess | None:
    named = _called(column) if concept else ""
    if column.type == "list":
        if concept is not None and concept.name == "aliases" and concept.strength > 0.5:
            return Guess("aliases", 0.95, (named, "its values are lists"))
        return Guess("set", 0.95, ("its values are lists",))
    if column.type == "truth":
        return Guess("category", 0.8, ("its values are true or false",))
    if column.type == "time":
        return Guess("date", 0.9, tuple(filter(None, ("its values are dates", named))))
    return None


def _shaped(column: Profile, concept: Concept | None) -> Guess | None:
    """Kinds that values show by themselves."""
    name = concept.name if concept else ""
    whats = {"email": "e-mail addresses", "url": "web addresses", POINT: "coordinates in one text"}
    for kind, what in whats.items():
        share = column.share(kind)
        if share > _MOST or (share > 0.3 and name == kind):
            why = (_look(share, what), *((_called(column),) if name == kind else ()))
            return Guess(kind, _sure(name == kind, share), why)
    return None


def _coordinate(column: Profile, concept: Concept | None) -> Guess | None:
    if concept is None or concept.name not in ("latitude", "longitude"):
        return None
    limit = 90.0 if concept.name == "latitude" else 180.0
    numbers, count = column.numbers, len(column.values)
    if len(numbers) < _MOST * count and column.share("degrees") > _MOST:
        numbers = degrees_of(column.values, concept.name).drop_null().to_numpy()
    if len(numbers) < _MOST * count or not len(numbers):
        return None
    inside = float((np.abs(numbers) <= limit).mean())
    if inside < 0.9:
        return None
    why = f"{100 * inside:.0f} % of the values lie from -{limit:.0f} to {limit:.0f}"
    return Guess(concept.name, 0.97 if concept.strength > 0.5 else 0.8, (_called(column), why))


def _dated(column: Profile, concept: Concept | None) -> Guess | None:
    share, name = column.share("date"), concept.name if concept else ""
    years = column.share("year")
    eight = column.share("integer") > _MOST and name != "date" and column.type != "text"
    if share > _MOST and not (eight and name != "timestamp"):
        why = (_look(share, "dates"), *((_called(column),) if name == "date" else ()))
        return Guess("date", _sure(name == "date", share), why)
    days = column.share("integer") > _MOST and float(np.median(column.numbers)) <= _LAST_DAY
    if name == "date" and not days and (share + years > 0.4 or column.share("integer") > _MOST):
        return Guess("date", 0.85, (_called(column), _look(max(share, years), "dates or years")))
    if name == "year" and column.share("number") > _MOST:
        return Guess("number", 0.9, (_called(column), _look(years, "years")))
    return None


def _phoned(column: Profile, concept: Concept | None) -> Guess | None:
    named = concept is not None and concept.name == "phone"
    share = column.share("phone")
    marked = column.share("phone_marked")
    if named and (share > 0.4 or column.share("integer") > _MOST):
        return Guess("phone", 0.97, (_called(column), _look(share, "telephone numbers")))
    dates = max(column.share(shape) for shape in ("date", "postal_code", "number")) > 0.5
    if marked > _MOST and not dates and (concept is None or concept.name not in ("identifier",)):
        return Guess("phone", 0.8, (_look(marked, "telephone numbers"),))
    return None


def _posted(column: Profile, concept: Concept | None) -> Guess | None:
    named = concept is not None and concept.name == "postal_code"
    share = max(column.share("postal_code"), column.share("postal_digits"))
    if named:
        why = _look(share, "postal codes")
        return Guess("postal_code", 0.97 if share > 0.5 else 0.8, (_called(column), why))
    # Digits alone may be anything; letters and digits in a postal pattern are telling.
    telling = column.share("postal_code") - column.share("integer") - column.share("phone")
    if telling > _MOST and concept is None:
        return Guess("postal_code", 0.75, (_look(column.share("postal_code"), "postal codes"),))
    return None


def _identified(column: Profile, concept: Concept | None) -> Guess | None:
    named = concept is not None and concept.name in ("identifier", "id") and concept.strength > 0.5
    named |= concept is not None and concept.name in _TEXTS and is_numbered(column.name)
    reference = concept is not None and concept.name == "reference"
    if reference and column.share("code") > _MOST:
        return Guess("reference", 0.8, (_called(column), "its values are codes"))
    codes = max(column.share("code"), column.share("hash"))
    if named and column.unique < _OWN and is_key_of_another(column.name):
        return Guess("category", 0.7, (_called(column), "it is the key of another thing"))
    if named and (codes > 0.5 or (column.words < 1.5 and column.unique > 0.5)):
        return Guess("identifier", 0.9, (_called(column), _look(codes, "codes")))
    if column.share("hash") > _MOST:
        return Guess("identifier", 0.85, (_look(column.share("hash"), "hashes or long codes"),))
    measured = column.share("number") + column.share("quantity") + column.share("clock")
    if concept is None and codes > 0.8 and measured < 0.3 and column.unique > 0.3:
        return Guess("identifier", 0.7, (_look(codes, "codes of letters and digits"),))
    return None


def _counted(column: Profile, concept: Concept | None) -> Guess | None:
    """Numbers, quantities, and labels written as numbers."""
    name = concept.name if concept else ""
    plain = column.share("number")
    if plain > 0.8:
        labels = ("house_number", "category", "region", "set")
        if name in labels and concept is not None and concept.strength > 0.5:
            return Guess("category", 0.75, (_called(column), "its numbers are labels"))
        if name in ("number", "quantity", "year"):
            return Guess("number", 0.95, (_called(column), _look(plain, "numbers")))
        if name in ("address", "street", "text") and column.type != "text":
            return Guess("number", 0.6, (_look(plain, "numbers"),))
        if name in _TEXTS:
            return None
        return Guess("number", 0.75, (_look(plain, "numbers"),))
    measured = column.share("quantity") + plain
    if measured > _MOST and name not in ("house_number", *_TEXTS):
        return Guess(
            "quantity",
            _sure(name == "quantity", measured),
            (_look(measured, "numbers, some with a unit"),),
        )
    return None


def _worded(column: Profile, concept: Concept | None) -> Guess | None:
    """Texts whose name says what they are."""
    if concept is None or concept.strength <= 0.3:
        return None
    kind = _NAMED.get(concept.name, concept.name)
    why, sure = (_called(column),), 0.9 if concept.strength > 0.5 else 0.6
    if kind == "aliases":
        return Guess(kind, sure, why)
    if kind == "set":
        lists = column.share("list") > 0.3
        return Guess("set" if lists else "category", sure, why)
    if kind == "category":
        if column.share("list") > _MOST:
            return Guess("set", 0.8, (*why, _look(column.share("list"), "lists of labels")))
        return Guess("text" if column.words > 6 else "category", sure, why)
    if kind == "name" and column.words > 6:
        return Guess("text", sure, (*why, f"its values have {column.words:.0f} words on average"))
    if kind == "person" and _are_labels(column) and not column.given_names:
        return Guess("category", 0.6, (*why, f"it has only {column.distinct:,} different values"))
    if kind == "person" and column.words > 5:
        return Guess("text", sure, (*why, "its values are longer than one name"))
    if kind in ("given_name", "surname") and column.words > 2.5:
        return Guess("person", 0.7, (*why, "its values have several words"))
    if kind == "name" and _people(column):
        return Guess("person", 0.85, (*why, _people(column)))
    if _are_firms(kind, column):
        share = _look(column.share("organisation"), "organisations with their legal form")
        return Guess("organisation", 0.85, (*why, share))
    if kind == "street" and column.share("address") > _MOST and column.words > 5:
        return Guess("address", 0.75, (*why, _look(column.share("address"), "whole addresses")))
    if kind in _TEXTS:
        return Guess(kind, sure, why)
    return None


def _are_labels(column: Profile) -> bool:
    return column.unique <= _FEW or (column.distinct <= 30 and column.unique < 0.5)


def _are_firms(kind: str, column: Profile) -> bool:
    """Say whether names bear legal forms; so may a column that is called `full_name`."""
    least = {"name": 0.25, "person": 0.5}.get(kind, 1.0)
    return column.share("organisation") > least and not _people(column)


def _people(column: Profile) -> str:
    """Say whether values are names of persons: few words, letters only, known given names."""
    if column.given_names < 0.3 or column.words > 4 or column.share("letters") < 0.7:
        return ""
    share = 100 * column.given_names
    return f"{share:.0f} % of the values hold a common given name"


def _unnamed(column: Profile, _: Concept | None) -> Guess | None:
    """Texts whose name says nothing."""
    people = _people(column)
    if people and column.words < 1.4:
        return Guess("given_name", 0.7, (people,))
    if people:
        return Guess("person", 0.75, (people,))
    if column.share("organisation") > 0.3:
        share = column.share("organisation")
        return Guess("organisation", 0.75, (_look(share, "organisations with their legal form"),))
    if column.share("list") > 0.7:
        return Guess("set", 0.7, (_look(column.share("list"), "lists of labels"),))
    if column.share("address") > _MOST and column.words < 12:
        return Guess("address", 0.65, (_look(column.share("address"), "addresses"),))
    if column.share("street") > _MOST and column.words < 8:
        return Guess("street", 0.6, (_look(column.share("street"), "streets with a house number"),))
    if _are_labels(column) and column.words < 4:
        return Guess("category", 0.7, (f"it has only {column.distinct:,} different values",))
    if column.words > 5:
        return Guess("text", 0.6, (f"its values have {column.words:.0f} words on average",))
    if column.share("letters") > 0.5:
        return Guess("name", 0.45, ("its values are short texts",))
    return Guess("text", 0.4, ("its values are texts",))


_RULES: tuple[Callable[[Profile, Concept | None], Guess | None], ...] = (
    _useless, _typed, _shaped, _coordinate, _dated, _phoned, _posted, _identified, _counted,
    _worded, _unnamed,
)  # fmt: skip
