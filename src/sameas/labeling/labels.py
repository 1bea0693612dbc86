"""Read a label table: what somebody says of pairs, as record numbers and verdicts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, ColumnError, LabelError, choices_hint
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray
from sameas.labeling.resolve import resolve_labels
from sameas.labeling.splits import SPLITS
from sameas.labeling.table import gather_labels
from sameas.labeling.values import plain_column, read_splits, read_verdicts

__all__ = ["Find", "LabelledPairs", "read_labels"]

#: ``find(source, ids)``: the record number of each id, -1 if the source has no such record.
#: The source is None where the label table does not name one.
Find: TypeAlias = Callable[[str | None, pa.Array], IntArray]

_EXAMPLES = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPairs:
    """Distinct labelled pairs, ordered by their records.

    Attributes
    ----------
    left, right : int32[n]
        Record numbers, left < right.
    label : int8[n]
        1 match, 0 non-match, -1 undecided.
    split : int8[n] or None
        Position in ``("train", "valid", "test")``; None if the table has no such column.
    notes : tuple of str
        What was set aside on reading, and why.
    """

    left: IntArray
    right: IntArray
    label: npt.NDArray[np.int8]
    split: npt.NDArray[np.int8] | None
    notes: tuple[str, ...] = ()

    def rows(self, split: str) -> npt.NDArray[np.bool_]:
        """Say which decided pairs belong to a part; without a split column, all of them."""
        if split not in SPLITS:
            raise ArgumentError(
                f"There is no part {split!r}.{choices_hint(split, SPLITS)} "
                f"There are: {', '.join(SPLITS)}."
            )
        decided = self.label >= 0
        return decided if self.split is None else decided & (self.split == SPLITS.index(split))


def read_labels(
    table: pa.Table,
    find: Find,
    *,
    sources: tuple[str | None, str | None] = (None, None),
    conflicts: str = "error",
    name: str = "The label table",
) -> LabelledPairs:
    """Read labelled pairs for training.

    Parameters
    ----------
    table : pa.Table
        Columns ``left_id``, ``right_id``, ``label`` (true / false, 1 / 0, "match" /
        "non-match", "yes" / "no"; null is undecided); optional ``left_source``,
        ``right_source`` and ``split`` ("train", "valid", "test").
    find : callable
        ``find(source, ids) -> int32``: the record number of each id, -1 if unknown.
    sources : (str or None, str or None)
        Source of the left and the right ids where the table has no such columns.
    conflicts : {"error", "drop", "resolve"}
        What to do with pairs that bear both verdicts. "error": refuse, with examples, for
        somebody has to decide. "drop": leave all rows of such a pair out and count them.
        "resolve": by labeler and confidence, as `resolve_labels` does.
    name : str
        What the table is called in messages, such as the file.

    Returns
    -------
    LabelledPairs
        Each pair once, in the order of its records whichever side they stood on. Rows that
        repeat a pair are merged; a pair that stands in several splits is kept in the last one
        (train < valid < test), so nothing of a test set is trained on. A verdict wins over
        "undecided". A record paired with itself says nothing and is left out. `notes` count
        all that.

    Raises
    ------
    ColumnError
        If a column is missing.
    LabelError
        If ids or labels cannot be understood, verdicts contradict each other, or there is no
        match or no non-match to train on.

    Examples
    --------
    >>> records = {"a": 0, "b": 1, "c": 2}
    >>> def find(source, ids):
    ...     return np.array([records.get(item, -1) for item in ids.to_pylist()], np.int32)
    >>> table = pa.table({"left_id": ["b", "a"], "right_id": ["a", "c"], "label": ["yes", "no"]})
    >>> pairs = read_labels(table, find)
    >>> pairs.left.tolist(), pairs.right.tolist(), pairs.label.tolist()
    ([0, 0], [1, 2], [1, 0])
    """
    if conflicts not in ("error", "drop", "resolve"):
        raise ArgumentError(f"conflicts must be 'error', 'drop' or 'resolve', got {conflicts!r}.")
    for column in ("left_id", "right_id", "label"):
        if column not in table.column_names:
            raise ColumnError.missing(column, table.column_names, table=name)
    if conflicts == "resolve":
        table = _resolved(table, sources)
    label = read_verdicts(plain_column(table, "label"), name=name)
    split = None
    if "split" in table.column_names:
        split = read_splits(plain_column(table, "split"), name=name)
    ends = [
        _records(table, side, find, source=source, name=name)
        for side, source in zip(("left", "right"), sources, strict=True)
    ]
    _refuse_unknown(table, ends, name=name)
    pairs = LabelledPairs(np.minimum(*ends), np.maximum(*ends), label, split)
    distinct = _distinct(pairs, table, conflicts=conflicts, name=name)
    for note in distinct.notes:
        _log.info("%s", note)
    _refuse_one_class(distinct, name=name)
    return distinct


def _resolved(table: pa.Table, sources: tuple[str | None, str | None]) -> pa.Table:
    """Give every pair one row, and keep the columns that name sources only if they were there."""
    known = set(table.column_names)
    one = resolve_labels(
        gather_labels({"table": table}, sources=(sources[0] or "", sources[1] or ""))
    )
    added = [name for name in ("left_source", "right_source") if name not in known]
    return one.drop_columns(added)


def _records(table: pa.Table, side: str, find: Find, *, source: str | None, name: str) -> IntArray:
    """Return the record numbers of one side, -1 where unknown."""
    ids = plain_column(table, f"{side}_id")
    if f"{side}_source" not in table.column_names:
        return np.asarray(find(source, ids), dtype=np.int32)
    sources = plain_column(table, f"{side}_source")
    if sources.null_count:
        raise LabelError(f"{name}: {sources.null_count:,} values of '{side}_source' are missing.")
    records = np.full(len(ids), -1, np.int32)
    for value in pc.unique(sources):
        rows = pc.equal(sources, value).to_numpy(zero_copy_only=False)
        records[rows] = find(str(value.as_py()), ids.filter(pa.array(rows)))
    return records


def _refuse_unknown(table: pa.Table, ends: Sequence[IntArray], *, name: str) -> None:
    """Raise if an id names no record."""
    unknown = [np.flatnonzero(records < 0) for records in ends]
    if not any(len(rows) for rows in unknown):
        return
    parts = []
    for side, rows in zip(("left", "right"), unknown, strict=True):
        if len(rows):
            ids = plain_column(table, f"{side}_id").take(pa.array(rows))
            seen = pc.unique(ids).to_pylist()[:_EXAMPLES]
            parts.append(f"{len(rows):,} of '{side}_id', such as {', '.join(map(repr, seen))}")
    swapped = all(len(rows) > 0.9 * table.num_rows for rows in unknown)
    hint = " Nearly all are unknown: are left_id and right_id swapped, or of another type?"
    raise LabelError(
        f"{name} names records that the data do not have: {'; '.join(parts)}; "
        f"{table.num_rows:,} labels in all.{hint if swapped else ''}"
    )


def _distinct(pairs: LabelledPairs, table: pa.Table, *, conflicts: str, name: str) -> LabelledPairs:
    """Merge the rows of each pair."""
    key = pair_key(pairs.left, pairs.right)
    order = np.argsort(key, kind="stable")
    order = order[(pairs.left != pairs.right)[order]]
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    notes = []
    if len(order) < len(key):
        notes.append(f"{name}: {len(key) - len(order):,} records paired with themselves left out")
    if not len(order):
        return replace(_take(pairs, order), notes=tuple(notes))
    label = pairs.label[order]
    positive = np.maximum.reduceat(label == 1, first)
    negative = np.maximum.reduceat(label == 0, first)
    both = positive & negative
    verdict = np.where(positive, 1, np.where(negative, 0, -1)).astype(np.int8)
    chosen = replace(_take(pairs, order[first]), label=verdict)
    repeated = len(order) - len(first)
    if repeated:
        notes.append(f"{name}: {repeated:,} rows repeat a pair and were merged")
    if pairs.split is not None:
        part = pairs.split[order]
        last = np.maximum.reduceat(part, first)
        several = int((last != np.minimum.reduceat(part, first)).sum())
        chosen = replace(chosen, split=last)
        if several:
            notes.append(f"{name}: {several:,} pairs stand in several splits; kept in the last")
    if both.any():
        notes.append(_contradictions(table, order[first[both]], conflicts=conflicts, name=name))
        chosen = _take(chosen, np.flatnonzero(~both))
    return replace(chosen, notes=tuple(notes))


def _take(pairs: LabelledPairs, rows: npt.NDArray[np.intp]) -> LabelledPairs:
    """Return some of the pairs."""
    split = None if pairs.split is None else pairs.split[rows]
    return LabelledPairs(pairs.left[rows], pairs.right[rows], pairs.label[rows], split)


def _contradictions(
    table: pa.Table, rows: npt.NDArray[np.intp], *, conflicts: str, name: str
) -> str:
    """Raise for pairs with both verdicts, or say that they were dropped."""
    if conflicts == "drop":
        return f"{name}: {len(rows):,} pairs bear both verdicts and were left out"
    some: list[dict[str, Any]] = (
        table.select(["left_id", "right_id"]).take(pa.array(rows[:_EXAMPLES])).to_pylist()
    )
    seen = ", ".join(f"({row['left_id']!r}, {row['right_id']!r})" for row in some)
    raise LabelError(
        f"{name}: {len(rows):,} pairs bear both verdicts, such as {seen}. Decide which is right, "
        "or leave them out with conflicts='drop'."
    )


def _refuse_one_class(pairs: LabelledPairs, *, name: str) -> None:
    """Raise if there is nothing to learn from."""
    label = pairs.label[pairs.rows("train")]
    matches, others = int((label == 1).sum()), int((label == 0).sum())
    if not matches or not others:
        where = "" if pairs.split is None else " in the split 'train'"
        raise LabelError(
            f"{name} has {matches:,} matches and {others:,} non-matches{where}; training needs "
            "both."
        )
