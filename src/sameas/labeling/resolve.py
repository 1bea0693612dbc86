"""Pairs that bear several labels get one, by a stated rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.labeling.table import pair_ends_of
from sameas.labeling.values import plain_column, read_verdicts

__all__ = ["RULE", "TRUST", "resolve_labels"]

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
    >>> from sameas.labeling import label_rows
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
