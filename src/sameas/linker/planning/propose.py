"""Blocking rules that the kinds of the fields suggest, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

from sameas.blocking import (
    Key,
    KeyRule,
    PairRule,
    Part,
    Radius,
    SharedWord,
    SimilarWording,
    TextNeighbours,
)
from sameas.linker.defaults import nearby_or_alike
from sameas.linker.subjects import names_of_persons
from sameas.records import Field

__all__ = ["NEIGHBOURS_UP_TO", "Proposal", "coarse_parts", "fields_of", "propose"]

#: Records up to which nearest neighbours in text are looked for: exact, but quadratic.
NEIGHBOURS_UP_TO = 100_000
#: A key that more records bear is none.
AT_MOST = 100

_FEW = 50  # different values below which a field is only good together with two others
_NAMING = ("name", "organisation", "person", "text", "address", "street", "identifier", "aliases")
_WORDS = ("name", "organisation", "person", "text", "address", "street", "category", "identifier")
_PEOPLE = ("given_name", "surname")
_HANDFUL = 200  # records of persons up to which too few share a key to learn from them
_BEARERS = 160  # records that bear a word by which records meet

Rule = KeyRule | PairRule
Proposal = tuple[list[Rule], list[Rule]]


def propose(
    fields: Sequence[Field], distinct: Mapping[str, int], records: int, *, by_keys: bool = False
) -> Proposal:
    """Propose blocking rules.

    Parameters
    ----------
    fields : sequence of Field
    distinct : mapping of field to int
        How many different values it has.
    records : int
    by_keys : bool
        By keys and shared words alone: no rule that lists neighbours.

    Returns
    -------
    base, further : list of rules
        Those that belong to every plan of such fields, and those to choose from.

    Examples
    --------
    >>> base, further = propose([Field("mail", "email")], {"mail": 900}, 1000)
    >>> base, [rule.label for rule in further]
    ([], ['mail', 'email local of mail'])
    """
    base = _by_place(fields)
    people = names_of_persons(fields)
    others = [field for field in fields if field not in people and distinct[field.name] > 3]
    wording = tuple(field.name for field in fields if field.kind in _WORDS)
    few = min(_FEW, max(records // 3, 2))
    if people and (len(others) > 1 or all(field.kind != "person" for field in people)):
        wording = ()  # keys of names find them; the wording of a city finds its inhabitants
    if not any(field.kind in _NAMING for field in fields) and any(map(_alone, fields)):
        wording = ()  # nor does what kind of thing something is find it, as its telephone does
    neighbours = 20 if records <= 20_000 else 10
    if people and not wording and records <= _HANDFUL and not by_keys:
        wording = tuple(field.name for field in fields if field.kind in (*_WORDS, *_PEOPLE))
        neighbours = 10
    telling = any(distinct[name] >= few for name in wording)
    if not base and telling and by_keys:
        base = _by_words(fields, wording, records)
    elif not base and telling and records <= NEIGHBOURS_UP_TO:
        base = [TextNeighbours(wording, k=neighbours)]
    aliases = tuple(field.name for field in fields if field.kind == "aliases")
    named = next((f.name for f in fields if f.kind in ("name", "organisation")), None)
    if aliases and named and any(isinstance(rule, TextNeighbours) for rule in base):
        # The wording knows one name of a record; who was renamed has a word of another in common.
        base = [*base, SharedWord((named, *aliases), _shares(records)[1])]
    fine = [field for field in fields if distinct[field.name] >= few]
    further: list[Rule] = [Key((part,)) for field in fine for part in _alone(field)]
    further += _of_names(fields)
    sure = [field for field in fields if 2 < distinct[field.name] < few]
    coarse = {field.name: coarse_parts(field) for field in (*fine, *sure)}
    for one, other in combinations(fine, 2):
        further += [Key(pair) for pair in product(coarse[one.name], coarse[other.name])]
    for one, other in combinations(fine, 2):
        further += [
            Key((coarse[one.name][0], coarse[other.name][0], coarse[third.name][0]))
            for third in sure
            if coarse[one.name] and coarse[other.name] and coarse[third.name]
        ]
    called = ("name", "text", "organisation", "person", "aliases")
    words = tuple(f.name for f in fields if f.kind in called)
    if words:
        further += [SharedWord(words, share) for share in _shares(records)]
        further.append(SharedWord(words, 10 / max(records, 10), form="words_with_digits"))
    limited = [replace(r, at_most=AT_MOST) if isinstance(r, Key) else r for r in further]
    return base, list(dict.fromkeys(limited))


def _by_words(fields: Sequence[Field], wording: tuple[str, ...], records: int) -> list[Rule]:
    """Return the rule that stands for the nearest in the wording, by keys.

    Records that share a word which few bear are candidates if all of their wording is alike; how
    much, `alike_enough` says. A word of a category says what kind of thing it is, not which.
    """
    named = tuple(field.name for field in fields if field.kind in _NAMING)
    share = min(1.0, _BEARERS / max(records, 1))
    return [SharedWord(named, share, filter=SimilarWording(wording))] if named else []


def fields_of(rule: Rule) -> frozenset[str]:
    """Return the fields that a rule and its filter read."""
    chosen = rule.filter
    needs = [*rule.needs(), *(chosen.needs() if chosen is not None else ())]
    return frozenset(name for need in needs for name in need.fields)


def _shares(records: int) -> tuple[float, ...]:
    return tuple(min(1.0, bearers / max(records, 1)) for bearers in (5, 20, 80))


def _by_place(fields: Sequence[Field]) -> list[Rule]:
    kinds: dict[str, str] = {}
    for field in fields:
        kinds.setdefault(field.kind, field.name)
    if not {"latitude", "longitude"} <= kinds.keys():
        return []
    place = (kinds["latitude"], kinds["longitude"])
    called = next((kinds[k] for k in ("name", "organisation", "text") if k in kinds), None)
    if called is None:
        return [Radius(100.0, latitude=place[0], longitude=place[1])]
    aliases = tuple(field.name for field in fields if field.kind == "aliases")
    return [*nearby_or_alike(called, *place, aliases=aliases)]


def _alone(field: Field) -> list[Part]:
    """Return the parts of a field that are a key by themselves."""
    name = field.name
    match field.kind:
        case "phone":
            return [Part(name, "last", 7, "digits")]
        case "email":
            return [Part(name, form="email"), Part(name, form="email_local")]
        case "url":
            return [Part(name, form="url")]
        case "date":
            return [Part(name, form="date"), Part(name, "digits_sorted", form="date")]
        case "identifier" | "reference":
            return [Part(name), Part(name, "digits_sorted"), Part(name, "first", 5)]
        case "organisation":
            return [
                Part(name, form="organisation"),
                Part(name, "sorted_words", form="organisation"),
            ]
        case "person" | "name":
            return [Part(name), Part(name, "sorted_words"), Part(name, "sound")]
        case "street" | "address":
            return [Part(name), Part(name, "sorted_words")]
        case "text":
            return [Part(name), Part(name, "first", 12)]
        case "surname":
            return [Part(name)]
        case "quantity" | "number" | "postal_code":
            return [Part(name)]
        case _:
            return []


def coarse_parts(field: Field) -> tuple[Part, ...]:
    """Return parts of a field that survive errors, for keys of two or three fields."""
    name = field.name
    match field.kind:
        case "given_name" | "surname":
            return Part(name, "sound"), Part(name, "first", 3)
        case "person":
            return Part(name, "last_word"), Part(name, "first", 3)
        case "organisation" | "name" | "text":
            return Part(name, "first_word"), Part(name, "first", 3)
        case "date":
            return Part(name, "year", form="date"), Part(name, "month_and_day", form="date")
        case "postal_code":
            return Part(name, form="postal_code"), Part(name, "first", 3, "postal_code")
        case "phone":
            return (Part(name, "last", 4, "digits"),)
        case "email":
            return (Part(name, "first", 4, "email"),)
        case "street" | "address":
            return Part(name, "first", 5), Part(name, "last_word")
        case "identifier":
            return Part(name, "first", 4), Part(name, "last", 4)
        case "category" | "number" | "quantity":
            return (Part(name),)
        case _:
            return ()


def _of_names(fields: Sequence[Field]) -> list[Rule]:
    """Given name and surname in whatever order."""
    kinds: dict[str, str] = {}
    for field in fields:
        kinds.setdefault(field.kind, field.name)
    if not {"given_name", "surname"} <= kinds.keys():
        return []
    both = (kinds["given_name"], kinds["surname"])
    return [Key((Part(both, "sorted_words"),))]
