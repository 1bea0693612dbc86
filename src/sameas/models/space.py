"""Texts as points: cosines of pairs, and the nearest texts of each."""

from __future__ import annotations

from dataclasses import field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.dataclass import dataclass
from sameas.core.progress import progress
from sameas.models.base import Embeddings, Encoder, Neighbours, Sparse, cosine
from sameas.models.choose import build_index
from sameas.models.index import cores

__all__ = ["TextSpace"]

#: Queries in one step, and pairs in one step.
_BATCH, _PAIRS = 8_192, 8_192


@dataclass(frozen=True, slots=True, eq=False)
class TextSpace:
    """Distinct texts with their vectors; a text is named by its row.

    Examples
    --------
    >>> from sameas.models.lexical import LexicalEncoder
    >>> texts = pa.array(["rex rotary", "bar rosso", "rex rotari"])
    >>> space = TextSpace.of(texts, LexicalEncoder())
    >>> space.nearest(np.array([0]), np.array([1, 2]), 1).index.tolist()
    [[1]]
    """

    rows: Embeddings
    name: str
    _searched: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, texts: pa.Array, encoder: Encoder) -> TextSpace:
        """Encode distinct texts without nulls; an encoder without statistics is fitted on them."""
        if not encoder.fitted:
            encoder = encoder.fit(texts)
        return cls(encoder.encode(texts), encoder.name)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return int(self.rows.nbytes)

    @property
    def searched(self) -> tuple[str, ...]:
        """How the searches so far were done, in words, with the recall on a sample."""
        return tuple(dict.fromkeys(self._searched))

    def cosine(self, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the cosine of each pair of texts; NaN where one has no vector."""
        out = np.empty(len(left), np.float32)
        for first in range(0, len(left), _PAIRS):
            span = slice(first, first + _PAIRS)
            out[span] = cosine(_take(self.rows, left[span]), _take(self.rows, right[span]))
        return out

    def nearest(
        self,
        queries: npt.NDArray[Any],
        keys: npt.NDArray[Any],
        k: int,
        *,
        threads: int | None = None,
    ) -> Neighbours:
        """Find the nearest keys (positions in `keys`) of each query, by falling cosine.

        Returns
        -------
        Neighbours
            ``n x k``; -1 and NaN fill up. A text without a vector has no neighbours.
        """
        threads = cores(threads)
        index = build_index(_take(self.rows, keys), threads=threads)
        self._searched.append(index.kind)
        found = Neighbours(
            np.full((len(queries), k), -1, np.int32),
            np.full((len(queries), k), np.nan, np.float32),
        )
        with progress("searching", total=len(queries)) as advance:
            for first in range(0, len(queries), _BATCH):
                span = slice(first, first + _BATCH)
                asked = _take(self.rows, queries[span])
                near = index.search(asked, k, threads=threads)  # type: ignore[arg-type]
                width = near.index.shape[1]
                found.index[span, :width] = near.index
                found.similarity[span, :width] = near.similarity
                if isinstance(asked, np.ndarray):
                    found.index[span][~asked.any(axis=1)] = -1
                advance(len(asked))
        found.similarity[found.index < 0] = np.nan
        np.clip(found.similarity, -1, 1, out=found.similarity)
        return found


def _take(rows: Embeddings, places: npt.NDArray[Any]) -> Embeddings:
    if len(places) == len(rows) and np.array_equal(places, np.arange(len(rows))):
        return rows
    return rows.take(places) if isinstance(rows, Sparse) else rows[places]
