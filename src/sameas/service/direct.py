"""The commonest question on the shortest way: a plain `POST /v1/match` passes the framework by.

Whatever is unusual goes on to the framework as it came: other routes, options, headers and
bodies, and all that is wrong. So there is one place that says what an error looks like.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from sameas.core.errors import SameasError
from sameas.resolver import Match
from sameas.service.backend import Backend
from sameas.service.guards import Doorman
from sameas.service.telemetry import Counters

__all__ = ["Direct"]

_ROUTE = "/v1/match"
_LIMIT = 10
_UNUSUAL = (b"transfer-encoding", b"expect", b"content-encoding")
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Direct:
    """An application that answers plain questions itself.

    Parameters
    ----------
    app : ASGI application
        For everything else.
    backend : Backend
    counters : Counters
    doorman : Doorman
    """

    def __init__(
        self, app: ASGIApp, backend: Backend, counters: Counters, doorman: Doorman
    ) -> None:
        self.app, self.backend, self.counters, self.doorman = app, backend, counters, doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        asked: Any = scope
        if not self._is_plain(asked):
            await self.app(scope, receive, send)
            return
        begin = time.perf_counter()
        asked["body_until"] = time.monotonic() + self.backend.settings.patience
        message = await _first_part(receive, self.backend.settings.patience)
        if message is not None:
            receive = _again(message, receive)
        found = await self._found(asked, message)
        if found is None:
            await self.app(scope, receive, send)
            return
        body = _encode(found)
        size = str(len(body)).encode()
        head = [(b"content-type", b"application/json"), (b"content-length", size)]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        self.counters.match(found)
        took = time.perf_counter() - begin
        self.counters.request("POST", _ROUTE, 200, took, asked["admitted"], asked["path"])

    def _is_plain(self, scope: Any) -> bool:
        """Say whether a request asks nothing but the question, in JSON of a size that is told."""
        if scope["type"] != "http" or scope["path"] != _ROUTE:
            return False
        if scope["method"] != "POST" or scope["query_string"]:
            return False
        size, json = -1, False
        for name, value in scope["headers"]:
            if name == b"content-length":
                size = int(value) if value.isdigit() else -1
            elif name == b"content-type":
                json = value == b"application/json"
            elif name in _UNUSUAL:
                return False
        return json and 0 < size <= self.backend.settings.body

    async def _found(self, scope: Any, message: Any) -> Match | None:
        """Answer a question; None: the framework has to look at it."""
        if message is None or message["type"] != "http.request" or message.get("more_body"):
            return None
        try:
            scope["admitted"] = self.doorman.admit(scope)
            return await self.backend.match(_decode(message["body"]), limit=_LIMIT, explain=False)
        except (HTTPException, SameasError, msgspec.MsgspecError, RecursionError):
            return None


async def _first_part(receive: Receive, patience: float) -> Any:
    """Return the body, or what of it comes first; None: nothing came in time."""
    try:
        async with asyncio.timeout(patience):
            return await receive()
    except TimeoutError:
        return None


def _again(message: Any, receive: Receive) -> Receive:
    """Return what gives a message again before those that follow."""
    waiting = [message]

    async def first_this() -> Any:
        return waiting.pop() if waiting else await receive()

    return first_this
