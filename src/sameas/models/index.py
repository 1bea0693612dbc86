"""What every index does, and the exact one over dense vectors: all products, block by block."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.kernels.arrays import plain
from sameas.kernels.best import exact_order, keep_best
from sameas.models.base import Dense, Embeddings, Neighbours, Sparse

__all__ = [
    "DenseIndex",
    "Index",
    "cores",
    "joined",
    "ordered",
    "sample",
    "share_found",
    "spans",
    "stack",
]

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
    *,
    number: npt.NDArray[np.int32] | None = None,
) -> Neighbours:
    """Return the best `k` of lists of candidates, by cosines that no block size changes.

    Lists hold rows of `keys`; `number` is the key of each row when they are not in order.
    """
    if number is None:
        number = np.arange(len(keys), dtype=np.int32)
    exact_order(plain(queries, np.float32), plain(keys, np.float32), number, index, similarity)
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


def sample(total: int, size: int) -> npt.NDArray[np.int64]:
    """Return the numbers of about `size` rows at even distances."""
    return np.unique(np.linspace(0, max(total - 1, 0), min(size, total)).astype(np.int64))


def share_found(found: npt.NDArray[np.int32], exact: npt.NDArray[np.int32]) -> float:
    """Return the share of the exact neighbours that an index found (recall at k).

    Examples
    --------
    >>> share_found(np.array([[3, 1], [2, -1]]), np.array([[1, 7], [2, -1]]))
    0.6666666666666666
    """
    wanted = exact >= 0
    hit = (found[:, :, None] == exact[:, None, :]).any(axis=1) & wanted
    return float(hit.sum() / max(wanted.sum(), 1))
