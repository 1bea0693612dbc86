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
_PARTS = _WHOLES | {"given_name", "surname", "category", "postal_code", "number"}
_VALUES = 2_000  # of a whole that are looked at
_LEAST_GAIN = 0.04  # share of the words that a part explains beyond those before it
_JOINT_GAIN = 0.15  # ... and all parts beyond the best of them
_EXPLAINED = 0.5  # ... and all parts together
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

    Parts are columns that have no partner, and the partner of the text. Together they explain
    half of its words, many more than any of them alone does, and are about as long.

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
    """Take the columns one by one that explain most of the words that are left."""
    words = pc.split_pattern(whole.normal.slice(0, _VALUES), " ")
    each = pc.list_flatten(words)
    if not len(each):
        return [], 0.0
    wanted = len(each) / len(words)
    holds = {
        name: _is_in(each, column)
        for name, column in columns.items()
        if guess(column).kind in _PARTS and column.type in ("text", "integer")
    }
    chosen: list[str] = []
    left, length = np.ones(len(each), np.bool_), 0.0
    while holds:
        best = max(holds, key=lambda name: int((holds[name] & left).sum()))
        here = holds.pop(best) & left
        more = columns[best].words * columns[best].filled
        if here.mean() < _LEAST_GAIN:
            break
        if length + more <= _MOST_WORDS * wanted:
            chosen.append(best)
            left &= ~here
            length += more
    explained = 1 - float(left.mean())
    alone = max((float(_is_in(each, columns[name]).mean()) for name in chosen), default=0.0)
    fits = explained >= max(_EXPLAINED, alone + _JOINT_GAIN) and length >= _LEAST_WORDS * wanted
    ordered = [name for name in columns if name in chosen]
    ordered.sort(key=lambda name: guess(columns[name]).kind == "surname")  # behind the given name
    return (ordered if fits else []), explained


def _is_in(words: pa.Array, column: Profile) -> npt.NDArray[np.bool_]:
    found = pc.is_in(words, value_set=column.vocabulary).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.bool_)
