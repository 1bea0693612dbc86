"""Texts as points: cosines of pairs, and the nearest texts of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sameas.core.prepared import IntArray
from sameas.core.progress import progress
from sameas.models.base import Embeddings, Neighbours, Sparse, cosine
from sameas.models.choose import build_index
from sameas.models.index import cores
from sameas.models.load import load_encoder

__all__ = ["Similarities", "Space", "space_of"]

Similarities = npt.NDArray[np.float32]
#: Queries in one step, and pairs in one step.
_BATCH, _PAIRS = 8_192, 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Distinct texts with their vectors; a text is named by its row."""

    rows: Embeddings
    name: str

    def cosine(self, left: IntArray, right: IntArray) -> Similarities:
        """Return the cosine of each pair of texts."""
        out = np.empty(len(left), np.float32)
        for first in range(0, len(left), _PAIRS):
            span = slice(first, first + _PAIRS)
            out[span] = cosine(_take(self.rows, left[span]), _take(self.rows, right[span]))
        return out

    def nearest(self, queries: IntArray, keys: IntArray, k: int) -> Neighbours:
        """Find the nearest keys (positions in `keys`) of each query, by falling cosine.

        Returns
        -------
        Neighbours
            ``n x k``; -1 and NaN fill up.
        """
        rows = _take(self.rows, keys)
        index = build_index(rows, threads=cores(None))
        found = Neighbours(
            np.full((len(queries), k), -1, np.int32),
            np.full((len(queries), k), np.nan, np.float32),
        )
        with progress("searching", total=len(queries)) as advance:
            for first in range(0, len(queries), _BATCH):
                span = slice(first, first + _BATCH)
                asked = _take(self.rows, queries[span])
                near = index.search(asked, k, threads=cores(None))  # type: ignore[arg-type]
                width = near.index.shape[1]
                found.index[span, :width] = near.index
                found.similarity[span, :width] = near.similarity
                advance(len(asked))
        empty = found.index < 0
        found.similarity[empty] = np.nan
        np.clip(found.similarity, -1, 1, out=found.similarity)
        return found


def space_of(texts: pa.Array, model: Any) -> Space:
    """Encode distinct texts without nulls.

    Parameters
    ----------
    texts : string array
    model : str, path or encoder
        What `sameas.models.load_encoder` takes.
    """
    encoder = load_encoder(model)
    if not encoder.fitted:
        encoder = encoder.fit(texts)
    return Space(encoder.encode(texts), encoder.name)


def _take(rows: Embeddings, places: IntArray) -> Embeddings:
    return rows.take(places) if isinstance(rows, Sparse) else rows[places]
