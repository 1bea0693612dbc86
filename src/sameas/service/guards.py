"""Who may do what, how often, and how slowly a body may come."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from sameas.service.keys import KeyFile

__all__ = ["Door", "Doorman", "PatientBody", "Rate", "may"]

_REMEMBERED = 10_000  # callers


class Rate:
    """A bucket of tokens a caller; it fills at `rate` a second and holds twice as many.

    Examples
    --------
    >>> rate = Rate(1.0)
    >>> [rate.allows("me", now) for now in (0.0, 0.0, 0.0, 1.0)]
    [True, True, False, True]
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, caller: str, now: float) -> bool:
        """Take a token, if there is one."""
        room = max(2 * self.rate, 1.0)
        left, then = self._buckets.pop(caller, (room, now))
        left = min(room, left + (now - then) * self.rate)
        self._buckets[caller] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return left >= 1


class Doorman:
    """Finds out who calls, and turns away those who call too often.

    Parameters
    ----------
    keys : KeyFile or None
    rate : float
        Requests a second of one caller; 0 for no limit.
    """

    def __init__(self, *, keys: KeyFile | None, rate: float) -> None:
        self.keys = keys
        self.rate = Rate(rate) if rate else None

    def admit(self, scope: Scope) -> Any:
        """Return the key of a caller who may ask now, None where no keys are needed."""
        key, client = self._key(scope), scope.get("client")
        if self.rate is not None:
            caller = key.name if key is not None else str(client[0] if client else "")
            if not self.rate.allows(caller, time.monotonic()):
                raise HTTPException(
                    f"More than {self.rate.rate:g} requests a second.", status_code=429
                )
        return key

    def _key(self, scope: Scope) -> Any:
        if self.keys is None:
            return None
        headers = dict(scope["headers"])
        shown = headers.get(b"x-api-key", b"").decode("latin-1")
        if not shown:
            kind, _, shown = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
            shown = shown.strip() if kind.lower() == "bearer" else ""
        key = self.keys.find(shown) if shown else None
        if key is None:
            raise NotAuthorizedException(
                "An API key is needed, as 'Authorization: Bearer KEY'; this one is unknown or "
                "revoked." if shown else "An API key is needed, as 'Authorization: Bearer KEY'."
            )  # fmt: skip
        return key


class Door:
    """Middleware that asks the doorman, and puts the caller's key into the state of a request."""

    def __init__(self, app: ASGIApp, *, doorman: Doorman) -> None:
        self.app, self.doorman = app, doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of somebody who may ask now."""
        asked: Any = scope
        state: dict[str, Any] = scope["state"]
        if "admitted" in asked:
            state["key"] = asked["admitted"]
        elif scope["route_handler"].opt.get("open"):
            state["key"] = None
        else:
            state["key"] = self.doorman.admit(scope)
        await self.app(scope, receive, send)


async def may(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse a key whose role does not allow a route; async, or it would go through a thread."""
    key, role = connection.scope["state"].get("key"), handler.opt.get("role", "read")
    if key is not None and not key.may(role):
        raise PermissionDeniedException(f"The key {key.name} has the role {key.role}, not {role}.")


class PatientBody:
    """Middleware that waits for a body only so long, however many bytes have come."""

    def __init__(self, app: ASGIApp, *, patience: float) -> None:
        self.app, self.patience = app, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose body must be there in time."""
        asked: Any = scope
        until: float | None = asked.get("body_until", time.monotonic() + self.patience)

        async def in_time() -> Any:
            nonlocal until
            if until is None:  # all of it has come; what comes now is the end of the connection
                return await receive()
            try:
                left = max(until - time.monotonic(), 0.0)
                async with asyncio.timeout(left):
                    message: Any = await receive()
            except TimeoutError:
                raise HTTPException(
                    f"The body did not come within {self.patience:g} s.", status_code=408
                ) from None
            if not message.get("more_body"):
                until = None
            return message

        await self.app(scope, in_time, send)
