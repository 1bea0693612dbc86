"""The candidates of records among those of a store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.core.prepared import IntArray
from sameas.resolver.compiled import Frequent
from sameas.resolver.layout import Unpacked
from sameas.resolver.machine import Machine
from sameas.store import Transaction

__all__ = ["Partners", "Seeker", "find_partners"]

Longs = npt.NDArray[np.int64]
_BITS = 42  # of a record number; the rest is for the number of a seeker


class Seeker(NamedTuple):
    """A record that looks for its candidates: its number, -1 outside the store."""

    record: int
    source: str
    thin: bytes


@dataclass(frozen=True, slots=True)
class Partners:
    """The candidates of records.

    Attributes
    ----------
    seeker : int64[c]
        Whose candidate it is: its place among the seekers; rising.
    other : int64[c]
        The number of the candidate.
    rule : uint8[c]
    looked : int64[s]
        Records that stood in the blocks of each seeker.
    capped : int64[s]
        Candidates that the limits left out.
    """

    seeker: Longs
    other: Longs
    rule: npt.NDArray[np.uint8]
    looked: Longs
    capped: Longs


def find_partners(work: Transaction, machine: Machine, seekers: Sequence[Seeker]) -> Partners:
    """Find the candidates of records, those of all of them in a few steps.

    A step costs the same for one seeker and for twenty, so who has many asks for them together.
    """
    count = len(seekers)
    own = machine.thin.unpack([one.thin for one in seekers])
    frequent = _frequent(work, machine, own, seekers)
    key, looking = machine.looking(own, frequent)
    left, numbers, contents, row = _met(work, seekers, key, looking)
    looked = np.bincount(left, minlength=count)
    none = np.zeros(count, np.int64)
    if not len(left):
        return Partners(none[:0], none[:0], np.zeros(0, np.uint8), looked, none)
    columns = machine.thin.unpack([*(one.thin for one in seekers), *contents])
    right = (row + count).astype(np.int32)
    rule = machine.covered(columns, frequent, left, right)
    other = numbers[row]
    met = (rule != 255).nonzero()[0]
    if machine.across and len(met):
        sources = {one.record: one.source for one in work.records(set(other[met].tolist()))}
        pairs = zip(left[met].tolist(), other[met].tolist(), strict=True)
        met = met[[sources[number] != seekers[place].source for place, number in pairs]]
    chosen = met
    if machine.limits:
        parts = [met[left[met] == place] for place in range(count)]
        parts = [part[machine.within(columns, left[part], right[part])] for part in parts]
        chosen = np.concatenate(parts)
    seeker = left[chosen].astype(np.int64)
    capped = np.bincount(left[met], minlength=count) - np.bincount(seeker, minlength=count)
    return Partners(seeker, other[chosen], rule[chosen], looked, capped)


def _met(
    work: Transaction, seekers: Sequence[Seeker], key: Longs, looking: IntArray
) -> tuple[IntArray, Longs, Sequence[bytes], Longs]:
    """Return who stands in the blocks that seekers look in, themselves aside.

    Parameters
    ----------
    work : Transaction
    seekers : sequence of Seeker
    key : int64[b]
    looking : int32[b]
        Which seeker looks in the block.

    Returns
    -------
    seeker : int32[p]
    numbers : int64[n]
        Of the records that are met, each once, rising.
    contents : n times bytes
        What blocking reads of them.
    row : int64[p]
        The place of each met record among the numbers.
    """
    if len(seekers) == 1:
        rows = work.standing(set(key.tolist()))
        place = np.zeros(len(rows), np.int64)
        rows.sort()
        row = np.arange(len(rows))
    else:
        stand = np.array(work.in_blocks(set(key.tolist())), np.int64).reshape(-1, 2)
        place, number = _joined(key, looking, stand)
        distinct, row = np.unique(number, return_inverse=True)
        rows = sorted(work.thin(distinct.tolist()))
    numbers = np.array([one[0] for one in rows], np.int64)
    itself = np.array([one.record for one in seekers], np.int64)
    others = numbers[row] != itself[place]
    contents = [one[1] for one in rows]
    return place[others].astype(np.int32), numbers, contents, row[others]


def _joined(key: Longs, looking: IntArray, stand: Longs) -> tuple[Longs, Longs]:
    """Bring together who looks in a block and who stands there, each pair once, in order."""
    order = np.argsort(key, kind="stable")
    key, looking = key[order], looking[order]
    begin = np.searchsorted(key, stand[:, 0])
    size = np.searchsorted(key, stand[:, 0], side="right") - begin
    step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    seeker = looking[np.repeat(begin, size) + step].astype(np.int64)
    pair = np.unique((seeker << _BITS) | np.repeat(stand[:, 1], size))
    return pair >> _BITS, pair & ((1 << _BITS) - 1)


def _frequent(
    work: Transaction, machine: Machine, own: Unpacked, seekers: Sequence[Seeker]
) -> Frequent:
    """Return the limited values of records that too many records bear."""
    found: Frequent = {}
    values = machine.values(own)
    if values:
        sizes = work.sizes({value.key: value.limit for value in values})
        for value in values:
            fresh = seekers[value.record].record < 0
            if sizes.get(value.key, 0) + fresh > value.limit:
                found.setdefault(value.need, []).append(value.value)
    return found
