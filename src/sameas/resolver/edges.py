"""Lists of scored candidates: how they are kept, and as arrays of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass

__all__ = ["Edges", "Pairs", "lists_of", "read_lists"]

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Edges:
    """Entries of lists: the pair (owner, other) as the owner's list has it."""

    owner: Longs
    entry: npt.NDArray[np.void]

    @property
    def other(self) -> Longs:
        """The other record of each entry."""
        return np.asarray(self.entry["other"])

    def take(self, chosen: npt.NDArray[np.bool_]) -> Edges:
        """Keep some entries."""
        return Edges(self.owner[chosen], self.entry[chosen])


class Pairs(NamedTuple):
    """Pairs of records, ``low < high``, sorted, each once, with the rule that found them."""

    low: Longs
    high: Longs
    rule: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, one: Longs, other: Longs, rule: npt.NDArray[np.uint8]) -> Pairs:
        """Orient and sort pairs; the first of equal ones stays."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((high, low))
        low, high, rule = low[order], high[order], rule[order]
        keep = np.ones(len(low), bool)
        keep[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        return cls(low[keep], high[keep], rule[keep])


def read_lists(rows: Sequence[tuple[int, bytes]], kind: np.dtype[np.void]) -> Edges:
    """Read the lists of records."""
    parts = [np.frombuffer(content, kind) for _, content in rows]
    size = [len(part) for part in parts]
    owner = np.repeat(np.array([row[0] for row in rows], np.int64), size)
    return Edges(owner, np.concatenate(parts) if parts else np.zeros(0, kind))


def lists_of(edges: Edges, owners: Longs) -> Iterator[tuple[int, bytes]]:
    """Give the list of each owner, in the order of the other records; empty ones too."""
    order = np.lexsort((edges.other, edges.owner))
    owner, width = edges.owner[order], edges.entry.dtype.itemsize
    content = edges.entry[order].tobytes()
    begin = (np.searchsorted(owner, owners) * width).tolist()
    end = (np.searchsorted(owner, owners, side="right") * width).tolist()
    for record, first, last in zip(owners.tolist(), begin, end, strict=True):
        yield record, content[first:last]
