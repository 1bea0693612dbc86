"""One attempt over HTTP: the answer as JSON, or a fault that says whether to try again."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sameas.core.errors import ArgumentError
from sameas.core.optional import require
from sameas.models.client.endpoint import Endpoint
from sameas.models.client.errors import Fault

if TYPE_CHECKING:
    import httpx

__all__ = ["Transport"]

logger = logging.getLogger(__name__)

#: Statuses after which the same request may succeed.
_AGAIN = frozenset({408, 409, 425, 429})
#: Statuses of a time-out behind the server's door: the model may have worked.
_PERHAPS_PAID = frozenset({408, 504, 524})
#: Statuses that every other request would meet too.
_FATAL = frozenset({401, 402, 403, 404, 405, 501})
#: Bytes of an answer beyond which it is refused.
_LARGEST = 1 << 28


class Transport:
    """Sends bodies to one endpoint. Redirects are not followed: nothing goes elsewhere.

    Parameters
    ----------
    endpoint : Endpoint
    http : httpx.Client or None
        Used as it is, with its own headers, and left open; None makes one.
    """

    def __init__(self, endpoint: Endpoint, http: httpx.Client | None = None) -> None:
        library = require("httpx", extra="llm", what="A language model server")
        self._httpx = library
        self._endpoint = endpoint
        self._ours = http is None
        self._secret = None
        if http is None:
            self._secret = _read_key(endpoint)
            http = library.Client(
                # A server on this machine is never reached through a proxy.
                trust_env=not _is_here(endpoint),
                headers={} if self._secret is None else {"Authorization": f"Bearer {self._secret}"},
                limits=library.Limits(
                    max_connections=endpoint.concurrency,
                    max_keepalive_connections=endpoint.concurrency,
                ),
            )
        self._http: httpx.Client = http

    def close(self) -> None:
        """Close the connections, unless they belong to the caller."""
        if self._ours:
            self._http.close()

    def post(self, path: str, body: bytes, timeout: float) -> Any:
        """Send one request and return the decoded answer, within `timeout` seconds in all."""
        ends = time.monotonic() + timeout
        try:
            with self._http.stream(
                "POST",
                self._endpoint.url(path),
                content=body,
                headers={"Content-Type": "application/json"},
                timeout=self._httpx.Timeout(timeout, connect=min(timeout, 10.0)),
                follow_redirects=False,
            ) as response:
                status, headers = response.status_code, response.headers
                content = _read(response.iter_bytes, ends, timeout)
        except (self._httpx.ConnectError, self._httpx.ConnectTimeout) as error:
            raise Fault(self._say("no connection to", error), again=True, fatal=True) from error
        except self._httpx.PoolTimeout as error:
            raise Fault(self._say("no free connection to", error), again=True) from error
        except self._httpx.TimeoutException as error:
            raise Fault(
                f"no answer within {timeout:.3g} s from {self._endpoint.base_url}",
                again=True, paid=True,
            ) from error  # fmt: skip
        except self._httpx.HTTPError as error:
            raise Fault(self._say("broken answer from", error), again=True, paid=True) from error
        if status != 200:
            raise self._refused(status, headers, content)
        return self._decoded(content)

    def _decoded(self, content: bytes) -> Any:
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise Fault(
                f"{self._endpoint.base_url} answered something that is not JSON",
                again=True, paid=True,
            ) from error  # fmt: skip
        if not isinstance(answer, dict) or (
            answer.get("error") is not None and not {"choices", "data"} & answer.keys()
        ):
            said = self._clean(_message(content))
            raise Fault(f"{self._endpoint.base_url} answered: {said}", again=True, paid=True)
        return answer

    def _refused(self, status: int, headers: Mapping[str, str], content: bytes) -> Fault:
        said = self._clean(_message(content))
        wait = retry_after(headers)
        asks = "" if wait is None else f"; it asks to wait {wait:.4g} s"
        empty = status == 429 and "insufficient_quota" in said
        return Fault(
            f"{self._endpoint.base_url} answered {status}: {said}{asks}",
            again=(status in _AGAIN or status >= 500) and status not in _FATAL and not empty,
            paid=status in _PERHAPS_PAID,
            wait=wait,
            fatal=status in _FATAL or empty or 300 <= status < 400,
            status=status,
        )

    def _say(self, what: str, error: Exception) -> str:
        return (
            f"{what} {self._endpoint.base_url} ({self._clean(str(error)) or type(error).__name__})"
        )

    def _clean(self, text: str) -> str:
        """Take the key out of what a server or a library said."""
        return text if self._secret is None else text.replace(self._secret, "***")


def _is_here(endpoint: Endpoint) -> bool:
    host = urlsplit(endpoint.base_url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _read_key(endpoint: Endpoint) -> str | None:
    name = endpoint.key_variable
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise ArgumentError(f"The environment variable {name}, named by key_variable, is not set.")
    if not key.isascii() or not key.isprintable():
        raise ArgumentError(f"The key in the environment variable {name} holds odd characters.")
    return key


def _read(chunks: Callable[[], Any], ends: float, timeout: float) -> bytes:
    """Read an answer; a server that drips for too long is cut off."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks():
        parts.append(chunk)
        size += len(chunk)
        if time.monotonic() > ends:
            raise Fault(f"the answer took more than {timeout:.3g} s", again=True, paid=True)
        if size > _LARGEST:
            raise Fault(f"the answer has more than {_LARGEST} bytes", paid=True)
    return b"".join(parts)


def _message(content: bytes) -> str:
    """Return what the server said about its refusal, shortened."""
    text = content.decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except ValueError:
        return " ".join(text.split())[:300] or "nothing"
    error = data.get("error", data) if isinstance(data, dict) else data
    if isinstance(error, dict) and error.get("message"):
        error = f"{error['message']} {error.get('code') or ''}".strip()
    return str(error)[:300]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait: as milliseconds, seconds or a date.

    Examples
    --------
    >>> retry_after({"retry-after": "1.5"}), retry_after({}), retry_after({"retry-after": "soon"})
    (1.5, None, None)
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, until.timestamp() - time.time())
