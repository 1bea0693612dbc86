"""What a first load writes, whether its records came in one piece or in many."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.resolver.edges import Edges, lists_of
from sameas.resolver.machine import Machine
from sameas.resolver.reading import as_content
from sameas.store import EntityRow, EventRow, RecordRow, Transaction

__all__ = ["BATCH", "First", "ScoredPairs", "best_scores", "write_blocks", "write_lists"]

Longs = npt.NDArray[np.int64]
#: Records that are in memory as rows at a time.
BATCH = 50_000
_PARTS = 16  # of the blocks, which are put in order one after another


class ScoredPairs(NamedTuple):
    """All candidate pairs of a run; `first` has no columns without a context."""

    left: IntArray
    right: IntArray
    rule: npt.NDArray[np.uint8]
    score: npt.NDArray[np.float64]
    first: npt.NDArray[np.float32]


def best_scores(pairs: ScoredPairs, label: IntArray, threshold: float) -> npt.NDArray[np.float64]:
    """Return the best score of each record inside its cluster, NaN without any."""
    best = np.full(len(label), -1.0)
    inside = (pairs.score >= threshold) & (label[pairs.left] == label[pairs.right])
    for side in (pairs.left, pairs.right):
        np.maximum.at(best, side[inside], pairs.score[inside])
    return np.where(best < 0, np.nan, best)


class First:
    """Records and entities of an empty store: one event a record.

    Parameters
    ----------
    work : Transaction
    version : str
        Of the linker.
    label : int32[n]
        Smallest record of each record's cluster; records are in the order of source and id.
    """

    def __init__(self, work: Transaction, version: str, label: IntArray) -> None:
        size = len(label)
        self.work, self.version = work, version
        self.seq = np.arange(1, size + 1) + work.last_seq()
        # An entity is named after the event of its first member.
        self.entity = self.seq[label] if size else self.seq
        self.first = label == np.arange(size)

    def tell(
        self,
        keys: Callable[[int, int], tuple[list[str], list[str]]],
        best: npt.NDArray[np.float64],
    ) -> int:
        """Write events and entities; return how many entities there are.

        Parameters
        ----------
        keys : callable
            Gives sources and ids of the records from one number up to another.
        best : float64[n]
            From `best_scores`.
        """
        now, size = self.work.now(), len(self.seq)
        for begin in range(0, size, BATCH):
            rows = slice(begin, min(begin + BATCH, size))
            source, id = keys(rows.start, rows.stop)
            kind = np.where(self.first[rows], "created", "joined").tolist()
            score = [None if value != value else value for value in best[rows].tolist()]
            mine, ours = self.seq[rows].tolist(), self.entity[rows].tolist()
            said = repeat(None), score, repeat(self.version), repeat(now), repeat(None)
            self.work.tell(map(EventRow, mine, kind, source, id, ours, *said))
        named = self.seq[self.first].tolist()
        self.work.add_entities(map(EntityRow, named, named, repeat(None), repeat(None)))
        if size:
            self.work.skip_to(int(self.seq[-1]))
        return len(named)

    def add(self, begin: int, chosen: IntArray | Longs, part: pa.Table) -> None:
        """Write some records under the numbers from `begin` on."""
        source, id = part["source"].to_pylist(), part["id"].to_pylist()
        mine, ours = self.seq[chosen].tolist(), self.entity[chosen].tolist()
        number = range(begin, begin + len(part))
        rows = map(RecordRow, number, source, id, mine, mine, ours, as_content(part))
        self.work.add_records(rows)


def write_blocks(work: Transaction, keys: list[Longs], owners: list[Longs]) -> None:
    """Put records into their blocks, in the order in which the table keeps them."""
    key, owner = (np.concatenate(each or [np.zeros(0, np.int64)]) for each in (keys, owners))
    keys.clear()
    owners.clear()
    for part in range(_PARTS):
        mine = (key >> 59 == part).nonzero()[0]  # keys have 63 bits
        rising = mine[np.lexsort((owner[mine], key[mine]))]
        for begin in range(0, len(rising), BATCH):
            rows = rising[begin : begin + BATCH]
            work.stand(zip(key[rows].tolist(), owner[rows].tolist(), strict=True))


def write_lists(work: Transaction, machine: Machine, pairs: ScoredPairs, number: Longs) -> None:
    """Write the lists of the records that have candidates, some records at a time."""
    for begin in range(0, int(number.max(initial=0)) + 1, BATCH):
        owners, entries = [], []
        for own, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
            owner = number[own]
            pair = ((owner >= begin) & (owner < begin + BATCH)).nonzero()[0]
            entry = np.zeros(len(pair), machine.edge)
            entry["other"], entry["score"] = number[other[pair]], pairs.score[pair]
            entry["rule"], entry["first"] = pairs.rule[pair], pairs.first[pair]
            owners.append(owner[pair])
            entries.append(entry)
        edges = Edges(np.concatenate(owners), np.concatenate(entries))
        work.put_edges(lists_of(edges, np.unique(edges.owner)))
