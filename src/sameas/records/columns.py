"""Which column of the user's table is which field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sameas.core.errors import ArgumentError, ColumnError, choices_hint
from sameas.records.coordinates import coordinate_pairs
from sameas.records.fields import Field
from sameas.records.joined import parts_of

__all__ = ["Mapped", "find_columns", "mapping_of"]

#: Canonical field name -> the user's column, for all sources or by source. Several columns that
#: hold it together are one text: "given_name + surname".
Mapped = Mapping[str, str | Mapping[str, str]]


def mapping_of(
    source: str, mapping: Mapped | None, *, sources: Collection[str], fields: Sequence[Field]
) -> dict[str, str]:
    """Return the mapping that holds for one source.

    An entry whose value is a column holds for every source; one whose value is a mapping
    holds for the source of that name, and wins.

    Raises
    ------
    ArgumentError
        If an entry names an unknown source or an unknown field.

    Examples
    --------
    >>> name = Field("name", "name")
    >>> mapping_of("a", {"a": {"name": "title"}}, sources=["a", "b"], fields=[name])
    {'name': 'title'}
    """
    known = ["id", *(field.name for field in fields)]
    for_all: dict[str, str] = {}
    for_one: dict[str, str] = {}
    for key, value in (mapping or {}).items():
        if isinstance(value, str):
            for_all[key] = value
        elif key not in sources:
            raise ArgumentError(
                f"The mapping names the unknown source {key!r}.{choices_hint(key, sources)} "
                f"Sources: {', '.join(sorted(sources))}."
            )
        elif key == source:
            for_one = dict(value)
    for name in (*for_all, *for_one):
        if name not in known:
            raise ArgumentError(
                f"The mapping names the unknown field {name!r}.{choices_hint(name, known)} "
                f"Fields: {', '.join(known)}. (A mapping goes from the field to your column.)"
            )
    return {**for_all, **for_one}


def find_columns(
    columns: Sequence[str],
    fields: Sequence[Field],
    *,
    id_column: str | None,
    mapping: Mapping[str, str],
    required: Collection[str],
    table: str,
) -> dict[str, str]:
    """Return the user's column of each field that has one, and of ``"id"``.

    A column is the mapped one, or the one of the same name, or, if there is just one, the
    one whose name differs by upper and lower case only. What is mapped to several columns is
    returned as it was given; see `column_of`.

    Raises
    ------
    ColumnError
        If a mapped, required or id column is absent, a name is ambiguous, or a latitude has
        no longitude or the other way round.
    """
    found: dict[str, str] = {}
    for field in fields:
        column = _column_of(field.name, columns, mapping=mapping, table=table)
        if column is not None:
            found[field.name] = column
        elif field.name in required:
            raise ColumnError(_unmapped(field.name, columns, table))
    for pair in coordinate_pairs(fields):
        present = [field.name for field in pair if field.name in found]
        if len(present) == 1:
            absent = pair[0].name if present == [pair[1].name] else pair[1].name
            because = f"It is needed because {present[0]!r} is there."
            raise ColumnError(f"{_unmapped(absent, columns, table)} {because}")
    if id_column is not None or "id" in mapping:
        column = _column_of(id_column or "id", columns, mapping=mapping, table=table, key="id")
        if column is None:
            error = ColumnError.missing(id_column or "id", columns, table=table)
            raise ColumnError(
                f"{error} Name the column of the ids with id_column=... or map 'id' to it, "
                f"or number the rows with id_column=None."
            )
        found["id"] = column
    return found


def _unmapped(name: str, columns: Sequence[str], table: str) -> str:
    """Say that a field has no column, and how to name one."""
    missing = ColumnError.missing(name, columns, table=table)
    example = f"(mapping={{{name!r}: 'your column'}})"
    return f"{missing} A column of another name can be mapped to it {example}."


def _column_of(
    name: str, columns: Sequence[str], *, mapping: Mapping[str, str], table: str, key: str = ""
) -> str | None:
    mapped = mapping.get(key or name)
    if mapped is not None:
        whole = key == "id" or name in ("latitude", "longitude")
        for part in (mapped,) if whole else parts_of(mapped, columns):
            if part not in columns:
                raise ColumnError.missing(part, columns, table=table)
        return mapped
    if name in columns:
        return name
    alike = [column for column in columns if column.casefold() == name.casefold()]
    if len(alike) > 1:
        raise ColumnError(
            f"{table} has several columns for {name!r}: {', '.join(alike)}. Map {name!r} to one."
        )
    return alike[0] if alike else None
