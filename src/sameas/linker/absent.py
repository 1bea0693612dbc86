"""Fields in which no two records can agree: empty ones, those of one table, those in other codes.

Without labels the parts of an address are compared as one text. A part that only one of two tables
has, or that one has in codes ("NSW" here, "1" there), would make every such text differ; and where
no two records agree in where they are, nothing looks like a match.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sameas.linker.defaults import default_comparisons, default_context
from sameas.linker.home import parts_of_homes
from sameas.linker.spec import LinkerSpec
from sameas.records import Field
from sameas.records.normalise import normalise

__all__ = ["about_absent", "absent_fields", "narrowed", "values_of"]

#: Different values of a category that are held against those of the other table.
_FEW = 1_000
#: Rows of each value, and of each table, without which two tables may differ by chance.
_OF_EACH, _ROWS = 5, 50
_SCHEMA = pa.schema(
    [("field", pa.string()), ("source", pa.string()), ("value", pa.string()), ("rows", pa.int64())]
)


def values_of(table: pa.Table, fields: Sequence[Field], *, across: bool) -> pa.Table:
    """Count what rows have values for.

    Parameters
    ----------
    table : pyarrow.Table
        Records, or a piece of them: ``source`` and the fields.
    fields : sequence of Field
    across : bool
        Whether only records of different tables meet; then parts of an address are counted by
        table, and their categories by value.

    Returns
    -------
    pyarrow.Table
        ``field``, ``source``, ``value`` (null: not told apart) and ``rows``; no row for a field
        without values.
    """
    parts = {name for part in parts_of_homes(fields) for name in part} if across else set()
    found = [
        _counted(table, field)
        if field.name in parts
        else _row(field.name, len(table) - table[field.name].null_count)
        for field in fields
    ]
    return pa.concat_tables([_SCHEMA.empty_table(), *found])


def absent_fields(values: pa.Table, fields: Sequence[Field]) -> set[str]:
    """Return the fields in which no two records can agree.

    Parameters
    ----------
    values : pyarrow.Table
        By `values_of`, of all records.
    fields : sequence of Field

    Examples
    --------
    >>> fields = [Field("surname", "surname"), Field("city", "category"),
    ...           Field("state", "category"), Field("email", "email")]
    >>> people = pa.table({
    ...     "source": ["a", "b"] * 300, "surname": ["Lee"] * 600, "city": ["Ayr"] * 600,
    ...     "state": ["nsw", "1"] * 300, "email": pa.nulls(600, pa.string()),
    ... })
    >>> sorted(absent_fields(values_of(people, fields, across=True), fields))
    ['email', 'state']
    >>> sorted(absent_fields(values_of(people, fields, across=False), fields))
    ['email']
    """
    known: dict[str, dict[str | None, dict[str | None, int]]] = {}
    for row in values.to_pylist():
        if row["rows"]:
            each = known.setdefault(row["field"], {}).setdefault(row["source"], {})
            each[row["value"]] = each.get(row["value"], 0) + row["rows"]
    return {
        field.name
        for field in fields
        if field.name not in known or not _may_agree(known[field.name])
    }


def about_absent(values: pa.Table, absent: Set[str]) -> list[str]:
    """Say which fields are left out though there are values; see `absent_fields`."""
    known = {row["field"] for row in values.select(["field", "rows"]).to_pylist() if row["rows"]}
    apart = sorted(absent & known)
    return [
        f"{name!r} is not compared: "
        "only one of the tables has it, or they have no value of it in common"
        for name in apart
    ]


def narrowed(spec: LinkerSpec, absent: Set[str]) -> LinkerSpec:
    """Leave absent fields out, and compare what is left of texts of several fields.

    Raises
    ------
    ArgumentError
        If no blocking rule or no comparison is left.
    """
    left = spec.without(absent)
    if not absent or spec.comparisons != default_comparisons(spec.fields):
        return left
    fields = tuple(
        field for field in spec.fields if field.name not in absent or field.name == spec.silver
    )
    context = left.context
    if spec.context is not None and spec.context == default_context(spec.fields):
        context = default_context(fields)
    return replace(left, fields=fields, comparisons=default_comparisons(fields), context=context)


def _may_agree(tables: dict[str | None, dict[str | None, int]]) -> bool:
    """Say whether records of two tables may have one value; without a table: any records."""
    if None in tables:
        return True
    if len(tables) < 2:
        return False
    if any(
        None in values or sum(values.values()) < max(_ROWS, _OF_EACH * len(values))
        for values in tables.values()
    ):
        return True
    every = [set(values) for values in tables.values()]
    return len(set.union(*every)) < sum(len(values) for values in every)


def _counted(table: pa.Table, field: Field) -> pa.Table:
    """Count the rows of each table, and of a category those of each value."""
    there = pa.table({"source": table["source"].cast(pa.string()), "value": table[field.name]})
    there = there.filter(pc.is_valid(there["value"]))
    found = there.group_by(["source", "value"] if field.kind == "category" else ["source"])
    counted = found.aggregate([([], "count_all")])
    value = pa.nulls(len(counted), pa.string())
    if field.kind == "category" and len(counted) <= _FEW:
        value = normalise(counted["value"].combine_chunks()).cast(pa.string())
    name = pa.array([field.name] * len(counted), pa.string())
    columns = [name, counted["source"], value, counted["count_all"]]
    return pa.table(columns, names=_SCHEMA.names).cast(_SCHEMA)


def _row(name: str, rows: int) -> pa.Table:
    return pa.Table.from_pylist([{"field": name, "rows": rows}], schema=_SCHEMA)
