"""What a linker does when only the kinds of the fields are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sameas.blocking import (
    AllOf,
    AnyOf,
    KeyRule,
    PairRule,
    Radius,
    SharedToken,
    SharedTokenNearby,
    SimilarText,
    TextNeighbours,
    Within,
)
from sameas.comparison import (
    Acronym,
    AliasSimilarity,
    BestAlias,
    CodeInText,
    Comparison,
    Context,
    DateDifference,
    DateSimilarity,
    Distance,
    Equal,
    Faded,
    FullName,
    Indel,
    JaroWinkler,
    LearnedWords,
    NgramCosine,
    NumberDifference,
    NumbersInText,
    PersonName,
    PhoneSimilarity,
    QuantitySimilarity,
    SetJaccard,
    SoftTfidf,
    TextFrequency,
    TokenOverlap,
    TokenSetRatio,
    UnmatchedWords,
    WordCosine,
)
from sameas.core.errors import ArgumentError
from sameas.linker.subjects import names_of_firms, only_names
from sameas.records import Field

__all__ = [
    "can_block",
    "default_blocking",
    "default_comparisons",
    "default_context",
    "form_of_names",
    "nearby_or_alike",
]

_NAMES = ("name", "person", "given_name", "surname", "organisation")
#: A word of a further name that more records bear brings none together.
_FEW = 0.02
_WORDS = (*_NAMES, "text", "address", "street", "category", "identifier")


def _names(fields: Sequence[Field], *kinds: str) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.kind in kinds)


def nearby_or_alike(
    name: str,
    latitude: str = "latitude",
    longitude: str = "longitude",
    *,
    aliases: tuple[str, ...] = (),
) -> tuple[KeyRule, ...]:
    """Near with any likeness of the name, or farther with a word in common.

    At most 250 m apart with a similar name or a shared word; or at most 1 km with a shared
    word and a similar name; or at most 2 km with a shared word and a very similar name. On
    real places this keeps 99.5 to 100 % of the matches at 3 to 8 candidates a record. With
    further names, also at most 2 km with a word of any name in common that few records bear.
    """
    place: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
    alike, very = SimilarText(name, at_least=0.7), SimilarText(name, at_least=0.85)
    rules: tuple[KeyRule, ...] = (
        Radius(250.0, filter=AnyOf((SharedToken(name), alike)), **place),
        SharedTokenNearby(
            name, 2000.0, filter=AnyOf((very, AllOf((Within(1000.0, **place), alike)))), **place
        ),
    )
    if aliases:
        rules += (SharedTokenNearby((name, *aliases), 2000.0, max_share=_FEW, **place),)
    return rules


def default_blocking(fields: Sequence[Field]) -> tuple[KeyRule | PairRule, ...]:
    """Choose blocking rules by the kinds of the fields.

    Raises
    ------
    ArgumentError
        If no field can serve.
    """
    names, latitudes = _names(fields, "name"), _names(fields, "latitude")
    if names and latitudes and _names(fields, "longitude"):
        place = latitudes[0], _names(fields, "longitude")[0]
        return nearby_or_alike(names[0], *place, aliases=_names(fields, "aliases"))
    words = _names(fields, *_WORDS)
    if not words:
        given = ", ".join(f"{field.name} ({field.kind})" for field in fields)
        raise ArgumentError(
            "No field can serve for blocking by default: give one of words (kind "
            f"{', '.join(_WORDS)}), or set blocking yourself. Got: {given or 'no field'}."
        )
    return (TextNeighbours(words, k=20),)


def can_block(fields: Sequence[Field]) -> bool:
    """Say whether `default_blocking` finds rules for such fields."""
    return bool(_names(fields, *_WORDS))


def default_context(fields: Sequence[Field]) -> Context | None:
    """Choose the first similarities of the context by the kinds of the fields.

    Of firms they are of the names alone: the wording of an address is longer, and firms that are
    neighbours in a business park would look most alike. Where things have further names it is the
    likeness of the two names that resemble each other most.
    """
    names, latitudes = _names(fields, "name"), _names(fields, "latitude")
    longitudes = _names(fields, "longitude")
    if names and latitudes and longitudes:
        place: dict[str, Any] = {"latitude": latitudes[0], "longitude": longitudes[0]}
        called = _names(fields, "aliases")
        alike = AliasSimilarity((names[0], *called)) if called else SoftTfidf(names[0])
        return Context((Faded(alike, **place),))
    firms = tuple(field.name for field in names_of_firms(fields))
    if _names(fields, "aliases") and (names or firms):
        called = _called(fields)
        return Context((AliasSimilarity(called, form=form_of_names(fields, called[0])),))
    words = firms or _names(fields, *_WORDS)
    if not words:
        return None
    return Context((NgramCosine(words, 2, 4), NgramCosine(words, 3, 5), WordCosine(words)))


def default_comparisons(fields: Sequence[Field]) -> tuple[Comparison, ...]:
    """Choose comparisons by the kinds of the fields."""
    found: list[Comparison] = []
    words = _names(fields, *_WORDS)
    if not _names(fields, "latitude") and words:
        found += [NgramCosine(words, 2, 4), NgramCosine(words, 3, 5)]
        found += _joined(words) if len(words) > 1 or only_names(fields) else []
        if _names(fields, "text", "identifier"):
            codes = _names(fields, "identifier")
            found += [CodeInText(words), *(CodeInText(words, c) for c in codes if words != (c,))]
    for field in fields:
        found += _OF_KIND[field.kind](field.name) if field.kind in _OF_KIND else []
    if _names(fields, "aliases"):
        called = _called(fields)
        found.append(BestAlias(called, form=form_of_names(fields, called[0])))
    if _names(fields, "latitude") and _names(fields, "longitude"):
        found.append(Distance(_names(fields, "latitude")[0], _names(fields, "longitude")[0]))
    given, surnames = _names(fields, "given_name"), _names(fields, "surname")
    found += [PersonName(*pair) for pair in zip(given, surnames, strict=False)]
    return tuple(dict.fromkeys(found))


def _called(fields: Sequence[Field]) -> tuple[str, ...]:
    """Return the field with the name, if there is one, and those with further names."""
    return (*_names(fields, *_NAMES)[:1], *_names(fields, "aliases"))


def form_of_names(fields: Sequence[Field], name: str) -> str:
    """Return the form in which the names of things are compared: firms without their legal form."""
    firms = any(field.name == name and field.kind == "organisation" for field in fields)
    return "organisation" if firms else "normalise"


def _joined(words: tuple[str, ...]) -> list[Comparison]:
    """Compare all wording together: sources put the same words into different columns."""
    codes = "words_with_digits"
    return [
        WordCosine(words), TokenOverlap(words), UnmatchedWords(words),
        NumbersInText(words, form=codes), UnmatchedWords(words, form=codes),
        SoftTfidf(words, form=codes), NgramCosine(words, 3, 4, form=codes),
    ]  # fmt: skip


def _of_person(name: str) -> list[Comparison]:
    return [*_of_name_part(name), SoftTfidf(name, form="latin")]


def _of_name_part(name: str) -> list[Comparison]:
    return [
        FullName(name), JaroWinkler(name, form="latin"), Indel(name, form="latin"),
        TextFrequency(name),
    ]  # fmt: skip


def _of_name(name: str) -> list[Comparison]:
    return [*_of_text(name), Acronym(name), TextFrequency(name)]


def _of_text(name: str) -> list[Comparison]:
    return [
        JaroWinkler(name), Indel(name), SoftTfidf(name), TokenSetRatio(name),
        TokenOverlap(name), UnmatchedWords(name), WordCosine((name,)),
        NgramCosine((name,), 2, 3), NumbersInText(name),
        NumbersInText(name, form="words_with_digits"),
        NgramCosine((name,), 3, 4, form="words_with_digits"),
        UnmatchedWords(name, form="words_with_digits"), LearnedWords(name),
    ]  # fmt: skip


def _of_address(name: str) -> list[Comparison]:
    return [
        SoftTfidf(name), SoftTfidf(name, form="street"), TokenSetRatio(name),
        NumbersInText(name), JaroWinkler(name),
    ]  # fmt: skip


def _of_organisation(name: str) -> list[Comparison]:
    """Compare without the legal form, and in Latin letters."""
    form = "organisation"
    return [
        Equal(name, form=form), JaroWinkler(name, form=form), Indel(name, form=form),
        SoftTfidf(name, form=form), TokenSetRatio(name, form=form), TokenOverlap(name, form=form),
        UnmatchedWords(name, form=form), NgramCosine((name,), 2, 3, form=form),
        LearnedWords(name, form=form), NumbersInText(name), Acronym(name), TextFrequency(name),
    ]  # fmt: skip


#: The comparisons of a field alone; kinds that are not here have none.
_OF_KIND: dict[str, Callable[[str], list[Comparison]]] = {
    "name": _of_name,
    "text": _of_text,
    "person": _of_person,
    "given_name": _of_name_part,
    "surname": _of_name_part,
    "organisation": _of_organisation,
    "address": _of_address,
    "street": _of_address,
    "postal_code": lambda name: [
        JaroWinkler(name, form="postal_code"), Equal(name, form="postal_code"),
    ],
    "phone": lambda name: [
        PhoneSimilarity(name), Equal(name, form="digits"), JaroWinkler(name, form="digits"),
    ],
    "url": lambda name: [
        Equal(name, form="url"), JaroWinkler(name, form="url"),
        Equal(name, form="registered_domain"),
    ],
    "email": lambda name: [
        Equal(name, form="email"), JaroWinkler(name, form="email_local"),
        Equal(name, form="email_domain"),
    ],
    "date": lambda name: [DateSimilarity(name), DateDifference(name)],
    "quantity": lambda name: [QuantitySimilarity(name), Equal(name)],
    "category": lambda name: [Equal(name), JaroWinkler(name), TokenOverlap(name)],
    "set": lambda name: [SetJaccard(name)],
    "number": lambda name: [NumberDifference(name)],
    "identifier": lambda name: [Equal(name), JaroWinkler(name)],
}  # fmt: skip
