"""Waiting: rate limits over a sliding minute, pauses a server asked for, back-off with jitter."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable

from sameas.models.client.endpoint import Rate, Retry

__all__ = ["MINUTE", "RateGate", "back_off"]

#: Seconds of the window in which requests and tokens are counted.
MINUTE = 60.0


def back_off(retry: Retry, attempt: int, request: bytes) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 0).

    Examples
    --------
    >>> waits = [back_off(Retry(first=1, longest=4), attempt, b"") for attempt in range(4)]
    >>> [0.5 * top <= wait <= top for wait, top in zip(waits, (1, 2, 4, 4))]
    [True, True, True, True]
    """
    longest = min(retry.longest, retry.first * 2.0 ** min(attempt, 60))
    seed = f"{retry.seed}:{attempt}:".encode()
    draw = int.from_bytes(hashlib.blake2b(seed + request, digest_size=8).digest(), "big")
    return longest * (0.5 + 0.5 * draw / 2**64)


class RateGate:
    """Lets a request pass when the last 60 seconds have room for it; safe among threads."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._lock = threading.Lock()
        self._passed: deque[list[float]] = deque()
        self._closed_until = float("-inf")

    def try_pass(self, tokens: int) -> tuple[float, list[float] | None]:
        """Pass and get a ticket, or learn how many seconds to wait before trying again.

        A request with more tokens than a whole minute allows passes when the minute is empty.
        """
        with self._lock:
            now = self._clock()
            while self._passed and self._passed[0][0] <= now - MINUTE:
                self._passed.popleft()
            wait = max(self._closed_until - now, self._full_for(tokens, now))
            if wait > 0:
                return wait, None
            ticket = [now, float(tokens)]
            self._passed.append(ticket)
            return 0.0, ticket

    def correct(self, ticket: list[float], tokens: int) -> None:
        """Replace the tokens that were expected by those that were used."""
        with self._lock:
            ticket[1] = float(tokens)

    def close(self, seconds: float) -> None:
        """Let nothing pass for a while, because the server said so."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _full_for(self, tokens: int, now: float) -> float:
        """Return the seconds until enough of the minute has passed."""
        requests, limit = self._rate.requests_per_minute, self._rate.tokens_per_minute
        wait = 0.0
        if requests is not None and len(self._passed) >= requests:
            wait = self._passed[len(self._passed) - requests][0] + MINUTE - now
        if limit is not None:
            room = limit - sum(ticket[1] for ticket in self._passed)
            for ticket in self._passed:
                if room >= min(tokens, limit):
                    break
                room += ticket[1]
                wait = max(wait, ticket[0] + MINUTE - now)
        return wait
