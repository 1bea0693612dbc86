"""A job of embeddings: what the store has, then batches, then rows in the order of the texts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from sameas.core.dataclass import dataclass
from sameas.core.errors import ArgumentError, DataError
from sameas.models.client.cost import Tally, Usage
from sameas.models.client.embedding import Vectors, batches, embedding_call, embedding_key
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import BudgetError, EndpointError
from sameas.models.client.exchange import Exchange
from sameas.models.client.store import AnswerStore, Stored
from sameas.models.client.work import run_job

__all__ = ["Embedder"]

#: Vectors that are taken from the store at once.
_AT_ONCE = 4096


class Embedder:
    """Embeds texts with the parts of a client."""

    def __init__(
        self, endpoint: Endpoint, exchange: Exchange, store: AnswerStore, tally: Tally
    ) -> None:
        self._endpoint, self._exchange = endpoint, exchange
        self._store, self._tally = store, tally

    def embed(
        self, texts: Sequence[str | None], *, dimensions: int | None, count: int, characters: int
    ) -> Vectors:
        """Return float32 of shape (texts, dimensions)."""
        given = _checked(texts, count, characters)
        distinct = [text for text in dict.fromkeys(given) if text.strip()]
        keys = [embedding_key(self._endpoint, text, dimensions) for text in distinct]
        rows = _Rows(len(distinct), self._endpoint.model)
        missing = self._from_store(keys, rows)
        self._tally.found(len(distinct) - len(missing))
        todo = _Todo(
            [distinct[at] for at in missing], [keys[at] for at in missing], missing, dimensions
        )
        self._from_server(todo, rows, count=count, characters=characters)
        found = rows.matrix(dimensions or 0)
        if len(distinct) == len(given):
            return found
        place = {text: at for at, text in enumerate(distinct)}
        at = np.fromiter((place.get(text, -1) for text in given), np.int64, len(given))
        result = np.zeros((len(given), found.shape[1]), np.float32)
        result[at >= 0] = found[at[at >= 0]]
        return result

    def _from_store(self, keys: Sequence[str], rows: _Rows) -> list[int]:
        """Fill what the store has; return the positions that it has not."""
        missing: list[int] = []
        for begin in range(0, len(keys), _AT_ONCE):
            some = keys[begin : begin + _AT_ONCE]
            found = self._store.get(some)
            for at, key in enumerate(some, begin):
                if key in found:
                    rows.put(at, np.frombuffer(found[key].answer, "<f4"))
                else:
                    missing.append(at)
        return missing

    def _from_server(self, todo: _Todo, rows: _Rows, *, count: int, characters: int) -> None:
        lengths = [len(text) for text in todo.texts]
        cut = list(batches(lengths, count=count, characters=characters))

        def task(position: int, stop: threading.Event) -> None:
            waiting = [cut[position]]
            while waiting:
                batch = waiting.pop()
                if not self._send(todo, batch, rows, stop):
                    middle = batch.start + len(batch) // 2
                    waiting += [range(middle, batch.stop), range(batch.start, middle)]

        outcome = run_job(len(cut), task, concurrency=self._endpoint.concurrency, what="embedding")
        error = outcome.stopped or next(iter(outcome.failures.values()), None)
        if error is not None:
            said = f"{error} {rows.filled:,} of {rows.count:,} texts are embedded and kept."
            if isinstance(error, BudgetError):
                raise BudgetError(said) from error
            raise EndpointError(said, fatal=error.fatal, status=error.status) from error

    def _send(self, todo: _Todo, batch: range, rows: _Rows, stop: threading.Event) -> bool:
        """Embed a batch; False when the server found it too large."""
        keys = todo.keys[batch.start : batch.stop]
        places = todo.places[batch.start : batch.stop]
        texts = todo.texts[batch.start : batch.stop]
        with self._store.turns.take(keys[0], stop):
            elsewhere = self._store.get(keys)
            if len(elsewhere) == len(batch):  # another thread or process asked meanwhile
                self._tally.found(len(batch))
                vectors = np.stack([np.frombuffer(elsewhere[key].answer, "<f4") for key in keys])
            else:
                call = embedding_call(self._endpoint, texts, todo.dimensions)
                try:
                    vectors, usage, seconds = self._exchange.ask(call, self._tally, stop)
                except EndpointError as error:
                    if error.status in (400, 413, 422) and len(batch) > 1:
                        return False
                    raise
                self._keep(keys, vectors, usage, seconds)
        for at, vector in zip(places, vectors, strict=True):
            rows.put(at, vector)
        return True

    def _keep(self, keys: Sequence[str], vectors: Vectors, usage: Usage, seconds: float) -> None:
        share = usage.prompt_tokens // len(keys), 0, seconds / len(keys)
        model = self._endpoint.model
        self._store.put(
            [
                Stored(key, "embedding", model, vector.tobytes(), *share)
                for key, vector in zip(keys, vectors.astype("<f4"), strict=True)
            ]
        )


@dataclass(frozen=True, slots=True)
class _Todo:
    """Distinct texts that the store has not, and their rows in the matrix."""

    texts: Sequence[str]
    keys: Sequence[str]
    places: Sequence[int]
    dimensions: int | None


class _Rows:
    """A matrix that learns its width from its first row; safe among threads."""

    def __init__(self, count: int, model: str) -> None:
        self.count, self._model = count, model
        self.filled = 0
        self._lock = threading.Lock()
        self._values: Vectors | None = None

    def put(self, at: int, vector: Vectors) -> None:
        with self._lock:
            if self._values is None:
                self._values = np.zeros((self.count, len(vector)), np.float32)
            if len(vector) != self._values.shape[1]:
                raise DataError(
                    f"The model {self._model!r} gave vectors with {self._values.shape[1]} and "
                    f"with {len(vector)} dimensions. If the model behind this name has changed, "
                    "use another store."
                )
            self._values[at] = vector
            self.filled += 1

    def matrix(self, width: int) -> Vectors:
        return np.zeros((0, width), np.float32) if self._values is None else self._values


def _checked(texts: Sequence[str | None], count: int, characters: int) -> list[str]:
    if isinstance(texts, str):
        raise ArgumentError("embed: texts must be a sequence of texts, got one text.")
    if count < 1 or characters < 1:
        raise ArgumentError("embed: batch_size and batch_characters must be at least 1.")
    given = ["" if text is None else text for text in texts]
    for place, text in enumerate(given):
        if not isinstance(text, str):
            raise ArgumentError(f"embed: text {place} must be a str, got {type(text).__name__}.")
    return given
