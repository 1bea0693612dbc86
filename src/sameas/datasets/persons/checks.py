"""Is a generated table as noisy as its settings say? The measured noise, with ranges.

The ranges belong to the default settings.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError
from sameas.datasets.check import Check, pairs_of_one
from sameas.datasets.persons.shard import SCHEMA

__all__ = ["check_persons"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Field, share of records without a value, share of equal values among true pairs with both.
_FIELDS = (
    ("given_name", 0.02, 0.775),
    ("surname", 0.01, 0.825),
    ("sex", 0.06, 0.985),
    ("date_of_birth", 0.05, 0.892),
    ("address", 0.06, 0.35),
    ("city", 0.03, 0.862),
    ("postal_code", 0.05, 0.797),
    ("phone", 0.35, 0.755),
    ("email", 0.38, 0.745),
)
_CLOSE = 0.02


def check_persons(table: pa.Table) -> list[Check]:
    """Measure duplicates, noise of true pairs, gaps, frequent names and families.

    Meant for 50 thousand records and more; costs about 10 µs and 300 bytes a record.

    Parameters
    ----------
    table : pyarrow.Table
        From `generate_persons`, with its truth and the default settings.

    Returns
    -------
    list of Check

    Raises
    ------
    ColumnError
        If a column is missing.

    Examples
    --------
    >>> from sameas.datasets.persons import generate_persons
    >>> checks = check_persons(generate_persons(60_000))
    >>> [check.name for check in checks if "duplicates" in check.name and check.passed]
    ['duplicates, share of records']
    """
    for column in SCHEMA.names:
        if column not in table.column_names:
            raise ColumnError.missing(column, table.column_names, table="the table of persons")
    entity = table["entity_id"].to_numpy()
    left, right = pairs_of_one(entity)
    return [
        *_entities(entity),
        *_noise(table, left, right),
        *_names(table),
        *_hard(table, entity, left, right),
    ]


def _entities(entity: IntArray) -> list[Check]:
    size = np.unique(entity, return_counts=True)[1]
    return [
        Check("duplicates, share of records", 1 - len(size) / max(len(entity), 1), 0.28, 0.32),
        Check("one record, share of persons", _mean(size == 1), 0.68, 0.73),
        Check("four records and more, share of persons", _mean(size > 3), 0.02, 0.04),
        Check("largest cluster, records", int(size.max(initial=0)), 4, 8),
    ]


def _noise(table: pa.Table, left: IntArray, right: IntArray) -> list[Check]:
    checks = []
    for name, gap, goal in _FIELDS:
        column = _comparable(name, table[name].combine_chunks())
        missing = column.null_count / max(len(column), 1)
        same = pc.equal(column.take(pa.array(left)), column.take(pa.array(right)))
        equal = _mean(pc.drop_null(same).to_numpy(zero_copy_only=False))
        checks += [
            Check(f"{name} missing, share of records", missing, 0.85 * gap, 1.15 * gap),
            Check(f"equal {name}, share of true pairs with both", equal, goal - _CLOSE,
                  goal + _CLOSE),
        ]  # fmt: skip
    return checks


def _comparable(name: str, column: pa.Array) -> pa.Array:
    """Return what is compared: of a phone the last ten digits, of other fields the text."""
    if name != "phone":
        return column
    digits = pc.replace_substring_regex(column, "[^0-9]", "")
    return pc.utf8_slice_codeunits(digits, -10)


def _names(table: pa.Table) -> list[Check]:
    checks = []
    for name, low, high in (
        ("surname", 0.006, 0.012),
        ("given_name", 0.008, 0.025),
        ("date_of_birth", 0.0, 0.001),
    ):
        counts = pc.value_counts(table[name].drop_null().combine_chunks()).field("counts")
        share = np.sort(counts.to_numpy())[::-1] / max(table.num_rows, 1)
        top = float(share[0]) if len(share) else np.nan
        checks += [
            Check(f"commonest {name}, share of records", top, low, high),
            Check(f"hundred commonest of {name}, share of records", float(share[:100].sum())),
        ]
    return checks


def _hard(table: pa.Table, entity: IntArray, left: IntArray, right: IntArray) -> list[Check]:
    """Check how many records have another person who looks alike, and pairs that do not."""
    checks = []
    for what, columns, low, high in (
        ("surname, address and postal code", ("surname", "address", "postal_code"), 0.1, 0.5),
        ("phone", ("phone",), 0.05, 0.4),
        ("e-mail", ("email",), 0.0, 0.03),
        ("date of birth and given name", ("date_of_birth", "given_name"), 0.0, 0.9),
        ("given name and surname", ("given_name", "surname"), 0.02, 0.9),
        ("surname and date of birth", ("surname", "date_of_birth"), 0.002, 0.1),
    ):
        key, known = _keys(table, columns)
        checks.append(
            Check(f"another person with the same {what}, share of records",
                  _mean(_shared(key, known, entity)), low, high)
        )  # fmt: skip
    apart = np.ones(len(left), bool)
    for columns in (("given_name", "surname"), ("date_of_birth",), ("address",), ("phone",),
                    ("email",)):  # fmt: skip
        key, known = _keys(table, columns)
        apart &= ~((key[left] == key[right]) & known[left] & known[right])
    name = "neither full name, date of birth, address, phone nor email equal, share of true pairs"
    return [*checks, Check(name, _mean(apart), 0.02, 0.06)]


def _keys(table: pa.Table, columns: tuple[str, ...]) -> tuple[IntArray, BoolArray]:
    """Return a number for each combination of values, and which records have them all."""
    key = np.zeros(table.num_rows, np.int64)
    known = np.ones(table.num_rows, bool)
    for name in columns:
        column = _comparable(name, table[name].combine_chunks())
        known &= pc.is_valid(column).to_numpy(zero_copy_only=False)
        code = pc.dictionary_encode(column).indices.fill_null(0).to_numpy()
        key = np.unique(key * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
    return key, known


def _shared(key: IntArray, known: BoolArray, entity: IntArray) -> BoolArray:
    """Return which records share their key with a record of another entity."""
    count = int(key.max(initial=-1)) + 1
    least = np.full(count, np.iinfo(np.int64).max)
    most = np.full(count, -1)
    np.minimum.at(least, key[known], entity[known])
    np.maximum.at(most, key[known], entity[known])
    return known & (least[key] < most[key])


def _mean(values: BoolArray) -> float:
    return float(values.mean()) if len(values) else np.nan
