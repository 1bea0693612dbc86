"""A fitted linker made ready to look at one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.blocking import KeyRule, covers
from sameas.blocking.lookup import looks, stands
from sameas.clustering import Clusterer, OneToOne, link_mode
from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.prepared import Codes, Columns, IntArray, Need
from sameas.core.specs import spec_name
from sameas.engines.duckdb import DuckDBEngine
from sameas.kernels.geo import distance
from sameas.linker.found import Budget, Candidates
from sameas.linker.job import Job
from sameas.linker.rivals import Rivals
from sameas.linker.saving import FittedLinker
from sameas.resolver.compiled import BlockProgram, Frequent
from sameas.resolver.compiled.blocks import block_keys
from sameas.resolver.layout import Layout, Unpacked, unlimited
from sameas.resolver.preparing import Preparer, documents_of
from sameas.resolver.quick import QuickPreparer
from sameas.resolver.scoring import Scorer

__all__ = ["LimitedValue", "Limits", "Machine"]

Longs = npt.NDArray[np.int64]
_GOLDEN = 0x9E3779B97F4A7C15
_VALUES = 100  # blocks of values with a limit are numbered from here on


@dataclass(frozen=True, slots=True)
class Limits:
    """A cap on the candidates of a record; with one, answers depend on the order of inserts.

    Parameters
    ----------
    metres : float, optional
        Candidates farther away are left out.
    neighbours : int, optional
        Only so many of the nearest candidates are taken.

    Examples
    --------
    >>> Limits.paper()
    Limits(metres=250.0, neighbours=150)
    """

    metres: float | None = None
    neighbours: int | None = None

    @classmethod
    def paper(cls) -> Limits:
        """Return the limits of Cousseau & Barbosa (2020), section 3.1, step 5."""
        return cls(250.0, 150)

    def __bool__(self) -> bool:
        """Say whether there is any limit."""
        return self.metres is not None or self.neighbours is not None


class LimitedValue(NamedTuple):
    """A value of a record that counts only while few records bear it, and the block of these."""

    record: int
    key: int
    limit: int
    need: Need
    value: np.uint64


class Machine:
    """What a resolver needs of a fitted linker, computed once.

    Parameters
    ----------
    fitted : FittedLinker
    limits : Limits

    Raises
    ------
    ArgumentError
        If a part of the linker cannot work on one record at a time.
    """

    def __init__(self, fitted: FittedLinker, limits: Limits) -> None:
        spec = fitted.spec
        self.fitted, self.spec, self.limits = fitted, spec, limits
        self.rules = _rules(fitted)
        self.preparer = Preparer(fitted)
        documents = documents_of(fitted, self.preparer.needs)
        blocking = [need for rule in self.rules for need in rule.needs()]
        blocking += [
            need for rule in self.rules if rule.filter is not None for need in rule.filter.needs()
        ]
        self.limited = {need: unlimited(need) for need in blocking if unlimited(need) != need}
        self.points = next((need for need in blocking if need.kind == "points"), None)
        if limits and self.points is None:
            raise ArgumentError("limits are metres and nearest places; this linker has no places.")
        compared = [need for item in spec.comparisons for need in item.needs()]
        compared += list(spec.context.needs()) if spec.context else []
        self.thin = Layout(blocking, documents)
        self.whole = Layout(compared, documents, fitted.statistics)
        self.quick = QuickPreparer((self.thin, self.whole), fitted.statistics, documents)
        self.scorer = Scorer(fitted, self.whole)
        self.blocks = BlockProgram.of(self.thin, self.rules, tuple(self.limited))
        self.across = fitted.mode not in ("dedupe", "also-within")
        similarities = len(spec.context.over) if spec.context else 0
        self.edge = np.dtype(
            [("other", "<i8"), ("score", "<f8"), ("rule", "u1"), ("first", "<f4", (similarities,))]
        )

    @property
    def threshold(self) -> float:
        """The score from which a pair is a match."""
        return self.fitted.threshold

    def order_dependent(self) -> tuple[str, ...]:
        """Say why the order of inserts matters; empty: it does not."""
        if not self.limits:
            return ()
        parts = []
        if self.limits.metres is not None:
            parts.append(f"at most {self.limits.metres:g} m")
        if self.limits.neighbours is not None:
            parts.append(f"the {self.limits.neighbours} nearest")
        return (f"candidates are capped: {', '.join(parts)}",)

    def clusterer(self) -> Clusterer:
        """Return what turns matches into entities."""
        chosen = self.spec.clusterer
        if self.fitted.mode == "one-to-one" and not isinstance(chosen, OneToOne):
            return link_mode(self.fitted.mode).clusterer
        return chosen

    # Blocks ---------------------------------------------------------------------------

    def standing(self, columns: Unpacked) -> tuple[Longs, IntArray]:
        """Return the blocks in which records stand, those of limited values among them."""
        keys, records = self._blocks(self.with_limits(columns, {}), stands)
        for place, free in enumerate(self.limited.values()):
            value = columns[free].value
            record = np.flatnonzero(value).astype(np.int32)
            keys.append(_mixed(value[record], _VALUES + place))
            records.append(record)
        return np.concatenate(keys), np.concatenate(records)

    def looking(self, columns: Unpacked, frequent: Frequent) -> tuple[Longs, IntArray]:
        """Return the blocks in which partners may stand: not those of frequent values."""
        if self.blocks is not None:
            return self.blocks.looks(columns, frequent)
        keys, records = self._blocks(self.with_limits(columns, frequent), looks)
        return np.concatenate(keys), np.concatenate(records)

    def _blocks(
        self, columns: Unpacked, find: Callable[[KeyRule, Columns], tuple[Any, IntArray]]
    ) -> tuple[list[Longs], list[IntArray]]:
        keys, records = [], []
        for number, rule in enumerate(self.rules):
            key, record = find(rule, columns)
            keys.append(_mixed(key, number))
            records.append(record)
        return keys, records

    def values(self, columns: Unpacked) -> list[LimitedValue]:
        """Return the limited values of records."""
        found = []
        for place, (need, free) in enumerate(self.limited.items()):
            value = columns.number(self.thin.place_of[free].fixed.start)
            record = value.nonzero()[0]
            key = _mixed(value[record], _VALUES + place).tolist()
            limit = int(dict(need.options)["at_most"])
            found += [
                LimitedValue(at, block, limit, need, value[at])
                for at, block in zip(record.tolist(), key, strict=True)
            ]
        return found

    def with_limits(self, columns: Unpacked, frequent: Frequent) -> Unpacked:
        """Put in the columns of limited values, in which frequent values are missing."""
        for need, free in self.limited.items():
            value = columns[free].value
            often = frequent.get(need)
            columns[need] = Codes(value if not often else np.where(np.isin(value, often), 0, value))
        return columns

    def covered(
        self, columns: Unpacked, frequent: Frequent, left: IntArray, right: IntArray
    ) -> npt.NDArray[np.uint8]:
        """Return the first rule that covers each pair, 255 for none."""
        if self.blocks is not None:
            return self.blocks.covered(columns, frequent, left, right)
        self.with_limits(columns, frequent)
        found = np.full(len(left), 255, np.uint8)
        for number, rule in enumerate(self.rules):
            open_ = np.flatnonzero(found == 255)
            if not len(open_):
                break
            met = covers(rule, columns, left[open_], right[open_])
            found[open_[met]] = number
        return found

    def within(self, columns: Columns, left: IntArray, right: IntArray) -> npt.NDArray[np.intp]:
        """Return the candidates of one record that the limits leave, nearest first."""
        if self.points is None or not self.limits:
            return np.arange(len(left))
        apart = distance(left, right, columns[self.points].xyz)
        order = np.argsort(np.nan_to_num(apart, nan=np.inf), kind="stable")
        if self.limits.metres is not None:
            order = order[apart[order] <= self.limits.metres]
        return order[: self.limits.neighbours]

    def job(self, columns: Columns, left: IntArray, right: IntArray) -> Job:
        """Return a job of a few records with these candidate pairs, for what reads jobs."""
        job = Job(self.spec, _NO_RECORDS, {}, "dedupe", _ENGINE, _BUDGET)
        job.__dict__["columns"] = columns
        job.__dict__["candidates"] = Candidates(left, right, np.zeros(len(left), np.uint8))
        return job


_ENGINE = DuckDBEngine(threads=1)
_BUDGET = Budget()
_NO_RECORDS: Any = None


def _mixed(key: npt.NDArray[np.uint64], number: int) -> Longs:
    """Put the blocks of all rules into one space of 63 bits."""
    mixed: Longs = block_keys(key, np.uint64((number + 1) * _GOLDEN % (1 << 64)))
    return mixed


def _rules(fitted: FittedLinker) -> Sequence[KeyRule]:
    """Return the blocking rules, or say which part cannot work on one record at a time."""
    spec = fitted.spec
    for rule in spec.blocking:
        if not isinstance(rule, KeyRule):
            raise ArgumentError(
                f"The blocking rule {spec_name(rule)!r} lists the neighbours of a whole table; a "
                "store needs rules by keys, shared words, cells or radius. Fit a linker with such "
                "rules: plan_tables(..., by_keys=True), or sameas fit --by-keys."
            )
    if fitted.mode in ("one-to-many", "many-to-one"):
        raise ArgumentError(
            f"The linker was fitted in the mode {fitted.mode!r}, which tells a first table from a "
            "last one; a store has sources without an order. Fit it with another mode."
        )
    if spec.context is not None and spec.context.thirds:
        raise ArgumentError(
            "The context of this linker asks for third records, which a store does not look at. "
            "Fit it with Context(thirds=False)."
        )
    if isinstance(spec.second_pass, Rivals):
        raise ArgumentError(
            "Pairs that share a record compete in this linker, over all candidates of a table; a "
            "store needs one that scores each pair by itself. Fit it with rivals=False (sameas "
            "fit --no-rivals), or with labels."
        )
    if spec.second_pass is not None:
        raise ArgumentError(
            f"The linker has a {spec_name(spec.second_pass)!r} pass over all candidates of a "
            "table; a store needs a linker without one. Fit it with second_pass=None."
        )
    return [rule for rule in spec.blocking if isinstance(rule, KeyRule)]
