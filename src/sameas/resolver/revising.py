"""Change a record in a store: its blocks, its candidates, their scores, the entities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sameas.resolver.candidates import Scored, find_partners, score_pairs
from sameas.resolver.edges import Edges, Pairs, lists_of, read_lists
from sameas.resolver.machine import Machine
from sameas.store import Transaction

__all__ = ["Prepared", "Revision", "revise"]

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as a store keeps it: what blocking reads, and what is compared."""

    record: int
    source: str
    thin: bytes
    whole: bytes


@dataclass(slots=True)
class Revision:
    """What a change of one record touches.

    Attributes
    ----------
    seeds : set of int
        Live records whose entities must be decided again.
    looked, candidates, capped : int
        Records in the blocks of the record, its candidates, those left out by limits.
    """

    seeds: set[int] = field(default_factory=set)
    looked: int = 0
    candidates: int = 0
    capped: int = 0


def revise(
    work: Transaction, machine: Machine, record: int, now: Prepared | None, thin: bytes | None
) -> Revision:
    """Put a record into its blocks and bring all scores up to date that depend on it.

    Parameters
    ----------
    work : Transaction
    machine : Machine
    record : int
        Its number.
    now : Prepared or None
        What it is now; None: it is deleted.
    thin : bytes or None
        What blocking read of it before; None: it is new.

    Returns
    -------
    Revision
    """
    mine = work.edges([record])
    crossed = _move_blocks(work, machine, record, now, thin)
    crossed.discard(record)
    changed = sorted(crossed | ({record} if now is not None else set()))
    found = Revision()
    lists, pairs = _new_pairs(work, machine, changed, now, found)
    gone = [] if now is not None else [record]
    dirty = np.array(sorted({*changed, *gone}), np.int64)
    before = read_lists([*mine, *work.edges(crossed)], machine.edge)
    around = np.unique(np.concatenate([dirty, before.other, lists]))
    around = np.setdiff1d(around, np.array(gone, np.int64))
    beside = read_lists(work.edges(np.setdiff1d(around, dirty).tolist()), machine.edge)
    kept = beside.take(~np.isin(beside.other, dirty))
    old = Edges(
        np.concatenate([before.owner, beside.owner]), np.concatenate([before.entry, beside.entry])
    )
    again = machine.spec.context is not None
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
    found.seeds.update(changed)
    found.seeds.difference_update(gone)
    return found


def _move_blocks(
    work: Transaction, machine: Machine, record: int, now: Prepared | None, thin: bytes | None
) -> set[int]:
    """Change the blocks of a record; return who bears a value that came over its limit, or back."""
    old = machine.thin.unpack([thin]) if thin is not None else None
    new = machine.thin.unpack([now.thin]) if now is not None else None
    values = {}
    for columns in (old, new):
        if columns is not None:
            values.update({key: limit for key, limit, *_ in machine.values(columns)})
    before = work.sizes(values) if values else {}
    if old is not None:
        work.leave((key, record) for key in np.unique(machine.standing(old)[0]).tolist())
    if now is None:
        work.forget([record])
    else:
        work.put_prepared([(record, now.thin, now.whole)])
        assert new is not None
        work.stand((key, record) for key in np.unique(machine.standing(new)[0]).tolist())
    if not values:
        return set()
    after = work.sizes(values)
    turned = [
        key
        for key, limit in values.items()
        if (before.get(key, 0) > limit) != (after.get(key, 0) > limit)
    ]
    return {bearer for _, bearer in work.in_blocks(turned)} if turned else set()


def _new_pairs(
    work: Transaction,
    machine: Machine,
    changed: Iterable[int],
    now: Prepared | None,
    found: Revision,
) -> tuple[Longs, Pairs]:
    """Find the candidates of the records that changed: the partners, and the pairs."""
    ones, others, rules = [], [], []
    for number in changed:
        if now is not None and number == now.record:
            thin, source = now.thin, now.source
        else:
            ((_, thin),) = work.thin([number])
            (row,) = work.records([number])
            source = row.source
        partners = find_partners(work, machine, number, thin, source=source, stored=True)
        if now is not None and number == now.record:
            found.looked, found.capped = partners.looked, partners.capped
            found.candidates = len(partners.other)
        ones.append(np.full(len(partners.other), number, np.int64))
        others.append(partners.other)
        rules.append(partners.rule)
    if not ones:
        nothing = np.zeros(0, np.int64)
        return nothing, Pairs(nothing, nothing, np.zeros(0, np.uint8))
    other = np.concatenate(others)
    return other, Pairs.of(np.concatenate(ones), other, np.concatenate(rules))


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
