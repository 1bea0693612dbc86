"""What the service counts, and one line a request in the log, without contents."""

from __future__ import annotations

import logging
import time
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from sameas.resolver import Match

__all__ = ["Counters", "Telemetry"]

logger = logging.getLogger("sameas.service.access")
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Counters:
    """The metrics of one service, as Prometheus reads them."""

    def __init__(self, *, paths: bool = False) -> None:
        self.paths = paths
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sameas_requests", "Requests answered.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "sameas_request_seconds", "Seconds from the head of a request to its answer.",
            ["method", "route"], buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.decisions = Counter(
            "sameas_match_decisions", "Answers to match, by decision.", ["decision"],
            registry=self.registry,
        )  # fmt: skip
        self.candidates = Histogram(
            "sameas_match_candidates", "Candidates of a record that was asked about.",
            buckets=(0, 1, 2, 5, 10, 20, 50, 100, 1_000, 10_000), registry=self.registry,
        )  # fmt: skip
        self.writes = Counter(
            "sameas_changes", "Writes, by what they did.", ["kind"], registry=self.registry
        )

    def request(
        self, method: str, route: str, status: int, took: float, key: Any, path: str
    ) -> None:
        """Count a request that took so many seconds, and write a line about it."""
        found = self._children.get((method, route, status))
        if found is None:
            found = self.requests.labels(method, route, status), self.seconds.labels(method, route)
            self._children[method, route, status] = found
        found[0].inc()
        found[1].observe(took)
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "%s %s %d %.1f ms key=%s",
                method, path if self.paths else route, status, took * 1000,
                key.name if key is not None else "-",
            )  # fmt: skip

    def match(self, found: Match) -> None:
        """Count an answer to a question."""
        self.decisions.labels("true" if found.decision else "false").inc()
        self.candidates.observe(found.found)

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


class Telemetry:
    """Middleware that counts and times requests and writes a line about each."""

    def __init__(self, app: ASGIApp, *, counters: Counters) -> None:
        self.app, self.counters = app, counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and take its time."""
        begin, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            request: Any = scope
            self.counters.request(
                request["method"], request.get("path_template", "unknown"), status,
                time.perf_counter() - begin, request["state"].get("key"), request["path"],
            )  # fmt: skip
