"""What the service counts, and one line a request in the log, without contents."""

from __future__ import annotations

import logging
import time
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

__all__ = ["Counters", "Telemetry"]

logger = logging.getLogger("sameas.service.access")
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Counters:
    """The metrics of one service, as Prometheus reads them."""

    def __init__(self) -> None:
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

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)


class Telemetry:
    """Middleware that counts and times requests and writes a line about each."""

    def __init__(self, app: ASGIApp, *, counters: Counters, paths: bool) -> None:
        self.app, self.counters, self.paths = app, counters, paths

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
            took = time.perf_counter() - begin
            request: Any = scope
            method, route = request["method"], request.get("path_template", "unknown")
            self.counters.requests.labels(method, route, status).inc()
            self.counters.seconds.labels(method, route).observe(took)
            key = request["state"].get("key")
            logger.info(
                "%s %s %d %.1f ms key=%s",
                method, request["path"] if self.paths else route, status, took * 1000,
                key.name if key is not None else "-",
            )  # fmt: skip
