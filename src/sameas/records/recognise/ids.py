"""The column of the ids, and columns of codes that cannot tell who is who."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sameas.records.concepts import concept_of, words_of
from sameas.records.preparations.texts import hashes
from sameas.records.recognise.profile import Profile
from sameas.records.values import as_strings

__all__ = ["IdColumn", "find_id", "says_nothing"]

_SHARED = 0.02  # of the values of the smaller table, from which a code is held to be shared
_LEAST_ROWS = 20  # fewer different codes may be so by chance
_CODE = r"^[^\s@/:]*\d[^\s@/:]*$"  # one word with a digit, no e-mail, URL or time of day
_SURELY = 3.0  # rank of what is called nothing but an id
_CODES = ("identifier", "number", "reference")


class IdColumn(NamedTuple):
    """The column of the ids of a table (None: the row number), and why."""

    column: str | None
    why: str


def find_id(table: pa.Table, profiles: Mapping[str, Profile], given: str | None = None) -> IdColumn:
    """Find the column whose value is another one in every row and whose name says so.

    Whatever it is called, the first column is it if it holds codes that say nothing else.

    Examples
    --------
    >>> from sameas.records.recognise.profile import profile
    >>> table = pa.table({"name": ["x", "y"], "rec_id": ["r-1", "r-2"]})
    >>> find_id(table, {name: profile(name, [table[name]]) for name in table.column_names})
    IdColumn(column='rec_id', why="'rec_id' is another one in every row")
    """
    if given is not None:
        return IdColumn(None if given == "none" else given, "the ids are as you said")
    ranked = sorted(profiles, key=lambda name: -_rank(name))
    for name in ranked:
        found = profiles[name]
        if _rank(name) <= 0 or found.unique < 1 or not _may_be_id(table[name], found):
            continue
        if _another_in_every_row(table[name]):
            return IdColumn(name, f"{name!r} is another one in every row")
    first = str(table.column_names[0]) if table.num_columns else ""
    if first in profiles and concept_of(first) is None and _counts(table[first], profiles[first]):
        return IdColumn(first, f"{first!r} comes first and is another code in every row")
    if ranked and _rank(ranked[0]) >= _SURELY and profiles[ranked[0]].known:
        return IdColumn(None, _no_id(ranked[0], table[ranked[0]]))
    return IdColumn(None, "no column is an id: rows are numbered from 0")


def _no_id(name: str, column: pa.ChunkedArray) -> str:
    """Say why a column that is called an id is none."""
    lacking = column.null_count
    again = len(column) - lacking - len(pc.unique(column).drop_null())
    faults = [f"{again:,} rows repeat the value of another"] * (again > 0)
    faults += [f"{lacking:,} have none"] * (lacking > 0)
    what = " and ".join(faults) or "its values are no codes"
    return (
        f"{name!r} is no id, for {what}: rows are numbered from 0. To have it all the same: --id "
        f"{name}, id_column={name!r}"
    )


def _may_be_id(column: pa.ChunkedArray, found: Profile) -> bool:
    """Say whether values are texts or whole numbers, perhaps held as 1.0, 2.0, as in pandas."""
    if found.type == "number" and pa.types.is_floating(column.type):
        return bool(pc.all(pc.equal(column, pc.floor(column))).as_py())
    return found.type in ("text", "integer")


def _another_in_every_row(column: pa.ChunkedArray) -> bool:
    if column.null_count:
        return False
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return bool(pc.count_distinct(column).as_py() == len(column))
    # Several times as fast: texts are told apart by a hash of 64 bits.
    codes = np.sort(np.concatenate([np.zeros(0, np.uint64), *map(hashes, column.chunks)]))
    return not (codes[1:] == codes[:-1]).any()


def _counts(column: pa.ChunkedArray, found: Profile) -> bool:
    """Say whether values are codes that look made to tell rows apart, whatever their name."""
    if found.unique < 1 or found.known < _LEAST_ROWS or not _another_in_every_row(column):
        return False
    if found.type == "integer":
        return found.dense
    if found.type != "text":
        return False
    return bool(pc.all(pc.match_substring_regex(as_strings(column), _CODE)).as_py())


def _rank(name: str) -> float:
    words = words_of(name)
    if words in (("id",), ("key",)):
        return 4.0
    if not words:
        return 0.0
    concept = concept_of(name)
    means_id = concept is not None and concept.name == "id" and concept.strength == 1.0
    if words[-1] in ("id", "uid", "key", "uuid", "guid", "recid", "rid") or words[0] == "id":
        other = concept is not None and concept.name not in ("id", "entity", "name")
        return 3.0 if means_id else 1.0 if other else 2.0
    return 1.5 if means_id else 0.0


def says_nothing(column: Profile, held: Mapping[str, pa.ChunkedArray], kind: str) -> str | None:
    """Say why a column of codes cannot tell which records belong together, if it cannot.

    A code that is another one in every row is a key of its table. It says something only
    if another table has the same values, and more than two counters have in common.
    """
    if len(held) > 1 and all(_constant(item) for item in held.values()):
        return "every value of a table is the same: it tells the tables apart, not the things"
    if kind not in _CODES or column.type == "number" or column.known < 3:
        return None
    if column.dense and kind != "reference":
        return "it counts the rows" if len(held) == 1 else "it counts the rows of each table"
    values = {source: _values(item) for source, item in held.items()}
    every = all(
        len(texts) >= 0.999 * (len(held[source]) - held[source].null_count)
        for source, texts in values.items()
    )
    if not every or kind == "reference" or (kind == "number" and column.type != "integer"):
        return None
    if len(held) == 1:
        return (
            "it is another one in every row: no two records can agree on it"
            if (kind == "identifier")
            else None
        )
    shared = max(_overlap(a, b) for a, b in combinations(values.values(), 2))
    if shared < _SHARED and kind == "identifier":
        return "it is another one in every row, and the tables have hardly a value in common"
    return None


def _constant(column: pa.ChunkedArray) -> bool:
    return not pa.types.is_nested(column.type) and len(_values(column)) <= 1


def _values(column: pa.ChunkedArray) -> pa.Array:
    return pc.unique(as_strings(column)).drop_null()


def _overlap(one: pa.Array, other: pa.Array) -> float:
    both = pc.sum(pc.is_in(one, value_set=other)).as_py() or 0
    return float(both / max(min(len(one), len(other)), 1))
