"""Scores of candidate pairs in a store."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.resolver.edges import Edges, Pairs, read_lists
from sameas.resolver.machine import Machine
from sameas.resolver.scoring import gather_windows
from sameas.store import Transaction

__all__ = ["Scored", "score_pairs"]

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs with their scores.

    Attributes
    ----------
    pairs : Pairs
    first : float32[p, k]
        First similarities.
    score : float64[p]
    numbers : int64[n]
        The records of the pairs.
    """

    pairs: Pairs
    first: npt.NDArray[np.float32]
    score: npt.NDArray[np.float64]
    numbers: Longs

    def both_ways(self, machine: Machine) -> Edges:
        """Return the pairs as entries of the lists of both records."""
        size = len(self.pairs.low)
        entry = np.zeros(2 * size, machine.edge)
        entry["other"] = np.concatenate([self.pairs.high, self.pairs.low])
        entry["score"] = np.tile(self.score, 2)
        entry["rule"] = np.tile(self.pairs.rule, 2)
        entry["first"] = np.tile(self.first, (2, 1))
        return Edges(np.concatenate([self.pairs.low, self.pairs.high]), entry)


def score_pairs(work: Transaction, machine: Machine, pairs: Pairs, complete: Longs) -> Scored:
    """Score pairs as a batch run with these candidates would.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    pairs : Pairs
    complete : int64[w]
        Records of which all candidates are among the pairs. The other candidates of the
        others are in the store.
    """
    scorer = machine.scorer
    wanted = np.unique(np.concatenate([pairs.low, pairs.high]))
    rows = sorted(work.compared(wanted.tolist()), key=lambda row: (row.source, row.id))
    numbers = np.array([row.record for row in rows], np.int64)
    columns = machine.whole.unpack([row.prepared for row in rows])
    by_number = np.argsort(numbers)
    # A pair is oriented by (source, id), as in a batch run: parents and their parts differ.
    low = by_number[np.searchsorted(numbers, pairs.low, sorter=by_number)].astype(np.int32)
    high = by_number[np.searchsorted(numbers, pairs.high, sorter=by_number)].astype(np.int32)
    left, right = np.minimum(low, high), np.maximum(low, high)
    first = scorer.first(columns, left, right)
    partly = set(numbers.tolist()).difference(complete.tolist())
    lists = [(row.record, row.edges) for row in rows if row.edges and row.record in partly]
    stored = read_lists(lists if scorer.kinds else [], machine.edge)
    stored = stored.take(~_among(stored.owner, stored.other, pairs))
    owner = by_number[np.searchsorted(numbers, stored.owner, sorter=by_number)].astype(np.int32)
    known = owner, stored.entry["first"]
    windows = gather_windows(left, right, first.faded, known, len(numbers))
    score = scorer.score(columns, left, right, first, windows)
    return Scored(pairs, first.faded, score, numbers)


def _among(one: Longs, other: Longs, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Say which pairs are among given ones."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.isin(_joint(low, high), _joint(pairs.low, pairs.high))


def _joint(low: Longs, high: Longs) -> npt.NDArray[np.complex128]:
    """Return pairs of numbers below 2**53 as single values."""
    return low.astype(np.float64) + 1j * high.astype(np.float64)
