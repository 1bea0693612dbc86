"""Exact indexes over unit vectors: sparse through lists of keys, dense through products."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from sameas.kernels.best import exact_order, keep_best
from sameas.kernels.postings import Rows, postings, search_postings
from sameas.models.base import Dense, Embeddings, Neighbours, Sparse

__all__ = ["DenseIndex", "Index", "SparseIndex", "ordered", "spans", "stack"]

#: Columns of a block of similarities, and the entries of one block (64 MB).
_KEYS = 8_192
_ENTRIES = 1 << 24
#: Candidates kept beyond k, so that rounding in a product cannot lose one.
_SPARE = 8


class Index(Protocol):
    """Finds the nearest rows of a table of unit vectors."""

    kind: str

    def __len__(self) -> int:
        """Return the number of rows."""

    def search(self, queries: Any, k: int, *, threads: int) -> Neighbours:
        """Return the nearest rows by falling cosine, ties by row number."""

    def add(self, rows: Any) -> Self:
        """Return an index with further rows behind its own."""

    def save(self, folder: Path) -> None:
        """Write its arrays to a folder."""


def spans(total: int, size: int) -> list[tuple[int, int]]:
    """Cut a range into pieces of at most `size`.

    Examples
    --------
    >>> spans(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(first, min(first + size, total)) for first in range(0, total, size)]


def cores(threads: int | None) -> int:
    """Return the number of threads to take."""
    if threads:
        return threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stack(first: Embeddings, second: Embeddings) -> Embeddings:
    """Put the rows of two tables of one encoder below each other."""
    if isinstance(first, Sparse) and isinstance(second, Sparse):
        return Sparse(
            np.concatenate([first.start, second.start[1:] + first.start[-1]]),
            np.concatenate([first.index, second.index]),
            np.concatenate([first.value, second.value]),
            max(first.dimensions, second.dimensions),
        )
    return np.concatenate([np.asarray(first), np.asarray(second)])


@dataclass(frozen=True, slots=True)
class SparseIndex:
    """Lists of keys by dimension; exact.

    Attributes
    ----------
    keys : Sparse
        In the dimensions that occur, numbered anew.
    used : int32[u]
        Those dimensions in the numbers of the encoder.
    lists : (begin, row, weight)
    """

    keys: Sparse
    used: npt.NDArray[np.int32]
    lists: Rows
    kind: str = "exact, lists of keys by n-gram"

    @classmethod
    def build(cls, rows: Sparse) -> SparseIndex:
        """Make the lists."""
        used, index = np.unique(rows.index, return_inverse=True)
        keys = Sparse(rows.start, index.astype(np.int32), rows.value, rows.dimensions)
        lists = postings(keys.start, keys.index, keys.value, len(used))
        return cls(keys, used.astype(np.int32), lists)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.keys)

    def search(self, queries: Sparse, k: int, *, threads: int = 1) -> Neighbours:
        """Return the nearest keys with any common dimension."""
        number = np.full(queries.dimensions, len(self.used), np.int32)
        number[self.used] = np.arange(len(self.used), dtype=np.int32)
        index = number[queries.index]
        keys = (self.keys.start, self.keys.index, self.keys.value)

        def part(span: tuple[int, int]) -> Neighbours:
            rows = (queries.start[span[0] : span[1] + 1], index, queries.value)
            return Neighbours(*search_postings(k, rows, keys, self.lists)[:2])

        size = max(64, min(4096, -(-len(queries) // (4 * threads))))
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(part, spans(len(queries), size)))
        return joined(parts, k)

    def add(self, rows: Sparse) -> SparseIndex:
        """Return an index with further keys."""
        old = Sparse(
            self.keys.start, self.used[self.keys.index], self.keys.value, self.keys.dimensions
        )
        both = stack(old, rows)
        assert isinstance(both, Sparse)
        return self.build(both)

    def save(self, folder: Path) -> None:
        """Write the keys; the lists are made again in less time than they are read."""
        np.save(folder / "start.npy", self.keys.start)
        np.save(folder / "index.npy", self.used[self.keys.index])
        np.save(folder / "value.npy", self.keys.value)
        np.save(folder / "dimensions.npy", np.array(self.keys.dimensions))

    @classmethod
    def load(cls, folder: Path) -> SparseIndex:
        """Read what `save` wrote."""
        start, index, value, dimensions = (
            np.load(folder / f"{name}.npy") for name in ("start", "index", "value", "dimensions")
        )
        return cls.build(Sparse(start, index, value, int(dimensions)))


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """All products of queries and keys, block by block; exact."""

    keys: Dense
    kind: str = "exact, all products"

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.keys)

    def search(self, queries: Dense, k: int, *, threads: int = 1) -> Neighbours:
        """Return the nearest keys; memory is one block and the lists."""
        wide = min(k + _SPARE, max(len(self), 1))
        index = np.full((len(queries), wide), -1, np.int32)
        similarity = np.full((len(queries), wide), -np.inf, np.float32)
        number = np.arange(len(self), dtype=np.int32)
        with ThreadPoolExecutor(threads) as pool:
            for first, last in spans(len(queries), _ENTRIES // _KEYS):
                rows = np.arange(first, last)
                for begin, end in spans(len(self), _KEYS):
                    block = queries[first:last] @ self.keys[begin:end].T
                    pieces = spans(last - first, -(-(last - first) // threads))
                    work = [
                        pool.submit(
                            keep_best,
                            block[piece[0] : piece[1]],
                            number[begin:end],
                            rows[piece[0] : piece[1]],
                            index,
                            similarity,
                        )
                        for piece in pieces
                    ]
                    for done in work:
                        done.result()
        return ordered(queries, self.keys, index, similarity, k)

    def add(self, rows: Dense) -> DenseIndex:
        """Return an index with further keys."""
        return DenseIndex(np.concatenate([self.keys, rows]))

    def save(self, folder: Path) -> None:
        """Write the keys."""
        np.save(folder / "keys.npy", self.keys)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Map the keys; they are read as they are needed."""
        return cls(np.load(folder / "keys.npy", mmap_mode="r"))


def ordered(
    queries: Dense,
    keys: Dense,
    index: npt.NDArray[np.int32],
    similarity: npt.NDArray[np.float32],
    k: int,
) -> Neighbours:
    """Return the best `k` of lists of candidates, by cosines that no block size changes."""
    exact_order(np.ascontiguousarray(queries), keys, index, similarity)
    return joined([Neighbours(index[:, :k], similarity[:, :k])], k)


def joined(parts: list[Neighbours], k: int) -> Neighbours:
    """Put lists of neighbours below each other, filled up to `k`."""
    rows = sum(len(part.index) for part in parts)
    index = np.full((rows, k), -1, np.int32)
    similarity = np.full((rows, k), np.nan, np.float32)
    first = 0
    for part in parts:
        last, width = first + len(part.index), part.index.shape[1]
        index[first:last, :width] = part.index
        similarity[first:last, :width] = part.similarity
        first = last
    return Neighbours(index, similarity)
