"""Golden records: one record an entity, and where each of its values came from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError
from sameas.core.prepared import IntArray
from sameas.core.specs import register, spec_name
from sameas.core.tables import ENTITIES_KEY
from sameas.survivorship.clusters import check_records, contiguous, record_names
from sameas.survivorship.rules import First, MostFrequent, Positions, Rule, present
from sameas.survivorship.union import Union, is_list

__all__ = ["Survivorship", "golden_batches", "golden_records", "name_columns"]

#: Columns of the record table that are no fields.
KEYS = ("record", "source", "id")


@register("survivorship", "by_field")
@dataclass(frozen=True, slots=True)
class Survivorship:
    """Which rule gives the golden value of each field.

    Parameters
    ----------
    rules : mapping of field to rule
    default : rule
        For fields without a rule. Lists without a rule are united, and what the default cannot
        take (structs) comes from the first record that has it.

    Examples
    --------
    >>> from sameas.survivorship.rules import Longest
    >>> rules = Survivorship({"address": Longest()})
    >>> rules.rule("address", pa.string()), rules.rule("labels", pa.list_(pa.string()))
    (Longest(), Union())
    """

    rules: Mapping[str, Rule | Union] = field(default_factory=dict)
    default: Rule = field(default_factory=MostFrequent)

    def rule(self, name: str, kind: pa.DataType) -> Rule | Union:
        """Return the rule of a field.

        Raises
        ------
        ArgumentError
            If the rule that is set for the field cannot be used on its type.
        """
        base = kind.value_type if pa.types.is_dictionary(kind) else kind
        if name in self.rules:
            chosen = self.rules[name]
            if not chosen.accepts(base):
                raise ArgumentError(
                    f"The rule {spec_name(chosen)!r} cannot be used on the field {name!r}, which "
                    f"is {kind}."
                )
            return chosen
        if is_list(kind) and not pa.types.is_nested(kind.value_type):
            return Union()
        return self.default if self.default.accepts(base) else First()


def golden_records(
    records: pa.Table,
    label: IntArray,
    survivorship: Survivorship | None = None,
    *,
    fields: Sequence[str] | None = None,
) -> pa.Table:
    """Build the golden record of every entity, with the provenance of each value.

    Parameters
    ----------
    records : Table
        Has the columns ``source`` and ``id``; its row is the record number.
    label : int32[n]
        Smallest record number of each record's cluster.
    survivorship : Survivorship, optional
        Rules by field; by default the most frequent value, and lists united.
    fields : sequence of str, optional
        Fields to keep, in this order; by default all columns but the keys.

    Returns
    -------
    Table
        ``entity`` (the ``source:id`` of its first member), ``size``, the fields, and for each
        of them ``<field>_from``: the ``source:id`` of the record that gave the value, null
        without a value; for united fields the list of those that gave one. Entities are in the
        order of their first members.

    Raises
    ------
    ArgumentError, ColumnError, DataError
        If the label does not fit the records, a key is absent or null, a field does not exist
        or would have the name of another column, or a rule does not fit its field.

    Notes
    -----
    A record that is alone is taken as it is; only clusters of two or more go through the rules.

    Examples
    --------
    >>> records = pa.table({"source": ["a", "b", "b"], "id": [1, 1, 2], "name": [None, "X", "Y"]})
    >>> golden_records(records, np.array([0, 0, 2], np.int32)).to_pylist()[0]
    {'entity': 'a:1', 'size': 2, 'name': 'X', 'name_from': 'b:1'}
    """
    return pa.concat_tables(golden_batches(records, label, survivorship, fields=fields))


def golden_batches(
    records: pa.Table,
    label: IntArray,
    survivorship: Survivorship | None = None,
    *,
    fields: Sequence[str] | None = None,
    batch_size: int = 1_000_000,
    threads: int = 1,
) -> Iterator[pa.Table]:
    """Build `golden_records` piece by piece, so that memory is bounded by a batch.

    Parameters
    ----------
    records, label, survivorship, fields
        As in `golden_records`.
    batch_size : int
        About how many records are in the clusters of one batch (one cluster is never divided).
        A record table whose columns are one chunk each is not copied.
    threads : int
        So many batches are made at a time.

    Yields
    ------
    Table
        At least one, possibly empty.
    """
    check_records(records, label)
    rules = _rules(records, survivorship or Survivorship(), fields)
    columns = {
        name: contiguous(records[name]) for name in {"source", "id", *_columns_read(records, rules)}
    }
    order = np.argsort(label, kind="stable")
    size = np.bincount(label, minlength=len(label))
    start = np.concatenate(([0], np.cumsum(size[size > 0])))
    cuts = np.unique(np.searchsorted(start, np.arange(0, len(label), max(batch_size, 1))))
    bounds = [*cuts.tolist(), len(start) - 1] if len(cuts) else [0, 0]
    ranges = [pair for pair in pairwise(bounds) if pair[0] < pair[1] or len(label) == 0]

    def made(pair: tuple[int, int]) -> pa.Table:
        begin, end = pair
        rows = order[start[begin] : start[end]]
        return _Batch(columns, rows, start[begin : end + 1] - start[begin]).table(rules)

    if threads == 1:
        yield from map(made, ranges)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = deque(pool.submit(made, pair) for pair in ranges[:threads])
        for following in [*ranges[threads:], *[None] * len(waiting)]:
            batch = waiting.popleft().result()
            if following is not None:
                waiting.append(pool.submit(made, following))
            yield batch


def name_columns(schema: pa.Schema) -> list[str]:
    """Return the columns of golden records that hold names of records, which rise by entity."""
    names = [ENTITIES_KEY.names[0], *(name for name in schema.names if name.endswith("_from"))]
    return [name for name in names if pa.types.is_string(schema.field(name).type)]


def _rules(
    records: pa.Table, survivorship: Survivorship, fields: Sequence[str] | None
) -> dict[str, Rule | Union]:
    known = [name for name in records.column_names if name not in KEYS]
    names = known if fields is None else list(fields)
    for name in [*names, *survivorship.rules]:
        if name not in known:
            raise ColumnError.missing(name, known, table="The record table")
    result = [*ENTITIES_KEY.names, *names, *(f"{name}_from" for name in names)]
    for name in result:
        if result.count(name) > 1:
            raise ColumnError(
                f"The table of entities would have two columns {name!r}: give the field another "
                f"name (its own columns are {', '.join(ENTITIES_KEY.names)} and FIELD_from)."
            )
    return {name: survivorship.rule(name, records.schema.field(name).type) for name in names}


def _columns_read(records: pa.Table, rules: Mapping[str, Rule | Union]) -> set[str]:
    needed = set(rules)
    for name, rule in rules.items():
        for read in () if isinstance(rule, Union) else rule.reads(name):
            if read not in records.column_names:
                raise ColumnError.missing(read, records.column_names, table="The record table")
            kind = records.schema.field(read).type
            if not rule.accepts(kind.value_type if pa.types.is_dictionary(kind) else kind):
                raise ArgumentError(
                    f"The rule {spec_name(rule)!r} of the field {name!r} cannot read {read!r}, "
                    f"which is {kind}."
                )
            needed.add(read)
    return needed


class _Batch:
    """Some entities: their records one entity after another, and the rules' choices."""

    def __init__(
        self, columns: Mapping[str, pa.Array], rows: npt.NDArray[np.int64], start: Positions
    ) -> None:
        self.columns, self.rows, self.start = columns, rows, start
        self.size = np.diff(start)
        index = pa.array(rows)
        self.names = record_names(columns["source"].take(index), columns["id"].take(index))
        self.multi = np.flatnonzero(self.size > 1)
        self.members = np.flatnonzero(np.repeat(self.size > 1, self.size))
        self.member_start = np.concatenate(([0], np.cumsum(self.size[self.multi])))
        self.chosen: dict[tuple[Rule, tuple[str, ...]], Positions] = {}

    def table(self, rules: Mapping[str, Rule | Union]) -> pa.Table:
        golden, provenance = {}, {}
        for name, rule in rules.items():
            build = self._united if isinstance(rule, Union) else self._picked
            golden[name], provenance[f"{name}_from"] = build(name, rule)  # type: ignore[arg-type]
        entity = self.names.take(pa.array(self.start[:-1]))
        return pa.table({"entity": entity, "size": pa.array(self.size)} | golden | provenance)

    def _picked(self, name: str, rule: Rule) -> tuple[pa.Array, pa.Array]:
        column, position = self.columns[name], self._positions(name, rule)
        absent = position < 0
        row = self.rows[np.where(absent, 0, position)]
        values = column.take(pa.array(row, mask=absent))
        return values, self.names.take(pa.array(position, mask=~present(values)))

    def _positions(self, name: str, rule: Rule) -> Positions:
        """Return the position of the chosen record of each entity, -1 for none."""
        key = rule, rule.reads(name)
        if key not in self.chosen:
            index = pa.array(self.rows[self.members])
            columns = [self.columns[read].take(index) for read in key[1]]
            pick = rule.pick(columns, self.member_start)
            position = self.start[:-1].copy()
            found = self.members[pick] if len(pick) else pick
            position[self.multi] = np.where(pick < 0, -1, found)
            self.chosen[key] = position
        return self.chosen[key]

    def _united(self, name: str, rule: Union) -> tuple[pa.Array, pa.Array]:
        values, gave = rule.unite(self.columns[name].take(pa.array(self.rows)), self.start)
        count = np.diff(np.concatenate(([0], np.cumsum(gave)))[self.start])
        offsets = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
        names = self.names.filter(pa.array(gave))
        return values, pa.ListArray.from_arrays(pa.array(offsets), names, mask=pa.array(count == 0))
