"""Which columns of one table hold together what one column of another table holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.joined import JOIN, joined_name
from sameas.records.recognise.guess import guess
from sameas.records.recognise.profile import Profile

__all__ = ["Joined", "join_parts"]

_WHOLES = {"person", "name", "organisation", "text", "address", "street"}
_PARTS = _WHOLES | {"given_name", "surname", "category", "postal_code", "number", "identifier"}
_VALUES = 2_000  # of a whole that are looked at
_LEAST_SHARE = 0.04  # of the words, that belong to a part
_EXPLAINED = 0.5  # share of the words that stand in any part
_JOINT_GAIN = 0.05  # ... beyond the share of the best of them
_SHORT = 0.8  # or the best of them has at most this share of the words of the whole
_LEAST_WORDS, _MOST_WORDS = 0.6, 1.4  # of the parts, for one of the whole


class Joined(NamedTuple):
    """Columns of `source` that stand for one column of another table, and why."""

    source: str
    column: str
    why: str


def join_parts(
    groups: Sequence[Mapping[str, str]], profiles: Mapping[str, Mapping[str, Profile]]
) -> tuple[list[dict[str, str]], list[Joined]]:
    """Find texts whose words stand in several columns of another table, and join those.

    Parts are columns that have no partner, and the partner of the text. A word belongs to the
    column of whose words it makes up the most ("1997" to the year, whatever titles mention it).
    Together they explain half of the words, more than the best of them alone, or that one is
    much shorter than the text; and together they are about as long.

    Parameters
    ----------
    groups : sequence of dict of source to column
        As `pair_columns` finds them.
    profiles : mapping of source to (mapping of column to Profile)

    Returns
    -------
    groups : list of dict of source to column
        A joined column is named by its parts, "given_name + surname"; the whole comes first.
    joined : list of Joined
    """
    found = [dict(group) for group in groups]
    free = {source: {g[source] for g in found if list(g) == [source]} for source in profiles}
    joined: list[Joined] = []
    for group in list(found):
        for source, other in permutations(profiles, 2):
            parts, explained = _parts_of(group, source, other, free[other], profiles)
            if not parts:
                continue
            whole, partner = group[source], group.get(other)
            why = (
                f"{' and '.join(parts)} of {other} together hold {explained:.0%} of the words of "
                f"{whole} of {source}"
            )
            joined.append(Joined(other, joined_name(parts), why))
            free[other] -= set(parts)
            free[source].discard(whole)
            if partner is not None and partner not in parts:
                found.append({other: partner})
            rest = {name: column for name, column in group.items() if name != source}
            group.clear()
            group.update({source: whole, **rest, other: joined[-1].column})
    used = {(item.source, part) for item in joined for part in item.column.split(JOIN)}
    return [g for g in found if len(g) > 1 or not used.intersection(g.items())], joined


def _parts_of(
    group: Mapping[str, str],
    source: str,
    other: str,
    free: Collection[str],
    profiles: Mapping[str, Mapping[str, Profile]],
) -> tuple[list[str], float]:
    """Find the columns of `other`, free or its partner, that make up the column of `source`."""
    whole = profiles[source].get(group.get(source, ""))  # none: joined already
    if whole is None or not _may_be_whole(whole):
        return [], 0.0
    held = {*free, group.get(other)}
    columns = {name: column for name, column in profiles[other].items() if name in held}
    parts, explained = _parts(whole, columns)
    return (parts if len(parts) > 1 else []), explained


def _may_be_whole(column: Profile) -> bool:
    return column.type == "text" and column.words >= 1.5 and guess(column).kind in _WHOLES


def _parts(whole: Profile, columns: Mapping[str, Profile]) -> tuple[list[str], float]:
    """Give each word to the column of whose words it makes up the most; keep those with enough."""
    values = pc.split_pattern(whole.normal.slice(0, _VALUES), " ")
    words = pc.list_flatten(values)
    wanted = len(words) / max(len(values), 1)
    long = {name: _mean_words(column) for name, column in columns.items()}
    names = [
        name
        for name, column in columns.items()
        if long[name] <= _MOST_WORDS * wanted
        and column.type in ("text", "integer")
        and guess(column).kind in _PARTS
    ]
    if len(names) < 2 or not len(words):
        return [], 0.0
    share = np.stack([_shares(words, columns[name]) for name in names])
    owner = np.where(share.max(axis=0) > 0, share.argmax(axis=0), -1)
    owned = (owner == np.arange(len(names))[:, None]).mean(axis=1)
    chosen: list[int] = []
    length = 0.0
    for place in np.argsort(-owned, kind="stable").tolist():
        more = long[names[place]]
        if owned[place] >= _LEAST_SHARE and length + more <= _MOST_WORDS * wanted:
            chosen.append(place)
            length += more
    held = share[sorted(chosen)] > 0
    explained, alone = float(held.any(axis=0).mean()), float(held.mean(axis=1).max(initial=0))
    adds = explained >= alone + _JOINT_GAIN or long[names[int(owned.argmax())]] <= _SHORT * wanted
    if explained < _EXPLAINED or length < _LEAST_WORDS * wanted or not adds:
        return [], 0.0
    ordered = [names[place] for place in sorted(chosen)]
    ordered.sort(key=lambda name: guess(columns[name]).kind == "surname")  # behind the given name
    return ordered, explained


def _mean_words(column: Profile) -> float:
    return float(column.vocabulary[1].sum()) / max(len(column.normal), 1)


def _shares(words: pa.Array, column: Profile) -> npt.NDArray[np.float64]:
    """Return the share of a column's words that each word is, by its distinct values."""
    known, count = column.vocabulary
    place = pc.index_in(words, value_set=known).fill_null(-1).to_numpy()
    return np.where(place < 0, 0.0, count[place] / max(count.sum(), 1))
