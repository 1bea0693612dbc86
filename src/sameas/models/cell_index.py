"""Dense vectors in cells: only the cells nearest to a query are searched.

The keys are cut into cells around centres (spherical k-means on a sample). How many cells a
query needs is not guessed: it is the smallest number that finds the wanted share of the exact
neighbours of a sample. Queries are worked off cell by cell, as products of two matrices.

Source: the inverted file of Sivic and Zisserman (2003), as in Johnson, Douze and Jégou (2017),
section 2.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sameas.core.dataclass import dataclass
from sameas.kernels.best import keep_best
from sameas.models.base import Dense, Neighbours, unit_rows
from sameas.models.index import DenseIndex, ordered, sample, share_found, spans

__all__ = ["CellIndex"]

logger = logging.getLogger(__name__)

_TRAINING, _ROUNDS = 50_000, 6
_SAMPLE, _NEAR = 200, 10
_ROWS = 4_096
_SPARE = 8


@dataclass(frozen=True, slots=True)
class CellIndex:
    """Keys sorted by cell.

    Attributes
    ----------
    keys : float32[n, d]
        Sorted by cell.
    number : int32[n]
        Key number of each row of `keys`.
    begin : int64[c + 1]
        Where each cell begins.
    centres : float32[c, d]
    probes : int
        Cells searched for a query.
    recall : float
        Share of the ten nearest that was found on a sample.
    """

    keys: Dense
    number: npt.NDArray[np.int32]
    begin: npt.NDArray[np.int64]
    centres: Dense
    probes: int
    recall: float

    @classmethod
    def build(
        cls, rows: Dense, *, recall: float = 0.99, queries: Dense | None = None, threads: int = 1
    ) -> CellIndex:
        """Cut the keys into cells and choose how many of them a query searches.

        Parameters
        ----------
        rows : float32[n, d]
        recall : float
            Share of the ten nearest to reach on the sample.
        queries : float32[m, d], optional
            Real queries for the sample; by default keys, which are not counted themselves.
        """
        count = max(1, int(2 * np.sqrt(len(rows))))
        centres = _centres(rows[sample(len(rows), _TRAINING)], count)
        index = cls._sorted(rows, np.arange(len(rows), dtype=np.int32), centres)
        return index._chosen(rows, recall, queries, threads)

    @classmethod
    def _sorted(cls, rows: Dense, number: npt.NDArray[np.int32], centres: Dense) -> CellIndex:
        cell = _nearest_centre(rows, centres)
        order = np.argsort(cell, kind="stable")
        begin = np.searchsorted(cell[order], np.arange(len(centres) + 1)).astype(np.int64)
        return cls(rows[order], number[order], begin, centres, 1, 0.0)

    def _chosen(self, rows: Dense, recall: float, queries: Dense | None, threads: int) -> CellIndex:
        own = np.full(0, -1)
        if queries is None:
            own = sample(len(rows), _SAMPLE)
            queries = rows[own]
        else:
            queries = queries[sample(len(queries), _SAMPLE)]
            own = np.full(len(queries), -1)

        def near(index: CellIndex | DenseIndex) -> npt.NDArray[np.int32]:
            found = index.search(queries, _NEAR + 1, threads=threads).index
            return np.where(found == own[:, None], np.int32(-1), found)

        exact, probes = near(DenseIndex(rows)), 4
        while True:
            trial = replace(self, probes=min(probes, len(self.centres)))
            trial = replace(trial, recall=share_found(near(trial), exact))
            logger.info("%d cells a query: recall at %d %.3f", trial.probes, _NEAR, trial.recall)
            if trial.recall >= recall or trial.probes == len(self.centres):
                return trial
            probes = int(probes * 1.5)

    @property
    def kind(self) -> str:
        """How it searches, in words."""
        return f"{self.probes} of {len(self.centres)} cells a query, recall {self.recall:.3f}"

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.keys)

    def search(self, queries: Dense, k: int, *, threads: int = 1) -> Neighbours:
        """Return the nearest keys among those in the nearest cells of each query."""
        wide = min(k + _SPARE, max(len(self), 1))
        index = np.full((len(queries), wide), -1, np.int32)
        similarity = np.full((len(queries), wide), -np.inf, np.float32)
        position = np.arange(len(self), dtype=np.int32)

        def work(span: tuple[int, int]) -> None:
            near = queries[span[0] : span[1]] @ self.centres.T
            if self.probes < len(self.centres):
                cells = np.argpartition(-near, self.probes - 1, axis=1)[:, : self.probes]
            else:
                cells = np.broadcast_to(np.arange(len(self.centres)), near.shape)
            row = np.repeat(np.arange(span[0], span[1]), cells.shape[1])
            cell = cells.ravel()
            order = np.argsort(cell, kind="stable")
            row, cell = row[order], cell[order]
            ends = np.searchsorted(cell, np.arange(len(self.centres) + 1))
            for one in np.unique(cell):
                members = row[ends[one] : ends[one + 1]]
                first, last = self.begin[one], self.begin[one + 1]
                if first < last:
                    block = queries[members] @ self.keys[first:last].T
                    keep_best(block, position[first:last], members, index, similarity)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, spans(len(queries), _ROWS)))
        return ordered(queries, self.keys, index, similarity, k, number=self.number)

    def add(self, rows: Dense) -> CellIndex:
        """Return an index with further keys in the same cells."""
        number = np.arange(len(self), len(self) + len(rows), dtype=np.int32)
        keys = np.concatenate([self.keys, rows])
        grown = self._sorted(keys, np.concatenate([self.number, number]), self.centres)
        return replace(grown, probes=self.probes, recall=self.recall)

    def save(self, folder: Path) -> None:
        """Write keys, cells and centres."""
        for name in ("keys", "number", "begin", "centres"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        np.save(folder / "settings.npy", np.array([self.probes, self.recall]))

    @classmethod
    def load(cls, folder: Path) -> CellIndex:
        """Read what `save` wrote; keys are mapped and read as they are needed."""
        number, begin, centres = (
            np.load(folder / f"{name}.npy") for name in ("number", "begin", "centres")
        )
        settings = np.load(folder / "settings.npy")
        keys = np.load(folder / "keys.npy", mmap_mode="r")
        return cls(keys, number, begin, centres, int(settings[0]), float(settings[1]))


def _nearest_centre(rows: Dense, centres: Dense) -> npt.NDArray[np.int64]:
    cell = np.empty(len(rows), np.int64)
    for first, last in spans(len(rows), _ROWS):
        cell[first:last] = np.argmax(rows[first:last] @ centres.T, axis=1)
    return cell


def _centres(rows: Dense, count: int) -> Dense:
    """Return centres of spherical k-means; the first ones are rows at even distances."""
    centres = np.array(rows[sample(len(rows), count)])
    for _ in range(_ROUNDS):
        cell = _nearest_centre(rows, centres)
        order = np.argsort(cell, kind="stable")
        used, first = np.unique(cell[order], return_index=True)
        centres[used] = unit_rows(np.add.reduceat(rows[order], first, axis=0))
    return centres
