"""Sparse vectors: lists of keys by dimension; exact, or within a budget that was measured."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.kernels.arrays import plain
from sameas.kernels.postings import Rows, invert, search_postings
from sameas.models.base import Neighbours, Sparse
from sameas.models.index import joined, sample, share_found, spans, stack

__all__ = ["SparseIndex"]

logger = logging.getLogger(__name__)

#: Keys up to which every search is exact.
_EXACT = 20_000
#: Keys that stand for queries when the budget is chosen, and their neighbours beside themselves.
_SAMPLE, _NEAR = 200, 10
_BUDGETS = (20_000, 50_000, 100_000, 200_000, 400_000)
#: Keys computed in full for a query within a budget.
_SPARE = 300


@dataclass(frozen=True, slots=True)
class SparseIndex:
    """Lists of keys by dimension.

    Attributes
    ----------
    keys : Sparse
        In the dimensions that occur, numbered anew.
    used : int32[u]
        Those dimensions in the numbers of the encoder.
    lists : (begin, row, weight)
    budget : int
        Entries of lists read for a query; 0 is exact.
    recall : float
        Share of the ten nearest that was found on a sample of keys.
    """

    keys: Sparse
    used: npt.NDArray[np.int32]
    lists: Rows
    budget: int = 0
    recall: float = 1.0

    @classmethod
    def build(cls, rows: Sparse) -> SparseIndex:
        """Make the lists."""
        occurs = np.zeros(rows.dimensions, bool)
        occurs[rows.index] = True
        used = np.flatnonzero(occurs)
        index = (np.cumsum(occurs, dtype=np.int32) - np.int32(1))[rows.index]
        held = _rows(rows.start, index, rows.value)
        keys = Sparse(*held, rows.dimensions)
        lists = invert(plain(np.arange(len(keys)), np.int32), *held, len(used))
        return cls(keys, used.astype(np.int32), lists)

    @property
    def kind(self) -> str:
        """How it searches, in words."""
        if not self.budget:
            return "exact, lists of keys by n-gram"
        return f"lists of keys by n-gram, {self.budget:,} entries a query, recall {self.recall:.3f}"

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.keys)

    def within(self, recall: float | None, *, threads: int) -> SparseIndex:
        """Return the index with the smallest budget that reaches a recall on a sample of keys."""
        if recall is None or len(self) <= _EXACT:
            return replace(self, budget=0, recall=1.0)
        chosen = sample(len(self), _SAMPLE)
        queries = self._original().take(chosen)
        exact = _others(replace(self, budget=0).search(queries, _NEAR + 1, threads=threads), chosen)
        for budget in _BUDGETS:
            trial = replace(self, budget=budget)
            found = _others(trial.search(queries, _NEAR + 1, threads=threads), chosen)
            reached = share_found(found, exact)
            logger.info("budget of %d entries: recall at %d %.3f", budget, _NEAR, reached)
            if reached >= recall:
                return replace(trial, recall=reached)
        return replace(self, budget=0, recall=1.0)

    def search(self, queries: Sparse, k: int, *, threads: int = 1) -> Neighbours:
        """Return the nearest keys with any common dimension."""
        number = np.full(queries.dimensions, len(self.used), np.int32)
        number[self.used] = np.arange(len(self.used), dtype=np.int32)
        index = number[queries.index]
        keys = _rows(self.keys.start, self.keys.index, self.keys.value)
        spare = max(_SPARE, 20 * k)

        def part(span: tuple[int, int]) -> Neighbours:
            rows = _rows(queries.start[span[0] : span[1] + 1], index, queries.value)
            found = search_postings(k, rows, keys, self.lists, self.budget, spare)
            return Neighbours(found[0], found[1])

        size = max(64, min(4096, -(-len(queries) // (4 * threads))))
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(part, spans(len(queries), size)))
        return joined(parts, k)

    def add(self, rows: Sparse) -> SparseIndex:
        """Return an index with further keys, and the same budget a key."""
        both = stack(self._original(), rows)
        assert isinstance(both, Sparse)
        budget = self.budget * len(both) // max(len(self), 1)
        return replace(self.build(both), budget=budget, recall=self.recall)

    def _original(self) -> Sparse:
        """Return the keys in the dimensions of the encoder."""
        return replace(self.keys, index=self.used[self.keys.index])

    def save(self, folder: Path) -> None:
        """Write the keys; the lists are made again in less time than they are read."""
        np.save(folder / "start.npy", self.keys.start)
        np.save(folder / "index.npy", self.used[self.keys.index])
        np.save(folder / "value.npy", self.keys.value)
        np.save(folder / "settings.npy", np.array([self.keys.dimensions, self.budget, self.recall]))

    @classmethod
    def load(cls, folder: Path) -> SparseIndex:
        """Read what `save` wrote."""
        start, index, value, settings = (
            np.load(folder / f"{name}.npy") for name in ("start", "index", "value", "settings")
        )
        index = cls.build(Sparse(start, index, value, int(settings[0])))
        return replace(index, budget=int(settings[1]), recall=float(settings[2]))


def _rows(
    start: npt.NDArray[np.int64], index: npt.NDArray[np.int32], value: npt.NDArray[np.float32]
) -> Rows:
    """Return rows as blocking hands them to the same kernels, which are compiled once for both."""
    return plain(start, np.int64), plain(index, np.int32), plain(value, np.float32)


def _others(found: Neighbours, own: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Return the neighbours of keys without themselves."""
    return np.where(found.index == own[:, None], np.int32(-1), found.index)
