"""Listen: the application behind a web server that does not wait for ever."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sameas.core.errors import RunError
from sameas.resolver import Limits
from sameas.service.app import build_service
from sameas.service.backend import Backend
from sameas.service.settings import Settings
from sameas.store import open_store

__all__ = ["serve"]

logger = logging.getLogger(__name__)
_CONNECTIONS = 2_000
#: New objects after which garbage is looked for: soon over, and not for each request.
_SELDOM = 50_000
_SWITCH = 0.001  # seconds for which one thread may keep the others from running


def serve(
    linker: Path,
    store: str,
    settings: Settings | None = None,
    *,
    limits: Limits | None = None,
    ready: Callable[[int], None] = lambda port: None,  # noqa: ARG005
) -> None:
    """Serve a store until the process is told to stop; what is being written is finished first.

    Parameters
    ----------
    linker : Path
        Folder of a saved linker, the one that the store was loaded with.
    store : str
        As in `sameas.store.open_store`.
    settings : Settings, optional
    limits : Limits, optional
    ready : callable
        Called with the port once requests are answered there.

    Raises
    ------
    RunError
        If nothing can listen at the address.
    """
    settings = settings or Settings()
    sys.setswitchinterval(_SWITCH)
    backend = Backend(linker, open_store(store), settings, limits=limits)
    gc.collect()
    gc.freeze()  # what is there now stays: nobody has to wait until it has been looked through
    gc.set_threshold(_SELDOM)
    config = uvicorn.Config(
        build_service(backend),
        host=settings.host,
        port=settings.port,
        http=_protocol(settings.patience),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.answer) + 1,
        lifespan="on",
    )
    try:
        _Server(config, ready).run()
    except SystemExit as error:  # the server has logged why
        raise RunError(
            f"The service cannot listen at {settings.host}:{settings.port}: give an address of "
            "this machine and a port that no other program holds."
        ) from error


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready(self.servers[0].sockets[0].getsockname()[1])


def _protocol(patience: float) -> type[asyncio.Protocol]:
    """Return a protocol that closes a connection whose request head does not come in time."""

    class Impatient(HttpToolsProtocol):
        _alarm: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._set_alarm()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._set_alarm()

        def on_headers_complete(self) -> None:
            self._stop_alarm()
            super().on_headers_complete()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_alarm()
            super().connection_lost(exc)

        def _set_alarm(self) -> None:
            if self._alarm is None:
                self._alarm = asyncio.get_running_loop().call_later(patience, self._give_up)

        def _stop_alarm(self) -> None:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None

        def _give_up(self) -> None:
            self._alarm = None
            self.transport.close()

    return Impatient
