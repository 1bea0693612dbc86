"""The records that a plan is measured on: all of them, or a sample of large tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sameas.blocking import Key, KeyRule, PairRule, TextNeighbours, covers
from sameas.blocking.base import BoolArray
from sameas.core.dataclass import dataclass
from sameas.core.pair_key import pair_key
from sameas.core.prepared import Codes, Columns, IntArray, Need
from sameas.engines.duckdb import DuckDBEngine
from sameas.kernels.blocks import block_ends, partner_counts
from sameas.linker.candidates import find_candidates
from sameas.linker.found import Budget
from sameas.linker.planning.content import by_content, content_key
from sameas.linker.planning.repeats import first_rows, rows_repeat
from sameas.records import Records
from sameas.records.preparations import Workspace

__all__ = ["RuleFigures", "Sample", "sampled_rows"]

#: Pairs that a rule may list while it is measured.
_LISTED = 5_000_000


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What a rule would do with the whole tables, by its keys alone.

    Attributes
    ----------
    pairs : int
    largest : int
        Records of the largest block.
    reached : float
        Share of the records that get a key.
    """

    pairs: int
    largest: int
    reached: float


def sampled_rows(
    tables: Mapping[str, pa.Table],
    columns: Mapping[str, Iterable[str]],
    most: int,
    *,
    once: bool | None = None,
) -> tuple[dict[str, pa.Table], int, bool]:
    """Draw the same share of the rows of each table, or take all, in the order of their content.

    Parameters
    ----------
    tables : mapping of source to pyarrow.Table
    columns : mapping of source to column names
        What makes the content of a row.
    most : int
        Rows of all tables together.
    once : bool, optional
        Draw from contents, not from rows; where many rows repeat others by default.

    Returns
    -------
    drawn : dict of source to pyarrow.Table
    total : int
        The rows that they were drawn from.
    distinct : bool
        Contents were drawn, each being a row once.
    """
    keys = {name: content_key(table, columns[name]) for name, table in tables.items()}
    if once is None:
        once = any(rows_repeat(key) for key in keys.values())
    if once:
        first = {name: first_rows(key) for name, key in keys.items()}
        tables = {name: table.take(pa.array(first[name])) for name, table in tables.items()}
        keys = {name: key[first[name]] for name, key in keys.items()}
    total = sum(table.num_rows for table in tables.values())
    share = min(1.0, most / max(total, 1))
    drawn = {
        name: by_content(table, keys[name], max(1, round(table.num_rows * share)))
        for name, table in tables.items()
    }
    return drawn, total, once


@dataclass
class Sample:
    """Records to measure rules on.

    Parameters
    ----------
    records : Records
    across : bool
        Pairs of different sources only.
    scale : float
        Records of the tables for each record here.
    threads : int
    distinct : bool
        Rows that repeat another one of their table in every field are one record.
    """

    records: Records
    across: bool
    scale: float
    threads: int = 1
    distinct: bool = False
    _found: dict[Any, tuple[IntArray, IntArray]] = field(default_factory=dict)
    _figured: dict[Any, RuleFigures] = field(default_factory=dict)
    _frequent: dict[Any, npt.NDArray[np.uint64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.records.table, {})

    def __len__(self) -> int:
        return len(self.records)

    @property
    def group(self) -> IntArray | None:
        """Records of one group make no pair."""
        return self.records.source_code if self.across else None

    def columns(self, needs: Iterable[Need]) -> Columns:
        """Prepare columns, each once."""
        return {need: self.workspace.column(need) for need in needs}

    def columns_among(self, needs: Iterable[Need], record: npt.NDArray[np.int64]) -> Columns:
        """Prepare columns of some records alone, for needs that learn nothing from the others.

        The numbers of these records are then their places in `record`.
        """
        needs = tuple(needs)
        fields = list(dict.fromkeys(name for need in needs for name in need.fields))
        few = Workspace(self.records.table.select(fields).take(pa.array(record)), {})
        return {need: few.column(need) for need in needs}

    def columns_of(self, rule: KeyRule | PairRule) -> Columns:
        """Prepare what a rule and its filter read."""
        chosen = rule.filter
        return self.columns([*rule.needs(), *(chosen.needs() if chosen is not None else ())])

    def figures(self, rule: KeyRule | PairRule) -> RuleFigures:
        """Say how many pairs a rule makes, exactly or scaled from the sample."""
        if rule not in self._figured:
            self._figured[rule] = self._figures_of(rule)
        return self._figured[rule]

    def _figures_of(self, rule: KeyRule | PairRule) -> RuleFigures:
        if isinstance(rule, Key):
            return self._key_figures(rule)
        if (
            isinstance(rule, KeyRule)
            and rule.filter is None
            and rule.bound(columns := self.columns_of(rule)) is None
        ):
            rows = rule.rows(columns)
            return self._figures(rows.key, rows.record)
        if isinstance(rule, KeyRule):
            left, _ = self.pairs(rule)
            share = float(self.reached(rule).sum()) / max(len(self), 1)
            return RuleFigures(round(len(left) * self.scale**2), 0, share)
        reached = self.reached(rule)
        most = int(getattr(rule, "k", 1)) * int(reached.sum())
        return RuleFigures(round(most * self.scale), 0, float(reached.mean()))

    def reached(self, rule: KeyRule | PairRule) -> BoolArray:
        """Say which records get a key of a rule, or have something to be near in."""
        if isinstance(rule, Key):
            self.figures(rule)  # it tells which keys are frequent
            key = self.key(rule)
            return np.asarray((key != 0) & ~_among(key, self._frequent[rule]))
        reached = np.zeros(len(self), bool)
        if isinstance(rule, KeyRule):
            reached[rule.rows(self.columns_of(rule)).record] = True
            return reached
        for name in {name for need in rule.needs() for name in need.fields}:
            reached |= self.known(name)
        return reached

    def known(self, field: str) -> BoolArray:
        """Say which records have a field."""
        return self.workspace.once(
            ("known", field), lambda: np.asarray(pc.is_valid(self.records.table[field]).to_numpy())
        )

    def _key_figures(self, rule: Key) -> RuleFigures:
        """Count blocks; in a sample a key is frequent at a share of its limit."""
        key = self.key(rule)
        ranked = np.sort(key)
        ranked = ranked[np.searchsorted(ranked, np.uint64(1)) :]  # 0 is none
        end = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]) + 1, len(ranked))
        size = np.diff(end, prepend=0)
        frequent = size > self._most(rule)
        self._frequent[rule] = ranked[end[frequent] - 1]
        if self.across:
            record = np.flatnonzero(key).astype(np.int32)
            record = record[~_among(key[record], self._frequent[rule])]
            return self._figures(key[record], record)
        size = size[~frequent]
        pairs = int(size @ size - size.sum()) // 2
        return self._scaled(pairs, size, int(size.sum()))

    def _most(self, rule: Key) -> float:
        """Return how many records of the sample may bear a key."""
        if rule.at_most is None:
            return np.inf
        return max(2, round(rule.at_most / self.scale)) if self.scale > 1 else rule.at_most

    def key(self, rule: Key) -> npt.NDArray[np.uint64]:
        """Return the key of each record, 0 where it has none; frequent ones too."""
        (need,) = replace(rule, at_most=None).needs()
        made = self.workspace.column(need)
        assert isinstance(made, Codes)
        return made.value

    def _figures(self, key: npt.NDArray[np.uint64], record: npt.NDArray[np.int32]) -> RuleFigures:
        if self.across:
            order = np.argsort(key, kind="stable")
            key, record = key[order], record[order]
        else:  # whose key it is does not matter
            key = np.sort(key)
        end = block_ends(key)
        pairs = int(partner_counts(end, np.zeros(len(key), np.bool_)).sum())
        if self.across and len(key):
            inside = key ^ (self.records.source_code[record].astype(np.uint64) << np.uint64(1))
            own = np.sort(inside * np.uint64(0x9E3779B97F4A7C15))
            pairs -= int(partner_counts(block_ends(own), np.zeros(len(own), np.bool_)).sum())
        reached = np.zeros(len(self), bool)
        reached[record] = True
        return self._scaled(pairs, end - np.arange(len(end)), int(reached.sum()))

    def _scaled(self, pairs: int, size: npt.NDArray[np.int64], reached: int) -> RuleFigures:
        """Return the figures of the whole tables: pairs, sizes of blocks, records with a key."""
        return RuleFigures(
            round(pairs * self.scale**2),
            round(int(size.max(initial=0)) * self.scale),
            reached / max(len(self), 1),
        )

    def pairs(self, rule: KeyRule | PairRule) -> tuple[IntArray, IntArray]:
        """List the pairs of a rule inside the sample, left < right."""
        if rule not in self._found:
            engine = DuckDBEngine(threads=self.threads)
            found = find_candidates(
                self.columns_of(rule), [rule], len(self), group=self.group, engine=engine,
                budget=Budget(_LISTED, 100 * _LISTED, collapse_from=None),
            )  # fmt: skip
            self._found[rule] = found.left, found.right
        return self._found[rule]

    def _near(self, rule: PairRule, left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
        """List enough of the pairs of a rule to say whether it gives some pairs."""
        if rule in self._found or not isinstance(rule, TextNeighbours):
            return self.pairs(rule)
        asked = np.union1d(left, right).astype(np.int32)
        if len(asked) > 0.5 * len(self):
            return self.pairs(rule)
        key = (rule, asked.tobytes())
        if key not in self._found:
            self._found[key] = rule.pairs_of(
                self.columns_of(rule), self.group, asked, threads=self.threads
            )
        return self._found[key]

    def covers(self, rule: KeyRule | PairRule, left: IntArray, right: IntArray) -> BoolArray:
        """Say which pairs a rule brings together."""
        if isinstance(rule, Key):
            key = self.key(rule)
            mine = key[left]
            same = (mine == key[right]) & (mine != 0)
            if rule.at_most is None:
                return np.asarray(same)
            self.figures(rule)  # it tells which keys are frequent
            return np.asarray(same & ~_among(mine, self._frequent[rule]))
        if isinstance(rule, KeyRule):
            return covers(rule, self.columns_of(rule), left, right)
        known = pair_key(*self._near(rule, left, right))
        return np.isin(pair_key(left, right), known)


def _among(key: npt.NDArray[np.uint64], few: npt.NDArray[np.uint64]) -> BoolArray:
    """Say which keys are among a few, which are sorted."""
    if not len(few):
        return np.zeros(len(key), np.bool_)
    return np.asarray(few[np.searchsorted(few[:-1], key)] == key)
