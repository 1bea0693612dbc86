"""One request until it is answered: rate, budget, attempt, back-off."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from sameas.core.dataclass import dataclass
from sameas.models.client.budget import Ledger
from sameas.models.client.cost import Tally, Usage
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import BudgetError, EndpointError, Fault
from sameas.models.client.rate import RateGate, back_off
from sameas.models.client.transport import Transport

__all__ = ["Call", "Exchange", "Stopped", "encoded"]

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Stopped(Exception):  # noqa: N818 (a signal among threads, never shown)
    """The job was stopped while this request waited."""


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Return the body of a request as JSON in UTF-8; lone surrogates become question marks."""
    return json.dumps(payload, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request to send.

    Attributes
    ----------
    path : str
        Method of the API.
    body : bytes
    need : Usage
        Bound of what it may use.
    read : callable
        Takes the decoded answer; raises `Fault` when it has not the expected shape.
    """

    path: str
    body: bytes
    need: Usage
    read: Callable[[Any], T]


class Exchange:
    """Sends calls to one endpoint under its rate and a ledger; safe among threads."""

    def __init__(self, endpoint: Endpoint, transport: Transport, ledger: Ledger) -> None:
        self._endpoint, self._transport, self._ledger = endpoint, transport, ledger
        self._gate = RateGate(endpoint.rate)

    def ask(self, call: Call[T], tally: Tally, stop: threading.Event) -> tuple[T, Usage, float]:
        """Return what was read, what it used and the seconds of the attempt that succeeded."""
        retry = self._endpoint.retry
        for attempt in range(retry.times + 1):
            try:
                return self._attempt(call, tally, stop)
            except Fault as fault:
                wait = self._wait_after(fault, attempt, call)
                if wait is None:
                    tried = f" (after {attempt + 1} attempts)" if attempt else ""
                    raise EndpointError(
                        f"{fault}{tried}.", fatal=fault.fatal, status=fault.status
                    ) from fault
                logger.info("%s; again in %.2f s", fault, wait)
                self._sleep(wait, stop)
        raise AssertionError("the last attempt returns or raises")

    def _wait_after(self, fault: Fault, attempt: int, call: Call[Any]) -> float | None:
        """Return the seconds before the next attempt, or None when there is none."""
        retry = self._endpoint.retry
        if not fault.again or attempt == retry.times:
            return None
        wait = back_off(retry, attempt, call.body)
        if fault.wait is not None:
            if fault.wait > 10 * retry.longest:
                return None
            wait = max(wait, fault.wait)
            self._gate.close(fault.wait)
        return wait

    def _attempt(
        self, call: Call[T], tally: Tally, stop: threading.Event
    ) -> tuple[T, Usage, float]:
        ticket = self._pass_gate(call.need.tokens, stop)
        self._ledger.reserve(call.need)
        begun, used, timeout = time.monotonic(), call.need, self._endpoint.timeout
        try:
            timeout = max(min(timeout, self._ledger.seconds_left()), 1e-3)
            answer = self._transport.post(call.path, call.body, timeout)
            used = _usage(answer, call.need)
            value = call.read(answer)
        except Fault as fault:
            if not fault.paid:
                used = Usage(call.need.requests)
            raise
        finally:
            seconds = time.monotonic() - begun
            self._ledger.settle(call.need, used)
            self._gate.correct(ticket, used.tokens)
            tally.add(used, seconds)
        return value, used, seconds

    def _pass_gate(self, tokens: int, stop: threading.Event) -> list[float]:
        while True:
            wait, ticket = self._gate.try_pass(tokens)
            if ticket is not None:
                return ticket
            self._sleep(wait, stop)

    def _sleep(self, seconds: float, stop: threading.Event) -> None:
        """Wait, but neither beyond the end of the budget nor of the job."""
        left = self._ledger.seconds_left()
        if stop.wait(max(0.0, min(seconds, left))):
            raise Stopped
        if seconds >= left:
            raise BudgetError(
                f"The budget of {self._ledger.budget.minutes:g} minutes ended while waiting."
            )


def _usage(answer: Any, need: Usage) -> Usage:
    """Return the tokens the server counted, or the reserved bound where it did not."""
    found = answer.get("usage")
    found = found if isinstance(found, dict) else {}
    prompt, completion = found.get("prompt_tokens"), found.get("completion_tokens")
    if not isinstance(prompt, int) or prompt < 0:
        prompt = need.prompt_tokens
    if not isinstance(completion, int) or completion < 0:
        completion = need.completion_tokens
    return Usage(need.requests, prompt, completion)
