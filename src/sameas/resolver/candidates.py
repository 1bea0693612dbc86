"""The candidates of one record among those of a store, and their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sameas.core.prepared import Need
from sameas.linker.job import Job
from sameas.resolver.edges import Edges, Pairs, read_lists
from sameas.resolver.machine import Machine
from sameas.store import Transaction

__all__ = ["Partners", "Scored", "find_partners", "score_pairs"]

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Partners:
    """The candidates of a record.

    Attributes
    ----------
    other : int64[c]
    rule : uint8[c]
    looked : int
        Records that stood in its blocks.
    capped : int
        Candidates that the limits left out.
    """

    other: Longs
    rule: npt.NDArray[np.uint8]
    looked: int
    capped: int = 0


def find_partners(
    work: Transaction, machine: Machine, record: int, thin: bytes, *, source: str, stored: bool
) -> Partners:
    """Find the candidates of one record.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    record : int
        Its number; -1 if it is not in the store.
    thin : bytes
        What blocking reads of it.
    source : str
    stored : bool
        Whether it stands in its blocks already.
    """
    own = machine.thin.unpack([thin])
    keys, _ = machine.looking(own)
    rows = [row for row in work.standing(np.unique(keys).tolist()) if row[0] != record]
    frequent: dict[Need, list[np.uint64]] = {}
    values = machine.values(own)
    if values:
        sizes = work.sizes(key for key, *_ in values)
        for key, limit, need, value in values:
            if sizes.get(key, 0) + (not stored) > limit:
                frequent.setdefault(need, []).append(value)
    if not rows:
        return Partners(np.zeros(0, np.int64), np.zeros(0, np.uint8), 0)
    columns = machine.with_limits(
        machine.thin.unpack([thin, *(content for _, content in rows)]), frequent
    )
    right = np.arange(1, len(rows) + 1, dtype=np.int32)
    left = np.zeros(len(rows), np.int32)
    rule = machine.covered(columns, left, right)
    met = np.flatnonzero(rule != 255)
    other = np.array([row[0] for row in rows], np.int64)
    if machine.across and len(met):
        sources = {row.record: row.source for row in work.records(other[met].tolist())}
        met = met[[sources[number] != source for number in other[met].tolist()]]
    chosen = machine.within(columns, left[met], right[met])
    return Partners(other[met[chosen]], rule[met[chosen]], len(rows), len(met) - len(chosen))


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs with their scores.

    Attributes
    ----------
    pairs : Pairs
    first : float32[p, k]
        First similarities.
    score : float64[p]
    job : Job
        The few records as a job, in the order of source and id.
    numbers : int64[n]
        Their numbers in the store.
    """

    pairs: Pairs
    first: npt.NDArray[np.float32]
    score: npt.NDArray[np.float64]
    job: Job
    numbers: Longs

    def both_ways(self, machine: Machine) -> Edges:
        """Return the pairs as entries of the lists of both records."""
        size = len(self.pairs)
        entry = np.zeros(2 * size, machine.edge)
        entry["other"] = np.concatenate([self.pairs.high, self.pairs.low])
        entry["score"] = np.tile(self.score, 2)
        entry["rule"] = np.tile(self.pairs.rule, 2)
        entry["first"] = np.tile(self.first, (2, 1))
        return Edges(np.concatenate([self.pairs.low, self.pairs.high]), entry)


def score_pairs(
    work: Transaction,
    machine: Machine,
    pairs: Pairs,
    complete: Longs,
    asked: tuple[int, str, str, bytes] | None = None,
) -> Scored:
    """Score pairs as a batch run with these candidates would.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    pairs : Pairs
    complete : int64[w]
        Records of which all candidates are among the pairs. The other candidates of the
        others are in the store.
    asked : (number, source, id, what is compared), optional
        A record that is not in the store; its number is negative.
    """
    wanted = np.unique(np.concatenate([pairs.low, pairs.high]))
    rows = work.compared(number for number in wanted.tolist() if number >= 0)
    rows = sorted([*rows, *([asked] if asked else [])], key=lambda row: row[1:3])
    numbers = np.array([row[0] for row in rows], np.int64)
    columns = machine.whole.unpack([row[3] for row in rows])
    by_number = np.argsort(numbers)
    # A pair is oriented by (source, id), as in a batch run: parents and their parts differ.
    low = by_number[np.searchsorted(numbers, pairs.low, sorter=by_number)].astype(np.int32)
    high = by_number[np.searchsorted(numbers, pairs.high, sorter=by_number)].astype(np.int32)
    left, right = np.minimum(low, high), np.maximum(low, high)
    job = machine.job(columns, left, right)
    context = machine.spec.context
    if context is None:
        first = np.zeros((len(pairs), 0), np.float32)
        job.__dict__["windows"] = ()
        return Scored(pairs, first, machine.score(job), job, numbers)
    first = job.similarities[1]
    partly = np.setdiff1d(numbers, complete)
    stored = read_lists(work.edges(partly.tolist()), machine.edge)
    stored = stored.take(~_among(stored.owner, stored.other, pairs))
    owner = by_number[np.searchsorted(numbers, stored.owner, sorter=by_number)]
    record = np.concatenate([left, right, owner]).astype(np.int64)
    values = np.concatenate([first, first, stored.entry["first"]])
    job.__dict__["windows"] = machine.windows(record, values, len(numbers))
    return Scored(pairs, first, machine.score(job), job, numbers)


def _among(one: Longs, other: Longs, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Say which pairs are among given ones."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.isin(_joint(low, high), _joint(pairs.low, pairs.high))


def _joint(low: Longs, high: Longs) -> npt.NDArray[np.complex128]:
    """Return pairs of numbers below 2**53 as single values."""
    return low.astype(np.float64) + 1j * high.astype(np.float64)
