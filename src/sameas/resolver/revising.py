"""Change records in a store: their blocks, their candidates, the scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.resolver.edges import Edges, Pairs, lists_of, read_lists
from sameas.resolver.layout import Unpacked
from sameas.resolver.machine import Machine
from sameas.resolver.partners import Seeker, find_partners
from sameas.resolver.scored import Scored, score_pairs
from sameas.store import Transaction

__all__ = ["Looked", "Moved", "Revision", "revise"]

Longs = npt.NDArray[np.int64]
_TOGETHER = 256  # records that look for their candidates in one step


@dataclass(frozen=True, slots=True)
class Moved:
    """A record that changes.

    Attributes
    ----------
    record : int
    source : str
    now : (bytes, bytes) or None
        What blocking reads of it, and what is compared; None: it is deleted.
    before : bytes or None
        What blocking read of it before; None: it is new.
    """

    record: int
    source: str
    now: tuple[bytes, bytes] | None
    before: bytes | None


class Looked(NamedTuple):
    """Records in the blocks of a record, its candidates, those left out by limits."""

    records: int = 0
    candidates: int = 0
    capped: int = 0


@dataclass(slots=True)
class Revision:
    """What changes of records touch.

    Attributes
    ----------
    seeds : set of int
        Live records whose entities must be decided again.
    looked : dict of int to Looked
        By record, of those that were put.
    """

    seeds: set[int] = field(default_factory=set)
    looked: dict[int, Looked] = field(default_factory=dict)


def revise(work: Transaction, machine: Machine, moved: Sequence[Moved]) -> Revision:
    """Put records into their blocks and bring all scores up to date that depend on them.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    moved : sequence of Moved
        Each record once.

    Returns
    -------
    Revision
    """
    gone = [one.record for one in moved if one.now is None]
    mine = work.edges(one.record for one in moved)
    crossed = _move_blocks(work, machine, moved).difference(one.record for one in moved)
    found = Revision()
    partners = _partners(work, machine, moved, crossed, found)
    dirty = np.array(sorted(crossed.union(one.record for one in moved)), np.int64)
    before = read_lists([*mine, *work.edges(crossed)], machine.edge)
    around = np.unique(np.concatenate([dirty, before.other, partners.low, partners.high]))
    around = np.setdiff1d(around, np.array(gone, np.int64))
    beside = read_lists(work.edges(np.setdiff1d(around, dirty).tolist()), machine.edge)
    kept = beside.take(~np.isin(beside.other, dirty))
    old = Edges(
        np.concatenate([before.owner, beside.owner]), np.concatenate([before.entry, beside.entry])
    )
    again = machine.spec.context is not None
    pairs = partners
    if not again:  # what others think of each other stays as it is
        old = old.take(np.isin(old.owner, dirty) | np.isin(old.other, dirty))
    else:  # ranks and margins of all their candidates may have changed
        pairs = Pairs.of(
            np.concatenate([pairs.low, kept.owner]),
            np.concatenate([pairs.high, kept.other]),
            np.concatenate([pairs.rule, kept.entry["rule"]]),
        )
    complete = around if again else np.zeros(0, np.int64)
    scored = score_pairs(work, machine, pairs, complete)
    _write_lists(work, machine, scored, around, kept, gone)
    found.seeds = _seeds(scored, old, machine.threshold)
    found.seeds.update(dirty.tolist())
    found.seeds.difference_update(gone)
    return found


def _move_blocks(work: Transaction, machine: Machine, moved: Sequence[Moved]) -> set[int]:
    """Change the blocks of records; return who bears a value that came over its limit, or back."""
    old = [(one.record, one.before) for one in moved if one.before is not None]
    new = [(one.record, *one.now) for one in moved if one.now is not None]
    columns = [machine.thin.unpack([row[1] for row in rows]) for rows in (old, new)]
    limits = {value.key: value.limit for each in columns for value in machine.values(each)}
    before = work.sizes(limits) if limits else {}
    work.leave(_standing(machine, columns[0], [row[0] for row in old]))
    work.forget(one.record for one in moved if one.now is None)
    work.put_prepared(new)
    work.stand(_standing(machine, columns[1], [row[0] for row in new]))
    after = work.sizes(limits) if limits else {}
    turned = [
        key
        for key, limit in limits.items()
        if (before.get(key, 0) > limit) != (after.get(key, 0) > limit)
    ]
    return {bearer for _, bearer in work.in_blocks(turned)} if turned else set()


def _standing(machine: Machine, columns: Unpacked, numbers: list[int]) -> set[tuple[int, int]]:
    """Return the blocks of records: (key, record)."""
    if not numbers:
        return set()
    key, record = machine.standing(columns)
    return {(block, numbers[at]) for block, at in zip(key.tolist(), record.tolist(), strict=True)}


def _partners(
    work: Transaction,
    machine: Machine,
    moved: Sequence[Moved],
    crossed: Iterable[int],
    found: Revision,
) -> Pairs:
    """Find the candidates of the records that changed."""
    seekers = [Seeker(one.record, one.source, one.now[0]) for one in moved if one.now is not None]
    put = len(seekers)
    others = sorted(crossed)
    if others:
        source = {row.record: row.source for row in work.records(others)}
        seekers += [Seeker(number, source[number], thin) for number, thin in work.thin(others)]
    nothing = np.zeros(0, np.int64)
    parts = [Pairs(nothing, nothing, np.zeros(0, np.uint8))]
    for first in range(0, len(seekers), _TOGETHER):
        some = seekers[first : first + _TOGETHER]
        partners = find_partners(work, machine, some)
        number = np.array([one.record for one in some], np.int64)
        parts.append(Pairs.of(number[partners.seeker], partners.other, partners.rule))
        candidates = np.bincount(partners.seeker, minlength=len(some)).tolist()
        figures = zip(partners.looked.tolist(), candidates, partners.capped.tolist(), strict=True)
        for one, looked in zip(some[: max(put - first, 0)], figures, strict=False):
            found.looked[one.record] = Looked(*looked)
    return Pairs.of(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _write_lists(
    work: Transaction,
    machine: Machine,
    scored: Scored,
    around: Longs,
    kept: Edges,
    gone: Iterable[int],
) -> None:
    """Write the lists of all records near, and new scores into those of their partners."""
    made = scored.both_ways(machine)
    partners = np.setdiff1d(scored.numbers, around)
    if len(partners):  # their other candidates stay as they are
        stored = read_lists(work.edges(partners.tolist()), machine.edge)
        stored = stored.take(~np.isin(stored.other, around))
        kept = Edges(
            np.concatenate([kept.owner, stored.owner]), np.concatenate([kept.entry, stored.entry])
        )
    fresh = ~_held(kept, made)
    every = Edges(
        np.concatenate([made.owner, kept.owner[fresh]]),
        np.concatenate([made.entry, kept.entry[fresh]]),
    )
    owners = np.union1d(around, partners)
    work.put_edges(lists_of(every, owners))
    work.forget(gone)


def _held(edges: Edges, other: Edges) -> npt.NDArray[np.bool_]:
    """Say which entries are among others."""

    def joint(part: Edges) -> npt.NDArray[np.complex128]:
        return part.owner.astype(np.float64) + 1j * part.other.astype(np.float64)

    return np.isin(joint(edges), joint(other))


def _seeds(scored: Scored, old: Edges, threshold: float) -> set[int]:
    """Return the ends of all matches that came, went or have another score."""
    matched = old.take(old.entry["score"] >= threshold)
    now = np.flatnonzero(scored.score >= threshold)
    was = {
        (min(a, b), max(a, b)): score
        for a, b, score in zip(
            matched.owner.tolist(), matched.other.tolist(), matched.entry["score"].tolist(),
            strict=True,
        )
    }  # fmt: skip
    ends: set[int] = set()
    for low, high, score in zip(
        scored.pairs.low[now].tolist(), scored.pairs.high[now].tolist(),
        scored.score[now].tolist(), strict=True,
    ):  # fmt: skip
        if was.pop((low, high), None) != score:
            ends.update((low, high))
    for low, high in was:
        ends.update((low, high))
    return ends
