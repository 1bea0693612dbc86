"""One table for the labels of all sources; conflicts are kept, and resolved by a stated rule."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.core.errors import ColumnError
from sameas.core.tables import LABELS
from sameas.labeling.values import plain_column, read_verdicts

__all__ = ["RULE", "TRUST", "Ends", "gather_labels", "label_rows", "pair_ends_of", "resolve_labels"]

#: Kinds of labelers, the most trusted first: what stands before the colon of a labeler's name.
TRUST = ("person", "table", "llm", "silver")
#: How a pair with several rows gets one label.
RULE = (
    "The last word of each labeler counts. Only the most trusted kind of labeler that decided is "
    "heard: person, table, llm, silver, then others. Among these the sum of the log-odds of "
    "their confidences decides, for a match less against; a balance of 0 stays undecided."
)
#: A confidence that is not given, by kind of labeler, and the least and most that counts.
_PLAIN = {"person": 0.95, "table": 0.95}
_OTHER, _LEAST, _MOST = 0.8, 0.5, 0.999
_KEYS = ("left_source", "left_id", "right_source", "right_id")


def label_rows(
    pairs: pa.Table,
    label: npt.NDArray[np.int8],
    *,
    labeler: str,
    confidence: npt.NDArray[np.float64] | None = None,
    reason: Sequence[str | None] | None = None,
    at: datetime.datetime | None = None,
) -> pa.Table:
    """Make rows of LABELS.

    Parameters
    ----------
    pairs : pa.Table
        left_source, left_id, right_source, right_id; further columns are kept behind.
    label : int8[n]
        1 match, 0 non-match, -1 undecided.
    labeler : str
        Kind and name, such as ``"person:ada"`` or ``"llm:qwen"``.
    confidence : float64[n], optional
        Chance that the label is right; NaN is missing.
    reason : sequence of str, optional
    at : datetime, optional
        Now by default.

    Examples
    --------
    >>> pairs = pa.table({"left_source": ["a"], "left_id": ["1"], "right_source": ["b"],
    ...                   "right_id": ["7"]})
    >>> label_rows(pairs, np.array([1], np.int8), labeler="person:ada")["label"].to_pylist()
    [True]
    """
    count = pairs.num_rows
    sure = np.full(count, np.nan) if confidence is None else np.asarray(confidence, np.float64)
    when = at or datetime.datetime.now(datetime.UTC)
    columns = {name: pairs[name].cast(pa.string()) for name in _KEYS}
    columns |= {
        "label": pa.array(np.asarray(label) == 1, mask=np.asarray(label) < 0),
        "confidence": pa.array(sure, mask=np.isnan(sure)),
        "labeler": pa.array([labeler] * count, pa.string()),
        "reason": pa.array([None] * count if reason is None else list(reason), pa.string()),
        "labelled_at": pa.array([when] * count, pa.timestamp("us", tz="UTC")),
    }
    rest = {name: pairs[name] for name in pairs.column_names if name not in columns}
    return pa.table({**{name: columns[name] for name in LABELS.names}, **rest})


def gather_labels(
    tables: Mapping[str, pa.Table], *, sources: tuple[str, str] | None = None
) -> pa.Table:
    """Put label tables of any origin into one; nothing is merged or dropped.

    Parameters
    ----------
    tables : mapping of str to pa.Table
        By labeler, such as ``{"person:ada": ..., "table:gold": ...}``. A table needs left_id,
        right_id and label, and keeps labeler, confidence, reason and labelled_at where it has
        them.
    sources : (str, str), optional
        Sources of the left and the right ids, where a table has no such columns.

    Raises
    ------
    ColumnError, LabelError
        If a column is missing or a label cannot be understood.

    Examples
    --------
    >>> given = pa.table({"left_id": [1], "right_id": [2], "label": ["yes"]})
    >>> both = gather_labels({"person:ada": given, "table:x": given}, sources=("a", "b"))
    >>> both["labeler"].to_pylist(), both["label"].to_pylist()
    (['person:ada', 'table:x'], [True, True])
    """
    parts = [_in_shape(table, name, sources) for name, table in tables.items()]
    if not parts:
        return LABELS.empty_table()
    return pa.concat_tables(parts, promote_options="default")


def _in_shape(table: pa.Table, labeler: str, sources: tuple[str, str] | None) -> pa.Table:
    for name in ("left_id", "right_id", "label"):
        if name not in table.column_names:
            raise ColumnError.missing(name, table.column_names, table=f"The labels of {labeler}")
    count, columns = table.num_rows, {}
    for side, source in zip(("left", "right"), sources or (None, None), strict=True):
        name = f"{side}_source"
        if name not in table.column_names:
            if source is None:
                raise ColumnError(
                    f"The labels of {labeler} have no column {name!r}; say sources=(left, right)."
                )
            columns[name] = pa.array([source] * count, pa.string())
    verdict = read_verdicts(plain_column(table, "label"), name=f"The labels of {labeler}")
    columns["label"] = pa.array(verdict == 1, mask=verdict < 0)
    if "labeler" not in table.column_names:
        columns["labeler"] = pa.array([labeler] * count, pa.string())
    for field in LABELS:
        if field.name not in columns:
            known = field.name in table.column_names
            columns[field.name] = (
                table[field.name].cast(field.type) if known else pa.nulls(count, field.type)
            )
    rest = {name: table[name] for name in table.column_names if name not in columns}
    return pa.table({**{name: columns[name] for name in LABELS.names}, **rest})


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The records of a label table as numbers, in the order of (source, id).

    Attributes
    ----------
    left, right : int64[n]
        left < right, whichever side they stood on.
    swapped : bool[n]
    count : int
        Distinct records.
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    swapped: npt.NDArray[np.bool_]
    count: int

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """A number for each pair."""
        return self.left << 32 | self.right


def pair_ends_of(table: pa.Table) -> Ends:
    """Give the records of a label table numbers, in the order of (source, id).

    Examples
    --------
    >>> table = pa.table({"left_source": ["b", "a"], "left_id": ["1", "2"],
    ...                   "right_source": ["a", "b"], "right_id": ["2", "1"]})
    >>> ends = pair_ends_of(table)
    >>> ends.left.tolist(), ends.right.tolist(), ends.swapped.tolist()
    ([0, 0], [1, 1], [True, False])
    """
    names = [_name(table, side) for side in ("left", "right")]
    every = pc.unique(pa.concat_arrays(names))
    every = every.take(pc.array_sort_indices(every))
    codes = [pc.index_in(one, value_set=every).to_numpy().astype(np.int64) for one in names]
    return Ends(np.minimum(*codes), np.maximum(*codes), codes[0] > codes[1], len(every))


def _name(table: pa.Table, side: str) -> pa.Array:
    parts = [plain_column(table, f"{side}_{part}").cast(pa.string()) for part in ("source", "id")]
    return pc.binary_join_element_wise(pc.fill_null(parts[0], ""), parts[1], "\x1f")


def resolve_labels(table: pa.Table, *, trust: Sequence[str] = TRUST) -> pa.Table:
    """Give every pair one row, by the rule in `RULE`.

    Parameters
    ----------
    table : pa.Table
        LABELS; several rows a pair.
    trust : sequence of str
        Kinds of labelers, the most trusted first; kinds that are not named come after them.

    Returns
    -------
    pa.Table
        LABELS, a row a pair in the order of the pairs' records, and behind them ``rows`` (how
        many there were) and ``conflict`` (labelers said both; such pairs keep a label, with
        little confidence). Further columns are those of the pair's first row.

    Examples
    --------
    >>> pairs = pa.table({"left_source": ["a"] * 2, "left_id": ["1"] * 2,
    ...                   "right_source": ["b"] * 2, "right_id": ["7"] * 2})
    >>> both = pa.concat_tables([
    ...     label_rows(pairs.slice(0, 1), np.array([1], np.int8), labeler="llm:qwen"),
    ...     label_rows(pairs.slice(1, 1), np.array([0], np.int8), labeler="person:ada"),
    ... ])
    >>> found = resolve_labels(both)
    >>> found["label"].to_pylist(), found["conflict"].to_pylist(), found["labeler"].to_pylist()
    ([False], [True], ['person:ada'])
    """
    if not table.num_rows:
        table = table.append_column("rows", pa.array([], pa.int64()))
        return table.append_column("conflict", pa.array([], pa.bool_()))
    ends = pair_ends_of(table)
    verdict = _verdicts(table)
    order, first = _by_pair(ends.key)
    rank = _ranks(table, trust)
    last = _last_words(table, ends.key)
    decided = (verdict >= 0) & last
    best = np.minimum.reduceat(np.where(decided, rank, np.iinfo(np.int64).max)[order], first)
    pair = np.empty(len(order), np.int64)
    pair[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(order)))
    heard = decided & (rank == best[pair])
    weigh = np.where(heard, _log_odds(table) * np.where(verdict == 1, 1.0, -1.0), 0.0)
    balance = np.asarray(np.round(np.add.reduceat(weigh[order], first), 9), np.float64)
    yes, no = (
        np.add.reduceat((decided & (verdict == side))[order].astype(int), first) for side in (1, 0)
    )
    return _resolved(table, order[first], balance, heard, pair, yes=yes, no=no)


def _verdicts(table: pa.Table) -> npt.NDArray[np.int8]:
    return read_verdicts(plain_column(table, "label"), name="The label table")


def _by_pair(key: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return an order that brings the rows of a pair together, and where each pair begins."""
    order = np.argsort(key, kind="stable")
    return order, np.flatnonzero(np.diff(key[order], prepend=-1))


def _kinds(table: pa.Table) -> pa.Array:
    names = pc.fill_null(plain_column(table, "labeler").cast(pa.string()), "")
    return pc.struct_field(pc.extract_regex(names, r"^(?P<kind>[^:]*)"), "kind")


def _ranks(table: pa.Table, trust: Sequence[str]) -> npt.NDArray[np.int64]:
    place = pc.index_in(_kinds(table), value_set=pa.array(list(trust), pa.string()))
    return np.asarray(pc.fill_null(place, len(trust)).to_numpy(zero_copy_only=False), np.int64)


def _last_words(table: pa.Table, key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Say which rows are the last of their labeler about their pair; equal times all count."""
    who = plain_column(table, "labeler").dictionary_encode().indices
    codes = pc.fill_null(who, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    when = plain_column(table, "labelled_at").cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    time = pc.fill_null(when, 0).to_numpy(zero_copy_only=False)
    order = np.lexsort((codes, key))
    first = np.flatnonzero(
        (np.diff(key[order], prepend=-1) != 0) | (np.diff(codes[order], prepend=-2) != 0)
    )
    latest = np.maximum.reduceat(time[order], first)
    last = np.empty(len(key), bool)
    last[order] = time[order] == np.repeat(latest, np.diff(first, append=len(key)))
    return last


def _log_odds(table: pa.Table) -> npt.NDArray[np.float64]:
    given = plain_column(table, "confidence").cast(pa.float64()).to_numpy(zero_copy_only=False)
    kinds = _kinds(table)
    plain = np.full(len(given), _OTHER)
    for kind, value in _PLAIN.items():
        plain[pc.equal(kinds, kind).to_numpy(zero_copy_only=False)] = value
    sure = np.clip(np.where(np.isnan(given), plain, given), _LEAST, _MOST)
    return np.asarray(np.log(sure) - np.log1p(-sure))


def _resolved(
    table: pa.Table,
    first: npt.NDArray[np.intp],
    balance: npt.NDArray[np.float64],
    heard: npt.NDArray[np.bool_],
    pair: npt.NDArray[np.int64],
    *,
    yes: npt.NDArray[np.int64],
    no: npt.NDArray[np.int64],
) -> pa.Table:
    """Write one row a pair; who was heard is named, once each."""
    names = pc.fill_null(plain_column(table, "labeler").cast(pa.string()), "")
    said = pa.table({"pair": pair[heard], "labeler": names.filter(pa.array(heard))})
    said = said.group_by(["pair", "labeler"], use_threads=False).aggregate([])
    said = said.sort_by([("pair", "ascending"), ("labeler", "ascending")])
    joined: dict[int, list[str]] = {}
    for number, name in zip(said["pair"].to_pylist(), said["labeler"].to_pylist(), strict=True):
        joined.setdefault(number, []).append(name)
    conflict = (yes > 0) & (no > 0)
    kept = table.take(pa.array(first))
    reasons: list[Any] = kept["reason"].to_pylist()
    for place in np.flatnonzero(conflict | (yes + no > 1)):
        reasons[place] = f"{yes[place]} said match, {no[place]} said non-match"
    chance = np.round(1 / (1 + np.exp(-np.abs(balance))), 6)
    new = {
        "label": pa.array(balance > 0, mask=balance == 0),
        "confidence": pa.array(chance, mask=balance == 0),
        "labeler": pa.array(["+".join(joined.get(at, [])) for at in range(len(first))]),
        "reason": pa.array(reasons, pa.string()),
    }
    for name, values in new.items():
        kept = kept.set_column(kept.column_names.index(name), name, values)
    kept = kept.append_column("rows", pa.array(np.bincount(pair, minlength=len(first))))
    return kept.append_column("conflict", pa.array(conflict))
