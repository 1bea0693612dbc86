"""Embeddings in the shapes of the OpenAI API: batches, bodies, readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sameas.models.client.cost import Usage
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import Fault
from sameas.models.client.exchange import Call, encoded
from sameas.models.client.store import content_key

__all__ = ["Vectors", "batches", "embedding_call", "embedding_key"]

#: float32[n, d]
Vectors: TypeAlias = npt.NDArray[np.float32]

#: Special tokens that a model adds to a text, at most.
_AROUND = 8


def embedding_key(endpoint: Endpoint, text: str, dimensions: int | None) -> str:
    """Return the hash of all that shapes the vector of a text."""
    return content_key(
        {
            "kind": "embedding",
            "model": endpoint.model,
            "extra": dict(endpoint.extra),
            "dimensions": dimensions,
            "text": text,
        }
    )


def batches(lengths: Sequence[int], *, count: int, characters: int) -> Iterator[range]:
    """Cut texts, in their order, into batches of at most so many texts and characters.

    A text that is longer than a batch has one of its own.

    Examples
    --------
    >>> list(batches([3, 3, 9, 1, 1], count=2, characters=6))
    [range(0, 2), range(2, 3), range(3, 5)]
    """
    begin, size = 0, 0
    for position, length in enumerate(lengths):
        if position > begin and (position - begin == count or size + length > characters):
            yield range(begin, position)
            begin, size = position, 0
        size += length
    if begin < len(lengths):
        yield range(begin, len(lengths))


def embedding_call(
    endpoint: Endpoint, texts: Sequence[str], dimensions: int | None
) -> Call[Vectors]:
    """Return the call for a batch; reads as float32 of shape (texts, dimensions)."""
    payload: dict[str, Any] = {**endpoint.extra, "model": endpoint.model, "input": list(texts)}
    payload["encoding_format"] = "float"
    if dimensions is not None:
        payload["dimensions"] = dimensions
    body = encoded(payload)

    def read(answer: Any) -> Vectors:
        return _vectors(answer, len(texts), dimensions)

    return Call("embeddings", body, Usage(1, len(body) + _AROUND * len(texts), 0), read)


def _vectors(answer: Any, count: int, dimensions: int | None) -> Vectors:
    try:
        rows = [(int(one.get("index", place)), one["embedding"])
                for place, one in enumerate(answer["data"])]  # fmt: skip
        if sorted(place for place, _ in rows) != list(range(count)):
            raise ValueError(f"{len(rows)} vectors for {count} texts")
        vectors = np.array([row for _, row in sorted(rows, key=lambda row: row[0])], np.float32)
        if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
            raise ValueError("vectors of different lengths, or without numbers")
        if dimensions is not None and vectors.shape[1] != dimensions:
            raise ValueError(f"{vectors.shape[1]} dimensions, {dimensions} asked for")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Fault(
            f"the answer has not the shape of embeddings ({type(error).__name__}: {error})",
            again=True, paid=True,
        ) from error  # fmt: skip
    return vectors
