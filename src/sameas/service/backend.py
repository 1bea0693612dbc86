"""The resolver behind the service: threads for its work, and a newer linker when there is one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sameas.core.errors import SameasError
from sameas.resolver import Change, Limits, LinkerChangedError, Match, RecordError, Resolver
from sameas.service.examples import warm
from sameas.service.here import Here
from sameas.service.settings import Settings
from sameas.service.together import Together
from sameas.store import Store, StoreError

__all__ = ["Backend", "BusyError", "LateError"]

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
_QUESTIONS, _WRITES = 32, 256  # that are done together


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
        self._matcher = ThreadPoolExecutor(1, "match")
        self._writer = ThreadPoolExecutor(1, "write")
        self._matches = Together(self._matcher, self._match_all, most=_QUESTIONS)
        self._here = Here(self._match_here, most=_QUESTIONS)
        self._puts = Together(self._writer, self._put_all, most=_WRITES)

    def close(self) -> None:
        """Finish what is being written, and close the store."""
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._matcher.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)
        self._store.close()

    async def ask(self, work: Callable[[Resolver], Answer]) -> Answer:
        """Answer a question in a thread."""
        return await self._in_time(self._in(self._readers, work))

    async def match(self, record: dict[str, Any], *, limit: int, explain: bool) -> Match:
        """Ask whether a record is there; what waits meanwhile is asked in one go.

        A store in a file answers in the event loop, for that is quicker than to wake a thread. A
        thread takes over what may take its time: explanations, and a store that has to be waited
        for.
        """
        if not explain and self._store.never_wait():
            try:
                return await self._here.do((record, limit))
            except (LinkerChangedError, StoreError):
                pass
        return await self._in_time(self._matches.do((record, limit, explain)))

    async def put(self, record: dict[str, Any], *, source: Any, id: Any, mode: str) -> Change:
        """Put a record; what waits meanwhile shares one transaction, and is on the disk with it."""
        return await self._in_time(self._puts.do(((source, id, record), mode)))

    async def write(self, work: Callable[[Resolver], Answer]) -> Answer:
        """Write in the one thread that does; the answer comes when it is on the disk."""
        return await self._in_time(self._in(self._writer, work))

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[Resolver], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(pool, self._with_newest, work)

    async def _in_time(self, answer: Coroutine[Any, Any, Answer]) -> Answer:
        if self._waiting >= self.settings.waiting:
            answer.close()
            raise BusyError("Too many requests are waiting; try again in a second.")
        self._waiting += 1
        try:
            async with asyncio.timeout(self.settings.answer):
                return await answer
        except TimeoutError:
            raise LateError(
                f"There was no answer within {self.settings.answer:g} s. A write may have been "
                "done or may still be: put the record again, that changes nothing twice."
            ) from None
        finally:
            self._waiting -= 1

    def _match_all(self, asked: list[tuple[dict[str, Any], int, bool]]) -> list[Match | Exception]:
        """Answer questions, those of one kind together."""
        answers: list[Match | Exception | None] = [None] * len(asked)
        for kind in {one[1:] for one in asked}:
            places = [place for place, one in enumerate(asked) if one[1:] == kind]
            records = [asked[place][0] for place in places]
            found = self._with_newest(
                partial(_matches, records=records, limit=kind[0], explain=kind[1])
            )
            for place, answer in zip(places, found, strict=True):
                answers[place] = answer
        return [answer for answer in answers if answer is not None]

    def _match_here(self, asked: list[tuple[dict[str, Any], int]]) -> Sequence[Match | SameasError]:
        """Answer questions without waiting for anything."""
        most = max((limit for _, limit in asked), default=0)
        try:
            found = self.resolver.match_many([record for record, _ in asked], limit=most)
        except SameasError as error:
            return [error] * len(asked)
        return (
            [
                replace(one, candidates=one.candidates[:limit]) if isinstance(one, Match) else one
                for one, (_, limit) in zip(found, asked, strict=True)
            ]
            if len(asked) > 1
            else found
        )

    def _put_all(
        self, puts: list[tuple[tuple[Any, Any, dict[str, Any]], str]]
    ) -> list[Change | Exception]:
        """Put records in one transaction."""
        records, modes = [one[0] for one in puts], [one[1] for one in puts]
        return list(self._with_newest(lambda one: one.put_each(records, modes=modes)))

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


def _matches(
    resolver: Resolver, *, records: list[dict[str, Any]], limit: int, explain: bool
) -> list[Match | RecordError]:
    return resolver.match_many(records, limit=limit, explain=explain)
