"""What a blocking rule and a filter are: the contract of this room."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import Columns, FloatArray, IntArray, Need

__all__ = ["BoolArray", "Bound", "Filter", "KeyArray", "KeyRule", "PairRule", "Rows", "covers"]

BoolArray = npt.NDArray[np.bool_]
KeyArray = npt.NDArray[np.uint64]


class Rows(NamedTuple):
    """What travels in the exchange: a record stands in the block of a key.

    Attributes
    ----------
    key : uint64[r], below ``2**63``
    record : int32[r]
    visitor : bool[r]
        A visitor meets the anchors of a block, but no other visitor.
    """

    key: KeyArray
    record: IntArray
    visitor: BoolArray


class Bound(NamedTuple):
    """A radius that is checked while pairs are enumerated."""

    xyz: FloatArray
    limit: float


class Filter(Protocol):
    """A cheap test of candidate pairs; symmetric.

    Missing values do not pass a test of what pairs need, and pass one of what they must not be.
    """

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns that the test reads."""

    def keep(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        """Say which pairs pass."""


@runtime_checkable
class KeyRule(Protocol):
    """A rule by keys: records with one key stand in one block.

    A pair of records meets in at most one block that `owns` it, so a rule never gives a
    pair twice.
    """

    @property
    def filter(self) -> Filter | None:
        """The test that pairs of the rule must pass."""

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns that keys and bounds are made of."""

    def rows(self, columns: Columns) -> Rows:
        """Give each record its keys."""

    def bound(self, columns: Columns) -> Bound | None:
        """Give the radius of the rule, if it has one."""

    def owns(
        self, columns: Columns, left: IntArray, right: IntArray, key: KeyArray
    ) -> BoolArray | None:
        """Say of which pairs this block is the one that counts; None means of all."""

    def block(self, columns: Columns, left: IntArray, right: IntArray) -> KeyArray:
        """Give the key of the block that owns each pair; any key for pairs that do not meet."""

    def meets(self, columns: Columns, left: IntArray, right: IntArray) -> BoolArray:
        """Say which pairs the keys and the bound bring together, filter aside."""


@runtime_checkable
class PairRule(Protocol):
    """A rule that lists its pairs itself (nearest neighbours)."""

    @property
    def filter(self) -> Filter | None:
        """The test that pairs of the rule must pass."""

    def needs(self) -> tuple[Need, ...]:
        """Name the prepared columns that the rule reads."""

    def pairs(
        self, columns: Columns, group: IntArray | None, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        """List the pairs of the rule; with `group`, only pairs across groups."""

    def pairs_of(
        self, columns: Columns, group: IntArray | None, records: IntArray, *, threads: int
    ) -> tuple[IntArray, IntArray]:
        """List the pairs of some records with their own neighbours: for samples."""


def covers(
    rule: KeyRule,
    columns: Columns,
    left: IntArray,
    right: IntArray,
    refused: KeyArray | None = None,
    passed: Filter | None = None,
) -> BoolArray:
    """Say exactly which pairs a rule by keys would emit, filter and refused blocks included.

    Parameters
    ----------
    rule : KeyRule
    columns : mapping of Need to prepared column
    left, right : int32[p]
        Record numbers.
    refused : uint64[b], optional
        Keys of the blocks that were above the budget.
    passed : Filter, optional
        A filter that all of the pairs have passed.

    Returns
    -------
    bool[p]
    """
    met = rule.meets(columns, left, right)
    if refused is not None and len(refused) and met.any():
        where = np.flatnonzero(met)
        met[where] = ~np.isin(rule.block(columns, left[where], right[where]), refused)
    if rule.filter is not None and rule.filter != passed and met.any():
        where = np.flatnonzero(met)
        met[where] = rule.filter.keep(columns, left[where], right[where])
    return met
