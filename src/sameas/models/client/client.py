"""One client for chat and embeddings of any server that speaks the OpenAI API."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING

from sameas.core.errors import ArgumentError
from sameas.models.client.budget import Budget, Ledger
from sameas.models.client.chatting import (
    FORMS,
    chat_call,
    chat_key,
    from_store,
    to_store,
    with_parsed,
)
from sameas.models.client.cost import Cost, Prices, Tally
from sameas.models.client.embedder import Embedder
from sameas.models.client.embedding import Vectors
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import EndpointError
from sameas.models.client.exchange import Exchange
from sameas.models.client.requests import Answers, ChatAnswer, ChatRequest
from sameas.models.client.store import AnswerStore
from sameas.models.client.transport import Transport
from sameas.models.client.work import Outcome, run_job

if TYPE_CHECKING:
    import httpx

__all__ = ["Client"]

logger = logging.getLogger(__name__)


class Client:
    """Asks a server, within a budget, and pays for no answer twice. Safe among threads.

    Parameters
    ----------
    endpoint : Endpoint
        Where to ask. Nothing is ever sent anywhere else.
    budget : Budget, optional
        For the life of this client. What a request may cost at most is reserved before it is
        sent: a token is at least a byte, an answer has at most `max_tokens`.
    prices : Prices, optional
        Needed for a budget in money.
    store : path or AnswerStore, optional
        Where answers are kept. Without one they live as long as the client.
    http : httpx.Client, optional
        Used instead of one of our own, with its headers and proxies; then no key is read.

    Examples
    --------
    >>> client = Client(Endpoint("http://localhost:8080/v1", "qwen"), budget=Budget(requests=10))
    >>> client
    Client(qwen at http://localhost:8080/v1; 0 requests so far)
    >>> client.chat([]), client.cost.requests
    ([], 0)
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        budget: Budget | None = None,
        prices: Prices | None = None,
        store: str | os.PathLike[str] | AnswerStore | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        if not isinstance(endpoint, Endpoint):
            raise ArgumentError(
                "Client: endpoint must be an Endpoint(base_url, model), got "
                f"{type(endpoint).__name__}."
            )
        self.endpoint, self.prices = endpoint, prices
        self._transport = Transport(endpoint, http)
        self._exchange = Exchange(endpoint, self._transport, Ledger(budget or Budget(), prices))
        self._our_store = not isinstance(store, AnswerStore)
        self.store = store if isinstance(store, AnswerStore) else AnswerStore(store)
        self._total = Tally()
        self._form = 0

    def __repr__(self) -> str:
        end = self.endpoint
        return f"Client({end.model} at {end.base_url}; {self.cost.requests} requests so far)"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and store, unless the caller brought them."""
        self._transport.close()
        if self._our_store:
            self.store.close()

    @property
    def cost(self) -> Cost:
        """What this client has cost so far."""
        return self._total.cost(self.prices)

    def chat(self, requests: Sequence[ChatRequest], *, partial: bool = False) -> Answers:
        """Answer every request, from the store where it can.

        Parameters
        ----------
        requests : sequence of ChatRequest
            Equal ones are asked once.
        partial : bool
            When the budget ends or requests fail: return what there is, `ChatAnswer.error` and
            `Answers.stopped` saying why, instead of raising. What was answered is in the store
            either way.

        Returns
        -------
        Answers
            A list in the order of the requests, with the `cost` of this job.

        Raises
        ------
        BudgetError
            If the budget does not suffice; its `answers` hold what there is.
        EndpointError
            If a request fails for good; the others are still asked, unless all would fail.
        """
        requests = list(requests)
        if not all(isinstance(request, ChatRequest) for request in requests):
            raise ArgumentError("chat: requests must be a sequence of ChatRequest.")
        tally = Tally(self._total)
        keys = [chat_key(self.endpoint, request) for request in requests]
        answers = {key: from_store(one) for key, one in self.store.get(keys).items()}
        todo = {key: request for key, request in zip(keys, requests, strict=True)
                if key not in answers}  # fmt: skip
        open_keys, open_requests = list(todo), list(todo.values())

        def task(position: int, stop: threading.Event) -> ChatAnswer:
            return self._ask(open_keys[position], open_requests[position], tally, stop)

        outcome = run_job(
            len(todo), task, concurrency=self.endpoint.concurrency, what="asking the model"
        )
        answers.update((open_keys[at], one) for at, one in outcome.results.items())
        errors = {open_keys[at]: str(one) for at, one in outcome.failures.items()}
        ordered = _in_order(keys, requests, answers, errors, outcome)
        tally.found(sum(one.cached for one in ordered))
        stopped = None if outcome.stopped is None else str(outcome.stopped)
        result = Answers(ordered, cost=tally.cost(self.prices), stopped=stopped)
        logger.info("%d answers: %s", len(result), result.cost)
        _raise_unless(partial, outcome, result)
        return result

    def embed(
        self,
        texts: Sequence[str | None],
        *,
        dimensions: int | None = None,
        batch_size: int = 64,
        batch_characters: int = 20_000,
    ) -> Vectors:
        """Return the vectors of texts, as the server gives them.

        Parameters
        ----------
        texts : sequence of str or None
            Equal ones are sent once. A missing or empty one is not sent; its row is zero.
        dimensions : int or None
            For models that can shorten their vectors.
        batch_size, batch_characters : int
            Texts and characters of a request at most. A batch that the server finds too large
            is halved.

        Returns
        -------
        numpy.ndarray
            float32 of shape (texts, dimensions), in the order of the texts. Not normalised.

        Raises
        ------
        BudgetError, EndpointError
            If not all could be embedded. What was is in the store, and free the next time.
        """
        tally = Tally(self._total)
        embedder = Embedder(self.endpoint, self._exchange, self.store, tally)
        vectors = embedder.embed(
            texts, dimensions=dimensions, count=batch_size, characters=batch_characters
        )
        logger.info("%d texts: %s", len(vectors), tally.cost(self.prices))
        return vectors

    def _ask(
        self, key: str, request: ChatRequest, tally: Tally, stop: threading.Event
    ) -> ChatAnswer:
        """Ask one question that the store had no answer to when the job began."""
        with self.store.turns.take(key, stop):
            if (elsewhere := self.store.get([key])).get(key) is not None:
                return from_store(elsewhere[key])  # another thread or process asked meanwhile
            answer, seconds = self._from_server(request, tally, stop)
            self.store.put([to_store(key, self.endpoint.model, answer, seconds)])
            return answer

    def _from_server(
        self, request: ChatRequest, tally: Tally, stop: threading.Event
    ) -> tuple[ChatAnswer, float]:
        """Send a question; a schema that the server refuses is asked for in a plainer way."""
        first = self._form if request.schema is not None else len(FORMS) - 1
        for number in range(first, len(FORMS)):
            try:
                call = chat_call(self.endpoint, request, FORMS[number])
                answer, usage, seconds = self._exchange.ask(call, tally, stop)
            except EndpointError as error:
                if error.status not in (400, 415, 422, 501) or number == len(FORMS) - 1:
                    raise
                logger.info("no %s here: %s", FORMS[number], error)
                continue
            if number > self._form and request.schema is not None:
                self._form = number
            return replace(answer, usage=usage), seconds
        raise AssertionError("the last form returns or raises")


def _in_order(
    keys: Sequence[str],
    requests: Sequence[ChatRequest],
    answers: dict[str, ChatAnswer],
    errors: dict[str, str],
    outcome: Outcome[ChatAnswer],
) -> list[ChatAnswer]:
    """Return an answer for every request; repeated questions cost nothing the second time."""
    ordered: list[ChatAnswer] = []
    for key, request in zip(keys, requests, strict=True):
        if (answer := answers.get(key)) is not None:
            ordered.append(with_parsed(answer, request))
            answers[key] = replace(answer, cached=True)
        else:
            why = errors.get(key) or f"not asked: {outcome.stopped}"
            ordered.append(ChatAnswer(error=why))
    return ordered


def _raise_unless(partial: bool, outcome: Outcome[ChatAnswer], result: Answers) -> None:
    error = outcome.stopped or next(iter(outcome.failures.values()), None)
    if error is not None:
        error.answers = result
        if not partial:
            raise error
