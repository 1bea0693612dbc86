"""The resolver behind the service: threads for its work, and a newer linker when there is one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sameas.core.errors import SameasError
from sameas.resolver import Limits, LinkerChangedError, Resolver
from sameas.service.examples import warm
from sameas.service.settings import Settings
from sameas.store import Store

__all__ = ["Backend", "BusyError", "LateError"]

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class BusyError(SameasError):
    """Too many requests wait already."""


class LateError(SameasError):
    """The answer took too long."""


class Backend:
    """Runs questions and writes in threads of their own.

    Parameters
    ----------
    linker : Path
        Folder of a saved linker. When the store is prepared anew for a newer linker that was
        saved to the same folder, that one is loaded while the service runs.
    store : Store
    settings : Settings
    limits : Limits, optional
    """

    def __init__(
        self, linker: Path, store: Store, settings: Settings, *, limits: Limits | None = None
    ) -> None:
        self.settings = settings
        self._linker, self._store, self._limits = linker, store, limits
        self._lock = threading.Lock()
        self._waiting = 0
        self.resolver = Resolver(str(linker), store, limits=limits)
        warm(self.resolver.fitted)
        self._readers = ThreadPoolExecutor(settings.readers, "answer")
        self._writer = ThreadPoolExecutor(1, "write")

    def close(self) -> None:
        """Finish what is being written, and close the store."""
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)
        self._store.close()

    async def ask(self, work: Callable[[Resolver], Answer]) -> Answer:
        """Answer a question in a thread."""
        return await self._run(self._readers, work)

    async def write(self, work: Callable[[Resolver], Answer]) -> Answer:
        """Write in the one thread that does; the answer comes when it is on the disk."""
        return await self._run(self._writer, work)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[Resolver], Answer]) -> Answer:
        if self._waiting >= self.settings.waiting:
            raise BusyError("Too many requests are waiting; try again in a second.")
        self._waiting += 1
        try:
            job = asyncio.get_running_loop().run_in_executor(pool, self._with_newest, work)
            return await asyncio.wait_for(job, self.settings.answer)
        except TimeoutError:
            raise LateError(
                f"There was no answer within {self.settings.answer:g} s. A write may have been "
                "done or may still be: put the record again, that changes nothing twice."
            ) from None
        finally:
            self._waiting -= 1

    def _with_newest(self, work: Callable[[Resolver], Answer]) -> Answer:
        resolver = self.resolver
        try:
            return work(resolver)
        except LinkerChangedError:
            return work(self._renewed(resolver))

    def _renewed(self, old: Resolver) -> Resolver:
        """Load the linker that the store was prepared anew for; the old one's error if not there.

        Requests that wait for the lock meanwhile take what the first one has loaded.
        """
        with self._lock:
            if self.resolver is old:
                made = Resolver(str(self._linker), self._store, limits=self._limits)
                warm(made.fitted)
                logger.info("a newer linker was loaded: %s", made.version)
                self.resolver = made
        return self.resolver
