"""Which comparisons a linker makes without labels, and the levels that each is cut into."""

from __future__ import annotations

from collections.abc import Sequence

from sameas.comparison import (
    Acronym,
    AliasSimilarity,
    BestAlias,
    Comparison,
    Context,
    CrosswiseNames,
    DateSimilarity,
    Distance,
    Equal,
    FullName,
    Indel,
    JaroWinkler,
    NgramCosine,
    NumberDifference,
    NumbersInText,
    PersonName,
    PhoneSimilarity,
    QuantitySimilarity,
    RelativeFrequency,
    SetJaccard,
    SoftTfidf,
    TokenSetRatio,
    WordCosine,
)
from sameas.linker.defaults import form_of_names
from sameas.linker.home import parts_of_homes
from sameas.linker.subjects import names_of_persons
from sameas.matching import Levels
from sameas.records import Field

__all__ = [
    "default_levels",
    "first_of_each_field",
    "unlabelled_comparisons",
    "unlabelled_context",
]

#: Levels of what is alike letter by letter, of names of persons, and of words in common.
_SPELLING = (1.0, 0.95, 0.88, 0.8, 0.7)
_NAMES = (0.97, 0.92, 0.85, 0.7)
_SHARE = (0.999, 0.8, 0.65, 0.5, 0.35, 0.2)
#: Kinds whose values are words; kinds that say what a thing is called.
_WRITTEN = (
    "given_name", "surname", "person", "name", "organisation", "text", "address", "street",
    "postal_code", "phone", "email", "url", "category", "identifier", "date", "quantity",
)  # fmt: skip
_CALLED = ("name", "organisation")
#: By how much a pair is ahead of the next best one of its records; below 0 it is behind.
_MARGIN = (0.3, 0.15, 0.05, 0.0, -0.05, -0.15)
#: Thresholds by the type of the comparison, from the most alike on.
_THRESHOLDS: tuple[tuple[type, tuple[float, ...]], ...] = (
    (JaroWinkler, _SPELLING),
    (BestAlias, _SPELLING),
    (Indel, _SPELLING),
    (TokenSetRatio, _SPELLING),
    (NgramCosine, _SHARE),
    (WordCosine, _SHARE),
    (SoftTfidf, _SHARE),
    (AliasSimilarity, _SHARE),
    (SetJaccard, (1.0, 0.5, 0.2)),
    (NumbersInText, (1.0, 0.5, 0.2)),
    (FullName, _NAMES),
    (PersonName, _NAMES),
    (PhoneSimilarity, (1.0, 0.9, 0.8, 0.7)),
    (QuantitySimilarity, (1.0, 0.95, 0.8, 0.5)),
    (DateSimilarity, (1.0, 0.9, 0.8, 0.7, 0.5)),
    (Equal, (1.0,)),
    (Acronym, (1.0,)),
)


def default_levels(
    comparisons: Sequence[Comparison], context: Context | None = None
) -> tuple[Levels, ...]:
    """Cut comparisons into levels, those that have levels; one title each.

    The first comparison of a field with a `RelativeFrequency` is adjusted by it.

    Examples
    --------
    >>> default_levels((Equal("phone"),))[0].words()
    ('phone_equal >= 1', 'phone_equal < 1', 'missing')
    """
    found: list[Levels] = []
    shares: dict[object, tuple[str, ...]] = {
        item.field: item.names() for item in comparisons if isinstance(item, RelativeFrequency)
    }
    for comparison in comparisons:
        name = comparison.names()[0]
        for kind, thresholds in _THRESHOLDS:
            if isinstance(comparison, kind):
                rarity = shares.pop(getattr(comparison, "field", None), None)
                found.append(Levels(name, thresholds, frequency=rarity))
        if isinstance(comparison, CrosswiseNames):
            found += [Levels(column, _NAMES) for column in comparison.names()]
        if isinstance(comparison, NumberDifference):
            name = comparison.names()[1]
            found.append(Levels(name, (0.0, 0.01, 0.05, 0.2, 0.5), direction="<="))
        if isinstance(comparison, Distance):
            found.append(Levels(name, (25.0, 75.0, 200.0, 500.0, 1000.0), direction="<="))
    if context is not None:
        found.append(Levels(f"{context.over[0].names()[0]}_margin_smaller", _MARGIN))
    return tuple(found)


def unlabelled_comparisons(fields: Sequence[Field]) -> tuple[Comparison, ...]:
    """Choose one comparison a field, by its kind; one for the parts of an address, or of a name.

    Without labels comparisons are taken to be independent of each other; two of one field
    would count the same evidence twice.
    """
    homes = parts_of_homes(fields)
    parts = ([f.name for f in fields if f.kind == kind] for kind in ("given_name", "surname"))
    called = list(zip(*parts, strict=False))
    joined = {name for names in (*homes, *called) for name in names}
    fields = [field for field in fields if field.name not in joined]
    found: list[Comparison] = [CrosswiseNames(*names) for names in called]
    kinds = {field.kind: field.name for field in fields}
    aliases = tuple(field.name for field in fields if field.kind == "aliases")
    named = next((field.name for field in fields if field.kind in _CALLED), None) if aliases else ""
    for field in fields:
        found += _of_kind(field) if not aliases or field.name != named else []
    found += [NgramCosine(names, 2, 3) for names in homes]
    if aliases:
        names = (named, *aliases) if named else aliases
        found.append(AliasSimilarity(names, form=form_of_names(fields, names[0])))
    if {"latitude", "longitude"} <= kinds.keys():
        found.append(Distance(kinds["latitude"], kinds["longitude"]))
    return tuple(dict.fromkeys(found))


def first_of_each_field(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Keep the comparisons that have levels and read no field that an earlier one reads.

    Examples
    --------
    >>> first_of_each_field((JaroWinkler("name"), SoftTfidf("name"), SetJaccard("kinds")))
    (JaroWinkler(field='name', form='normalise'), SetJaccard(field='kinds', form='normalise'))
    """
    kept: list[Comparison] = []
    seen: set[str] = set()
    for item in comparisons:
        asked = {field for need in item.needs() for field in need.fields}
        if default_levels((item,)) and seen.isdisjoint(asked):
            kept.append(item)
            seen |= asked
    return tuple(kept)


def unlabelled_context(fields: Sequence[Field]) -> Context | None:
    """Choose the first similarity for persons: the words of all fields, rare ones for more.

    The wording of names and addresses alone, which serves for things with titles, is that of
    the whole household. None where records are not of persons.
    """
    if not names_of_persons(fields):
        return None
    written = tuple(item.name for item in fields if item.kind in _WRITTEN)
    dates = tuple(item.name for item in fields if item.kind == "date")
    return Context((WordCosine(written, dates),))


def _of_kind(field: Field) -> list[Comparison]:
    name, kind = field.name, field.kind
    if kind == "organisation":
        return [SoftTfidf(name, form="organisation")]
    if kind == "name":
        return [SoftTfidf(name)]
    if kind in ("person", "given_name", "surname"):
        return [FullName(name)]
    if kind in ("address", "street"):
        return [SoftTfidf(name)]
    if kind == "text":
        return [NgramCosine((name,), 2, 3)]
    if kind == "postal_code":
        return [JaroWinkler(name, form="postal_code")]
    if kind == "phone":
        return [PhoneSimilarity(name)]
    if kind in ("url", "email"):
        return [JaroWinkler(name, form=kind)]
    if kind == "date":
        return [DateSimilarity(name)]
    if kind == "quantity":
        return [QuantitySimilarity(name)]
    if kind in ("category", "identifier"):
        return [JaroWinkler(name)]
    if kind == "set":
        return [SetJaccard(name)]
    if kind == "number":
        return [NumberDifference(name)]
    return []
