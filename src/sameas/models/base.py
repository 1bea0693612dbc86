"""What every encoder gives: unit vectors of texts, dense or sparse, and a version for caches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass

__all__ = [
    "Dense",
    "Embeddings",
    "Encoder",
    "Neighbours",
    "Space",
    "Sparse",
    "Texts",
    "cosine",
    "unit_rows",
]

#: Unit vectors, float32[n, d]; a missing text has a row of zeros.
Dense: TypeAlias = npt.NDArray[np.float32]
#: What can be encoded; null, empty and blank texts are missing.
Texts: TypeAlias = "Sequence[str | None] | pa.Array | pa.ChunkedArray | npt.NDArray[Any]"


@dataclass(frozen=True, slots=True)
class Sparse:
    """Sparse unit vectors, row after row; a missing text has an empty row.

    Attributes
    ----------
    start : int64[n + 1]
        Where each row begins.
    index : int32[...]
        Sorted dimensions of each row.
    value : float32[...]
        Their values; each row has Euclidean length 1.
    dimensions : int

    Examples
    --------
    >>> rows = Sparse(np.array([0, 1, 1]), np.array([2]), np.array([1.0]), 4)
    >>> len(rows), rows.take(np.array([1, 0])).start.tolist()
    (2, [0, 0, 1])
    """

    start: npt.NDArray[np.int64]
    index: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    dimensions: int

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return int(self.start.nbytes + self.index.nbytes + self.value.nbytes)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.start) - 1

    def take(self, rows: npt.NDArray[Any]) -> Sparse:
        """Return the rows of these numbers, in this order; -1 gives an empty row."""
        rows = np.asarray(rows, np.int64)
        length = np.where(rows >= 0, np.diff(self.start)[rows] if len(self) else 0, 0)
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
        begin = self.start[:-1][rows] if len(self) else np.zeros(len(rows), np.int64)
        place = np.repeat(begin - start[:-1], length) + np.arange(start[-1])
        return Sparse(start, self.index[place], self.value[place], self.dimensions)


Embeddings: TypeAlias = Dense | Sparse


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest keys of each query.

    Attributes
    ----------
    index : int32[n, k]
        Key numbers by falling similarity, ties by key number; -1 fills up.
    similarity : float32[n, k]
        Cosines; NaN where `index` is -1.
    """

    index: npt.NDArray[np.int32]
    similarity: npt.NDArray[np.float32]


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors. A row depends on its text only, not on its company."""

    @property
    def name(self) -> str:
        """The name that `load_encoder` takes."""

    @property
    def version(self) -> str:
        """Hash of all that a vector depends on: weights, settings, statistics."""

    @property
    def fitted(self) -> bool:
        """Whether `fit` would change nothing; models with weights are always fitted."""

    def fit(self, texts: Texts) -> Self:
        """Return an encoder with the statistics of these texts (itself when it has none)."""

    def encode(self, texts: Texts) -> Embeddings:
        """Return one unit row a text, a row of zeros for a null, empty or blank text."""

    def save(self, folder: str | Path) -> None:
        """Write what `load_encoder` needs to read it again from this folder."""


class Space(Protocol):
    """Distinct texts with their vectors; a text is named by its row."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""

    def cosine(self, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the cosine of each pair of texts; NaN where one has no vector."""

    def nearest(
        self, queries: npt.NDArray[Any], keys: npt.NDArray[Any], k: int, *, threads: int
    ) -> Neighbours:
        """Find the nearest keys (positions in `keys`) of each query."""

    @property
    def searched(self) -> tuple[str, ...]:
        """How the searches so far were done, in words, with the recall on a sample."""


def unit_rows(rows: npt.NDArray[Any]) -> Dense:
    """Return rows of Euclidean length 1; a row of zeros stays.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    rows = np.asarray(rows, np.float32)
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return np.asarray(rows * scale[:, None].astype(np.float32), np.float32)


def cosine(left: Embeddings, right: Embeddings) -> npt.NDArray[np.float32]:
    """Return the cosine of each row of `left` with the same row of `right`, float32[n].

    NaN where one of the two texts is missing.

    Examples
    --------
    >>> one = np.array([[1.0, 0.0], [0.0, 0.0]], np.float32)
    >>> cosine(one, one).tolist()
    [1.0, nan]
    """
    if isinstance(left, Sparse) and isinstance(right, Sparse):
        from sameas.kernels.postings import row_products

        dot = row_products(
            left.start, left.index, left.value, right.start, right.index, right.value
        )
        known = (np.diff(left.start) > 0) & (np.diff(right.start) > 0)
    elif isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        dot = np.einsum("ij,ij->i", left, right)
        known = np.asarray(left.any(axis=1) & right.any(axis=1))
    else:
        raise TypeError("Dense vectors cannot be compared with sparse ones: use one encoder.")
    return np.where(known, np.clip(dot, -1.0, 1.0), np.nan).astype(np.float32)
