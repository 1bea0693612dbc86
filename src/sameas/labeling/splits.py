"""Split labelled pairs into parts that tell each other nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError
from sameas.core.pair_key import pair_key
from sameas.core.prepared import IntArray

__all__ = ["SPLITS", "Split", "deal_folds", "scramble", "split_by_group", "stratified_split"]

#: The parts of a label table, in this order.
SPLITS = ("train", "valid", "test")

#: A component with more than this share of the pairs is cut.
_GIANT = 0.2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Which part each pair belongs to.

    Attributes
    ----------
    part : int8[n]
        Position in `names`; -1 for a pair that belongs to no part.
    names : tuple of str
    note : str
        How it was split, in a sentence for the report.
    """

    part: npt.NDArray[np.int8]
    names: tuple[str, ...]
    note: str

    def rows(self, name: str) -> npt.NDArray[np.bool_]:
        """Say which pairs belong to a part."""
        if name not in self.names:
            raise ArgumentError(f"There is no part {name!r}; there are: {', '.join(self.names)}.")
        rows: npt.NDArray[np.bool_] = self.part == self.names.index(name)
        return rows

    def counts(self) -> dict[str, int]:
        """Return the number of pairs of each part."""
        return {name: int((self.part == place).sum()) for place, name in enumerate(self.names)}


def split_by_group(
    left: IntArray,
    right: IntArray,
    *,
    seed: int,
    shares: Sequence[float] = (0.6, 0.2, 0.2),
    names: tuple[str, ...] = SPLITS,
) -> Split:
    """Split pairs so that no record stands in two parts.

    Pairs that are connected through shared records stay together. If one connected group
    holds more than a fifth of the pairs, whole groups cannot give the shares; then only the
    pairs of one left record stay together, and the note says so.

    Parameters
    ----------
    left, right : int32[n]
        Record numbers.
    seed : int
    shares : sequence of float
        Share of the pairs in each part; they add up to 1.
    names : tuple of str
        Names of the parts.

    Returns
    -------
    Split
        It depends neither on the order of the pairs nor on which side a record stands (but for
        the fallback, where the sides are taken as given).

    Examples
    --------
    >>> left = np.arange(100, dtype=np.int32)
    >>> split_by_group(left, left + 1000, seed=1).counts()
    {'train': 60, 'valid': 20, 'test': 20}
    """
    bounds = _bounds(shares, names)
    if len(left) != len(right):
        raise ArgumentError(f"left has {len(left)} records and right has {len(right)}.")
    if not len(left):
        return Split(np.zeros(0, np.int8), names, "there are no pairs to split")
    group = _components(left, right)
    sizes = np.unique(group, return_counts=True)[1]
    share = sizes.max() / len(left)
    note = f"split by group of connected records ({len(sizes):,} groups)"
    if share > _GIANT and len(sizes) < len(left):
        note = (
            f"one group of connected records holds {share:.0%} of the pairs, so pairs were split "
            "by their left record: a right record can stand in two parts"
        )
        _log.info("%s", note)
        group = np.asarray(left)
    return Split(_deal(group.astype(np.int64), bounds, seed=seed), names, note)


def stratified_split(
    labels: npt.ArrayLike,
    *,
    seed: int,
    shares: Sequence[float] = (0.7, 0.3),
    names: tuple[str, ...] = ("train", "test"),
    pairs: tuple[IntArray, IntArray] | None = None,
) -> Split:
    """Split pairs so that each part has the same share of matches.

    Records can stand in two parts; `split_by_group` avoids that.

    Parameters
    ----------
    labels : bool[n], or int8[n] with 1, 0 and -1
        A pair without a verdict (-1) belongs to no part.
    seed : int
    shares : sequence of float
        Share of each class in each part; the paper takes 70 and 30 %.
    names : tuple of str
        Names of the parts.
    pairs : (int32[n], int32[n]), optional
        Record numbers of the pairs. With them the split does not depend on the order of the
        pairs; without them pairs are known by their position.

    Examples
    --------
    >>> split = stratified_split([1, 0, 0, -1] * 100, seed=1)
    >>> split.counts()
    {'train': 210, 'test': 90}
    """
    bounds = _bounds(shares, names)
    verdict = np.asarray(labels).astype(np.int8)
    if pairs is None:
        key = np.arange(len(verdict), dtype=np.int64)
    else:
        key = pair_key(*map(np.asarray, pairs))
    part = np.full(len(verdict), -1, np.int8)
    for value in (0, 1):
        chosen = np.flatnonzero(verdict == value)
        part[chosen] = _deal(key[chosen], bounds, seed=seed)
    return Split(part, names, "stratified split: each part has the same share of matches")


def deal_folds(record: IntArray, folds: int) -> npt.NDArray[np.int64]:
    """Deal records into folds, by their number alone.

    Examples
    --------
    >>> deal_folds(np.arange(6, dtype=np.int32), 3)
    array([1, 1, 0, 2, 2, 1])
    """
    mixed = (record.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(33)) % np.uint64(folds)).astype(np.int64)


def folds_can_teach(
    label: npt.NDArray[np.bool_], fold: npt.NDArray[np.integer], folds: int
) -> bool:
    """Say whether without each fold there are matches and non-matches left to learn from.

    Examples
    --------
    >>> label, fold = np.array([True, False, True, False]), np.array([0, 0, 1, 1])
    >>> folds_can_teach(label, fold, 2), folds_can_teach(label, np.array([0, 1, 0, 1]), 2)
    (True, False)
    """
    rests = [label[fold != number] for number in range(folds)]
    return all(bool(rest.any()) and not rest.all() for rest in rests)


def _bounds(shares: Sequence[float], names: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Check the shares and return where each part ends."""
    if len(shares) != len(names):
        raise ArgumentError(f"{len(names)} parts {names} need as many shares, got {shares}.")
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
        raise ArgumentError(f"shares must be at least 0 and add up to 1, got {tuple(shares)}.")
    return np.cumsum(shares)


def _components(left: IntArray, right: IntArray) -> IntArray:
    """Return the smallest record of the group of each pair."""
    from sameas.kernels.components import connected_components

    records, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    ends = place.astype(np.int32)
    root = connected_components(ends[: len(left)], ends[len(left) :], len(records))
    smallest: IntArray = records[root[ends[: len(left)]]].astype(np.int32)
    return smallest


def _deal(
    group: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.float64],
    *,
    seed: int,
) -> npt.NDArray[np.int8]:
    """Put groups in an order drawn from the seed and cut it where the shares end.

    A group falls into the part where its middle pair lies.
    """
    distinct, place, sizes = np.unique(group, return_inverse=True, return_counts=True)
    names = distinct.astype(np.int64)
    order = np.lexsort((names, scramble(names, seed)))
    middle = np.empty(len(names))
    middle[order] = np.cumsum(sizes[order]) - sizes[order] / 2
    last = np.flatnonzero(np.diff(bounds, prepend=0.0) > 0)[-1]
    part = np.searchsorted(bounds * len(group), middle, side="left")
    dealt: npt.NDArray[np.int8] = np.minimum(part, last).astype(np.int8)[place]
    return dealt


def scramble(names: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.uint64]:
    """Hash numbers with a seed (the finaliser of splitmix64, twice)."""
    value = names.astype(np.uint64)
    for salt in (np.uint64(seed % 2**64), np.uint64(0)):
        value = value + salt + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ value >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ value >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        value = value ^ value >> np.uint64(31)
    return value
