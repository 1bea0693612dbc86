"""The columns of one or several tables as fields: matched to each other, with the ids found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ColumnError, DataError
from sameas.records.fields import RESERVED_NAMES
from sameas.records.joined import JOIN, parts_of, with_joined
from sameas.records.recognise.among import (
    RecognisedField,
    with_name,
    with_places,
    with_surnames,
)
from sameas.records.recognise.date_parts import date_parts
from sameas.records.recognise.guess import IGNORE, POINT, Guess, guess
from sameas.records.recognise.ids import IdColumn, find_id, says_nothing
from sameas.records.recognise.pairing import pair_columns
from sameas.records.recognise.parts import join_parts
from sameas.records.recognise.points import split_points
from sameas.records.recognise.profile import Profile, profile

__all__ = ["Recognised", "RecognisedField", "recognise"]

#: Kinds that further names are held against.
_NAMES = ("name", "organisation")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The fields of the tables, and the column of the ids of each."""

    fields: tuple[RecognisedField, ...]
    ids: Mapping[str, IdColumn]


def recognise(tables: Mapping[str, pa.Table], *, id_column: str | None = None) -> Recognised:
    """Guess what the columns of tables mean, and which of them hold the same.

    Parameters
    ----------
    tables : mapping of source to pyarrow.Table
    id_column : str, optional
        The column of the ids, or "none" to number the rows; found by default.

    Returns
    -------
    Recognised

    Raises
    ------
    DataError
        If a table has no rows or no columns.

    Notes
    -----
    Cost: some hundredths of a second a column, from a sample of its values.

    Examples
    --------
    >>> table = pa.table({"key": [4, 2, 7], "mail": ["a@b.org", "c@d.org", "e@f.org"]})
    >>> found = recognise({"people": table})
    >>> found.ids["people"].column, [(field.name, field.kind) for field in found.fields]
    ('key', [('mail', 'email')])
    """
    for name, table in tables.items():
        if not table.num_columns or not table.num_rows:
            what = "columns" if not table.num_columns else "rows"
            raise DataError(f"{name} has no {what}: there is nothing to plan from.")
    profiles = {
        source: {name: profile(name, [table[name]]) for name in table.column_names}
        for source, table in tables.items()
    }
    ids = {source: find_id(tables[source], profiles[source], id_column) for source in tables}
    for source, found in ids.items():
        if found.column is not None and found.column not in profiles[source]:
            raise ColumnError.missing(found.column, profiles[source], table=source)
        if found.column is not None:
            del profiles[source][found.column]
    tables = dict(tables)
    reasons = _join_dates(tables, profiles)
    groups, found_parts = join_parts(pair_columns(profiles), profiles)
    for source, joined, why in found_parts:
        reasons[source, joined] = why
        tables[source] = with_joined(tables[source], joined, kind="text")
        profiles[source][joined] = profile(joined, [tables[source][joined]])
    used: set[str] = set()
    named = any(
        len(held) == len(tables) and guess(profiles[source][column]).kind in _NAMES
        for held in groups
        for source, column in held.items()
    )
    groups, places = split_points(groups, profiles)
    fields = [_of_both(_free(kind, used), kind, held, profiles) for kind, held in places.items()]
    for held in groups:
        made = _fields(tables, held, used, profiles, named=named)
        whys = tuple(reasons[column] for column in held.items() if column in reasons)
        fields += [replace(field, why=(*field.why, *whys)) for field in made]
    return Recognised(tuple(with_name(with_places(with_surnames(fields)))), ids)


def _join_dates(
    tables: dict[str, pa.Table], profiles: Mapping[str, dict[str, Profile]]
) -> dict[tuple[str, str], str]:
    """Join years, months and days, in the tables and their profiles; return why by column."""
    reasons = {}
    for source, columns in profiles.items():
        for joined, called in date_parts(tables[source], columns).items():
            parts = parts_of(joined, columns)
            for part in parts:
                del columns[part]
            reasons[source, joined] = f"{', '.join(parts)} of {source} are one date"
            tables[source] = with_joined(tables[source], joined, kind="date")
            columns[joined] = profile(called, [tables[source][joined]])
    return reasons


def _fields(
    tables: Mapping[str, pa.Table],
    columns: Mapping[str, str],
    used: set[str],
    profiles: Mapping[str, Mapping[str, Profile]],
    *,
    named: bool,
) -> list[RecognisedField]:
    """Make the field of some columns; coordinates in one column make two.

    Where all tables are `named`, further names in one of them are held against those names.
    """
    source, column = next(iter(columns.items()))
    together = profiles[source][column]
    first = together.name
    if len(columns) > 1:
        together = profile(first, [tables[source][name] for source, name in columns.items()])
    names = {name for name in columns.values() if JOIN not in name} - {first}
    found = _best([together, *(replace(together, name=name) for name in sorted(names))])
    alone = len(columns) < len(tables) and not (named and found.kind == "aliases")
    if alone and found.kind != IGNORE:
        only = ", ".join(columns)
        found = Guess(IGNORE, 0.9, (f"only {only} has it: there is nothing to compare it with",))
    filled = [source for source, name in columns.items() if profiles[source][name].known]
    if len(filled) == 1 < len(columns) and found.kind != IGNORE:
        why = f"only {filled[0]} has values in it: there is nothing to compare them with"
        found = Guess(IGNORE, 0.9, (why,))
    if found.kind != IGNORE:
        held = {source: tables[source][name] for source, name in columns.items()}
        useless = says_nothing(together, held, found.kind)
        if useless is not None:
            found = Guess(IGNORE, 0.85, (useless,))
    if found.kind == POINT:
        return [
            RecognisedField(
                _free(kind, used), kind, columns, found.confidence, found.why, together
            )
            for kind in ("latitude", "longitude")
        ]  # fmt: skip
    plain = found.kind if found.kind in ("latitude", "longitude") else first
    name = _free(plain, used)
    return [RecognisedField(name, found.kind, columns, found.confidence, found.why, together)]


def _of_both(
    name: str, kind: str, held: Mapping[str, str], profiles: Mapping[str, Mapping[str, Profile]]
) -> RecognisedField:
    """Make the field of a coordinate that some tables have together with the other one."""
    alone = next(profiles[source][column] for source, column in held.items()
                 if guess(profiles[source][column]).kind == kind)  # fmt: skip
    why = "one table has both coordinates in one column, another has two"
    return RecognisedField(name, kind, held, 0.9, (why,), alone)


def _best(profiles: list[Profile]) -> Guess:
    """Take the surest guess of several names of one field; "company" says more than "name"."""
    plain = ("name", "text")
    return max(map(guess, profiles), key=lambda found: (found.confidence, found.kind not in plain))


def _free(name: str, used: set[str]) -> str:
    """Return a name that no other field has."""
    plain = name if name not in RESERVED_NAMES and name else f"{name}_value"
    chosen, number = plain, 2
    while chosen in used:
        chosen, number = f"{plain}_{number}", number + 1
    used.add(chosen)
    return chosen
