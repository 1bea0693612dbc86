"""Which column of one table is which of another: by name, by meaning and by common values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.concepts import concept_of, words_of
from sameas.records.recognise.guess import IGNORE, guess
from sameas.records.recognise.profile import Profile

__all__ = ["alikeness", "pair_columns"]

#: How sure two columns must be one field.
_ENOUGH = 0.5
#: What is enough for the columns that name the things, where none of them was paired.
_LITTLE = 0.2
_NAMING = {"name", "text", "organisation", "person"}
_NAMED = _NAMING | {"given_name", "surname"}
#: What it adds that other columns of the same name but for the same words were paired: the city and
#: the street of the mailing address, so also its postal code.
_FAMILY = 0.2
#: What codes of some length add that both tables have, at least so many and such a share.
_SAME_CODES = 0.5
_LONG_CODE, _LEAST_CODES, _CODES_SHARED = 6, 5, 0.02
_Words = tuple[tuple[str, ...], tuple[str, ...]]
_LIKE = (
    {"name", "text", "organisation", "person"},
    {"number", "quantity", "date"},
    {"address", "street"},
    {"category", "set", "name"},
    {"set", "aliases"},
)


class _Pair(NamedTuple):
    """A column, the group that it may belong to, and what only one of their names has."""

    score: float
    place: int
    name: str
    apart: _Words


def pair_columns(profiles: Mapping[str, Mapping[str, Profile]]) -> list[dict[str, str]]:
    """Group the columns of tables; each group holds at most one column of a table.

    Parameters
    ----------
    profiles : mapping of source to (mapping of column to Profile)

    Returns
    -------
    list of dict of source to column
        In the order of the first table; then what only others have.
    """
    sources = list(profiles)
    groups = [{sources[0]: name} for name in profiles[sources[0]]]
    for source in sources[1:]:
        _add(groups, source, profiles)
    return groups


def _add(
    groups: list[dict[str, str]], source: str, profiles: Mapping[str, Mapping[str, Profile]]
) -> None:
    """Put each column of a table into the group that is most alike, or into one of its own."""
    scored = []
    for name, column in profiles[source].items():
        for place, group in enumerate(groups):
            likeness = [
                (alikeness(profiles[other][held], column), held) for other, held in group.items()
            ]
            best, held = max(likeness)
            scored.append(_Pair(best, -place, name, _apart(held, name)))
    chosen = _chosen(scored)
    if families := _families(chosen):
        chosen = _chosen(
            [
                pair._replace(score=pair.score + _FAMILY) if pair.apart in families else pair
                for pair in scored
                if pair.score >= _ENOUGH
            ]
        )
    columns = profiles[source]
    if not any(guess(columns[pair.name]).kind in _NAMED for pair in chosen):
        chosen += _naming(scored, chosen, columns)
    taken = {pair.name for pair in chosen}
    for pair in chosen:
        groups[-pair.place][source] = pair.name
    groups += [{source: name} for name in profiles[source] if name not in taken]


def _naming(
    scored: list[_Pair], chosen: list[_Pair], columns: Mapping[str, Profile]
) -> list[_Pair]:
    """Take the best pair of columns that name the things, though little speaks for it.

    "name" here and "company" there: without them nothing that tells things apart is compared.
    """
    filled = {pair.place for pair in chosen}
    free = [
        pair
        for pair in scored
        if pair.score >= _LITTLE
        and pair.place not in filled
        and guess(columns[pair.name]).kind in _NAMING
    ]
    return [max(free)] if free else []


def _chosen(scored: list[_Pair]) -> list[_Pair]:
    """Take the best pairs, each column and each group once."""
    chosen: list[_Pair] = []
    taken: set[str] = set()
    filled: set[int] = set()
    for pair in sorted(scored, reverse=True):
        if pair.score >= _ENOUGH and pair.name not in taken and pair.place not in filled:
            chosen.append(pair)
            taken.add(pair.name)
            filled.add(pair.place)
    return chosen


def _apart(one: str, other: str) -> _Words:
    """Return the words that only one of two names has: ``mailing`` of mailing_city and city."""
    left, right = words_of(one), words_of(other)
    return (
        tuple(word for word in left if word not in right),
        tuple(word for word in right if word not in left),
    )


def _families(chosen: list[_Pair]) -> set[_Words]:
    """Return the words by which the names of several pairs differ."""
    votes = Counter(pair.apart for pair in chosen if any(pair.apart) and not all(pair.apart))
    return {apart for apart, count in votes.items() if count > 1}


def alikeness(one: Profile, other: Profile) -> float:
    """Say how likely it is that two columns hold the same field, from 0 to 2.

    Examples
    --------
    >>> from sameas.records.recognise.profile import profile
    >>> title = profile("title", [pa.chunked_array([["Old Mill", "Blue Door"]])])
    >>> name = profile("name", [pa.chunked_array([["Old Mill", "Star Gym"]])])
    >>> alikeness(title, name) > alikeness(title, profile("zip", [pa.chunked_array([["1"]])]))
    True
    """
    left, right = words_of(one.name), words_of(other.name)
    if left == right and one.name.casefold() == other.name.casefold():
        return 2.0
    if left == right:
        return 1.9
    kinds = {guess(one).kind, guess(other).kind}
    if IGNORE in kinds:
        return 0.0
    same = len(kinds) == 1 or any(kinds <= like for like in _LIKE)
    if not same:
        return 0.0
    means = [concept_of(column.name) for column in (one, other)]
    score = 0.35 if len(kinds) == 1 else 0.15
    first, second = means
    if first is not None and second is not None and first.name == second.name:
        score += 0.5 * min(first.strength, second.strength)
    elif (
        first is not None
        and second is not None
        and min(first.strength, second.strength) > 0.5
        and not {first.name, second.name} <= _NAMING
    ):
        score -= 0.1
    if set(left) & set(right):
        score += 0.2
    if len(kinds) == 1 and kinds <= {"email", "url", "phone", "latitude", "longitude", "point"}:
        score += 0.3
    common = _common(one, other)
    if kinds == {"category"} and not common:  # counties and countries: there is nothing to compare
        return 0.0
    if kinds == {"identifier"} and _are_one_code(one, other):
        score += _SAME_CODES
    return score + 0.6 * common


def _are_one_code(one: Profile, other: Profile) -> bool:
    """Say whether two columns share codes that are too long to be shared by chance."""
    if min(one.length, other.length) < _LONG_CODE or max(one.dense, other.dense):
        return False
    both = pc.sum(pc.is_in(one.normal, value_set=other.normal)).as_py() or 0
    return both >= max(_LEAST_CODES, _CODES_SHARED * min(len(one.normal), len(other.normal)))


def _common(one: Profile, other: Profile) -> float:
    """Return the share of values, or of words of long values, that both have."""
    values = [_parts(column) for column in (one, other)]
    few = min(map(len, values))
    if not few:
        return 0.0
    both = pc.sum(pc.is_in(values[0], value_set=values[1])).as_py() or 0
    return float(both / few)


def _parts(column: Profile) -> pa.Array:
    if column.words < 2:
        return column.normal
    words: pa.Array = pc.unique(
        pc.list_flatten(pc.split_pattern(column.normal.slice(0, 5000), " "))
    )
    return words
